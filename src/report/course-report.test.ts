import { expect, test } from 'vitest';
import type { Course, CourseEntry } from '../model/course.ts';
import { Histogram } from '../stats/histogram.ts';
import { courseFormats, courseLoadReport } from './course-report.ts';

function entry(profile: string, timesMs: readonly number[], failedCount: number): CourseEntry {
  const histogram = new Histogram();
  for (const ms of timesMs) histogram.add(ms);
  return {
    profile,
    status: failedCount > 0 ? 'fail' : 'pass',
    reasons: ['A reason.'],
    figures: {
      ...{ runId: `id-${profile}`, folder: `${profile}-1`, durationMs: 10_000, nouns: 'requests' },
      ...{ count: timesMs.length, perSec: timesMs.length / 10, peakPerSec: timesMs.length / 5 },
      ...{ failedCount, failedRatio: failedCount / timesMs.length },
      histogram: Buffer.from(histogram.encode()).toString('base64'),
      breakingPoint: profile === 'stress' ? 'The target breaks at 80 users' : null,
    },
  };
}

const course: Course = {
  suite: 'shop',
  environment: 'local',
  target: 'http://127.0.0.1:1',
  startedAt: '2026-11-30T10:00:00.000Z',
  endedAt: '2026-11-30T10:01:00.000Z',
  entries: [
    entry(
      'smoke',
      Array.from({ length: 90 }, () => 10),
      0,
    ),
    entry(
      'stress',
      Array.from({ length: 10 }, () => 1000),
      5,
    ),
    { profile: 'soak', status: 'not-run', reasons: ['It needs stress, which did not pass.'] },
  ],
  verdict: { status: 'fail', reasons: ['stress failed: A reason.'] },
};

test('the figures of all are of all measurements together, not means over runs', () => {
  const { execution_summary, performance_metrics, scenarios } = courseLoadReport(course);
  expect(execution_summary).toEqual({
    duration_seconds: 60,
    total_scenarios: 3,
    passed_scenarios: 1,
    failed_scenarios: 1,
    inconclusive_scenarios: 0,
    not_run_scenarios: 1,
    success_rate: 0.333333,
  });
  const { response_times, throughput, reliability } = performance_metrics;
  // Of 100 values 90 are 10 ms: the median is one of these, the 95th one of the others.
  expect(response_times.p50_ms).toBeCloseTo(10, 0);
  expect(response_times.p95_ms! / 1000).toBeCloseTo(1, 1);
  expect(throughput).toEqual({ avg_rps: 5, peak_rps: 18 });
  expect(reliability).toEqual({ success_rate: 0.95, error_rate: 0.05 });
  expect(scenarios.map(({ profile, verdict }) => [profile, verdict])).toEqual([
    ['smoke', 'pass'],
    ['stress', 'fail'],
    ['soak', 'not-run'],
  ]);
});

test('every document tells the verdict, each profile, what was not run and where it broke', () => {
  for (const format of ['md', 'html'] as const) {
    const { fileName, content } = courseFormats[format]('20261130-100000', course, undefined);
    expect(fileName).toBe(`suite-report-20261130-100000.${format}`);
    for (const words of ['FAIL', 'smoke', 'The target breaks at 80 users', 'It needs stress'])
      expect(content).toContain(words);
  }
  const { content } = courseFormats.txt('20261130-100000', course, undefined);
  expect(content).toContain('1 of 3 passed, 1 failed, 1 not run');
});
