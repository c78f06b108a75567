import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ThresholdOperator } from '../model/aggregation.ts';
import type { AlertCondition, AlertLevel, AlertPlan, AlertRule } from '../model/alert.ts';
import { AlertWatch } from './alert-watch.ts';

function condition(metric: string, operator: ThresholdOperator, limit: number): AlertCondition {
  return { metric, tags: {}, operator, limit, unit: 'ratio' };
}

function rule(level: AlertLevel, conditions: readonly AlertCondition[], forMs = 0): AlertRule {
  return { level, expression: level, conditions, forMs };
}

function planOf(rules: readonly AlertRule[], changes: Partial<AlertPlan> = {}): AlertPlan {
  return {
    name: 'busy',
    title: 'CPU is busy',
    rules,
    hysteresis: 0.1,
    respond: [],
    abort: false,
    ...changes,
  };
}

type Readings = Readonly<Record<string, number | undefined>>;

/** Looks at figures that were read at the very moment. */
function look(watch: AlertWatch, atMs: number, readings: Readings, readAtMs = atMs) {
  return watch.look(({ metric }) => {
    const value = readings[metric];
    return value === undefined ? undefined : { value, atMs: readAtMs };
  }, atMs);
}

const above80 = condition('cpu', '>', 0.8);

describe('an alert', () => {
  test('fires at once without a time, and is over when the figure has come back by the hysteresis', () => {
    const watch = new AlertWatch([planOf([rule('warning', [above80])], { respond: ['Add a machine.'] })]);
    expect(look(watch, 0, { cpu: 0.8 })).toEqual([]);
    expect(look(watch, 1000, { cpu: 0.9 })).toEqual([
      {
        ...{ alert: 'busy', title: 'CPU is busy', state: 'firing', level: 'warning', atMs: 1000 },
        figures: [{ name: 'cpu', value: 0.9, limit: 0.8, unit: 'ratio' }],
        ...{ respond: ['Add a machine.'], abort: false },
      },
    ]);
    expect(watch.firing()).toEqual([{ title: 'CPU is busy', level: 'warning' }]);
    expect(look(watch, 2000, { cpu: 0.75 })).toEqual([]);
    expect(look(watch, 3000, { cpu: 0.7 })).toMatchObject([{ state: 'resolved', level: 'warning' }]);
    expect(watch.firing()).toEqual([]);
    expect(watch.records(() => true)[0]).toMatchObject({
      episodes: [{ level: 'warning', fromMs: 1000, untilMs: 3000, figures: [{ value: 0.9 }] }],
      episodeCount: 1,
    });
  });

  test('with a time fires when its condition has held that long without a break', () => {
    const watch = new AlertWatch([planOf([rule('warning', [above80], 3000)])]);
    const states = [0.9, 0.9, 0.7, 0.9, 0.9, 0.9, 0.9].map((cpu, i) => look(watch, i * 1000, { cpu }).length);
    expect(states).toEqual([0, 0, 0, 0, 0, 0, 1]);
  });

  test('counts the time only up to the latest reading, however often it is looked at', () => {
    const watch = new AlertWatch([planOf([rule('warning', [above80], 30_000)])]);
    // Read every minute, looked at every second: one reading is no proof of 30 s.
    for (let s = 0; s < 60; s++) expect(look(watch, s * 1000, { cpu: 0.9 }, 0)).toEqual([]);
    expect(look(watch, 60_000, { cpu: 0.9 }, 60_000)).toHaveLength(1);
  });

  test('neither fires nor ends on what is not known', () => {
    const watch = new AlertWatch([planOf([rule('warning', [above80], 2000)])]);
    expect(look(watch, 0, { cpu: 0.9 })).toEqual([]);
    expect(look(watch, 1000, {})).toEqual([]);
    expect(look(watch, 2000, { cpu: 0.9 })).toEqual([]);
    expect(look(watch, 4000, { cpu: 0.9 })).toHaveLength(1);
    expect(look(watch, 5000, {})).toEqual([]);
    expect(watch.firing()).toHaveLength(1);
    expect(watch.records(() => true)[0]!.episodes).toMatchObject([{ fromMs: 4000, untilMs: null }]);
  });

  test('needs all of its conditions, and is over when one has come back', () => {
    const calm = [condition('cpu', '<', 0.3), condition('memory', '<', 0.4)];
    const watch = new AlertWatch([planOf([rule('warning', calm)])]);
    expect(look(watch, 0, { cpu: 0.2, memory: 0.5 })).toEqual([]);
    expect(look(watch, 1000, { cpu: 0.2, memory: 0.39 })).toHaveLength(1);
    expect(look(watch, 2000, { cpu: 0.32, memory: 0.43 })).toEqual([]);
    expect(look(watch, 3000, { cpu: 0.1, memory: 0.45 })).toMatchObject([{ state: 'resolved' }]);
  });

  test.each([
    ['> 0', '>', 0, 1, 0],
    ['>= 0', '>=', 0, 0, -1],
    ['< 0', '<', 0, -1, 0],
    ['> -10', '>', -10, -9, -11],
    ['< -10', '<', -10, -11, -9],
    ['== 3', '==', 3, 3, 4],
    ['!= 3', '!=', 3, 4, 3],
  ] as const)('on %s fires and ends beyond its limit, whatever the sign', (_, operator, limit, bad, good) => {
    const watch = new AlertWatch([planOf([rule('warning', [condition('cpu', operator, limit)])])]);
    expect(look(watch, 0, { cpu: good })).toEqual([]);
    expect(look(watch, 1000, { cpu: bad })).toMatchObject([{ state: 'firing' }]);
    expect(look(watch, 2000, { cpu: good })).toMatchObject([{ state: 'resolved' }]);
  });

  test('has the highest level of its rules, and one episode from the first to the last', () => {
    const rules = [rule('warning', [above80]), rule('critical', [condition('cpu', '>', 0.95)])];
    const watch = new AlertWatch([planOf(rules, { abort: true })]);
    const levels = [0.9, 0.99, 0.84, 0.5].map((cpu, i) =>
      look(watch, i * 1000, { cpu }).map(({ state, level, abort }) => `${state} ${level} ${abort}`),
    );
    expect(levels).toEqual([
      ['firing warning false'],
      ['firing critical true'],
      ['firing warning false'],
      ['resolved warning false'],
    ]);
    expect(watch.records(() => true)[0]).toMatchObject({
      episodes: [{ level: 'critical', fromMs: 0, untilMs: 3000, figures: [{ value: 0.99, limit: 0.95 }] }],
      episodeCount: 1,
      aborted: false,
    });
  });

  test('has ended the run only when that is said, and only one that may and is critical', () => {
    const plans = (['critical', 'warning'] as const).flatMap((level) =>
      [true, false].map((abort) => planOf([rule(level, [above80])], { abort, name: `${level} ${abort}` })),
    );
    const watch = new AlertWatch(plans);
    look(watch, 0, { cpu: 0.9 });
    expect(watch.records(() => true).some(({ aborted }) => aborted)).toBe(false);
    watch.endedRun();
    const ended = watch.records(() => true).filter(({ aborted }) => aborted);
    expect(ended.map(({ name }) => name)).toEqual(['critical true']);
  });

  test('keeps 100 episodes of many, a critical one among them', () => {
    const watch = new AlertWatch([
      planOf([rule('warning', [above80]), rule('critical', [condition('cpu', '>', 0.95)])]),
    ]);
    for (let i = 0; i < 300; i++) {
      look(watch, i * 2000, { cpu: i === 250 ? 0.99 : 0.9 });
      look(watch, i * 2000 + 1000, { cpu: 0 });
    }
    const { episodes, episodeCount } = watch.records(() => true)[0]!;
    expect([episodes.length, episodeCount]).toEqual([100, 300]);
    expect(episodes.at(-1)).toMatchObject({ level: 'critical', fromMs: 500_000 });
    expect(episodes.at(-2)).toMatchObject({ level: 'warning', fromMs: 98 * 2000 });
  });

  test('agrees with a slow reading of its rule', () => {
    const step = fc.record({
      afterMs: fc.integer({ min: 1, max: 3000 }),
      cpu: fc.option(fc.constantFrom(0.5, 0.7, 0.75, 0.8, 0.85, 0.95), { nil: undefined, freq: 6 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(0, 1000, 5000), (steps, forMs) => {
        const watch = new AlertWatch([planOf([rule('warning', [above80], forMs)])]);
        const seen: { atMs: number; cpu: number | undefined }[] = [];
        let firing = false;
        let atMs = 0;
        for (const { afterMs, cpu } of steps) {
          atMs += afterMs;
          seen.push({ atMs, cpu });
          look(watch, atMs, { cpu });
          if (firing) {
            if (cpu !== undefined && cpu <= 0.8 - 0.08) {
              firing = false;
              seen.length = 0;
            }
          } else {
            // All that was seen from some moment on, `forMs` ago or more, is above the limit.
            const from = seen.findLastIndex((one) => one.cpu === undefined || one.cpu <= 0.8) + 1;
            firing = from < seen.length && atMs - seen[from]!.atMs >= forMs;
          }
          expect(watch.firing().length === 1).toBe(firing);
        }
      }),
    );
  });
});
