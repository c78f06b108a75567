import { describe, expect, test } from 'vitest';
import { arrivals, measure, recordIterations, scenario } from '../analysis/measurements.cases.ts';
import type { ScalingDefinition } from '../model/scaling.ts';
import { assessScaling } from './assess-scaling.ts';
import { findScaling } from './find-scaling.ts';
import { course, platformRules, policyOf, type ScalingRunCase, scalingRun } from './scaling-runs.cases.ts';

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

  test('takes the capacity of an instance from the levels of load, where it knows how many instances there were', () => {
    // Phases of 20 s each whose mean time of an iteration does not change: throughput grows with load, without a peak.
    const loads = [2, 4, 8, 16, 32];
    const measured = measure({
      seconds: 100,
      plan: {
        scenarios: loads.map((load, i) =>
          scenario(
            `p${i}`,
            { ...arrivals(load * 10, 50), durationMs: 20_000 } as ReturnType<typeof arrivals>,
            {
              startAtMs: i * 20_000,
            },
          ),
        ),
        durationMs: 100_000,
      },
      record: (meter, second) =>
        recordIterations(meter, loads[Math.floor(second / 20)]! * 10, {
          scenario: `p${Math.floor(second / 20)}`,
          durationMs: 100,
        }),
    });
    const policy = policyOf({ rules: platformRules });
    expect(assessScaling(measured, policy).refusal).toContain('How many instances ran is not known');
    const { simulated } = assessScaling(measured, policy, 4);
    // 320 per second by four.
    expect(simulated?.model.system.capacityPerInstance).toBeCloseTo(80, 0);
    expect(simulated?.model.figures[0]).toMatchObject({ from: 'measured' });
    expect(simulated?.load).toEqual({ title: 'the load of the run', cautions: [] });
    // 100 ms of each iteration is what a latency rule begins at.
    expect(simulated?.model.system.responseMs).toBeCloseTo(100, -1);
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

  test('a suite without a policy has none', () => {
    const { scaling: _none, ...plan } = scalingRun(busy).plan;
    expect(findScaling({ ...scalingRun(busy), plan })).toEqual([]);
  });
});
