// What reports say of runs that send no HTTP requests, or more than these.

import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../../model/run-record.ts';
import { renderTimelineCsv } from '../data/csv.ts';
import { renderExecutive } from '../data/executive.ts';
import { renderHtml } from '../html/html.ts';
import { renderMarkdown } from '../markdown/markdown.ts';
import { makeOperationsRecord } from '../operations-record.cases.ts';
import { plainPalette, renderTerminal } from '../text/terminal.ts';
import { chartData } from './charts.ts';
import { sentRows, targetOf } from './sent.ts';

const statements = makeOperationsRecord({ kinds: ['statement'] });
const commands = makeOperationsRecord({ kinds: ['command'] });
const both = makeOperationsRecord({ kinds: ['request', 'statement'] });
const iterations = makeOperationsRecord({ kinds: [] });
const text = (record: RunRecord): string => renderTerminal(record, { palette: plainPalette });

test.each([
  ['statements', statements, ['statement']],
  ['Redis commands', commands, ['command']],
  ['requests and statements', both, ['request', 'statement']],
  ['nothing of these', iterations, ['iteration']],
] as const)('a run that sends %s is about them', (_, record, kinds) => {
  expect(sentRows(record).map(({ kind }) => kind)).toEqual(kinds);
  const [first] = sentRows(record);
  expect(first.count).toBe(sentRows(makeOperationsRecord({ kinds: ['request'] }))[0].count);
  expect(first.duration.count).toBe(first.count);
});

describe('a run without HTTP requests', () => {
  test.each([
    ['Statements', statements],
    ['Redis commands', commands],
    ['Iterations', iterations],
  ])('has %s for key figures, and no requests', (title, record) => {
    expect(text(record)).toMatch(new RegExp(`\\n  ${title} +[\\d,]+ +\\d`));
    expect(renderMarkdown(record)).toContain(`\n| ${title} | Rate | Failed | p50 |`);
    const html = renderHtml(record);
    expect(html).toContain(`<dt>${title}</dt>`);
    for (const report of [text(record), renderMarkdown(record), html.slice(0, html.indexOf('<script>'))]) {
      expect(report).not.toMatch(/Requests|0 requests/);
    }
    const { headline, keyFigures } = JSON.parse(renderExecutive(record)) as {
      headline: string;
      keyFigures: { name: string; value: number; unit: string }[];
    };
    const nouns = title === 'Redis commands' ? title : title.toLowerCase();
    expect(headline).toMatch(new RegExp(`at \\d[\\d.]* ${nouns}/s with 0 % failed`));
    expect(keyFigures[0]).toEqual({ name: nouns, value: sentRows(record)[0].count, unit: nouns });
    expect(new Set(keyFigures.map(({ name }) => name)).size).toBe(keyFigures.length);
  });

  test.each([
    ['sql_op_duration', statements],
    ['redis_op_duration', commands],
    ['iteration_duration', iterations],
  ])('has charts and a distribution of %s', (metric, record) => {
    const { charts, distributions } = chartData(record);
    const ids = charts.filter(({ small }) => !small).map(({ id }) => id);
    expect(ids).toEqual(['latency', 'throughput']);
    const p95 = charts[0]!.series.find(({ label }) => label === 'p95')!.values;
    const course = record.timeline.map(({ metrics }) => metrics[metric] as { 'p(95)': number });
    expect(p95).toEqual(course.map((values) => Number(values['p(95)'].toPrecision(5))));
    expect(distributions.map(({ id, total }) => [id, total])).toEqual([
      ['distribution', sentRows(record)[0].count],
    ]);
  });

  test('tells its tasks by iterations, and leaves out the endpoints where it has other operations', () => {
    const html = renderHtml(statements);
    expect(html).toMatch(/aria-label="Tasks">[\s\S]*?<button type="button">Iterations</);
    expect(html).not.toContain('<h2 id="endpoints">');
    expect(html).toContain('<h2 id="statements">Statements</h2>');
    expect(renderMarkdown(statements)).toContain('| Task | Iterations | p50 |');
    expect(renderHtml(commands)).toContain('<h2 id="commands">Redis commands</h2>');
  });

  test('is a run against its database', () => {
    const plan = { ...statements.plan, sql: { url: 'postgresql://someone@db.example/shop' } };
    const record = { ...statements, plan: plan as RunRecord['plan'] };
    expect(targetOf(record)).toBe('postgresql://someone@db.example/shop');
    expect(text(record)).toContain('against postgresql://someone@db.example/shop');
    expect(targetOf(statements)).toBeNull();
    expect(targetOf(both)).toBe('http://127.0.0.1:8000');
  });
});

describe('a run with requests and statements', () => {
  test('shows both', () => {
    expect(text(both)).toMatch(
      / {2}Requests .*\n {2}Response time .*\n {2}Statements .*\n {2}Response time /,
    );
    expect(renderMarkdown(both)).toMatch(/\| Sent \| Count .*\n.*\n\| Requests \|.*\n\| Statements \|/);
    expect(renderHtml(both).match(/<div class="tile/g)).toHaveLength(12);
    expect(renderExecutive(both)).toMatch(/requests\/s with 0 % failed and [\d.]+ statements\/s with/);
    expect(chartData(both).charts.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['latency', 'latency-statement', 'throughput']),
    );
    expect(renderHtml(both)).toContain('id="chart-distribution-statement"');
  });

  test('has columns of both in timeline.csv', () => {
    const [titles = [], first = []] = renderTimelineCsv(both)
      .split('\r\n')
      .map((line) => line.split(','));
    const at = (title: string): string | undefined => first[titles.indexOf(title)];
    expect(at('statements')).toBe(at('requests'));
    expect(at('statement_p95_ms')).toBe(at('duration_p95_ms'));
    expect(at('commands')).toBe('0');
    expect(at('command_p95_ms')).toBe('');
  });
});

describe('outages', () => {
  const record = makeOperationsRecord({ kinds: ['statement'], outage: [6, 11] });
  const unended = makeOperationsRecord({ kinds: ['statement'], outage: [15, 20] });

  test('are in text, Markdown and HTML, and shaded in the charts', () => {
    expect(text(record)).toMatch(/Outages {2}1\n {2}began +ended .*\n +6s +11s +5s +[\d,]+ statements\n/);
    expect(renderMarkdown(record)).toMatch(
      /### Outages\n\n.*\n.*\n\| 6s \| 11s \| 5s \| [\d,]+ statements \|/,
    );
    expect(renderHtml(record)).toMatch(/<h2 id="outages">Outages<\/h2>[\s\S]*?data-sort="5000">5s</);
    expect(chartData(record).outagesSec).toEqual([[6, 11]]);
  });

  test('that did not end say so', () => {
    expect(text(unended)).toMatch(/ {2}15s +not within the run +over 5s +/);
    expect(chartData(unended).outagesSec).toEqual([[15, 20]]);
  });

  test('are not mentioned where there was none', () => {
    for (const report of [text(statements), renderMarkdown(statements)])
      expect(report).not.toContain('Outage');
    expect(renderHtml(statements)).not.toContain('id="outages"');
  });
});
