import { describe, expect, test } from 'vitest';
import { analyse } from './analyse.ts';
import { limitOn, measure, type RunCase, recordIterations, scenario } from './measurements.cases.ts';
import { type ObjectiveCase, objectivesOn } from './objectives.cases.ts';

function judge(one: ObjectiveCase, run: RunCase) {
  const { compliance, verdict } = analyse(
    measure({ ...run, plan: { ...run.plan, ...objectivesOn({ one }) } }),
  );
  return { verdict, objective: compliance!.objectives[0]!, readiness: compliance!.readiness.status };
}

/** 10 users with a spike to 100 from second 20 to 30; `slowUntil` is when the target is as before. */
function spikeRun(slowUntil: number): RunCase {
  const stages = [
    [20, 10],
    [0, 100],
    [10, 100],
    [0, 10],
    [20, 10],
  ] as const;
  const executor = {
    ...{ kind: 'ramping-vus' as const, startVUs: 10, gracefulRampDownMs: 0 },
    stages: stages.map(([seconds, target]) => ({ durationMs: seconds * 1000, target })),
  };
  return {
    seconds: 50,
    plan: { durationMs: 50_000, scenarios: [scenario('main', executor)] },
    record: (meter, second) =>
      recordIterations(meter, 50, { durationMs: second >= 20 && second < slowUntil ? 900 : 20 }),
  };
}

/** Nothing but failures from second 10 on, until that second. */
function outageRun(until: number): RunCase {
  return {
    seconds: 40,
    plan: { durationMs: 40_000 },
    record: (meter, second) =>
      recordIterations(meter, 50, { failed: second >= 10 && second < until ? 50 : 0 }),
  };
}

const spikeLimit = (seconds: number) => limitOn('spike_recovery_time', 'max', '<', seconds * 1000);
const outageLimit = (seconds: number) => limitOn('recovery_time', 'max', '<', seconds * 1000);

describe('an objective on the recovery from a spike', () => {
  test('is met where the target recovered in time', () => {
    expect(judge({ on: [spikeLimit(60)] }, spikeRun(35))).toMatchObject({
      objective: { status: 'pass', figures: [{ state: 'held', actual: 5000 }] },
      readiness: 'ready',
    });
  });

  test('is open where the run ended before the target had recovered, also for an optional limit', () => {
    for (const optional of [false, true] as const) {
      const { objective, readiness, verdict } = judge(
        { on: [{ ...spikeLimit(60), ...(optional && { optional }) }] },
        spikeRun(50),
      );
      expect(objective).toMatchObject({
        status: 'unjudged',
        credit: { low: 0, high: 1 },
        reason: expect.stringContaining('had not recovered from the spike'),
        figures: [{ state: 'open', margin: null }],
      });
      expect(objective.isUntested).toBeUndefined();
      expect(verdict.status).toBe('inconclusive');
      expect(readiness).toBe('open');
    }
  });

  test('fails where the time without recovery is longer than the limit', () => {
    expect(judge({ on: [spikeLimit(10)] }, spikeRun(50)).objective.status).toBe('fail');
  });

  test('is of no class that a longer recovery would not be of', () => {
    const classes = {
      series: 'spike_recovery_time',
      aggregation: { kind: 'max' as const },
      limits: [{ class: 'excellent' as const, expression: 'max<30s', operator: '<' as const, limit: 30_000 }],
    };
    const { objective } = judge({ on: [spikeLimit(60)], classes }, spikeRun(50));
    expect(objective.class).toEqual({ worst: 'needs-work', best: 'excellent' });
  });
});

describe('an objective on the time to recovery', () => {
  test('is met where each outage ended in time', () => {
    expect(judge({ on: [outageLimit(30)] }, outageRun(20)).objective).toMatchObject({
      status: 'pass',
      figures: [{ state: 'held' }],
    });
  });

  test('is open where an outage never ended', () => {
    const { objective, readiness } = judge({ on: [outageLimit(60)] }, outageRun(40));
    expect(objective).toMatchObject({
      status: 'unjudged',
      reason: expect.stringContaining('had not ended when the run did'),
    });
    expect(readiness).not.toBe('ready');
  });

  test('is open, and no fault of the run, where there was no outage, and asks for no option', () => {
    const { objective, readiness, verdict } = judge({ on: [outageLimit(30)] }, outageRun(10));
    expect(objective).toMatchObject({ status: 'unjudged', isUntested: true });
    expect(objective.reason).toContain('recorded no value');
    expect(objective.reason).not.toContain('optional');
    expect(verdict.status).toBe('pass');
    expect(readiness).toBe('open');
  });
});

test('an objective on an optional limit without samples advises nothing that is set', () => {
  const limit = limitOn('ws_connecting', 'p95', '<', 100, { optional: true });
  const { objective } = judge({ on: [limit] }, outageRun(10));
  expect(objective.reason).toMatch(/the run recorded no value for it\.$/);
});

describe('an objective of a run that shows nothing', () => {
  const rate = limitOn('http_reqs', 'rate', '>', 1);

  test('is open where much was cut off at the end', () => {
    const { objective, verdict } = judge(
      { on: [rate] },
      {
        seconds: 10,
        record: (meter, second) => {
          recordIterations(meter, 100);
          const tags = { scenario: 'main', user: 'buyer', task: 'price', method: 'POST', name: '/price' };
          for (let i = 0; second === 9 && i < 40; i++) {
            meter.cutOff('http_req_duration', tags, 30_000, { bound: 'waited', due: true });
          }
        },
      },
    );
    expect(verdict.status).toBe('inconclusive');
    expect(objective).toMatchObject({
      status: 'unjudged',
      reason: 'Not judged, since much of the work was cut off without an answer.',
    });
  });

  test('is open where nothing succeeded', () => {
    const { objective, verdict } = judge(
      { on: [limitOn('http_req_duration', 'p95', '<', 100)] },
      { record: (meter) => recordIterations(meter, 10, { failed: 10, durationMs: 5 }) },
    );
    expect(verdict.status).toBe('fail');
    expect(objective).toMatchObject({ status: 'unjudged', reason: 'Not judged, since nothing succeeded.' });
  });
});
