// The tables of WebSockets and event streams: there when a run had any, and fit for each format.

import { expect, test } from 'vitest';
import { seriesKey, type TrendValues } from '../../model/metric.ts';
import type { MetricEntry, RunRecord } from '../../model/run-record.ts';
import { renderHtml } from '../html/html.ts';
import { renderMarkdown } from '../markdown/markdown.ts';
import { hostileNames, makeRecord } from '../record.cases.ts';
import { plainPalette, renderTerminal } from '../text/terminal.ts';
import { connectionRows } from './connections.ts';

function trend(ms: number): TrendValues {
  return { avg: ms, min: ms, med: ms, max: ms, 'p(90)': ms, 'p(95)': ms, 'p(99)': ms, count: 9 };
}

/** A record with sockets of one name and, fewer of them, streams of the same name. */
function makeRecordWith(name: string): RunRecord {
  const record = makeRecord('passing', 5);
  const tags = { user: 'visitor', task: 'pricing', name };
  const entries: Record<string, MetricEntry['values']> = {
    ws_sessions: { count: 12, rate: 2.4 },
    ws_session_failed: { rate: 0.25, passes: 3, fails: 9 },
    ws_msgs_sent: { count: 1234, rate: 246.8 },
    ws_msgs_received: { count: 99, rate: 19.8 },
    ws_time_to_first_message: trend(15),
    ws_request_duration: trend(7),
    ws_session_duration: trend(90_000),
    sse_sessions: { count: 4, rate: 0.8 },
    sse_session_failed: { rate: 0, passes: 0, fails: 4 },
    sse_events: { count: 40, rate: 8 },
  };
  const metrics = { ...record.metrics };
  for (const [metric, values] of Object.entries(entries)) {
    const type = 'passes' in values ? 'rate' : 'avg' in values ? 'trend' : 'counter';
    metrics[metric] = { type, contains: 'default', values, metric };
    metrics[seriesKey(metric, tags)] = { type, contains: 'default', values, metric, tags };
  }
  return { ...record, metrics };
}

test('there is one row per protocol, name, task and user, and none without connections', () => {
  const rows = connectionRows(makeRecordWith('/chat'));
  expect(rows).toMatchObject([
    { protocol: 'ws', name: '/chat', sessions: 12, failedCount: 3, sent: 1234, received: 99 },
    { protocol: 'sse', name: '/chat', sessions: 4, failedCount: 0, sent: null, received: 40 },
  ]);
  expect(rows[1]!.request).toBeNull();
  expect(connectionRows(makeRecord('passing', 5))).toEqual([]);
});

test('every report shows them, with a dash for what was not measured', () => {
  const record = makeRecordWith('/chat');
  const text = renderTerminal(record, { palette: plainPalette });
  expect(text).toMatch(/ws \/chat +12 +25 % +1,234 +99 +15 ms +7 ms +1m30s/);
  expect(text).toMatch(/sse \/chat +4 +0 % +- +40 +- +- +-/);
  expect(renderMarkdown(record)).toContain('| `ws /chat` | 12 | 25 % | 1,234 | 99 | 15 ms |');
  expect(renderHtml(record)).toContain('<h2 id="connections">Connections</h2>');
});

test('nothing of it stands in the reports of other runs', () => {
  const record = makeRecord('passing', 5);
  expect(renderTerminal(record, { palette: plainPalette })).not.toContain('Connections');
  expect(renderMarkdown(record)).not.toContain('Connections');
  expect(renderHtml(record)).not.toContain('id="connections"');
});

test.each(Object.values(hostileNames))('the name %j breaks out of nothing', (name) => {
  const record = makeRecordWith(name.repeat(3));
  const text = renderTerminal(record, { palette: plainPalette });
  for (const line of text.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(100);
  expect(renderHtml(record)).not.toContain('<img src=x');
  for (const line of renderMarkdown(record)
    .split('\n')
    .filter((one) => one.includes('1,234'))) {
    expect(line.replace(/\\\|/g, '').split('|')).toHaveLength(10);
  }
});
