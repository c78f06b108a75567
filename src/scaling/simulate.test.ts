// Scenarios with answers worked by hand; the comments are the working. One instance finishes 100 iterations per second.

import { describe, expect, test } from 'vitest';
import type { HpaPlan, ScalingDefinition } from '../model/scaling.ts';
import { platformRules } from '../suite/platform-rules.cases.ts';
import { elasticityOf } from './elasticity.ts';
import { curveOfRun, curveOfStages, type LoadCurve, meanRate } from './load-curve.ts';
import { hpaScaler, ruleScaler, unmodelled } from './scalers.ts';
import { policyOf, scalingRun } from './scaling-runs.cases.ts';
import { type SystemModel, simulateScaling } from './simulate.ts';

/** `[[300, 100], [600, 300]]`: 300 s at 100 per second, then 600 s at 300. */
function curve(...levels: readonly (readonly [seconds: number, rate: number])[]): LoadCurve {
  let atMs = 0;
  const parts = levels.map(([seconds, rate]) => {
    const fromMs = atMs;
    atMs += 1000 * seconds;
    return { fromMs, untilMs: atMs, fromRate: rate, untilRate: rate };
  });
  return { parts, title: '', cautions: [] };
}
const model: SystemModel = { capacityPerInstance: 100, startUpMs: 60_000, metricDelayMs: 0 };
const plain = { cpuAtCapacity: 1, assume: {} };

function simulated(
  load: LoadCurve,
  start: number,
  definition: ScalingDefinition,
  more: { model?: Partial<SystemModel>; assume?: Readonly<Record<string, number>> } = {},
) {
  const scaler = ruleScaler(policyOf(definition), 15_000, { ...plain, assume: more.assume ?? {} });
  return simulateScaling(load, { ...model, ...more.model }, start, scaler);
}
const moves = ({ decisions }: ReturnType<typeof simulated>) =>
  decisions.map(({ atMs, from, to }) => [atMs / 1000, from, to]);

const up = { trigger: 'cpu_percent > 75% for 1m', action: 'Add 1 instance', cooldown: '2m', maxInstances: 6 };
const down = {
  trigger: 'cpu_percent < 40% for 2m',
  action: 'Remove 1 instance',
  cooldown: '3m',
  minInstances: 2,
};

describe('a spike with the start-up of instances', () => {
  // Load 100/s, from 300 s on 300/s; two instances finish 200/s.
  // The look at 315 s is the first that sees 100 %; for 1m: 375 s, serving at 435 s. Until then 100/s are left over in
  // 135 s: 13,500 wait, 67.5 s at 200/s. Three instances just keep up. The cooldown ends at 495 s; the fourth serves at
  // 555 s and the queue falls by 100/s. It is still busy at 615 s: the fifth serves at 675 s, when 1,500 are left; they
  // take 7.5 s at 200/s. Then 300 of 500 are 60 %.
  const result = simulated(curve([300, 100], [600, 300]), 2, { rules: { up } });

  test('adds an instance at a time, each after the cooldown', () => {
    expect(moves(result)).toEqual([
      [375, 2, 3],
      [495, 3, 4],
      [615, 4, 5],
    ]);
    expect(result).toMatchObject({ startInstances: 2, endInstances: 5, mostInstances: 5, mostDemand: 3 });
  });

  test('queues what the instances cannot finish', () => {
    expect(result.worstBacklog.iterations).toBeCloseTo(13_500, 6);
    expect(result.worstBacklog.atMs).toBe(435_000);
    expect(result.worstWait.ms).toBeCloseTo(67_500, 6);
    expect(result.endBacklog).toBe(0);
    expect(result.longestQueueMs).toBe(382_000);
    // 300 s × 100 + 600 s × 300; those of 300 s to 682 s (whole steps) found others waiting.
    expect(result.offered).toBeCloseTo(210_000, 6);
    expect(result.waitedShare).toBeCloseTo((382 * 300) / 210_000, 6);
  });

  test('measures supply against demand', () => {
    // Needed: 1, then 3. Short by 1 from 300 to 435 s. Spare: 1 for 300 s; 1 from 555 to 675 s, 2 from then to 900 s.
    const { elasticity } = result;
    expect(elasticity.underShare).toBeCloseTo(135 / 900, 9);
    expect(elasticity.meanShortage).toBeCloseTo(135 / 900, 9);
    expect(elasticity.underAccuracy).toBeCloseTo(135 / 3 / 900, 9);
    expect(elasticity.overShare).toBeCloseTo((300 + 345) / 900, 9);
    expect(elasticity.meanSurplus).toBeCloseTo((300 + 120 + 2 * 225) / 900, 9);
    expect(elasticity).toMatchObject({ mostMissing: 1, demandTurns: 0, supplyTurns: 0 });
    // Started: 2 for 375 s, 3 for 120 s, 4 for 120 s, 5 for 285 s.
    expect(result.meanInstances).toBeCloseTo((750 + 360 + 480 + 1425) / 900, 9);
  });

  test('a delay of the figures delays all that follows', () => {
    const late = simulated(
      curve([300, 100], [600, 300]),
      2,
      { rules: { up } },
      { model: { metricDelayMs: 30_000 } },
    );
    expect(moves(late)[0]).toEqual([405, 2, 3]);
    expect(late.worstBacklog.iterations).toBeCloseTo(16_500, 6);
  });

  test('without start-up the queue is as long as the decision takes', () => {
    const quick = simulated(curve([300, 100], [600, 300]), 2, { rules: { up } }, { model: { startUpMs: 0 } });
    expect(quick.worstBacklog.iterations).toBeCloseTo(7500, 6);
  });
});

test('a load that falls slowly takes instances away one by one, down to the lower bound', () => {
  // Five instances; 300/s for 2 minutes, then a line down to 0 in 10 minutes: 30 % of five are 150/s, 40 % are 200/s.
  // Below 200/s from 120 + 200 = 320 s on. The look at 330 s sees 315 s to 330 s, on average 198.75/s of 500: the first
  // below 40 %. For 2m: 450 s. Four instances: 135/s of 400, on average of the 15 s before 33.75 % + ..., so it goes on to
  // hold; the cooldown ends at 630 s: 45/s of 400. Then three; the next at 810 s is beyond the end.
  const load = curveOfStages({
    startRate: 300,
    stages: [
      { durationMs: 120_000, target: 300 },
      { durationMs: 600_000, target: 0 },
      { durationMs: 480_000, target: 0 },
    ],
  });
  const result = simulated(load, 5, { rules: { up, down } });
  expect(moves(result)).toEqual([
    [450, 5, 4],
    [630, 4, 3],
    [810, 3, 2],
  ]);
  expect(result.bounds).toMatchObject([{ atMs: 990_000, rule: 'down', bound: 'lower', instances: 2 }]);
  expect(result.worstBacklog.iterations).toBe(0);
  expect(result).toMatchObject({ reversals: 0, endInstances: 2 });
});

test('limits that are too close together flap', () => {
  // 150/s. Two instances: 75 %, above 70 %; three: 50 %, below 55 %. Looks every 15 s, both rules at once due, cooldown 1m,
  // no start-up: at 15 s up, at 75 s down, at 135 s up, ...
  const close = {
    up: { trigger: 'cpu_percent > 70%', action: 'Add 1 instance', cooldown: '1m' },
    down: { trigger: 'cpu_percent < 55%', action: 'Remove 1 instance', cooldown: '1m' },
  };
  const result = simulated(curve([300, 150]), 2, { rules: close }, { model: { startUpMs: 0 } });
  expect(moves(result)).toEqual([
    [15, 2, 3],
    [75, 3, 2],
    [135, 2, 3],
    [195, 3, 2],
    [255, 2, 3],
  ]);
  expect(result).toMatchObject({ reversals: 4, undoneSoon: 4 });
  expect(result.elasticity).toMatchObject({ demandTurns: 0, supplyTurns: 4, underShare: 0 });
});

test('at the upper bound the queue grows without end, and the end says so', () => {
  // 500/s against at most three instances: 300/s from 135 s on (two are 200/s until then).
  const bounded = { up: { ...up, maxInstances: 3 } };
  const result = simulated(curve([600, 500]), 2, { rules: bounded });
  // Busy at the look of 15 s; for 1m: 75 s; serving at 135 s; due again when the cooldown ends at 195 s.
  expect(moves(result)).toEqual([[75, 2, 3]]);
  expect(result.bounds).toMatchObject([{ atMs: 195_000, bound: 'upper', instances: 3 }]);
  expect(result.endBacklog).toBeCloseTo(135 * 300 + 465 * 200, 6);
  expect(result.endWaitMs).toBeCloseTo((1000 * result.endBacklog) / 300, 6);
  expect(result.elasticity).toMatchObject({ underShare: 1, mostMissing: 3 });
});

test('where nothing serves, waiting is as long as the queue has been there', () => {
  // 10/s, no instance, and a rule that never acts: nothing is finished for a minute.
  const calm = {
    trigger: 'iteration_rate > 1000000/s',
    action: 'Add 1 instance',
    cooldown: '2m',
    maxInstances: 6,
  };
  const result = simulated(curve([60, 10]), 0, { rules: { calm } });
  expect(result.worstWait).toEqual({ atMs: 60_000, ms: 60_000 });
  expect(result.endBacklog).toBeCloseTo(600, 6);
  expect(result.endWaitMs).toBe(60_000);
});

test('figures that the model does not have are assumed, or keep their rules from acting', () => {
  const policy = policyOf({ rules: platformRules });
  const words = policy.rules.flatMap(({ conditions }) => conditions.map(({ metric }) => metric));
  expect(unmodelled(words, model, plain)).toEqual(['memory_percent', 'p95_latency']);
  expect(unmodelled(words, { responseMs: 50 }, { ...plain, assume: { memory_percent: 0.3 } })).toEqual([]);
  // 20/s of 500 are 4 %: calm from the look at 15 s on, so at 615 s.
  const calm = curve([700, 20]);
  expect(moves(simulated(calm, 5, { rules: platformRules }))).toEqual([]);
  expect(moves(simulated(calm, 5, { rules: platformRules }, { assume: { memory_percent: 0.3 } }))).toEqual([
    [615, 5, 4],
  ]);
});

test('rules on latency see the queue', () => {
  // 150/s on one instance: 50/s are left over, each second of them waits 0.5 s more. Above 200 ms from the start on.
  const result = simulated(curve([400, 150]), 1, { rules: platformRules }, { model: { responseMs: 50 } });
  // `cpu` after 2 minutes is quicker than `latency` after 3: the look at 15 s begins, at 135 s it acts.
  expect(result.decisions[0]).toMatchObject({
    atMs: 135_000,
    rule: 'cpu',
    loadPerSec: 150,
    demand: 2,
    serving: 1,
  });
  const { latency } = platformRules as Readonly<
    Record<string, ScalingDefinition['rules'] extends readonly (infer R)[] ? R : never>
  >;
  const alone = policyOf({ rules: { latency: latency! } });
  const slow = simulateScaling(
    curve([400, 150]),
    { ...model, responseMs: 50 },
    1,
    ruleScaler(alone, 15_000, plain),
  );
  expect(slow.decisions[0]).toMatchObject({ atMs: 195_000, rule: 'latency' });
});

describe('an HPA', () => {
  const hpa: HpaPlan = {
    targets: [{ metric: 'cpu_percent', value: 0.5, unit: 'ratio' }],
    minReplicas: 2,
    maxReplicas: 10,
    tolerance: 0.1,
    scaleUp: {
      stabilizationMs: 0,
      selectPolicy: 'Max',
      policies: [{ type: 'Pods', value: 4, periodMs: 15_000 }],
    },
    scaleDown: {
      stabilizationMs: 300_000,
      selectPolicy: 'Max',
      policies: [{ type: 'Percent', value: 100, periodMs: 15_000 }],
    },
  };

  test('goes to where its target holds, and comes back after its window', () => {
    // 100/s on two: 50 %, on target. From 150 s on 300/s: the look at 165 s sees 100 %: ceil(2 × 2) = 4, serving at 225 s.
    // Meanwhile the two that start count as idle: (2 × 100 + 2 × 0) / 4 = 50 %, within the tolerance, also at 225 s, when
    // they have no figures yet. At 240 s four serve, busy with the queue: 100 %, 8 wanted, serving at 300 s. By then the
    // 7,500 of the queue (75 s × 100/s) have fallen by 100/s to 0. From 315 s on 300 of 800 are 37.5 %: 6 wanted, but 8
    // was wanted until 300 s, so it waits until that is 5 minutes old.
    const result = simulateScaling(curve([150, 100], [600, 300]), model, 2, hpaScaler(hpa, plain));
    expect(result.decisions.map(({ atMs, from, to }) => [atMs / 1000, from, to])).toEqual([
      [165, 2, 4],
      [240, 4, 8],
      [600, 8, 6],
    ]);
    expect(result.worstBacklog).toMatchObject({ atMs: 225_000 });
    expect(result.worstBacklog.iterations).toBeCloseTo(75 * 100, 6);
  });
});

describe('load curves', () => {
  test('stages are lines', () => {
    const line = curveOfStages({ startRate: 0, stages: [{ durationMs: 10_000, target: 100 }] });
    expect(meanRate(line, 0, 0, 10_000)).toBeCloseTo(50, 9);
    expect(meanRate(line, 0, 2000, 3000)).toBeCloseTo(25, 9);
    expect(meanRate(line, 0, 9000, 11_000)).toBeCloseTo(47.5, 9);
  });

  test('a run is its iterations, with those that were dropped', () => {
    const run = scalingRun({ rate: [10, 20] });
    expect(curveOfRun(run)?.parts).toEqual([
      { fromMs: 0, untilMs: 15_000, fromRate: 10, untilRate: 10 },
      { fromMs: 15_000, untilMs: 30_000, fromRate: 20, untilRate: 20 },
    ]);
    expect(curveOfRun(run)?.cautions).toHaveLength(1);
    expect(curveOfRun(scalingRun({ rate: [0, 0] }))).toBeUndefined();
  });
});

test('elasticity of nothing is nothing', () => {
  expect(elasticityOf([])).toMatchObject({ underShare: 0, meanSurplus: 0, supplyTurns: 0 });
});
