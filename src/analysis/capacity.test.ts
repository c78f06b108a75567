import { describe, expect, it } from 'vitest';
import type { AdaptiveSearch, SearchTrial } from '../model/plan.ts';
import { analyse } from './analyse.ts';
import { findCapacity } from './capacity.ts';
import { generatorOfSearch } from './generator-of-search.ts';
import {
  arrivals,
  limitOn,
  measure,
  type RunCase,
  recordIterations,
  scenario,
} from './measurements.cases.ts';

const stepMs = 3000;
const loads = [10, 20, 30];

/** A search in three steps of 3 s whose answers take as long as `durationsMs` says, per step. */
function search(durationsMs: readonly number[], changes: RunCase = {}): RunCase {
  const scenarios = loads.map((load, i) =>
    scenario(`step-${i}`, { ...arrivals(load, 50), durationMs: stepMs } as never, { startAtMs: i * stepMs }),
  );
  return {
    plan: {
      scenarios,
      durationMs: 9000,
      search: { unit: 'iterations/s', steps: loads.map((load, i) => ({ scenario: `step-${i}`, load })) },
      thresholds: loads.map((_, i) =>
        limitOn('http_req_duration', 'p95', '<', 100, {
          tags: { scenario: `step-${i}` },
          level: 'search',
          abortOnFail: true,
        }),
      ),
    },
    seconds: durationsMs.length * 3,
    record: (meter, second) => {
      const step = Math.floor(second / 3);
      recordIterations(meter, loads[step]!, { scenario: `step-${step}`, durationMs: durationsMs[step]! });
    },
    ...changes,
  };
}

const capacityOf = (run: RunCase) => {
  const { findings, verdict } = analyse(measure(run));
  return { finding: findings.find(({ kind }) => kind === 'capacity'), findings, verdict };
};

describe('capacity', () => {
  it('is the highest step that held before the first that broke, which does not fail the run', () => {
    const { finding, findings, verdict } = capacityOf(search([20, 40, 150]));
    expect(finding).toMatchObject({
      severity: 'info',
      title: 'Capacity: 20 iterations/s',
      detail:
        'The highest load that met the thresholds was 20 iterations/s (20 iterations/s finished). At 30 iterations/s, the step failed: ' +
        '95th percentile response time 150 ms (limit 100 ms): too high, and this ended the run early.',
      evidence: [
        { name: 'highest load that held', value: 20, unit: 'iterations/s' },
        { name: 'achieved at that load', value: 20, unit: 'iterations/s' },
        { name: 'lowest load that broke', value: 30, unit: 'iterations/s' },
      ],
    });
    expect(findings.filter(({ kind }) => kind === 'threshold-breach')).toEqual([]);
    expect(verdict.status).toBe('pass');
    expect(verdict.reasons[0]).toBe(
      'The highest load that met the thresholds was 20 iterations/s (20 iterations/s finished).',
    );
  });

  it('names the threshold that ended the run, not one that broke beside it', () => {
    const run = search([20, 150]);
    const beside = limitOn('http_req_duration', 'avg', '<', 1, {
      tags: { scenario: 'step-1' },
      level: 'search',
    });
    const { finding } = capacityOf({
      ...run,
      plan: { ...run.plan, thresholds: [beside, ...run.plan!.thresholds!] },
    });
    expect(finding?.detail).toContain('At 20 iterations/s, the step failed: 95th percentile');
  });

  it('is a lower bound when nothing broke', () => {
    const { finding } = capacityOf(search([20, 30, 40]));
    expect(finding).toMatchObject({ title: 'Capacity: at least 30 iterations/s' });
    expect(finding?.advice).toMatch(/higher maximum/);
  });

  it('does not count a step that was cut short', () => {
    const { finding } = capacityOf(search([20, 30], { seconds: 5 }));
    expect(finding).toMatchObject({ title: 'Capacity: at least 10 iterations/s' });
    expect(finding?.detail).toMatch(/The step at 20 iterations\/s was cut short/);
  });

  it('takes a step that ended within its warm-up for not reached', () => {
    const run = search([20, 150, 150], { seconds: 7 });
    const thresholds = run.plan!.thresholds!.map((one, i) => ({
      ...one,
      delayAbortEvalMs: i * stepMs + 1500,
    }));
    const { finding } = capacityOf({ ...run, plan: { ...run.plan, thresholds } });
    expect(finding?.detail).toContain('At 20 iterations/s, the step failed');
    const measured = measure({ ...run, plan: { ...run.plan, thresholds } });
    expect(findCapacity(measured)?.steps.map(({ load, outcome }) => [load, outcome])).toEqual([
      [10, 'held'],
      [20, 'broke'],
    ]);
  });

  it('counts the first step when the run ended right after it', () => {
    const { finding } = capacityOf(search([20]));
    expect(finding).toMatchObject({ title: 'Capacity: at least 10 iterations/s' });
  });

  it('does not count a step whose load was not delivered, and does not hold it against the run', () => {
    const run = search([20, 30, 40]);
    const { finding, verdict } = capacityOf({
      ...run,
      record: (meter, second) => {
        run.record?.(meter, second);
        if (second === 7) meter.counter('dropped_iterations', { scenario: 'step-2' }).add(15);
      },
    });
    expect(finding).toMatchObject({ title: 'Capacity: 20 iterations/s' });
    expect(finding?.detail).toMatch(
      /At 30 iterations\/s, the step failed: 14.3 % of its iterations were dropped/,
    );
    expect(verdict.status).toBe('pass');
  });

  it('is no result when not even the lowest step held', () => {
    const { finding, verdict } = capacityOf(search([200], { seconds: 1 }));
    expect(finding).toMatchObject({ title: 'No step of the capacity search met the thresholds' });
    expect(verdict.status).toBe('inconclusive');
    expect(verdict.reasons[0]).toBe('No step of the capacity search met the thresholds to its end.');
  });

  it('does not end a search at a lower limit on throughput that its first steps cannot reach', () => {
    const run = search([20, 30, 40]);
    const floors = loads.map((_, i) =>
      limitOn('iterations', 'rate', '>', 25, {
        tags: { scenario: `step-${i}` },
        level: 'search',
        abortOnFail: true,
      }),
    );
    const { finding, verdict } = capacityOf({ ...run, plan: { ...run.plan, thresholds: floors } });
    expect(finding).toMatchObject({ title: 'Capacity: at least 30 iterations/s' });
    expect(verdict.status).toBe('pass');
  });

  it('ends where throughput does not keep up with the load, and says what the load found does not reach', () => {
    const run = search([20, 30, 40]);
    const floors = loads.map((_, i) =>
      limitOn('iterations', 'rate', '>', 25, { tags: { scenario: `step-${i}` }, level: 'search' }),
    );
    const { finding, verdict } = capacityOf({
      ...run,
      plan: { ...run.plan, thresholds: floors },
      record: (meter, second) => {
        const step = Math.floor(second / 3);
        recordIterations(meter, step === 2 ? 5 : loads[step]!, { scenario: `step-${step}`, durationMs: 10 });
      },
    });
    expect(finding).toMatchObject({ title: 'Capacity: 20 iterations/s' });
    expect(finding?.detail).toContain(
      'At 30 iterations/s, the step failed: Iterations 5/s, of 30/s offered (more than 25/s): has not kept up with the load.',
    );
    expect(verdict).toMatchObject({
      status: 'warn',
      reasons: [
        expect.stringContaining('20 iterations/s'),
        expect.stringContaining('At 30 iterations/s, the step failed'),
        'Iterations 20/s at 20 iterations/s (more than 25/s): no load that meets the other thresholds reaches this limit.',
      ],
    });
  });

  it('has rates of each step per second of that step', () => {
    const { metrics } = measure(search([20, 30, 40]));
    expect(loads.map((_, i) => metrics[`iterations{scenario:step-${i}}`]?.values)).toEqual(
      loads.map((load) => ({ count: load * 3, rate: load })),
    );
  });
});

describe('a planned search whose generator could not drive some steps', () => {
  /** The event loop is late all through the steps named. */
  function saturatedIn(steps: readonly number[], durationsMs: readonly number[]) {
    const run = search(durationsMs);
    const measured = measure({
      ...run,
      record: (meter, second) => {
        run.record!(meter, second);
        const late = steps.includes(Math.floor(second / 3));
        for (let i = 0; i < 50; i++) meter.trend('generator_event_loop_delay', {}).add(late ? 150 : 1);
      },
    });
    expect(measured.generator.saturated).toBe(true);
    const generator = { ...measured.generator, ...generatorOfSearch(measured, findCapacity(measured)) };
    const { findings, verdict } = analyse({ ...measured, generator });
    return { findings, verdict, finding: findings.find(({ kind }) => kind === 'capacity') };
  }
  const said =
    'At 30 iterations/s, the load generator was the bottleneck: The event loop of the generator was late by more than 100 ms in at least 100 % of cases.';

  it('has an answer where a step below held: at least that', () => {
    for (const last of [20, 150]) {
      const { finding, findings, verdict } = saturatedIn([2], [20, 30, last]);
      expect(finding?.title).toBe('Capacity: at least 20 iterations/s');
      expect(finding?.detail).toContain(said);
      expect(finding?.detail).not.toContain('it broke');
      expect(findings.map(({ kind }) => kind)).not.toContain('generator-saturation');
      expect(verdict.status).toBe('pass');
    }
  });

  it('has an answer where a higher load was driven and held', () => {
    const { finding, verdict } = saturatedIn([0, 1], [20, 30, 40]);
    expect(finding?.title).toBe('Capacity: at least 30 iterations/s');
    expect(verdict.status).toBe('pass');
  });

  it('is inconclusive where no other step held, or where the step decides what broke first', () => {
    for (const { finding, findings, verdict } of [
      saturatedIn([0, 1, 2], [20, 30, 40]),
      saturatedIn([1], [20, 30, 150]),
    ]) {
      expect(finding).toBeDefined();
      expect(findings[0]).toMatchObject({ kind: 'generator-saturation' });
      expect(verdict.status).toBe('inconclusive');
    }
  });
});

describe('an adaptive search', () => {
  const warmUpMs = 1000;
  type Trials = readonly (readonly [load: number, trial: SearchTrial])[];

  /** Each of its steps takes 3 s, the first of which is warm-up, and does what its load says. */
  function adaptive(trials: Trials, changes: Partial<AdaptiveSearch> = {}): RunCase {
    const steps = trials.map(([load, trial], i) => ({ scenario: `step-${i}`, load, trial }));
    return {
      plan: {
        scenarios: steps.map(({ scenario: name, load }, i) =>
          scenario(name, { ...arrivals(load, 50), durationMs: stepMs } as never, { startAtMs: i * stepMs }),
        ),
        search: {
          unit: 'iterations/s',
          steps,
          adaptive: { from: trials[0]![0], to: 1000, precision: 0.1, warmUpMs, ...changes },
        },
        thresholds: steps.map(({ scenario: name }) =>
          limitOn('http_req_duration', 'p95', '<', 100, { tags: { scenario: name }, level: 'search' }),
        ),
      },
      seconds: trials.length * 3,
      record: (meter, second) => {
        const step = Math.floor(second / 3);
        const name = second % 3 === 0 ? 'warm-up' : `step-${step}`;
        recordIterations(meter, trials[step]![0], { scenario: name, durationMs: 20 });
      },
    };
  }
  const held = { purpose: 'grow', outcome: 'held' } as const;
  const saturated = (purpose: SearchTrial['purpose']) =>
    ({ purpose, outcome: 'saturated', reasons: ['A worker was busy.'] }) as const;

  it('gives what held as at least, where the generator is the limit', () => {
    const { finding, verdict } = capacityOf(
      adaptive([
        [20, held],
        [40, saturated('grow')],
        [40, saturated('repeat')],
        [30, { purpose: 'narrow', outcome: 'held' }],
        [35, saturated('narrow')],
        [35, saturated('repeat')],
        [32.5, saturated('narrow')],
        [32.5, saturated('repeat')],
        [30, { purpose: 'confirm', outcome: 'held' }],
      ]),
    );
    expect(finding).toMatchObject({
      title: 'Capacity: at least 30 iterations/s',
      evidence: expect.arrayContaining([
        { name: 'lowest load that the generator could not drive', value: 32.5, unit: 'iterations/s' },
      ]),
      advice: expect.stringContaining('generator'),
    });
    expect(verdict).toMatchObject({
      status: 'pass',
      reasons: expect.arrayContaining([
        'The target carries at least 30 iterations/s; above 32.5 iterations/s, the load generator is the bottleneck.',
        'A worker was busy.',
      ]),
    });
  });

  it.each([
    ['broke', 'No load met the thresholds.'],
    ['saturated', 'The load generator could not drive even 1 user,'],
  ] as const)('that found nothing is never a pass: %s', (outcome, sentence) => {
    const run = adaptive([
      [1, { purpose: 'grow', outcome }],
      [1, { purpose: 'repeat', outcome }],
    ]);
    const { plan } = run;
    const { verdict, finding } = capacityOf({
      ...run,
      plan: { ...plan, search: { ...plan!.search!, unit: 'users' } },
    });
    expect(verdict.status).toBe('inconclusive');
    expect(verdict.reasons.join(' ')).toContain(sentence);
    expect(finding?.title).toMatch(/No step of the capacity search met the thresholds|has no result/);
  });

  it('whose target stops meanwhile names no breaking point', () => {
    const run = adaptive([
      [2, held],
      [4, { purpose: 'grow', outcome: 'broke' }],
      [3, { purpose: 'narrow', outcome: 'broke' }],
      [2, { purpose: 'confirm', outcome: 'broke' }],
      [1, { purpose: 'narrow', outcome: 'broke' }],
    ]);
    const { plan } = run;
    const { verdict, finding } = capacityOf({
      ...run,
      plan: { ...plan, search: { ...plan!.search!, unit: 'users' } },
    });
    expect(verdict.status).toBe('inconclusive');
    expect(verdict.reasons[0]).toBe(
      'In the end, no load met the thresholds, although earlier steps did (2 users): the target stopped, or became slower during the search.',
    );
    expect(verdict.reasons.join(' ')).not.toContain('breaking point');
    expect(finding?.title).toBe('No load of the capacity search met the thresholds in the end');
  });

  it('that could not go on says why, and how far it had come', () => {
    const { verdict } = capacityOf(adaptive([[20, held]], { endedBy: 'setup failed.' }));
    expect(verdict).toMatchObject({ status: 'inconclusive' });
    expect(verdict.reasons.slice(0, 2)).toEqual([
      'The search ended after 1 step without a result: setup failed.',
      'By then, 20 iterations/s had met the thresholds.',
    ]);
  });
});
