// The table of statements: there when a run had any, and fit for each format.

import { expect, test } from 'vitest';
import { seriesKey, type TrendValues } from '../model/metric.ts';
import type { MetricEntry, RunRecord } from '../model/run-record.ts';
import { renderMarkdown } from './markdown.ts';
import { hostileNames, makeRecord } from './record.cases.ts';
import { statementRows } from './sql-view.ts';
import { plainPalette, renderTerminal } from './terminal.ts';

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
  expect(statementRows(makeRecordWith('find'))).toEqual([
    {
      ...{ operation: 'find', user: 'visitor', task: 'pricing' },
      ...{ count: 12, failedCount: 3, failedRatio: 0.25, rowCount: 345, duration },
    },
  ]);
  expect(statementRows(makeRecord('passing', 5))).toEqual([]);
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
