import { describe, expect, test } from 'vitest';
import { arrivals, limitOn, measure, recordIterations, scenario } from '../analysis/measurements.cases.ts';
import type { ExecutorPlan } from '../executors/executors.ts';
import type { ScalingDefinition } from '../model/scaling.ts';
import { uslThroughput } from '../stats/usl.ts';
import { platformRules } from '../suite/platform-rules.cases.ts';
import { assessScaling } from './assess-scaling.ts';
import { findScaling } from './find-scaling.ts';
import { course, policyOf, type ScalingRunCase, scalingRun } from './scaling-runs.cases.ts';

const assessed = (run: ScalingRunCase, definition: ScalingDefinition, instances?: number) =>
  assessScaling(scalingRun(run), policyOf(definition), instances);
const findingsOf = (run: ScalingRunCase, definition: ScalingDefinition) =>
  findScaling(scalingRun({ ...run, plan: { scaling: policyOf(definition) } }));

const spike = {
  capacityPerInstance: 100,
  load: {
    startRate: 100,
    stages: [
      { duration: '5m', target: 100 },
      { duration: '1s', target: 300 },
      { duration: '20m', target: 300 },
    ],
  },
};

describe('assessScaling', () => {
  test('tries the rules and the HPA that is made of them on the stated load', () => {
    const result = assessScaling(
      { ...scalingRun({}), timeline: [] },
      policyOf({
        rules: platformRules,
        instances: 2,
        simulation: { ...spike, assume: { memory_percent: '35%' } },
      }),
    );
    const { rules, hpa, model, load } = result.simulated!;
    expect(load.title).toBe('3 stated stages');
    expect(rules.simulation.decisions[0]).toMatchObject({ rule: 'cpu', from: 2, to: 3 });
    expect(rules.unmodelled).toEqual(['p95_latency']);
    expect(hpa?.unmodelled).toEqual(['p95_latency']);
    expect(hpa?.simulation.decisionCount).toBeGreaterThan(0);
    expect(model.figures.map(({ title, from }) => [title, from])).toEqual([
      ['Capacity of an instance', 'stated'],
      ['Start of an instance', 'assumed'],
      ['Age of figures', 'assumed'],
      ['Time between looks', 'assumed'],
      ['CPU at capacity', 'assumed'],
      ['memory_percent', 'stated'],
    ]);
  });

  test('refuses what the run does not show, and says what to state', () => {
    expect(assessed({}, { rules: platformRules }).refusal).toContain('does not show what an instance can do');
    const idle = assessScaling(
      { ...scalingRun({}), timeline: [] },
      policyOf({ rules: platformRules, simulation: { capacityPerInstance: 10 } }),
    );
    expect(idle.refusal).toContain('no load to simulate with');
  });

  test('begins with the lower bound where the run began before any instance was up', () => {
    const policy = policyOf({
      rules: { latency: { trigger: 'p95_latency > 200ms for 30s', action: 'Add 1 instance' } },
      maxInstances: 20,
      instances: 'monitor_cluster_replicas',
      simulation: { capacityPerInstance: 10, responseTime: '50ms', startUp: '5s' },
    });
    const measured = scalingRun({
      replicas: course([0, 4], [2, 20]),
      p95: new Array<number>(24).fill(300),
      rate: new Array<number>(24).fill(30),
    });
    const { replay, simulated } = assessScaling(measured, policy);
    expect(replay).toMatchObject({ startInstances: 0, startFrom: 'observed' });
    const { startInstances, worstWait, decisionCount } = simulated!.rules.simulation;
    expect(startInstances).toBe(1);
    expect(worstWait.ms).toBeGreaterThan(0);
    // A wait without end in the first seconds keeps means from ever being a number again, and rules from acting.
    expect(Number.isFinite(worstWait.ms)).toBe(true);
    expect(decisionCount).toBeGreaterThan(0);
  });

  /** Phases of 20 s, each at one number of iterations in flight. */
  const phases = (levels: readonly { readonly inFlight: number; readonly rate: number }[]) =>
    measure({
      seconds: 20 * levels.length,
      plan: {
        scenarios: levels.map(({ rate }, i) =>
          scenario(`p${i}`, { ...arrivals(rate, 50), durationMs: 20_000 } as ReturnType<typeof arrivals>, {
            startAtMs: i * 20_000,
          }),
        ),
        durationMs: 20_000 * levels.length,
      },
      record: (meter, second) => {
        const i = Math.floor(second / 20);
        const { inFlight, rate } = levels[i]!;
        const count = Math.round(rate);
        recordIterations(meter, count, { scenario: `p${i}`, durationMs: (1000 * inFlight) / count });
      },
    });

  test('takes the capacity of an instance from the peak of the levels, where it knows how many instances there were', () => {
    // The law's peak: sqrt(0.95 / 0.002) = 21.8 in flight, 222 per second.
    const measured = phases(
      [2, 4, 8, 16, 32, 48].map((inFlight) => ({
        inFlight,
        rate: uslThroughput({ sigma: 0.05, kappa: 0.002, gamma: 30 }, inFlight),
      })),
    );
    const policy = policyOf({ rules: platformRules });
    expect(assessScaling(measured, policy).refusal).toContain('How many instances ran is not known');
    const { simulated } = assessScaling(measured, policy, 4);
    expect(simulated?.model.system.capacityPerInstance).toBeCloseTo(222 / 4, 0);
    expect(simulated?.model.isLeastCapacity).toBe(false);
    expect(simulated?.model.figures[0]).toMatchObject({ from: 'measured' });
    expect(simulated?.load).toEqual({ title: 'the load of the run', cautions: [] });
    // 67 ms and more of each iteration are what a latency rule begins at.
    expect(simulated?.model.system.responseMs).toBeGreaterThan(35);
  });

  test('does not take the highest level for the capacity, where throughput goes on to grow', () => {
    // The mean time of an iteration does not change: throughput grows with load, without a peak.
    const growing = [2, 4, 8, 16, 32].map((inFlight) => ({ inFlight, rate: inFlight * 10 }));
    const policy = policyOf({ rules: platformRules });
    const { simulated, refusal } = assessScaling(phases(growing), policy, 4);
    expect(simulated).toBeUndefined();
    expect(refusal).toContain('did not reach the capacity');
    // A curve that bends, whose peak (44.7 in flight) lies beyond its largest level.
    const before = [2, 4, 8, 12, 16, 20].map((inFlight) => ({
      inFlight,
      rate: uslThroughput({ sigma: 0, kappa: 0.0005, gamma: 30 }, inFlight),
    }));
    expect(assessScaling(phases(before), policy, 4).refusal).toContain('did not reach the capacity');
    const stated = policyOf({ rules: platformRules, simulation: { capacityPerInstance: 80 } });
    expect(assessScaling(phases(growing), stated, 4).simulated?.model.isLeastCapacity).toBe(false);
  });

  test('takes what users reached where more of them added nothing, as the least that there is', () => {
    // A single server: 50 per second however many ask, from 5 users on.
    const users = [1, 2, 4, 8, 16, 32];
    const measuredOf = (perSec: (users: number) => number) =>
      measure({
        seconds: 20 * users.length,
        plan: {
          durationMs: 20_000 * users.length,
          scenarios: users.map((vus, i) =>
            scenario(
              `p${i}`,
              { kind: 'constant-vus', vus, rampUpMs: 0, durationMs: 20_000 },
              { startAtMs: i * 20_000 },
            ),
          ),
        },
        record: (meter, second) => {
          const i = Math.floor(second / 20);
          const count = perSec(users[i]!);
          for (const [j, vus] of users.entries()) {
            meter.gauge('vus', { scenario: `p${j}` }).set(i === j ? vus : 0);
          }
          recordIterations(meter, count, { scenario: `p${i}`, durationMs: (1000 * users[i]!) / count });
        },
      });
    const policy = policyOf({ rules: platformRules });
    const { simulated } = assessScaling(
      measuredOf((n) => Math.min(50, 10 * n)),
      policy,
      1,
    );
    expect(simulated?.model).toMatchObject({ isLeastCapacity: true, system: { capacityPerInstance: 50 } });
    expect(simulated?.model.figures[0]?.note).toContain(
      'from 16 users to 32 users throughput changed by 0 %',
    );
    // It bends, and still grows by a fifth with twice the users.
    const bent = assessScaling(
      measuredOf((n) => Math.round(uslThroughput({ sigma: 0.1, kappa: 0, gamma: 20 }, n))),
      policy,
      1,
    );
    expect(bent.refusal).toContain('did not reach the capacity');
  });

  test('of a ramp that broke a limit takes the most that was finished, as the least that there is', () => {
    const users = (second: number): number => Math.round(((second + 1) * 100) / 60);
    const measured = measure({
      seconds: 60,
      plan: {
        durationMs: 60_000,
        thresholds: [limitOn('http_req_duration', 'p95', '<', 50)],
        scenarios: [
          scenario('main', {
            ...{ kind: 'ramping-vus', startVUs: 0, stages: [{ durationMs: 60_000, target: 100 }] },
            gracefulRampDownMs: 0,
          } as ExecutorPlan),
        ],
      },
      record: (meter, second) => {
        meter.gauge('vus', { scenario: 'main' }).set(users(second));
        recordIterations(meter, users(second), { durationMs: users(second) > 80 ? 90 : 5 });
      },
    });
    const { simulated } = assessScaling(measured, policyOf({ rules: platformRules }), 1);
    expect(simulated?.model.isLeastCapacity).toBe(true);
    // The slice from 50 s to 60 s: 85 to 100 iterations per second.
    expect(simulated?.model.system.capacityPerInstance).toBeCloseTo(92.5, 0);
    expect(simulated?.model.figures[0]?.note).toMatch(/^At least 9\d.* 8\d users broke a limit/);
  });
});

describe('findings', () => {
  const busy = {
    cpu: course([0.5, 4], [0.9, 40]),
    memory: course([0.5, 44]),
    p95: new Array<number>(44).fill(20),
  };

  test('say when the policy would have acted, and that the run was another one', () => {
    const [first, ...others] = findingsOf(busy, { rules: platformRules });
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      severity: 'info',
      title: 'The autoscaling policy would have acted 2 times',
    });
    expect(first!.detail).toContain(
      'At 3m15s rule cpu adds 1 instance (1 to 2), 2m after its condition began.',
    );
    expect(first!.detail).toContain('more of them would have changed what was measured');
    expect(first!.evidence).toContainEqual({ name: 'delay of cpu', value: 120_000, unit: 'ms' });
  });

  test('warn of rules that nothing was read for, of flapping, and of the upper bound', () => {
    const blind = findingsOf({ cpu: busy.cpu }, { rules: platformRules });
    expect(blind.map(({ title }) => title)).toContain('2 scaling rules cannot be replayed');
    const close = {
      up: { trigger: 'cpu_percent > 70%', action: 'Add 1 instance', cooldown: '1m' },
      down: { trigger: 'cpu_percent < 60%', action: 'Remove 1 instance', cooldown: '1m' },
    };
    const waves = Array.from({ length: 4 }, () => course([0.8, 6], [0.5, 6])).flat();
    expect(findingsOf({ cpu: waves }, { rules: close, instances: 2 }).map(({ title }) => title)).toContain(
      'The autoscaling policy flaps',
    );
    const bounded = { up: { trigger: 'cpu_percent > 70%', action: 'Add 1 instance', cooldown: '1m' } };
    expect(
      findingsOf({ cpu: busy.cpu }, { rules: bounded, maxInstances: 2 }).map(({ title }) => title),
    ).toContain('The autoscaling policy is at its upper bound, and wants more');
  });

  test('a number of instances that is given takes the place of the stated one, and not of a metric', () => {
    const stated = scalingRun({
      ...busy,
      plan: { scaling: policyOf({ rules: platformRules, instances: 2 }) },
    });
    const start = (instances?: number): number | undefined =>
      findScaling(stated, instances)[0]?.evidence.find(({ name }) => name === 'instances at the start')
        ?.value;
    expect([start(), start(5)]).toEqual([2, 5]);
    expect(assessScaling(stated, stated.plan.scaling!, 5).replay.startInstances).toBe(5);
    const observed = { ...busy, replicas: course([3, 44]) };
    const policy = policyOf({ rules: platformRules, instances: 'monitor_cluster_replicas' });
    expect(assessScaling(scalingRun(observed), policy, 5).replay.startInstances).toBe(3);
  });

  test('a suite without a policy has none', () => {
    const { scaling: _none, ...plan } = scalingRun(busy).plan;
    expect(findScaling({ ...scalingRun(busy), plan })).toEqual([]);
  });
});
