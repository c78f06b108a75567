// The tables of operations that protocols describe by facts alone: here that of TCP, which counts nothing beside them.

import { expect, test } from 'vitest';
import { seriesKey, type TrendValues } from '../../model/metric.ts';
import type { MetricEntry, RunRecord } from '../../model/run-record.ts';
import { renderMarkdown } from '../markdown/markdown.ts';
import { makeRecord } from '../record.cases.ts';
import { plainPalette, renderTerminal } from '../text/terminal.ts';

const duration: TrendValues = {
  ...{ avg: 3, min: 1, med: 2, max: 9, 'p(90)': 5, 'p(95)': 6, 'p(99)': 7, count: 12 },
};

function makeRecordWith(name: string): RunRecord {
  const record = makeRecord('passing', 5);
  const tags = { user: 'device', task: 'report', name };
  const entries: Record<string, MetricEntry['values']> = {
    tcp_reqs: { count: 12, rate: 2.4 },
    tcp_req_failed: { rate: 0.25, passes: 3, fails: 9 },
    tcp_req_duration: duration,
  };
  const metrics = { ...record.metrics };
  for (const [metric, values] of Object.entries(entries)) {
    const type = 'passes' in values ? 'rate' : 'avg' in values ? 'trend' : 'counter';
    metrics[seriesKey(metric, tags)] = { type, contains: 'default', values, metric, tags };
  }
  return { ...record, metrics };
}

test('TCP requests have a row for each name and task', () => {
  const markdown = renderMarkdown(makeRecordWith('reading'));
  expect(markdown).toContain('### TCP requests');
  expect(markdown).toContain('| Task | Request | Calls | Failed | p50 | p95 | p99 | Max |');
  expect(markdown).toContain('| `report` | `reading` | 12 | 25 % | 2 ms | 6 ms | 7 ms | 9 ms |');
  const text = renderTerminal(makeRecordWith('reading'), { palette: plainPalette });
  expect(text).toMatch(/report: reading +12 +25 % +2 ms/);
  expect(renderMarkdown(makeRecord('passing', 5))).not.toContain('TCP requests');
});
