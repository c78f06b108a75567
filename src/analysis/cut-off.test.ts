import { describe, expect, test } from 'vitest';
import { judgedThresholds } from '../judge/judged-thresholds.ts';
import type { WorkerMeter } from '../meter/meter.ts';
import { analyse } from './analyse.ts';
import {
  arrivals,
  limitOn,
  measure,
  type RunCase,
  recordIterations,
  recordTypical,
  scenario,
} from './measurements.cases.ts';

const tags = { scenario: 'main', user: 'buyer', task: 'price' };
const request = { ...tags, method: 'POST', name: '/price' };
const plain = { bound: 'waited', due: false } as const;

const p95 = limitOn('http_req_duration', 'p95', '<', 100);
const failures = limitOn('http_req_failed', 'rate', '<', 0.01);

/** Iterations of one request each that the end of the run cut off. */
function cutOff(meter: WorkerMeter, waitsMs: readonly number[], due = false): void {
  for (const waitedMs of waitsMs) {
    meter.cutOff('http_req_duration', request, waitedMs, plain);
    meter.cutOff('iteration_duration', tags, waitedMs, { bound: 'waited', due });
  }
}

const range = (count: number, fromMs: number, toMs: number): number[] =>
  Array.from({ length: count }, (_, i) => fromMs + ((toMs - fromMs) * i) / Math.max(1, count - 1));

/** A run of ten seconds that is as `record` says, and cuts off what `waitsMs` says at its end. */
function runThat(
  waitsMs: readonly number[],
  { record = recordTypical, due = false, ...rest }: RunCase & { due?: boolean } = {},
): RunCase {
  return {
    ...rest,
    record(meter, second) {
      record(meter, second);
      if (second === 9) cutOff(meter, waitsMs, due);
      meter.gauge('vus', {}).set(10);
    },
  };
}

const verdictOf = (run: RunCase) => analyse(measure(run)).verdict;

/** 20 arrivals a second for three seconds, of which one second's were answered. */
const stopped: RunCase['record'] = (meter, second) => {
  if (second < 3) recordIterations(meter, 20, { durationMs: 2.9 });
};

describe('a run that cuts work off at its end', () => {
  test('fails when the waits alone break a percentile, and says how long they were', () => {
    const waits = range(339, 30_000, 47_000);
    const { status, reasons } = verdictOf(runThat(waits, { record: stopped, plan: { thresholds: [p95] } }));
    expect(status).toBe('fail');
    expect(reasons[0]).toBe(
      '95th percentile response time at least 46.0 s (limit 100 ms): too high; 339 of 399 requests were cut off after waiting 30 s to 47 s.',
    );
  });

  test('is inconclusive when the outcome of what was cut off decides, with its count and its waits', () => {
    const waits = range(339, 30_000, 47_000);
    const { status, reasons } = verdictOf(
      runThat(waits, { record: stopped, plan: { thresholds: [failures] } }),
    );
    expect(status).toBe('inconclusive');
    expect(reasons[0]).toBe(
      'Failed requests could be anything from 0 % to 85 % (limit 1 %): 339 of 399 requests were cut off after waiting 30 s to 47 s.',
    );
  });

  test('holds a threshold that holds in the worst case, and breaks one that breaks in the best', () => {
    const thresholds = [
      limitOn('http_req_duration', 'p50', '<', 100),
      limitOn('http_req_duration', 'p99', '<', 100),
      limitOn('http_req_duration', 'max', '<', 60_000),
      limitOn('http_req_duration', 'min', '<', 100),
      limitOn('http_req_duration', 'avg', '<', 100),
      limitOn('http_req_failed', 'rate', '<', 0.5),
      limitOn('http_req_failed', 'rate', '<', 0.05),
      limitOn('iterations', 'count', '>=', 1000),
      limitOn('iterations', 'count', '>=', 1050),
      limitOn('iterations', 'count', '>=', 2000),
      limitOn('iterations_failed', 'count', '<', 10),
      limitOn('dropped_iterations', 'count', '<', 1),
      limitOn('http_req_waiting', 'max', '<', 1000),
    ];
    const record: RunCase['record'] = (meter) => {
      recordTypical(meter);
      meter.trend('http_req_waiting', request).add(10);
    };
    const states = judgedThresholds(
      measure(runThat(range(100, 3000, 5000), { record, plan: { thresholds } })),
    ).map(({ result: { ok, undecided } }) => (undecided ? 'open' : ok ? 'held' : 'broken'));
    expect(states).toEqual([
      'held',
      'broken',
      'open',
      'held',
      'broken',
      'held',
      'open',
      'held',
      'open',
      'broken',
      'open',
      'held',
      'open',
    ]);
  });

  test('judges selections by what was known: another task, the own one, and what only an outcome tells', () => {
    const of = (own: Record<string, string>) => limitOn('http_req_duration', 'p95', '<', 100, { tags: own });
    const thresholds = [
      of({ task: 'report' }),
      of({ task: 'price' }),
      of({ method: 'POST', name: '/price' }),
      of({ scenario: 'other' }),
    ];
    const failed = limitOn('http_req_failed', 'rate', '<', 0.01, { tags: { status: '200' } });
    const record: RunCase['record'] = (meter) => {
      recordTypical(meter);
      recordIterations(meter, 10, { scenario: 'other', durationMs: 5 });
      meter.rate('http_req_failed', { ...request, status: '200' }).add(false);
    };
    const judged = judgedThresholds(
      measure(runThat(range(100, 30_000, 40_000), { record, plan: { thresholds: [...thresholds, failed] } })),
    );
    expect(judged.map(({ result: { ok, undecided } }) => [ok, undecided === true])).toEqual([
      [true, false],
      [false, false],
      [false, false],
      [true, false],
      [false, true],
    ]);
  });

  test('leaves checks and the metrics of the suite open by the iterations that were cut off', () => {
    const thresholds = [
      limitOn('checks', 'rate', '>', 0.99),
      limitOn('checks', 'rate', '>', 0.5, { tags: { check: 'is 200' } }),
      limitOn('total', 'p95', '<', 10),
      limitOn('refusals', 'count', '<', 5),
    ];
    const metrics = {
      total: { type: 'trend', contains: 'default' },
      refusals: { type: 'counter', contains: 'default' },
    };
    const record: RunCase['record'] = (meter, second) => {
      for (const [name, { type, contains }] of Object.entries(metrics)) {
        meter.define(name, { type: type as 'trend' | 'counter', contains: contains as 'default' });
      }
      stopped(meter, second);
      for (let i = 0; i < 20 && second < 3; i++) {
        meter.rate('checks', { ...tags, check: 'is 200' }).add(true);
        meter.trend('total', tags).add(3);
      }
    };
    const judged = judgedThresholds(
      measure(runThat(range(60, 30_000, 40_000), { record, plan: { thresholds, metrics } })),
    );
    expect(judged.map(({ result }) => result.undecided)).toEqual([true, true, true, true]);
    expect(judged[0]!.result).toMatchObject({
      bounds: { least: 0.5, greatest: 1 },
      cut: { count: 60, of: 120 },
    });
  });

  test('does not pass without thresholds either, when much was never answered', () => {
    const { status, reasons } = verdictOf(runThat(range(20, 5000, 6000)));
    expect(status).toBe('inconclusive');
    expect(reasons[0]).toBe(
      '20 of 1,020 requests (1.96 %) got no answer: the end of the run cut them off after 5 s to 6 s.',
    );
  });

  test('does not pass when its few users hung, however many requests they had made before', () => {
    const record: RunCase['record'] = (meter, second) => {
      if (second < 8) recordIterations(meter, 5000, { durationMs: 2 });
    };
    const { status, reasons } = verdictOf(
      runThat(range(10, 2000, 2002), { record, plan: { thresholds: [p95, failures] } }),
    );
    expect(status).toBe('inconclusive');
    expect(reasons).toEqual([
      'When the run ended, 10 requests had been waiting without an answer for 2 s: 20 % of the time of all 10 virtual users.',
    ]);
  });

  test('does not pass when half of its users hang for a first message, and lets fewer listen', () => {
    const listening = (count: number): RunCase =>
      runThat([], {
        record(meter, second) {
          recordTypical(meter);
          if (second !== 9) return;
          for (let i = 0; i < count; i++) meter.cutOff('ws_time_to_first_message', tags, 9000, plain);
        },
      });
    expect(verdictOf(listening(4)).status).toBe('pass');
    const { status, reasons } = verdictOf(listening(5));
    expect(status).toBe('inconclusive');
    expect(reasons).toEqual([
      'When the run ended, 5 WebSocket sessions had been waiting for a first message for 9 s: 45 % of the time of all 10 virtual users.',
    ]);
  });

  test('does not pass when iterations that the plan demands did not finish, whatever they waited for', () => {
    const executor = {
      kind: 'per-vu-iterations',
      vus: 10,
      iterations: 1,
      rampUpMs: 0,
      maxDurationMs: 10_000,
    } as const;
    const { status, reasons } = verdictOf({
      plan: { scenarios: [scenario('main', executor)], thresholds: [p95] },
      record(meter, second) {
        if (second === 0) recordIterations(meter, 1);
        if (second !== 9) return;
        for (let i = 0; i < 9; i++) {
          meter.cutOff('iteration_duration', tags, 10, { bound: 'waited', due: true });
        }
      },
    });
    expect(status).toBe('inconclusive');
    expect(reasons).toEqual([
      '9 of 10 iterations (90 %) did not finish: the end of the run cut them off after 10 ms.',
    ]);
  });

  test('changes nothing when a healthy run ends in the middle of its work', () => {
    const thresholds = [
      limitOn('http_req_duration', 'max', '<', 500),
      limitOn('http_req_duration', 'p99', '<', 81),
      failures,
      limitOn('iterations_failed', 'count', '<', 1),
      limitOn('iteration_duration', 'max', '<', 81),
    ];
    const whole = measure({ plan: { thresholds }, record: runThat([]).record! });
    const cut = measure(
      runThat([...new Array<number>(40).fill(2), ...range(10, 3, 60)], { plan: { thresholds } }),
    );
    expect(cut.thresholds).toEqual(whole.thresholds);
    expect(cut.cutOff?.map(({ count, overdue }) => [count, overdue])).toEqual([
      [50, 0],
      [50, 0],
    ]);
    expect(analyse(cut)).toEqual(analyse(whole));
    expect(analyse(cut).verdict.status).toBe('pass');
  });

  test('changes nothing by iterations that are as long as those of their task, or meant to go on for ever', () => {
    const journey = { scenario: 'main', user: 'reader', task: 'journey' };
    const listener = { scenario: 'main', user: 'listener', task: 'listen' };
    const thresholds = [failures, limitOn('iteration_duration', 'max', '<', 6000)];
    const { status, reasons } = verdictOf({
      plan: { thresholds },
      record(meter, second) {
        recordTypical(meter);
        meter.gauge('vus', {}).set(20);
        // Each of ten has one journey behind it, and is in the middle of the next.
        for (let i = 0; i < 10 && second === 5; i++) {
          meter.counter('iterations', journey).add(1);
          meter.trend('iteration_duration', journey).add(5500);
        }
        if (second !== 9) return;
        for (let i = 0; i < 10; i++) {
          meter.cutOff('iteration_duration', journey, 4500, { ...plain, idle: true });
          meter.cutOff('iteration_duration', listener, 10_000, { ...plain, idle: true });
        }
      },
    });
    expect([status, ...reasons.slice(2)]).toEqual(['pass']);
  });

  test('tells iterations that hang in what nobody knows from those of their task', () => {
    const { status, reasons } = verdictOf({
      record(meter, second) {
        recordTypical(meter);
        meter.gauge('vus', {}).set(10);
        for (let i = 0; i < 5 && second === 9; i++) meter.cutOff('iteration_duration', tags, 3000, plain);
      },
    });
    expect(status).toBe('inconclusive');
    expect(reasons[0]).toMatch(/^When the run ended, 5 iterations had been running without an end/);
  });

  test('changes nothing by requests of which few are so long by nature', () => {
    const poll = { ...tags, method: 'GET', name: '/poll' };
    const run: RunCase = {
      plan: { thresholds: [failures] },
      record(meter, second) {
        recordTypical(meter);
        meter.gauge('vus', {}).set(10);
        for (let i = 0; i < 2; i++) {
          meter.trend('http_req_duration', { ...poll, status: '200' }).add(3000);
        }
        for (let i = 0; i < 5 && second === 9; i++) meter.cutOff('http_req_duration', poll, 2900, plain);
      },
    };
    expect(verdictOf(run).status).toBe('pass');
  });

  test('does not count what setup left undone as load', () => {
    const hook = { user: 'suite', task: 'setup', method: 'GET', name: '/slow' };
    const run: RunCase = {
      plan: { thresholds: [failures, limitOn('http_req_duration', 'max', '<', 500)] },
      record(meter, second) {
        recordTypical(meter);
        meter.gauge('vus', {}).set(10);
        if (second === 9) meter.cutOff('http_req_duration', hook, 9000, plain);
      },
    };
    expect(verdictOf(run).status).toBe('pass');
  });

  test('keeps its histograms as they are, and tells beside them what was cut off', () => {
    const { metrics } = measure(runThat(range(339, 30_000, 47_000), { record: stopped }));
    const cut = { count: 339, overdue: 339, waitedMs: { least: 30_000, most: 47_000 } };
    expect(metrics.http_req_duration).toMatchObject({ values: { count: 60, max: 2.9 }, cut });
    const key = 'http_req_duration{method:POST,name:/price,task:price,user:buyer}';
    expect(metrics[key]).toMatchObject({ values: { count: 60 }, cut });
  });

  test('keeps a breach that ended it, and is not excused by what was cut off then', () => {
    const aborting = limitOn('http_req_failed', 'rate', '<', 0.01, { abortOnFail: true });
    const { status, reasons } = verdictOf(
      runThat(range(300, 2000, 2100), {
        plan: { thresholds: [aborting] },
        record: (meter) => recordIterations(meter, 10, { failed: 5 }),
      }),
    );
    expect(status).toBe('fail');
    expect(reasons[0]).toContain('this ended the run early');
  });

  test('warns of a target that it leaves open', () => {
    const target = limitOn('http_req_duration', 'max', '<', 5000, { level: 'target' });
    const run = runThat([900], {
      record: (meter) => recordIterations(meter, 1000),
      plan: { thresholds: [target] },
    });
    const { status, reasons } = verdictOf(run);
    expect(status).toBe('warn');
    expect(reasons[0]).toMatch(
      /^Greatest response time could be anything above 900 ms .*: 1 of 10,001 requests was cut off/,
    );
    expect(analyse(measure(run)).findings.map(({ kind }) => kind)).toContain('cut-off');
  });

  test('judges arrivals that were promised to nobody by the rules of dropped iterations alone', () => {
    const plan = { scenarios: [scenario('main', arrivals(100, 20))], thresholds: [p95] };
    expect(verdictOf({ plan }).status).toBe('pass');
  });
});
