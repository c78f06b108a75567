import { expect, test } from 'vitest';
import { limitOn } from '../../metrics/collector.cases.ts';
import type { GaugeValues } from '../../model/metric.ts';
import type { RunRecord, ThresholdResult } from '../../model/run-record.ts';
import type { Finding } from '../../model/verdict.ts';
import { makeRecord } from '../record.cases.ts';
import { renderReport } from '../report.ts';
import { headlineOf } from './headline.ts';
import { keyFigures } from './record-figures.ts';
import { thresholdRows } from './threshold-rows.ts';
import { remarkOn } from './thresholds.ts';

const finding = (severity: Finding['severity'], advice?: string): Finding => ({
  kind: 'errors',
  severity,
  title: 'x',
  detail: 'x',
  evidence: [],
  ...(advice !== undefined && { advice }),
});

test('the length of a run is the one that its rates are per second of, not that of its start and end', () => {
  const record = { ...makeRecord('passing', 20), endedAt: '2026-03-14T10:00:00.000Z' };
  const { durationMs, requests, requestsPerSec } = keyFigures(record);
  expect(durationMs).toBe(20_000);
  expect(requestsPerSec).toBeCloseTo(requests / 20, 6);
});

test('advice is the first sentence of warning and critical findings, each once and at most three', () => {
  const findings = [
    finding('critical', 'Set maxVUs to 34 (1.5 s each). More words.'),
    finding('critical', 'Set maxVUs to 34 (1.5 s each). Other words.'),
    finding('warning'),
    finding('info', 'Never mind.'),
    finding('warning', 'Look at the log'),
    finding('warning', 'Third.'),
    finding('warning', 'Fourth.'),
  ];
  const record = { ...makeRecord('inconclusive', 20), findings };
  expect(headlineOf(record).advice).toEqual(['Set maxVUs to 34 (1.5 s each).', 'Look at the log', 'Third.']);
  const [text, md] = (['txt', 'md'] as const).map((format) => renderReport(format, record)[0]!.content);
  expect(text).toContain('\n  → Look at the log\n');
  expect(md).toContain('\n- **Advice:** Look at the log\n');
});

test('a threshold says its level where the same aggregation of its series has both', () => {
  const record = makeRecord('passing', 20);
  const result: ThresholdResult = {
    ok: true,
    level: 'critical',
    actual: 50,
    limit: 100,
    close: false,
    aborted: false,
  };
  const thresholds = {
    'p(95)<100': result,
    'p(95) < 75': { ...result, level: 'target' as const, limit: 75, close: true },
    'p(99)<200': result,
  };
  const http_req_duration = { ...record.metrics.http_req_duration!, thresholds };
  const rows = thresholdRows({ ...record, metrics: { http_req_duration } });
  expect(rows.map((row) => [row.expression, remarkOn(row)])).toEqual([
    ['p(95) < 75', 'target, close'],
    ['p(95)<100', 'critical'],
    ['p(99)<200', ''],
  ]);
});

test('VUs kept in reserve are shown beside those at work', () => {
  const record = makeRecord('passing', 20);
  const withVus = (allocated: number): RunRecord => {
    const vus_max = {
      ...record.metrics.vus_max!,
      values: { value: 0, min: 0, max: allocated } satisfies GaugeValues,
    };
    return { ...record, metrics: { ...record.metrics, vus_max } };
  };
  expect(renderReport('txt', withVus(120))[0]!.content).toMatch(
    /Virtual users +100 at most +120 allocated\n/,
  );
  expect(renderReport('txt', withVus(100))[0]!.content).toMatch(/Virtual users +100 at most\n/);
});

test('requests that were sent again are a figure of their own, where there were any', () => {
  const record = makeRecord('passing', 20);
  const resent = {
    metric: 'http_req_resent',
    type: 'counter',
    contains: 'default',
    values: { count: 1517, rate: 75.85 },
  } as const;
  const text = (metrics: typeof record.metrics): string =>
    renderReport('txt', { ...record, metrics: { ...record.metrics, ...metrics } })[0]!.content;
  expect(text({})).not.toContain('Sent again');
  expect(text({ http_req_resent: resent })).toMatch(/Sent again +1,517 +connection closed before an answer/);
});

test('thresholds without a result in the record have a row, which is open', () => {
  const record = makeRecord('passing', 20);
  const thresholds = [limitOn('http_req_duration', 'p95', '<', 500), limitOn('no_such', 'max', '<', 1)];
  const lost = thresholdRows({ ...record, plan: { ...record.plan, thresholds }, thresholds: [] });
  expect(lost.map(({ id, state, unit, actual }) => [id, state, unit, actual])).toEqual([
    ['http_req_duration: p(95)<500', 'open', 'ms', null],
    ['no_such: max<1', 'open', 'count', null],
  ]);
});
