// Outages of hand-made timelines: one letter of the drawing is one interval.

import { describe, expect, test } from 'vitest';
import { planWith } from '../metrics/collector.cases.ts';
import type { MetricValues } from '../model/metric.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import type { TimelineWindow } from '../model/run-record.ts';
import { findOutages, recoveryTimesMs } from './outages.ts';

/** Operations of an interval by its letter: how many, and how many of them fail. */
const operations: Readonly<Record<string, readonly [total: number, failed: number]>> = {
  '.': [100, 0],
  ',': [100, 3],
  f: [100, 10],
  h: [100, 50],
  x: [100, 100],
  l: [1, 1],
  // Nothing at all happens, with users at work, or without.
  _: [0, 0],
  ' ': [0, 0],
};

type Failed = 'http_req_failed' | 'sql_op_failed' | 'redis_op_failed' | 'iterations_failed';
const countOf: Readonly<Record<Failed, string>> = {
  http_req_failed: 'http_reqs',
  sql_op_failed: 'sql_ops',
  redis_op_failed: 'redis_ops',
  iterations_failed: 'iterations',
};

function course(drawings: Partial<Record<Failed, string>>, intervalMs = 1000): TimelineWindow[] {
  const count = Math.max(...Object.values(drawings).map((drawing) => drawing.length));
  return Array.from({ length: count }, (_, i) => {
    const metrics: Record<string, MetricValues> = {};
    const letters = Object.values(drawings).map((drawing) => drawing[i] ?? ' ');
    const users = letters.every((letter) => letter === ' ') ? 0 : 4;
    metrics.vus = { value: users, min: users, max: users };
    metrics.generator_event_loop_delay = {
      ...{ avg: 1, min: 1, med: 1, max: 1, 'p(90)': 1, 'p(95)': 1, 'p(99)': 1, count: 50 },
    };
    for (const [metric, drawing] of Object.entries(drawings) as [Failed, string][]) {
      const [total, failed] = operations[drawing[i] ?? ' ']!;
      if (total === 0) continue;
      metrics[countOf[metric]] = { count: total, rate: total };
      metrics[metric] =
        metric === 'iterations_failed'
          ? { count: failed, rate: failed }
          : { rate: failed / total, passes: failed, fails: total - failed };
    }
    return { startAtMs: i * intervalMs, endAtMs: (i + 1) * intervalMs, metrics };
  });
}

/** `from-until` in intervals; `from-` for one without an end. */
function outagesOf(drawings: Partial<Record<Failed, string>> | string, plan = planWith()): string[] {
  const timeline = course(typeof drawings === 'string' ? { sql_op_failed: drawings } : drawings);
  return findOutages({ plan, timeline }).map(
    ({ fromMs, untilMs }) => `${fromMs / 1000}-${untilMs === null ? '' : untilMs / 1000}`,
  );
}

describe('an outage', () => {
  test.each([
    ['none', '....................', []],
    ['one, as long as nothing is as before', '......xxxxx.........', ['6-11']],
    ['one that begins when half fails, and ends after what fails in part', '......hxxff.........', ['6-11']],
    ['one that begins in the interval before, in which some failed', '.....fxxx.........', ['5-9']],
    ['no more of what went before it', '...fff.f.fxxx.........', ['9-13']],
    ['two', '....xxx.......xx....', ['4-7', '14-16']],
    ['one at the end, without a recovery', '..........xxxxx', ['10-']],
    ['one whose end two intervals do not show', '..........xxxxx..', ['10-']],
    ['a flicker of one interval with 10 % failures', '..........f.........', []],
    ['failures that come back before three intervals are over', '.....xx..x..xx.........', ['5-14']],
    ['a usual share of failures before and after', ',,,,,,xxx,,,,,,', ['6-9']],
    ['one at the very start', 'xxxx........', ['0-4']],
    ['none when all fails from the first interval to the last', 'xxxxxxxxxxxx', []],
    ['none for a single operation that fails', '......l.....', []],
    ['intervals without any operation decide nothing', '....xxx   . . .......', ['4-10']],
  ])('%s', (_, drawing, expected) => {
    expect(outagesOf(drawing)).toEqual(expected);
  });

  test.each(Object.keys(countOf) as Failed[])('is seen in %s', (metric) => {
    expect(outagesOf({ [metric]: '.....xxx.......' })).toEqual(['5-8']);
  });

  test('of one kind of operations is seen beside others that go on; what overlaps is one outage', () => {
    const http_req_failed = '....................';
    expect(outagesOf({ http_req_failed, redis_op_failed: '....xx..............' })).toEqual(['4-6']);
    expect(
      outagesOf({ sql_op_failed: '....xxx.............', redis_op_failed: '.....xxxx...........' }),
    ).toEqual(['4-9']);
  });

  test('counts what failed in it, by kind, and is as long as the time to recovery', () => {
    const timeline = course({ sql_op_failed: '....hxf.....', iterations_failed: '....fff.....' }, 2000);
    const outages = findOutages({ plan: planWith(), timeline });
    expect(outages).toEqual([
      { fromMs: 8000, untilMs: 14_000, lengthMs: 6000, failed: { statement: 160, iteration: 30 } },
    ]);
    expect(recoveryTimesMs(outages)).toEqual([6000]);
    const open = findOutages({ plan: planWith(), timeline: course({ sql_op_failed: '.....xxx' }) });
    expect(open).toMatchObject([{ fromMs: 5000, untilMs: null, lengthMs: 3000 }]);
    expect(recoveryTimesMs(open)).toEqual([]);
  });

  test('is nothing that a capacity search is about', () => {
    const search = { steps: [], unit: 'iterations/s' } as unknown as NonNullable<
      ReturnType<typeof planWith>['search']
    >;
    expect(outagesOf('......xxxxx.........', planWith({ search }))).toEqual([]);
  });
});

describe('operations that stop while users are at work', () => {
  const thinking = (maxMs: number): ScenarioPlan => ({
    name: 'main',
    startAtMs: 0,
    executor: { kind: 'constant-vus', vus: 4, rampUpMs: 0, durationMs: 60_000 },
    gracefulStopMs: 0,
    iterationTimeoutMs: 0,
    users: [
      { name: 'one', weight: 1, thinkTime: { kind: 'uniform', minMs: 0, maxMs }, mix: 'tasks', tasks: [] },
    ],
    tags: {},
  });

  test.each([
    ['are an outage', '............_____......', ['12-17']],
    ['are one with what fails when it gives up', '............_____xx......', ['12-19']],
    ['are none for less than three intervals', '............__..........', []],
    ['are none when pauses are usual', '...____...____...____...', []],
    ['are none without users', '............     .......', []],
    ['are one without an end when the run ends so', '............______', ['12-']],
  ])('%s', (_, drawing, expected) => {
    expect(outagesOf(drawing)).toEqual(expected);
  });

  test('are none within the think time, or after the planned time', () => {
    const drawing = '............_____......';
    expect(outagesOf(drawing, planWith({ scenarios: [thinking(4000)] }))).toEqual(['12-17']);
    expect(outagesOf(drawing, planWith({ scenarios: [thinking(8000)] }))).toEqual([]);
    expect(outagesOf('............______', planWith({ durationMs: 13_000 }))).toEqual([]);
  });

  test('are none when it is the generator that stood still', () => {
    const timeline = course({ sql_op_failed: '............_____......' }).map((window) => {
      const { generator_event_loop_delay: _, ...metrics } = window.metrics;
      return window.startAtMs >= 12_000 && window.startAtMs < 16_000 ? { ...window, metrics } : window;
    });
    expect(findOutages({ plan: planWith(), timeline })).toEqual([]);
  });
});
