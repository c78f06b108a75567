import { describe, expect, test } from 'vitest';
import type { ExecutorPlan } from '../executors/executors.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import { createRandom } from '../stats/random.ts';
import { planWith, pricing, recordRequest, windowOf } from './collector.cases.ts';
import { createCollector, type MeasuredRun } from './collector.ts';

function scenario(name: string, startAtMs: number, executor: ExecutorPlan): ScenarioPlan {
  return { ...{ name, startAtMs, executor, users: [], tags: {} }, gracefulStopMs: 0, iterationTimeoutMs: 0 };
}

const ramp = (...stages: [seconds: number, target: number][]): ExecutorPlan => ({
  kind: 'ramping-vus',
  startVUs: 0,
  gracefulRampDownMs: 0,
  stages: stages.map(([seconds, target]) => ({ durationMs: seconds * 1000, target })),
});
const hold = (seconds: number): ExecutorPlan => ({
  ...{ kind: 'constant-vus', vus: 5, rampUpMs: 0 },
  durationMs: seconds * 1000,
});

interface Load {
  readonly scenario?: string;
  readonly count?: number;
  readonly failed?: number;
  readonly ms: number;
}

/** One run, in which `at` says what ends in each second. */
function run(
  scenarios: readonly ScenarioPlan[],
  seconds: number,
  at: (second: number) => readonly Load[],
): MeasuredRun {
  const collector = createCollector(planWith({ scenarios, durationMs: seconds * 1000 }));
  for (let second = 0; second < seconds; second++) {
    collector.accept(
      windowOf(0, second * 1000, (meter) => {
        for (const { scenario: name = 'main', count = 10, failed = 0, ms } of at(second)) {
          const tags = { ...pricing, scenario: name };
          for (let i = 0; i < count; i++) recordRequest(meter, ms, i < failed, tags);
        }
      }),
    );
  }
  return collector.finish(seconds * 1000);
}

describe('phases', () => {
  test('each stage has what ended in it, and the last one what ended later', () => {
    const scenarios = [scenario('main', 0, ramp([10, 5], [10, 5], [5, 0]))];
    const { phases } = run(scenarios, 27, (s) => [
      { ms: s < 10 ? 20 : s < 20 ? 40 : 80, count: s < 25 ? 10 : 1, failed: s === 12 ? 3 : 0 },
    ]);
    const told = phases.map(({ stage, fromMs, untilMs, figures: [one] }) => ({
      ...{ stage, fromMs, untilMs, med: one!.durations.med },
      ...{ kind: one!.kind, count: one!.count, perSec: one!.perSec, failed: one!.failed },
    }));
    expect(told).toEqual([
      { stage: 1, fromMs: 0, untilMs: 10_000, med: 20, kind: 'request', count: 100, perSec: 10, failed: 0 },
      {
        stage: 2,
        fromMs: 10_000,
        untilMs: 20_000,
        med: 40,
        kind: 'request',
        count: 100,
        perSec: 10,
        failed: 3,
      },
      // The two that ended after the plan are of the stage, and of no rate.
      {
        stage: 3,
        fromMs: 20_000,
        untilMs: 25_000,
        med: 80,
        kind: 'request',
        count: 52,
        perSec: 10,
        failed: 0,
      },
    ]);
  });

  test('scenarios side by side and one after the other are told apart', () => {
    const scenarios = [
      scenario('base', 0, hold(20)),
      scenario('rush', 5000, hold(5)),
      scenario('calm', 20_000, hold(5)),
    ];
    const { phases } = run(scenarios, 25, (s) => [
      ...(s < 20 ? [{ scenario: 'base', ms: 10 }] : []),
      ...(s >= 5 && s < 10 ? [{ scenario: 'rush', ms: 100 }] : []),
      ...(s >= 20 ? [{ scenario: 'calm', ms: 30 }] : []),
    ]);
    expect(
      phases.map(({ scenario: name, figures: [one] }) => [name, one?.count, one?.durations.max]),
    ).toEqual([
      ['base', 200, 10],
      ['rush', 50, 100],
      ['calm', 50, 30],
    ]);
  });

  test('of a run that was cut short there are those that began, as far as it came', () => {
    const scenarios = [scenario('main', 0, ramp([10, 5], [10, 5], [10, 0]))];
    const { phases } = run(scenarios, 15, () => [{ ms: 10 }]);
    expect(phases.map(({ stage, untilMs }) => [stage, untilMs])).toEqual([
      [1, 10_000],
      [2, 15_000],
    ]);
  });

  test('one scenario without stages, and a search, have none', () => {
    expect(run([scenario('main', 0, hold(10))], 10, () => [{ ms: 10 }]).phases).toEqual([]);
  });
});

describe('the steady state', () => {
  const noise = (name: string) => {
    const random = createRandom(3, name);
    return () => 0.9 + 0.2 * random();
  };

  test('is without the warm-up that the response times show', () => {
    const next = noise('warm');
    const { steady } = run([scenario('main', 0, hold(120))], 120, (s) => [
      { ms: (s < 12 ? 300 : 20) * next() },
    ]);
    expect(steady).toHaveLength(1);
    const [one] = steady;
    expect(one!.warmUpMs).toBeGreaterThanOrEqual(12_000);
    expect(one!.warmUpMs).toBeLessThan(40_000);
    expect(one).toMatchObject({ fromMs: one!.warmUpMs, untilMs: 119_000 });
    expect(one!.figures[0]!.durations.max).toBeLessThan(23);
    expect(one!.figures[0]!.perSec).toBe(10);
    expect(one!.figures[0]!.count).toBe((one!.untilMs - one!.fromMs) / 100);
  });

  test('is one for each stage that holds its load', () => {
    const next = noise('stages');
    const scenarios = [scenario('main', 0, ramp([10, 5], [60, 5], [10, 9], [60, 9], [10, 0]))];
    const { steady } = run(scenarios, 150, (s) => [{ ms: (s < 75 ? 20 : 60) * next() }]);
    expect(steady.map(({ fromMs, untilMs, warmUpMs }) => [fromMs - warmUpMs, untilMs])).toEqual([
      [10_000, 69_000],
      [80_000, 139_000],
    ]);
    expect(steady.map(({ figures }) => Math.round(figures[0]!.durations.med / 20))).toEqual([1, 3]);
  });

  test.each<[string, number, (s: number) => readonly Load[], RegExp | undefined]>([
    ['what rises all the time', 120, (s) => [{ ms: 20 + s }], /did not settle|rises all the time/],
    ['what changes its level late', 120, (s) => [{ ms: s < 80 ? 100 : 20 }], /did not settle/],
    ['seconds without an answer', 120, (s) => (s % 10 === 0 ? [] : [{ ms: 20 }]), /nothing ended/],
    ['nothing at all', 120, () => [], /nothing ended/],
    ['a load of 20 s', 20, () => [{ ms: 20 }], undefined],
  ])('is refused to %s', (_, seconds, at, reason) => {
    const { steady } = run([scenario('main', 0, hold(seconds))], seconds, at);
    if (reason === undefined) return expect(steady).toEqual([]);
    expect(steady).toHaveLength(1);
    expect(steady[0]).toMatchObject({ figures: [] });
    expect(steady[0]!.reason).toMatch(reason);
  });
});
