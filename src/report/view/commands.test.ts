// The table of Redis commands: there when a run had any, and fit for each format.

import { expect, test } from 'vitest';
import { seriesKey } from '../../model/metric.ts';
import type { MetricEntry, RunRecord } from '../../model/run-record.ts';
import { redis } from '../../protocols/redis/facts.ts';
import { renderHtml } from '../html/html.ts';
import { renderMarkdown } from '../markdown/markdown.ts';
import { hostileNames, makeRecord } from '../record.cases.ts';
import { plainPalette, renderTerminal } from '../text/terminal.ts';
import { operationRows } from './operations.ts';

const times = { avg: 3, min: 1, med: 2, max: 9, 'p(90)': 5, 'p(95)': 6, 'p(99)': 7, count: 9 };

function makeRecordWith(task: string): RunRecord {
  const metrics: Record<string, MetricEntry> = { ...makeRecord('passing', 5).metrics };
  const add = (command: string, metric: string, values: MetricEntry['values']): void => {
    const type = 'passes' in values ? 'rate' : 'avg' in values ? 'trend' : 'counter';
    const tags = { user: 'visitor', task, command };
    metrics[seriesKey(metric, tags)] = { type, contains: 'default', values, metric, tags };
  };
  add('get', 'redis_ops', { count: 12, rate: 2.4 });
  add('get', 'redis_op_failed', { rate: 0.25, passes: 3, fails: 9 });
  add('get', 'redis_hits', { rate: 0.75, passes: 6, fails: 2 });
  add('get', 'redis_op_duration', times);
  add('incr', 'redis_ops', { count: 20, rate: 4 });
  add('incr', 'redis_op_failed', { rate: 0, passes: 0, fails: 20 });
  add('pipeline', 'redis_op_duration', times);
  return { ...makeRecord('passing', 5), metrics };
}

test('there is one row per command, with pipelines beside the commands in them, and none without Redis', () => {
  const rows = operationRows(makeRecordWith('pricing'), redis.operation);
  expect(rows.map(({ operation, count }) => [operation, count])).toEqual([
    ['incr', 20],
    ['get', 12],
    ['pipeline', 9],
  ]);
  expect(operationRows(makeRecord('passing', 5), redis.operation)).toEqual([]);
});

test('reports show it, and nothing without Redis', () => {
  const options = { palette: plainPalette };
  const text = renderTerminal(makeRecordWith('pricing'), options);
  expect(text).toMatch(/pricing: get +12 +25 % +75 % +2 ms/);
  expect(text).toMatch(/pricing: incr +20 +0 % +- +-/);
  expect(text).toMatch(/pricing: pipeline +9 +- +- +2 ms/);
  expect(renderMarkdown(makeRecordWith('pricing'))).toContain(
    '| `pricing` | `get` | 12 | 25 % | 75 % | 2 ms |',
  );
  expect(renderTerminal(makeRecord('passing', 5), options)).not.toContain('Redis');
});

test('names with markup stay text', () => {
  expect(renderMarkdown(makeRecordWith(hostileNames.markdown))).toContain('### Redis commands');
  expect(renderTerminal(makeRecordWith('a\nb'), { palette: plainPalette })).not.toContain('a\nb');
});

test('the HTML table has the figures of the terminal, with a dash where there is none', () => {
  const html = renderHtml(makeRecordWith('pricing'));
  const cells = (command: string) => {
    const row = new RegExp(`<td><code>${command}</code></td>.*?</tr>`).exec(html)?.[0] ?? '';
    return row
      .replace(/<[^>]+>/g, ' ')
      .trim()
      .split(/ {2,}/);
  };
  expect(cells('get')).toEqual(['get', 'pricing', '12', '25 %', '75 %', '2 ms', '6 ms', '7 ms', '9 ms']);
  expect(cells('incr')).toEqual(['incr', 'pricing', '20', '0 %', '–', '–', '–', '–', '–']);
});
