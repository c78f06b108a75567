import { describe, expect, it } from 'vitest';
import type { WorkerMeter } from '../meter/meter.ts';
import { arrivals, measure, recordTypical, scenario } from './measurements.cases.ts';

/** Judges a run in which `record` adds to a healthy second. */
function judged(record: (meter: WorkerMeter, second: number) => void, open = false, seconds = 10) {
  const { generator } = measure({
    seconds,
    plan: open ? { scenarios: [scenario('main', arrivals(100, 20))] } : {},
    record: (meter, second) => {
      recordTypical(meter);
      record(meter, second);
    },
  });
  return generator;
}

describe('assessGenerator', () => {
  it('finds nothing wrong with a generator that kept up', () => {
    const health = judged((meter, second) => {
      meter.trend('generator_cpu', {}).add(second === 0 ? 0.99 : 0.5);
      meter.trend('generator_event_loop_delay', {}).add(2);
      meter.trend('generator_schedule_lag', {}).add(1);
    }, true);
    expect(health).toMatchObject({ saturated: false, reasons: [] });
  });

  it('counts as saturated when a worker was busy in a fifth of the run', () => {
    // Two workers, of which only one is busy.
    const busyFor = (busySeconds: number) =>
      judged((meter, second) => {
        meter.trend('generator_cpu', {}).add(0.3);
        meter.trend('generator_cpu', {}).add(second < busySeconds ? 0.95 : 0.3);
      });
    expect(busyFor(3)).toEqual(
      expect.objectContaining({
        saturated: true,
        reasons: ['A worker used at least 90 % of a core in 30 % of the run.'],
      }),
    );
    expect(busyFor(2).saturated).toBe(false);
  });

  it('does not take single busy seconds of a long run for saturation', () => {
    const every = (seconds: number) =>
      measure({
        seconds: 4000,
        record: (meter, second) => meter.trend('generator_cpu', {}).add(second % seconds === 0 ? 1 : 0.4),
      }).generator;
    expect(every(16).saturated).toBe(false);
    expect(every(2).saturated).toBe(true);
  });

  it('counts as saturated when the event loop was late at p(99), or at the median', () => {
    const late = (share: number, ms: number) =>
      judged((meter) => {
        for (let i = 0; i < 100; i++) meter.trend('generator_event_loop_delay', {}).add(i < share ? ms : 1);
      }).reasons;
    expect(late(3, 150)).toEqual([expect.stringMatching(/event loop was late by 1\d\d ms \(p\(99\)/)]);
    expect(late(60, 30)).toEqual([expect.stringMatching(/event loop was late by \d\d.* ms \(median/)]);
    expect(late(3, 90)).toEqual([]);
  });

  it('counts as saturated when arrivals started late, which says nothing in a closed model', () => {
    const lag = (meter: WorkerMeter) => meter.trend('generator_schedule_lag', {}).add(80);
    expect(judged(lag, true).reasons).toEqual([expect.stringMatching(/Iterations started late by 80 ms/)]);
    expect(judged(lag, false).reasons).toEqual([]);
  });

  it('counts as saturated when a worker was lost', () => {
    expect(measure({ workers: [{}, { completed: false }] }).generator).toMatchObject({
      saturated: true,
      reasons: ['Worker 1 of 2 ended before the work was done, so part of the load is missing.'],
    });
  });
});
