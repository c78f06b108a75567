import { describe, expect, test } from 'vitest';
import { findChanges } from './change-over-run.ts';
import { gauge, monitor, run, timeline } from './course-runs.cases.ts';

const megabyte = 1e6;
/** 100 MB, and half a megabyte more each minute: 30 MB an hour. */
const growing = (second: number) => 100 * megabyte + (second / 60) * 0.5 * megabyte;

function watched(seconds: number, p95: (second: number) => number = () => 20) {
  return findChanges(
    run(seconds, {
      monitors: { app: monitor('App', { rss: gauge('resident memory', growing, 'bytes') }, seconds) },
      timeline: timeline(seconds, p95, () => 100),
    }),
  );
}

describe('the change over a run', () => {
  test('is told per test, per hour and per day', () => {
    const [memory, times] = watched(1200, (second) => 20 + second / 60);
    expect(memory).toMatchObject({ name: 'monitor_app_rss', unit: 'bytes' });
    expect(memory!.perHour! / megabyte).toBeCloseTo(30, 3);
    expect(memory!.perDay! / megabyte).toBeCloseTo(720, 2);
    // The steady part is 19 minutes; the middles of its first and last fifth are 4/5 of that apart.
    expect((memory!.last - memory!.first) / megabyte).toBeCloseTo(0.5 * 0.8 * 19, 0);
    expect(memory!.ratio).toBeCloseTo((memory!.last - memory!.first) / memory!.first, 10);
    expect(times).toMatchObject({ name: 'p(95) of http_req_duration', unit: 'ms' });
    expect(times!.ratio).toBeCloseTo((0.8 * 19) / times!.first, 1);
  });

  test('of a few minutes is told per test alone, and of less not at all', () => {
    expect(watched(300).map(({ perHour, perDay }) => [perHour, perDay])).toEqual([
      [null, null],
      [null, null],
    ]);
    expect(watched(40)).toEqual([]);
  });
});
