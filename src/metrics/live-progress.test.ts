import { describe, expect, it } from 'vitest';
import { createMeter } from '../meter/meter.ts';
import { planWith, pricing, recordRequest } from './collector.cases.ts';
import { createCollector } from './collector.ts';

describe('the collector', () => {
  it('shows live figures of the last second that every worker has reported', () => {
    const collector = createCollector(planWith({ workers: 2 }));
    const [a, b] = [createMeter(0), createMeter(1)];
    const second = (meter: typeof a, at: number, requests: number, durationMs: number) => {
      for (let i = 0; i < requests; i++) recordRequest(meter, durationMs, i === 0, pricing);
      meter.counter('iterations', {}).add(requests);
      meter.rate('checks', { check: 'x' }).add(true);
      collector.accept(meter.flush(at * 1000, (at + 1) * 1000));
    };
    expect(collector.progress()).toMatchObject({ requests: 0, lastP95Ms: null, runP95Ms: null });
    second(a, 0, 10, 20);
    second(b, 0, 30, 20);
    second(a, 1, 7, 500);
    expect(collector.progress()).toMatchObject({
      elapsedMs: 1000,
      requests: 40,
      requestsPerSec: 40,
      iterations: 40,
      iterationsPerSec: 40,
      lastP95Ms: 20,
      failedRequests: 2,
      failedRatio: 2 / 40,
      checkPasses: 2,
      checkFails: 0,
    });
    second(b, 1, 1, 500);
    expect(collector.progress()).toMatchObject({ requestsPerSec: 8, lastP95Ms: 500 });
    // A worker that has died does not stop the display.
    for (let at = 2; at < 8; at++) second(a, at, 4, 30);
    expect(collector.progress()).toMatchObject({ requestsPerSec: 4, lastP95Ms: 30 });
  });

  it('shows live figures of whatever speaks for the run', () => {
    const collector = createCollector(planWith());
    const meter = createMeter(0);
    let at = 0;
    const second = (record: () => void) => {
      record();
      collector.accept(meter.flush(at * 1000, ++at * 1000));
      return collector.progress().operations;
    };
    expect(collector.progress().operations).toEqual([]);
    const iterate = () => {
      for (let i = 0; i < 5; i++) meter.counter('iterations', {}).add(1);
      meter.counter('iterations_failed', {}).add(1);
      meter.trend('iteration_duration', {}).add(40);
    };
    const iteration = { kind: 'iteration', count: 5, perSec: 5, lastP95Ms: 40, failed: 1, failedRatio: 0.2 };
    expect(second(iterate)).toMatchObject([iteration]);
    const state = (failed: boolean, ms: number) => {
      meter.counter('sql_ops', {}).add(1);
      meter.rate('sql_op_failed', {}).add(failed);
      meter.trend('sql_op_duration', {}).add(ms);
    };
    const first = second(() => {
      for (const failed of [false, false, true]) state(failed, 8);
    });
    const statement = { kind: 'statement', count: 3, perSec: 3, lastP95Ms: 8, runP95Ms: 8, failed: 1 };
    expect(first).toMatchObject([{ ...statement, failedRatio: 1 / 3 }]);
    const both = second(() => {
      state(false, 500);
      recordRequest(meter, 20, false, pricing);
    });
    expect(both).toMatchObject([
      { kind: 'request', count: 1, perSec: 1, failed: 0 },
      { kind: 'statement', count: 4, perSec: 1, lastP95Ms: 500, failed: 1, failedRatio: 0.25 },
    ]);
    expect(second(() => {})).toMatchObject([
      { perSec: 0, lastP95Ms: null },
      { perSec: 0, lastP95Ms: null },
    ]);
  });
});
