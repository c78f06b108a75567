import { describe, expect, test } from 'vitest';
import type { ExecutorPlan } from '../executors/executors.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import type { TimelineWindow } from '../model/run-record.ts';
import { findGoodputKept } from './goodput.ts';
import { findSpikes, spikeRecoveryTimesMs } from './spikes.ts';

function scenario(executor: ExecutorPlan): ScenarioPlan {
  return {
    ...{ name: 'main', startAtMs: 0, executor, users: [], tags: {} },
    gracefulStopMs: 0,
    iterationTimeoutMs: 0,
  };
}

/** Users by seconds: `[seconds, target]` each. */
function ramp(startVUs: number, ...stages: [seconds: number, target: number][]): ScenarioPlan {
  return scenario({
    ...{ kind: 'ramping-vus', startVUs, gracefulRampDownMs: 0 },
    stages: stages.map(([seconds, target]) => ({ durationMs: seconds * 1000, target })),
  });
}

interface Second {
  readonly ms?: number;
  readonly count?: number;
  readonly failed?: number;
}

function run(one: ScenarioPlan, seconds: number, at: (second: number) => Second) {
  const timeline = Array.from({ length: seconds }, (_, second): TimelineWindow => {
    const { ms = 20, count = 100, failed = 0 } = at(second);
    const metrics = {
      http_reqs: { count, rate: count },
      http_req_failed: { rate: failed / count, passes: failed, fails: count - failed },
      http_req_duration: { avg: ms, min: ms, med: ms, max: ms, 'p(90)': ms, 'p(95)': ms, 'p(99)': ms, count },
    };
    return { startAtMs: second * 1000, endAtMs: (second + 1) * 1000, metrics: count === 0 ? {} : metrics };
  });
  return { plan: { scenarios: [one], durationMs: seconds * 1000 }, timeline };
}

const spike = ramp(10, [20, 10], [2, 100], [10, 100], [2, 10], [40, 10]);
/** The load is back near 10 users in second 33 or 34. */
const overMs = 34_000;

describe('the recovery after a spike', () => {
  test.each<[string, (s: number) => Second, number | null]>([
    ['at once where nothing is slower', () => ({}), 0],
    ['when response times are back', (s) => ({ ms: s >= 22 && s < 44 ? 400 : 20 }), 10_000],
    ['when failures are back', (s) => ({ failed: s >= 22 && s < 40 ? 30 : 0 }), 6000],
    [
      'when both are',
      (s) => ({ ms: s >= 22 && s < 38 ? 400 : 20, failed: s >= 30 && s < 42 ? 30 : 0 }),
      8000,
    ],
    ['not while every third interval is slow', (s) => ({ ms: s >= 22 && s % 3 === 0 ? 400 : 20 }), null],
    ['not while nothing ends', (s) => ({ count: s >= 22 ? 0 : 100 }), null],
    ['not while most users hang', (s) => ({ count: s >= 22 ? 40 : 100 }), null],
    ['not at a level that is new', (s) => ({ ms: s >= 22 ? 35 : 20 }), null],
    ['at a level that differs by less than the spread', (s) => ({ ms: s >= 22 ? 28 : 20 }), 0],
  ])('is %s', (_, at, recoveryMs) => {
    const spikes = findSpikes(run(spike, 74, at));
    expect(spikes).toHaveLength(1);
    expect(spikes[0]).toMatchObject({
      fromMs: 20_000,
      untilMs: overMs,
      baseLoad: 10,
      peakLoad: 100,
      recoveryMs,
    });
    expect(spikeRecoveryTimesMs(spikes)).toEqual([recoveryMs ?? 40_000]);
  });

  test('of several spikes is told for each, up to the next one', () => {
    const twice = ramp(
      10,
      [20, 10],
      [0, 100],
      [5, 100],
      [0, 10],
      [20, 10],
      [0, 80],
      [5, 80],
      [0, 10],
      [20, 10],
    );
    const found = findSpikes(
      run(twice, 70, (s) => ({ ms: s >= 20 && s < 45 ? 400 : s >= 50 && s < 53 ? 400 : 20 })),
    );
    expect(found.map(({ untilMs, recoveryMs, seenMs }) => [untilMs, recoveryMs, seenMs])).toEqual([
      [25_000, null, 20_000],
      [50_000, 3000, 20_000],
    ]);
  });

  test('needs a spike: neither a slow ramp, nor a step that stays, nor a constant load is one', () => {
    const at = () => ({});
    expect(findSpikes(run(ramp(10, [60, 40], [60, 10]), 120, at))).toEqual([]);
    expect(findSpikes(run(ramp(10, [20, 10], [1, 100], [40, 100]), 61, at))).toEqual([]);
    expect(
      findSpikes(run(scenario({ kind: 'constant-vus', vus: 5, rampUpMs: 0, durationMs: 60_000 }), 60, at)),
    ).toEqual([]);
    expect(findSpikes(run(ramp(0, [2, 100], [10, 100], [2, 0]), 14, at))).toEqual([]);
  });

  test.each<[string, ScenarioPlan, number]>([
    ['all at once', ramp(10, [10, 10], [10, 100], [20, 100], [10, 0]), 50],
    ['slowly', ramp(10, [10, 10], [10, 100], [20, 100], [90, 10], [10, 0]), 140],
    ['to an idle load', ramp(10, [10, 10], [1, 100], [20, 100], [1, 1], [30, 1]), 62],
  ])(
    'needs a load that comes back and stays: none for a ramp up, a hold, and a ramp down %s',
    (_, one, seconds) => {
      const at = (s: number) => ({ ms: s < 10 ? 20 : 60 });
      expect(findSpikes(run(one, seconds, at))).toEqual([]);
    },
  );

  test('is looked for until the load leaves its level, also for a final ramp down', () => {
    const down = ramp(10, [20, 10], [0, 100], [10, 100], [0, 10], [10, 10], [10, 0]);
    // As slow as in the spike while there is load, and few operations in the ramp down.
    const at = (s: number) => ({ ms: s >= 20 && s < 40 ? 400 : 20, count: s < 45 ? 100 : 20 });
    const [found] = findSpikes(run(down, 50, at));
    expect(found).toMatchObject({ untilMs: 30_000, recoveryMs: 10_000 });
    const never = findSpikes(run(down, 50, (s) => ({ ms: s >= 20 ? 400 : 20 })));
    expect(never).toMatchObject([{ recoveryMs: null, seenMs: 16_000 }]);
  });

  test('works on arrival rates', () => {
    const executor: ExecutorPlan = {
      ...{ kind: 'ramping-arrival-rate', startRatePerSec: 10, preAllocatedVUs: 5, maxVUs: 50 },
      stages: [
        { durationMs: 20_000, target: 10 },
        { durationMs: 1000, target: 100 },
        { durationMs: 9000, target: 100 },
        { durationMs: 1000, target: 10 },
        { durationMs: 29_000, target: 10 },
      ],
    };
    const [found] = findSpikes(run(scenario(executor), 60, (s) => ({ ms: s >= 20 && s < 36 ? 900 : 20 })));
    expect(found).toMatchObject({ unit: 'iterations/s', untilMs: 31_000, recoveryMs: 5000 });
  });
});

describe('the goodput kept at the highest load', () => {
  const rising = ramp(0, [40, 100], [10, 100]);
  test.each<[string, (s: number) => number, number]>([
    ['is all where throughput levels off', (s) => Math.min(s * 10, 200), 1],
    ['is what is left where it falls', (s) => (s < 30 ? s * 10 : 100), 100 / 270],
  ])('%s', (_, rate, ratio) => {
    const found = findGoodputKept(run(rising, 50, (s) => ({ count: rate(s) })));
    expect(found!.ratio).toBeCloseTo(ratio, 2);
  });

  test('counts no failures, and seconds without an answer as none', () => {
    const failing = run(rising, 50, (s) => ({ count: 200, failed: s >= 35 ? 150 : 0 }));
    expect(findGoodputKept(failing)).toMatchObject({ ratio: 0.25, greatest: 200, atHighest: 50 });
    const silent = run(rising, 50, (s) => ({ count: s >= 36 ? 0 : 200 }));
    expect(findGoodputKept(silent)).toMatchObject({ ratio: 0 });
  });

  test('is none where the target dies after most of the time at the highest load', () => {
    const long = ramp(10, [10, 10], [10, 100], [40, 100]);
    const dies = (second: number) => findGoodputKept(run(long, 60, (s) => ({ count: s < second ? 100 : 0 })));
    expect(dies(42)).toMatchObject({ ratio: 0, greatest: 100, atHighest: 0 });
    expect(dies(55)).toMatchObject({ ratio: 0 });
    expect(dies(57)!.ratio).toBeCloseTo(0.4);
    // It comes back: what was left meanwhile counts.
    const away = findGoodputKept(run(long, 60, (s) => ({ count: s >= 30 && s < 36 ? 20 : 100 })));
    expect(away!.ratio).toBeCloseTo(0.2);
  });

  test('is of each time at the highest load, be it shorter than 5 s', () => {
    const twice = ramp(
      10,
      [10, 10],
      [0, 100],
      [4, 100],
      [0, 10],
      [10, 10],
      [0, 100],
      [4, 100],
      [0, 10],
      [10, 10],
    );
    const found = findGoodputKept(run(twice, 38, (s) => ({ count: s >= 24 && s < 28 ? 25 : 100 })));
    expect(found!.ratio).toBeCloseTo(0.25);
  });

  test.each([2, 4, 16])('is known of a long run with intervals of %i s, too', (seconds) => {
    const long = ramp(10, [400, 10], [400, 100], [800, 100]);
    const { plan, timeline } = run(long, 1600, (s) => ({ count: s < 1500 ? 100 : 0 }));
    const merged = timeline
      .filter((_, i) => i % seconds === 0)
      .map((one) => ({ ...one, endAtMs: one.startAtMs + seconds * 1000 }));
    expect(findGoodputKept({ plan, timeline: merged })).toMatchObject({ ratio: 0 });
  });

  test('is not known of a load that does not rise, or where all failed', () => {
    const constant = scenario({ kind: 'constant-vus', vus: 5, rampUpMs: 0, durationMs: 60_000 });
    expect(findGoodputKept(run(constant, 60, () => ({})))).toBeUndefined();
    expect(findGoodputKept(run(rising, 50, () => ({ failed: 100 })))).toBeUndefined();
    expect(findGoodputKept(run(rising, 50, () => ({ count: 0 })))).toBeUndefined();
  });
});
