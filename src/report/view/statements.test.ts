// The table of statements: there when a run had any, and fit for each format.

import { expect, test } from 'vitest';
import { seriesKey, type TrendValues } from '../../model/metric.ts';
import type { MetricEntry, RunRecord } from '../../model/run-record.ts';
import { sql } from '../../protocols/sql/facts.ts';
import { renderHtml } from '../html/html.ts';
import { renderMarkdown } from '../markdown/markdown.ts';
import { hostileNames, makeRecord } from '../record.cases.ts';
import { plainPalette, renderTerminal } from '../text/terminal.ts';
import { operationRows } from './operations.ts';

const duration: TrendValues = {
  ...{ avg: 3, min: 1, med: 2, max: 9, 'p(90)': 5, 'p(95)': 6, 'p(99)': 7, count: 12 },
};

function makeRecordWith(operation: string): RunRecord {
  const record = makeRecord('passing', 5);
  const tags = { user: 'visitor', task: 'pricing', operation };
  const entries: Record<string, MetricEntry['values']> = {
    sql_ops: { count: 12, rate: 2.4 },
    sql_op_failed: { rate: 0.25, passes: 3, fails: 9 },
    sql_op_duration: duration,
    sql_rows: { count: 345, rate: 69 },
  };
  const metrics = { ...record.metrics };
  for (const [metric, values] of Object.entries(entries)) {
    const type = 'passes' in values ? 'rate' : 'avg' in values ? 'trend' : 'counter';
    metrics[metric] = { type, contains: 'default', values, metric };
    metrics[seriesKey(metric, tags)] = { type, contains: 'default', values, metric, tags };
  }
  return { ...record, metrics };
}

test('there is one row per operation, task and user, and none without a database', () => {
  expect(operationRows(makeRecordWith('find'), sql.operation)).toEqual([
    {
      ...{ operation: 'find', user: 'visitor', task: 'pricing' },
      ...{ count: 12, failed: { rate: 0.25, passes: 3, fails: 9 }, more: 345, duration },
    },
  ]);
  expect(operationRows(makeRecord('passing', 5), sql.operation)).toEqual([]);
});

test('reports show it, and nothing without a database', () => {
  const options = { palette: plainPalette };
  expect(renderTerminal(makeRecordWith('find'), options)).toMatch(/pricing: find +12 +25 % +345 +2 ms/);
  expect(renderMarkdown(makeRecordWith('find'))).toContain('| `pricing` | `find` | 12 | 25 % | 345 |');
  expect(renderTerminal(makeRecord('passing', 5), options)).not.toContain('Statements');
});

test('names with markup stay text', () => {
  expect(renderMarkdown(makeRecordWith(hostileNames.markdown))).toContain('### Statements');
  expect(renderTerminal(makeRecordWith('a\nb'), { palette: plainPalette })).not.toContain('a\nb');
});

test('statements of several users are told apart in every report', () => {
  const first = makeRecordWith('find');
  const added = Object.values(makeRecordWith('find').metrics)
    .filter(({ tags }) => tags?.operation !== undefined)
    .map((entry) => {
      const tags = { ...entry.tags, user: 'member' };
      return [seriesKey(entry.metric, tags), { ...entry, tags }] as const;
    });
  const record = { ...first, metrics: { ...first.metrics, ...Object.fromEntries(added) } };
  const text = renderTerminal(record, { palette: plainPalette });
  expect(text).toMatch(/\n {2}member\n {4}pricing: find +12 .*\n {2}visitor\n {4}pricing: find +12 /);
  for (const report of [renderMarkdown(record), renderHtml(record)]) {
    expect(report).toContain('member › pricing');
    expect(report).toContain('visitor › pricing');
  }
  expect(renderMarkdown(first)).not.toContain('visitor › pricing');
});

test('the HTML table has the figures of the terminal, failures marked', () => {
  const html = renderHtml(makeRecordWith('find'));
  const row = /<td><code>find<\/code><\/td>.*?<\/tr>/.exec(html)?.[0] ?? '';
  expect(
    row
      .replace(/<[^>]+>/g, ' ')
      .trim()
      .split(/ {2,}/),
  ).toEqual([...['find', 'pricing', '12', '25 %', '345', '2 ms', '6 ms', '7 ms', '9 ms']]);
  expect(row).toContain('<span class="bad">25 %</span>');
});

test('a long name costs its task the room, not itself', () => {
  const text = (operation: string) => renderTerminal(makeRecordWith(operation), { palette: plainPalette });
  expect(text('a'.repeat(27))).toContain(`  pricing: ${'a'.repeat(27)} `);
  expect(text('a'.repeat(34))).toContain(`  ${'a'.repeat(34)} `);
  expect(text('pricing')).toMatch(/\n {2}pricing +12 /);
});
