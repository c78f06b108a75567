import { describe, expect, test } from 'vitest';
import type { ScalingDefinition } from '../model/scaling.ts';
import { platformRules } from '../suite/platform-rules.cases.ts';
import { replayScaling } from './replay.ts';
import { course, policyOf, type ScalingRunCase, scalingRun } from './scaling-runs.cases.ts';

const min = 60_000;
const replayed = (run: ScalingRunCase, policy: ScalingDefinition = { rules: platformRules }) =>
  replayScaling(scalingRun(run), policyOf(policy));
const acts = (run: ScalingRunCase, policy?: ScalingDefinition) =>
  replayed(run, policy).decisions.map(({ atMs, rule, from, to }) => [atMs / min, rule, from, to]);

// Readings come every 15 s, the first at 0:15. Busy from 1:15 on: 2 minutes later is 3:15.
const busy = course([0.5, 4], [0.9, 40]);

describe('replay', () => {
  test('acts when the condition has held for its time, and again when the cooldown is over', () => {
    const replay = replayed({ cpu: busy, memory: course([0.5, 44]) });
    expect(
      replay.decisions.map(({ atMs, from, to, sinceMs, heldBackMs }) => [
        atMs / min,
        from,
        to,
        sinceMs / min,
        heldBackMs / min,
      ]),
    ).toEqual([
      [3.25, 1, 2, 1.25, 0],
      [8.25, 2, 3, 1.25, 5],
    ]);
    const cpu = replay.rules[0]!;
    expect(cpu).toMatchObject({ actions: 2, firstAtMs: 3.25 * min, firstDelayMs: 2 * min, holds: 1 });
    // The last reading is at 11:00.
    expect(cpu.longestMs).toBe(9.75 * min);
    expect(cpu.conditions[0]).toMatchObject({ signal: { source: 'monitor_app_cpu_ratio' } });
  });

  test('a reading below the limit begins the time anew', () => {
    // 90 % from 0:15 to 2:00 only, then once 70 %, then 90 % from 2:30 on.
    expect(acts({ cpu: course([0.9, 8], [0.7, 1], [0.9, 9]), memory: course([0.5, 18]) })).toEqual([
      [4.5, 'cpu', 1, 2],
    ]);
  });

  test('a silence begins the time anew: what nobody saw did not hold', () => {
    const silent = course([0.9, 4], [null, 6], [0.9, 9]);
    // Seen again at 2:45; held until 4:45.
    expect(acts({ cpu: silent, memory: course([0.5, 19]) })).toEqual([[4.75, 'cpu', 1, 2]]);
    // A single reading that is missing is no silence.
    expect(acts({ cpu: course([0.9, 4], [null, 1], [0.9, 5]), memory: course([0.5, 10]) })).toEqual([
      [2.25, 'cpu', 1, 2],
    ]);
  });

  test('both conditions of a rule must hold, and the lower bound stays', () => {
    const calm = { cpu: course([0.1, 120]), memory: course([0.35, 60], [0.45, 60]) };
    const replay = replayed(calm, { rules: platformRules, instances: 4 });
    // Calm from 0:15 on: at 10:15; the cooldown ends at 20:15, when memory is above 40 % already (from 15:15).
    expect(replay.decisions).toMatchObject([{ atMs: 10.25 * min, rule: 'calm', from: 4, to: 3 }]);
    const always = replayed(
      { cpu: course([0.1, 200]), memory: course([0.3, 200]) },
      { rules: platformRules, instances: 3 },
    );
    expect(always.decisions).toMatchObject([{ atMs: 10.25 * min, from: 3, to: 2 }]);
    expect(always.bounds).toEqual([{ atMs: 20.25 * min, rule: 'calm', bound: 'lower', instances: 2 }]);
    expect(always.rules[3]!.bounds).toBe(1);
  });

  test('at the upper bound nothing is added, which is told once', () => {
    const policy = {
      rules: {
        up: {
          trigger: 'cpu_percent > 75% for 1m',
          action: 'Add 3 instances',
          cooldown: '1m',
          maxInstances: 5,
        },
      },
      instances: 1,
    };
    const replay = replayed({ cpu: course([0.9, 40]) }, policy);
    expect(replay.decisions.map(({ atMs, to }) => [atMs / min, to])).toEqual([
      [1.25, 4],
      [2.25, 5],
    ]);
    expect(replay.bounds).toEqual([{ atMs: 3.25 * min, rule: 'up', bound: 'upper', instances: 5 }]);
  });

  test('a cooldown counts from any action, or from those of the same rule', () => {
    const both = { cpu: course([0.9, 24]), memory: course([0.5, 4], [0.9, 20]) };
    expect(acts(both)).toEqual([[2.25, 'cpu', 1, 2]]);
    expect(acts(both, { rules: platformRules, cooldownAfter: 'own' })).toEqual([
      [2.25, 'cpu', 1, 2],
      [3.25, 'memory', 2, 3],
    ]);
  });

  test('adding comes before removing, and more before less', () => {
    const rules = {
      down: { trigger: 'memory_percent < 40%', action: 'Remove 1 instance' },
      one: { trigger: 'cpu_percent > 75%', action: 'Add 1 instance' },
      two: { trigger: 'cpu_percent > 85%', action: 'Add 2 instances' },
    };
    expect(acts({ cpu: [0.9], memory: [0.1] }, { rules, instances: 3 })).toEqual([[0.25, 'two', 3, 5]]);
    expect(acts({ cpu: [0.8], memory: [0.1] }, { rules, instances: 3 })).toEqual([[0.25, 'one', 3, 4]]);
    expect(acts({ cpu: [0.5], memory: [0.1] }, { rules, instances: 3 })).toEqual([[0.25, 'down', 3, 2]]);
  });

  test('an action that is undone again and again is flapping', () => {
    const rules = {
      up: { trigger: 'cpu_percent > 70%', action: 'Add 1 instance', cooldown: '1m' },
      down: { trigger: 'cpu_percent < 60%', action: 'Remove 1 instance', cooldown: '1m' },
    };
    const waves = Array.from({ length: 4 }, () => course([0.8, 6], [0.5, 6])).flat();
    const replay = replayed({ cpu: waves }, { rules, instances: 2 });
    // From 0:15: up at 0:15 and 1:15; down at 2:15 (50 % from 1:45, cooldown), ...
    expect(replay.decisions.slice(0, 3).map(({ atMs, kind }) => [atMs / min, kind])).toEqual([
      [0.25, 'add'],
      [1.25, 'add'],
      [2.25, 'remove'],
    ]);
    expect(replay.reversals).toBeGreaterThanOrEqual(3);
    expect(replay.undoneSoon).toBe(replay.reversals);
  });

  test('rules on what the run did not read never act, and say why', () => {
    const replay = replayed({ cpu: busy });
    const [cpu, memory, , calm] = replay.rules;
    expect(cpu!.actions).toBe(2);
    expect(memory!.conditions[0]!.signal).toMatchObject({
      problem: expect.stringContaining('no monitor of the run reads it') as string,
    });
    expect([memory!.unreadable, calm!.unreadable]).toEqual([true, true]);
  });

  test('latencies come from the timeline', () => {
    const p95 = [...new Array<number>(4).fill(120), ...new Array<number>(20).fill(260)];
    const replay = replayed({ p95 });
    // Slow from the window that ends at 1:15 on.
    expect(replay.decisions.map(({ atMs, rule }) => [atMs / min, rule])).toEqual([[4.25, 'latency']]);
    expect(replay.rules[2]!.conditions[0]).toMatchObject({
      signal: { source: 'p(95) of http_req_duration', unit: 'ms' },
      extreme: { value: 260 },
    });
  });

  test('advice to use bigger instances changes no number and delays nothing', () => {
    const rules = {
      bigger: { trigger: 'cpu_percent > 85% for 1m', action: 'Use bigger instances' },
      cpu: { trigger: 'cpu_percent > 75% for 1m', action: 'Add 1 instance' },
    };
    expect(acts({ cpu: course([0.9, 8]) }, { rules })).toEqual([
      [1.25, 'bigger', 1, 1],
      [1.25, 'cpu', 1, 2],
    ]);
  });

  test('compares with the instances that ran', () => {
    // Two until 4:00 inclusive, three from 4:15 on; the policy wants three from 3:15 on.
    const replay = replayed(
      { cpu: course([0.5, 4], [0.9, 16]), memory: course([0.5, 20]), replicas: course([2, 16], [3, 4]) },
      { rules: platformRules, instances: 'monitor_cluster_replicas' },
    );
    expect(replay).toMatchObject({ startInstances: 2, startFrom: 'observed', endInstances: 3 });
    expect(replay.observed?.changes).toEqual([
      { atMs: 0.25 * min, instances: 2 },
      { atMs: 4.25 * min, instances: 3 },
    ]);
    // One too many from 3:15 to 4:15, of 0:15 to 5:00.
    expect(replay.observed?.meanDifference).toBeCloseTo(1 / 4.75, 6);
    expect(replay.observed?.equalShare).toBeCloseTo(3.75 / 4.75, 6);
    expect(
      replayed({ cpu: busy }, { rules: platformRules, instances: 'monitor_cluster_replicas' })
        .observedProblem,
    ).toBe('the run has no reading of monitor_cluster_replicas');
  });

  test('an empty record gives no answer, and no mistake', () => {
    const empty = { ...scalingRun({}), timeline: [], metrics: {} };
    const replay = replayScaling(empty, policyOf({ rules: platformRules }));
    expect(replay.span).toBeUndefined();
    expect(replay.rules.map(({ unreadable }) => unreadable)).toEqual([true, true, true, true]);
    expect(replay).toMatchObject({ decisionCount: 0, startInstances: 1, startFrom: 'lower bound' });
  });
});
