// The table of the metrics that a suite has declared: there when a run recorded any, with what each type has.

import { expect, test } from 'vitest';
import type { MetricEntry, RunRecord } from '../../model/run-record.ts';
import { renderMarkdown } from '../markdown/markdown.ts';
import { makeRecord } from '../record.cases.ts';
import { plainPalette, renderTerminal } from '../text/terminal.ts';
import { customMetricsSection } from './custom-metrics.ts';

const trend = (value: number, count: number): MetricEntry['values'] => ({
  ...{
    avg: value,
    min: value,
    med: value,
    max: value,
    'p(90)': value,
    'p(95)': value,
    'p(99)': value,
    count,
  },
});

function makeRecordWith(entries: Readonly<Record<string, MetricEntry>>): RunRecord {
  const record = makeRecord('passing', 5);
  const declared = Object.values(entries).map(({ metric, type, contains }) => [metric, { type, contains }]);
  return {
    ...record,
    metrics: { ...record.metrics, ...entries },
    plan: { ...record.plan, metrics: Object.fromEntries(declared) as RunRecord['plan']['metrics'] },
  };
}

const record = makeRecordWith({
  time_to_first_token: {
    type: 'trend',
    contains: 'time',
    metric: 'time_to_first_token',
    values: trend(412, 9),
  },
  'time_to_first_token{user:a}': {
    ...{ type: 'trend', contains: 'time', metric: 'time_to_first_token', values: trend(7, 2) },
    tags: { user: 'a' },
  },
  answers: { type: 'counter', contains: 'default', metric: 'answers', values: { count: 80, rate: 1.6 } },
  cache_hits: {
    type: 'rate',
    contains: 'default',
    metric: 'cache_hits',
    values: { rate: 0.75, passes: 3, fails: 1 },
  },
  depth: { type: 'gauge', contains: 'default', metric: 'depth', values: { value: 4, min: 1, max: 9 } },
  silent: { type: 'trend', contains: 'time', metric: 'silent', values: trend(0, 0) },
});

test('every declared metric with samples has a row, and every series of it', () => {
  const text = renderTerminal(record, { palette: plainPalette }).replaceAll(/ +/g, ' ');
  expect(text).toContain('Metrics of the suite');
  expect(text).toContain('time_to_first_token 9 412 ms 412 ms 412 ms 412 ms 412 ms 412 ms');
  expect(text).toContain('time_to_first_token{user:a} 2 7 ms');
  expect(text).toContain('answers 80 1.6/s');
  expect(text).toContain('cache_hits 4 75 %');
  expect(text).toContain('depth 1 4 1 - - - 9');
  expect(text).not.toContain('silent');
  expect(renderMarkdown(record)).toContain('Value: the average of a trend');
});

test('a run without metrics of its own has no such section', () => {
  expect(customMetricsSection(makeRecord('passing', 5)).blocks).toEqual([]);
});
