import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../model/errors.ts';
import { parseFormats, type ReportFormat, reportFormats } from './format-names.ts';
import { hostileNames, makeRecord, recordVariants } from './record.cases.ts';
import { renderReport } from './report.ts';
import { makeSearchRecord } from './search-record.cases.ts';
import { makePalette, renderTerminal } from './text/terminal.ts';
import { stepRows } from './view/search.ts';
import { makeWatchedRecord } from './watched-record.cases.ts';

const goldenFormats: readonly ReportFormat[] = ['txt', 'md', 'csv', 'junit', 'executive'];
const goldenDir = fileURLToPath(new URL('../../tests/golden/report/', import.meta.url));

/** Compares with the committed file; `UPDATE_GOLDEN=1` writes it instead. */
function expectGolden(name: string, content: string): void {
  const path = `${goldenDir}${name}`;
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(goldenDir, { recursive: true });
    writeFileSync(path, content);
  }
  expect(existsSync(path), `${name} is missing: run with UPDATE_GOLDEN=1`).toBe(true);
  expect(content).toBe(readFileSync(path, 'utf8'));
}

function one(format: ReportFormat, variant: Parameters<typeof makeRecord>[0]): string {
  return renderReport(format, makeRecord(variant, 20))[0]!.content;
}

describe.each(recordVariants)('reports of a %s run', (variant) => {
  test.each(goldenFormats)('%s is as committed', (format) => {
    for (const { fileName, content } of renderReport(format, makeRecord(variant, 20))) {
      expectGolden(`${variant}-${fileName}`, content);
    }
  });

  test('run.json reads back as the same record', () => {
    const record = makeRecord(variant, 20);
    expect(JSON.parse(renderReport('json', record)[0]!.content)).toEqual(record);
  });

  test('the terminal summary is at most 100 columns wide and colours change nothing else', () => {
    const record = makeRecord(variant, 20);
    const plain = renderTerminal(record, { palette: makePalette(false) });
    const coloured = renderTerminal(record, { palette: makePalette(true) });
    for (const line of plain.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(100);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the colours
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(plain);
    expect(coloured).not.toBe(plain);
  });

  test('the verdict and its reasons come first in text and Markdown', () => {
    const record = makeRecord(variant, 20);
    const lines = one('txt', variant).split('\n');
    expect(lines[1]).toMatch(/^ {2}- /);
    expect(one('md', variant)).toMatch(/^## .+\n\n- /);
    expect(record.verdict.reasons.length).toBeGreaterThan(0);
  });
});

describe('reports of a capacity search', () => {
  test.each(goldenFormats)('%s is as committed', (format) => {
    for (const { fileName, content } of renderReport(format, makeSearchRecord())) {
      expectGolden(`search-${fileName}`, content);
    }
  });

  test('show the steps that were reached, and no threshold of theirs', () => {
    expect(
      stepRows(makeSearchRecord()).map(({ load, state, objectives }) => [load, state, objectives]),
    ).toEqual([
      [100, 'held', [{ state: 'held', text: '95th percentile response time 40 ms (limit 100 ms)' }]],
      [200, 'held', [{ state: 'held', text: '95th percentile response time 80 ms (limit 100 ms)' }]],
      [300, 'broke', [{ state: 'broke', text: '95th percentile response time 120 ms (limit 100 ms)' }]],
    ]);
    const [text] = renderReport('txt', makeSearchRecord());
    expect(text?.content).toContain('4 steps planned, from 100/s to 400/s; 3 reached');
    expect(text?.content).not.toContain('{scenario:step');
    expect(renderReport('junit', makeSearchRecord())[0]?.content).not.toContain('<failure');
    expect(renderReport('html', makeSearchRecord())[0]?.content).toContain('<h2 id="search">');
  });

  test('leave out a step that ended within its warm-up', () => {
    const record = makeSearchRecord();
    const { plan, timeline } = record;
    const scenarios = plan.scenarios.map((scenario, k) => ({ ...scenario, startAtMs: 5000 * k }));
    const threshold = {
      metric: 'http_req_duration',
      tags: { scenario: 'step-3' },
      expression: 'p(95)<100',
      aggregation: { kind: 'percentile', p: 95 },
      operator: '<',
      limit: 100,
      level: 'search',
      abortOnFail: true,
      delayAbortEvalMs: 12_000,
      warnMargin: 0,
    } as const;
    const loadsAfter = (seconds: number) =>
      stepRows({
        ...record,
        plan: { ...plan, scenarios, thresholds: [threshold] },
        timeline: timeline.slice(0, seconds),
      }).map(({ load }) => load);
    expect(loadsAfter(12)).toEqual([100, 200]);
    expect(loadsAfter(13)).toEqual([100, 200, 300]);
  });

  test('thresholds that are written alike at two levels are two lines and two test cases', () => {
    const record = makeRecord('passing', 20);
    const series = 'http_req_failed';
    const result = { ok: false, actual: 0.5, limit: 0.01, close: false, aborted: false } as const;
    const alike = { series, expression: 'rate<0.01', abortOnFail: false, delayAbortEvalMs: 0, ...result };
    const thresholds = [
      { ...alike, id: 'http_req_failed: rate<0.01', level: 'critical' },
      { ...alike, id: 'http_req_failed: rate<0.01 (target)', level: 'target' },
    ] as const;
    const judged = { ...record, thresholds };
    const text = renderReport('txt', judged)[0]!.content;
    expect(text.match(/http_req_failed +rate<0.01/g)).toHaveLength(2);
    const junit = renderReport('junit', judged)[0]!.content;
    expect(junit.match(/name="http_req_failed: rate&lt;0.01/g)).toHaveLength(2);
    expect(junit).toContain('<failure message="actual 50 %');
  });

  test('what a run cut off in the middle of ordinary work is one line, and of a table what was overdue', () => {
    const record = makeRecord('passing', 20);
    const work = { metric: 'http_req_duration', tags: { task: 'pricing' }, due: false, overdue: 0 } as const;
    const cutOff = [{ ...work, count: 50, waitedMs: { least: 1, most: 9, sum: 200 } }];
    const [text] = renderReport('txt', { ...record, cutOff });
    expect(text?.content).toContain('Cut off at the end  50 requests, none of it overdue\n\n');
    expect(renderReport('md', { ...record, cutOff })[0]!.content).not.toContain('Cut off');
    expect(renderReport('html', { ...record, cutOff })[0]!.content).toContain('it changes no result');
    const { http_req_duration: duration, ...others } = record.metrics;
    const unanswered = { ...duration!, cut: { count: 339, overdue: 339, waitedMs: { least: 1, most: 2 } } };
    const metrics = { ...others, http_req_duration: unanswered };
    for (const format of ['txt', 'md', 'html'] as const) {
      expect(renderReport(format, { ...record, metrics })[0]!.content).toMatch(/, 339 without an answer/);
    }
    expect(one('txt', 'inconclusive')).toMatch(/requests +visitor › pricing .+ 339 +339 +30.0 s to 47.0 s/);
  });

  test('one check of several scenarios is one line', () => {
    const [text] = renderReport('txt', makeSearchRecord());
    expect(text?.content).toContain('Checks  all 1 passed');
  });
});

describe('junit', () => {
  test('calls figures by words, and test cases by their metric', () => {
    const record = makeRecord('warning', 20);
    const threshold = {
      metric: 'http_req_duration',
      tags: {},
      expression: 'p(95)<200',
      aggregation: { kind: 'percentile', p: 95 },
      operator: '<',
      limit: 200,
      level: 'critical',
      abortOnFail: false,
      delayAbortEvalMs: 0,
      warnMargin: 0,
    } as const;
    const [xml] = renderReport('junit', { ...record, plan: { ...record.plan, thresholds: [threshold] } });
    expect(xml?.content).toContain('testcase name="http_req_duration: p(95)&lt;200"');
    expect(xml?.content).toMatch(/close to its limit: 95th percentile response time: actual/);
  });

  test.each([
    ['passing', 0, 0],
    ['warning', 0, 0],
    ['failing', 3, 0],
    ['inconclusive', 1, 2],
  ] as const)('a %s run has %i failures and %i errors', (variant, failures, errors) => {
    const xml = one('junit', variant);
    expect(xml.match(/<failure /g)?.length ?? 0).toBe(failures);
    expect(xml.match(/<error /g)?.length ?? 0).toBe(errors);
    expect(xml).toContain(`failures="${failures}" errors="${errors}" time=`);
  });
});

describe('reports of a run that was watched', () => {
  test.each(goldenFormats)('%s is as committed', (format) => {
    for (const { fileName, content } of renderReport(format, makeWatchedRecord())) {
      expectGolden(`watched-${fileName}`, content);
    }
  });

  test('monitors.csv has one row per entry and figure that was read, and is absent where nothing was', () => {
    const record = makeWatchedRecord();
    const watched = renderReport('csv', record).at(-1);
    expect(watched?.fileName).toBe('monitors.csv');
    const lines = watched!.content.trimEnd().split('\r\n');
    const read = Object.values(record.monitors).flatMap(({ series }) =>
      Object.values(series).flatMap(({ avg }) => avg.filter((value) => value !== null)),
    );
    expect(lines[0]).toBe('time_ms,monitor,figure,unit,avg,min,max');
    expect(lines).toHaveLength(read.length + 1);
    const { avg, min, max } = record.monitors.target!.series.rss_bytes!;
    expect(lines).toContain(`500,target,rss_bytes,bytes,${avg[0]},${min![0]},${max![0]}`);
    // No reading, no row: the first reading of a counter tells nothing, nor does a gap.
    expect(lines.some((line) => line.startsWith('500,postgres,transactions,'))).toBe(false);
    expect(lines.some((line) => line.startsWith('10500,postgres,'))).toBe(false);
    expect(lines.some((line) => line.startsWith('1500,postgres,transactions,per s,'))).toBe(true);
    expect(renderReport('csv', makeRecord('passing', 5)).map(({ fileName }) => fileName)).toEqual([
      'endpoints.csv',
      'timeline.csv',
      'thresholds.csv',
    ]);
  });

  test('an alert fails as a test case when it ended the run, and only warns otherwise', () => {
    const record = makeWatchedRecord();
    const junit = (aborted: boolean): string => {
      const alerts = record.alerts!.map((alert, k) => (k === 0 ? { ...alert, aborted } : alert));
      return renderReport('junit', { ...record, alerts })[0]!.content;
    };
    const suite = (xml: string): string => /<testsuite name="[^"]* alerts".*?<\/testsuite>/s.exec(xml)![0];
    expect(suite(junit(false))).toContain('tests="3" failures="0"');
    expect(suite(junit(false))).toContain('<system-out>warning: Alert: Response times');
    expect(suite(junit(true))).toContain('tests="3" failures="1"');
    expect(suite(junit(true))).toMatch(/<failure message="Alert: Response times[^"]*" type="alert">/);
  });

  test('the executive summary has the alerts, and a few figures of each monitor', () => {
    const { alerts, watched } = JSON.parse(renderReport('executive', makeWatchedRecord())[0]!.content);
    expect(alerts).toMatchObject([
      { name: 'slow', level: 'critical', fired: 2, endedTheRun: false },
      { name: 'connections', level: 'warning', fired: 1 },
      { name: 'memory', level: null, fired: 0 },
    ]);
    expect(watched).toHaveLength(3 + 2 + 2 + 3);
    expect(watched[0]).toMatchObject({
      metric: 'monitor_postgres_connections',
      name: 'PostgreSQL: connections',
    });
  });
});

describe('hostile names', () => {
  test('no control character reaches the text, Markdown or XML', () => {
    for (const format of ['txt', 'md', 'junit'] as const) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is the point
      expect(one(format, 'hostile')).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202e]|&#13;&#27;/);
      const watched = renderReport(format, makeWatchedRecord('hostile'))[0]!.content;
      // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
      expect(watched).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u202e]|&#13;&#27;/);
    }
  });

  test('a formula becomes text in CSV, and rows keep their columns', () => {
    const csv = one('csv', 'hostile');
    expect(csv).toContain(`"'=HYPERLINK(""http://example.invalid"";""x"")"`);
    expect(csv.split('\r\n')[0]!.split(',')).toHaveLength(18);
  });

  test('nobody is mentioned and no table is broken in Markdown', () => {
    const md = one('md', 'hostile');
    expect(md).not.toMatch(/(?<!`[^`\n]*)@everyone/);
    const table = md.split('\n').filter((line) => line.startsWith('|'));
    for (const line of table) expect(line.endsWith('|')).toBe(true);
    expect(md).not.toContain(`\n${hostileNames.html}`);
  });
});

describe('parseFormats', () => {
  test('takes names in any case, with spaces, once each', () => {
    expect(parseFormats(' HTML, md,html ')).toEqual(['html', 'md']);
    expect(parseFormats(reportFormats.join(','))).toEqual(reportFormats);
  });

  test('an unknown name is a usage error with the nearest one', () => {
    expect(() => parseFormats('json,htm')).toThrow('unknown report format "htm", did you mean "html"?');
    expect(() => parseFormats('pdfx')).toThrow(/unknown report format "pdfx"$/);
    expect(() => parseFormats(' , ')).toThrow(UsageError);
  });
});
