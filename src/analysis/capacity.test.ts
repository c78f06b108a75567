import { describe, expect, it } from 'vitest';
import { analyse } from './analyse.ts';
import { findCapacity } from './capacity.ts';
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
        'The highest load that held was 20 iterations/s (20 iterations/s finished). At 30 iterations/s it broke: ' +
        'p(95) of http_req_duration{scenario:step-2} is 150 ms, but must be below 100 ms, and this ended the run early.',
      evidence: [
        { name: 'highest load that held', value: 20, unit: 'iterations/s' },
        { name: 'achieved at that load', value: 20, unit: 'iterations/s' },
        { name: 'lowest load that broke', value: 30, unit: 'iterations/s' },
      ],
    });
    expect(findings.filter(({ kind }) => kind === 'threshold-breach')).toEqual([]);
    expect(verdict.status).toBe('pass');
    expect(verdict.reasons[0]).toBe(
      'The highest load that held was 20 iterations/s (20 iterations/s finished).',
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
    expect(finding?.detail).toContain('At 20 iterations/s it broke: p(95) of');
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
    expect(finding?.detail).toContain('At 20 iterations/s it broke');
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
    expect(finding?.detail).toMatch(/At 30 iterations\/s it broke: 14.3 % of its iterations were dropped/);
    expect(verdict.status).toBe('pass');
  });

  it('warns when not even the lowest step held', () => {
    const { finding, verdict } = capacityOf(search([200], { seconds: 1 }));
    expect(finding).toMatchObject({ title: 'No step of the capacity search held' });
    expect(verdict.status).toBe('warn');
  });
});
