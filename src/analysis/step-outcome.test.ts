import { describe, expect, test } from 'vitest';
import { limitOn, planWith } from '../metrics/collector.cases.ts';
import type { MetricEntry } from '../model/run-record.ts';
import { stepOutcome } from './step-outcome.ts';

const tags = { scenario: 'step-1' };
const plan = planWith({
  thresholds: [
    limitOn('http_req_duration', 'p95', '<', 100, { tags, level: 'search' }),
    limitOn('http_reqs', 'count', '>', 150, { tags, level: 'search' }),
  ],
});
const [latency, count] = plan.thresholds;

/** A part of a step in which the two thresholds hold or not. */
function part(latencyOk: boolean, countOk = true, dropped = 0, done = 100): Record<string, MetricEntry> {
  const result = (ok: boolean) =>
    ({ ok, level: 'search', actual: 1, limit: 1, close: false, aborted: false }) as const;
  const counter = (metric: string, value: number): MetricEntry => ({
    type: 'counter',
    contains: 'default',
    metric,
    values: { count: value, rate: 0 },
  });
  return {
    iterations: counter('iterations', done),
    dropped_iterations: counter('dropped_iterations', dropped),
    'http_req_duration{scenario:step-1}': {
      ...counter('http_req_duration', done),
      thresholds: { [latency!.expression]: result(latencyOk) },
    },
    'http_reqs{scenario:step-1}': {
      ...counter('http_reqs', done),
      thresholds: { [count!.expression]: result(countOk) },
    },
  };
}

describe('a step', () => {
  test.each([
    ['held', 'all hold', part(true), part(true), part(true), false],
    ['broke', 'both halves break', part(false), part(false), part(false), false],
    ['noisy', 'only the first half holds', part(false), part(true), part(false), false],
    [
      'noisy',
      'only the second half holds, and so does the whole',
      part(true),
      part(false),
      part(true),
      false,
    ],
    [
      'held',
      'a plain count holds in the whole alone',
      part(true),
      part(true, false),
      part(true, false),
      false,
    ],
    [
      'broke',
      'more than 1 % are dropped',
      part(true, true, 2),
      part(true, true, 2),
      part(true, true, 2),
      false,
    ],
    ['held', '1 % are dropped', part(true, true, 1), part(true, true, 1), part(true, true, 1), false],
    [
      'broke',
      'nothing finished',
      part(true, true, 0, 0),
      part(true, true, 0, 0),
      part(true, true, 0, 0),
      false,
    ],
    ['saturated', 'the generator was at its limit', part(false), part(true), part(false), true],
  ])('is %s when %s', (outcome, _when, counted, firstHalf, secondHalf, saturated) => {
    const step = { plan, counted, firstHalf, secondHalf, saturated, alerted: false };
    expect(stepOutcome(step)).toBe(outcome);
  });

  test('is broken when an alert has ended it, whatever its halves say', () => {
    const step = { plan, counted: part(true), firstHalf: part(true), secondHalf: part(true, true, 0, 0) };
    expect(stepOutcome({ ...step, saturated: false, alerted: true })).toBe('broke');
  });

  test.each([
    ['held', 'was read of it in one half only', [0.5, null, 0.5]],
    ['broke', 'breaks in the whole', [0.9, null, 0.9]],
    ['noisy', 'was not read at all', [null, null, null]],
  ] as const)('is %s when the figure of a monitor %s', (outcome, _when, [counted, first, second]) => {
    const limit = limitOn('monitor_db_cpu_ratio', 'max', '<', 0.8, { tags, level: 'search' });
    const source = { kind: 'host' } as const;
    const figures = { cpu_ratio: { type: 'gauge', unit: 'ratio', title: 'CPU' } } as const;
    const monitor = {
      ...{ name: 'db', title: 'db', intervalMs: 1000, timeoutMs: 1000, share: 1, figures, source },
    };
    const watched = (actual: number | null): Record<string, MetricEntry> => ({
      ...part(true),
      'monitor_db_cpu_ratio{scenario:step-1}': {
        type: 'gauge',
        contains: 'default',
        metric: 'monitor_db_cpu_ratio',
        values: { value: 0, min: 0, max: 0 },
        thresholds: {
          [limit.expression]: {
            ...{ ok: actual !== null && actual < 0.8, level: 'search', actual, limit: 0.8 },
            ...{ close: false, aborted: false },
          },
        },
      },
    });
    const step = {
      plan: { ...plan, thresholds: [...plan.thresholds, limit], monitors: [monitor] },
      counted: watched(counted),
      firstHalf: watched(first),
      secondHalf: watched(second),
    };
    expect(stepOutcome({ ...step, saturated: false, alerted: false })).toBe(outcome);
  });
});
