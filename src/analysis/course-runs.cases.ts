// Builds runs whose figures follow a course that a test gives, for the tests of what is found in series over time.

import type { ExecutorPlan } from '../executors/executors.ts';
import type { MetricValues, TrendValues } from '../model/metric.ts';
import type { FigureDefinition, MonitorRecord } from '../model/monitor.ts';
import type { Measurements, TimelineWindow } from '../model/run-record.ts';
import { type NoiseKind, noise } from '../stats/noise.cases.ts';
import { measure, scenario } from './measurements.cases.ts';

export type Course = (second: number) => number;

export function noisy(kind: NoiseKind, seed: number, level: Course, spread: number): Course {
  const values = noise(kind, 601, seed);
  return (second) => level(second) + spread * values[second]!;
}

export function monitor(
  title: string,
  figures: Record<string, FigureDefinition & { course: Course }>,
  seconds: number,
) {
  const times = Array.from({ length: seconds }, (_, i) => (i + 1) * 1000);
  const record: MonitorRecord = {
    kind: 'postgres',
    title,
    source: '',
    intervalMs: 1000,
    figures,
    times,
    readingsPerEntry: 1,
    series: Object.fromEntries(
      Object.entries(figures).map(([name, { course }]) => [
        name,
        { avg: times.map((_, i) => course(i + 1)) },
      ]),
    ),
    readings: seconds,
    failures: 0,
    gaps: [],
    events: [],
    tables: [],
    readingMs: 0,
    skipped: 0,
  };
  return record;
}

export function gauge(title: string, course: Course, unit: FigureDefinition['unit'] = 'count') {
  return { type: 'gauge', unit, title, course } as const;
}

export function timeline(seconds: number, p95: Course, rate: Course): TimelineWindow[] {
  const trend = (value: number): TrendValues => ({
    avg: value,
    min: value,
    med: value,
    max: value,
    'p(90)': value,
    'p(95)': value,
    'p(99)': value,
    count: 100,
  });
  return Array.from({ length: seconds }, (_, i) => ({
    startAtMs: i * 1000,
    endAtMs: (i + 1) * 1000,
    metrics: {
      http_req_duration: trend(p95(i)),
      http_reqs: { count: rate(i), rate: rate(i) },
      http_req_failed: { rate: 0, passes: 0, fails: 100 },
      vus: { value: 10, min: 10, max: 10 },
    } satisfies Record<string, MetricValues>,
  }));
}

const constant = (durationMs: number): ExecutorPlan => ({
  kind: 'constant-vus',
  vus: 10,
  rampUpMs: 0,
  durationMs,
});

export function run(
  seconds: number,
  changes: Partial<Measurements>,
  executor = constant(seconds * 1000),
): Measurements {
  return measure({
    plan: { scenarios: [scenario('main', executor)], durationMs: seconds * 1000 },
    changes: {
      timeline: timeline(
        seconds,
        noisy('heavy', 1, () => 12, 0.5),
        noisy('white', 2, () => 100, 3),
      ),
      ...changes,
    },
  });
}
