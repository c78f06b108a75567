// A record of a long run with many tasks and monitors, all of them noisy, for timing and testing what analysis makes of it.

import type { MetricValues, TrendValues } from '../model/metric.ts';
import {
  type FigureDefinition,
  type MonitorKind,
  type MonitorRecord,
  monitorMetric,
} from '../model/monitor.ts';
import { hostFigures, postgresFigures, processFigures, redisFigures } from '../model/monitor-figures.ts';
import type { Measurements, MetricEntry, TimelineWindow } from '../model/run-record.ts';
import { noise } from '../stats/noise.cases.ts';
import { measure, recordIterations, scenario } from './measurements.cases.ts';

const figuresOf = [
  ['host', hostFigures],
  ['process', processFigures],
  ['postgres', postgresFigures],
  ['redis', redisFigures],
] as const satisfies readonly (readonly [MonitorKind, Readonly<Record<string, FigureDefinition>>])[];

/** As many entries and windows as a record of this length has at the most. */
const entryCount = 600;
const windowMs = 8000;

interface LongRun {
  readonly seconds?: number;
  readonly tasks?: number;
  readonly monitors?: number;
}

/** Two hours at a steady load of 50 tasks, watched by 20 monitors, unless told otherwise. */
export function longRun({ seconds = 7200, tasks = 50, monitors = 20 }: LongRun = {}): Measurements {
  const names = Array.from({ length: tasks }, (_, i) => `task ${i}`);
  const plan = scenario('main', {
    kind: 'constant-vus',
    vus: 50,
    rampUpMs: 0,
    durationMs: seconds * 1000,
  });
  const bare = measure({
    seconds: 2,
    record: (meter) => {
      for (const task of names) recordIterations(meter, 2, { task });
    },
    plan: {
      baseUrl: 'http://127.0.0.1:8000',
      scenarios: [
        {
          ...plan,
          users: plan.users.map((user) => ({
            ...user,
            tasks: names.map((name) => ({ name, share: 1 })),
          })),
        },
      ],
      durationMs: seconds * 1000,
    },
  });
  const watched = Array.from({ length: monitors }, (_, i) => watchedBy(`m${i}`, i, seconds));
  const metrics = Object.assign({ ...bare.metrics }, ...watched.map((one) => one.metrics)) as Record<
    string,
    MetricEntry
  >;
  const records = Object.fromEntries(watched.map(({ name, monitor }) => [name, monitor]));
  return { ...bare, timeline: timelineOf(seconds), metrics, monitors: records };
}

function watchedBy(
  name: string,
  index: number,
  seconds: number,
): {
  readonly name: string;
  readonly monitor: MonitorRecord;
  readonly metrics: Record<string, MetricEntry>;
} {
  const [kind, figures] = figuresOf[index % figuresOf.length]!;
  const intervalMs = (seconds * 1000) / entryCount;
  const metrics: Record<string, MetricEntry> = {};
  const series = Object.fromEntries(
    Object.entries(figures).map(([figure, { type, unit }], k) => {
      const values = noise(k % 3 === 0 ? 'ar 0.7' : 'ar 0.3', entryCount, index * 100 + k);
      const size = unit === 'ratio' ? 0.5 : unit === 'bytes' ? 1e8 : 50;
      // One figure of four grows, one of seven shifts.
      const avg = values.map((value, i) => {
        const drift = k % 4 === 1 ? (0.4 * i) / entryCount : 0;
        const shift = k % 7 === 2 && i > entryCount / 2 ? 0.3 : 0;
        return Math.max(0, size * (1 + 0.05 * value + drift + shift));
      });
      const mean = avg.reduce((sum, one) => sum + one, 0) / entryCount;
      const [min, max, last] = [Math.min(...avg), Math.max(...avg), avg.at(-1)!];
      const metric = monitorMetric(name, figure);
      const gauge = { value: last, min, max, avg: mean, med: mean, 'p(90)': max, 'p(95)': max, 'p(99)': max };
      const entry: MetricValues =
        type === 'counter' ? { count: mean * seconds, rate: mean } : { ...gauge, count: entryCount, last };
      metrics[metric] = { metric, type, contains: 'default', values: entry };
      return [figure, { avg, min: avg.map((one) => 0.9 * one), max: avg.map((one) => 1.1 * one) }];
    }),
  );
  const monitor: MonitorRecord = {
    ...{ kind, title: `${kind} ${name}`, source: name, intervalMs: intervalMs / 4, figures, series },
    times: Array.from({ length: entryCount }, (_, i) => i * intervalMs),
    ...{ readingsPerEntry: 4, readings: 4 * entryCount, failures: 0, gaps: [], events: [], tables: [] },
    ...{ readingMs: 0, skipped: 0 },
  };
  return { name, monitor, metrics };
}

function timelineOf(seconds: number): TimelineWindow[] {
  const count = Math.round((seconds * 1000) / windowMs);
  const [times, rates] = [noise('heavy', count, 1), noise('ar 0.3', count, 2)];
  return Array.from({ length: count }, (_, i): TimelineWindow => {
    const ms = 20 + times[i]!;
    const finished = Math.round(800 + 20 * rates[i]!);
    const trend: TrendValues = {
      ...{ avg: ms, min: ms / 2, med: ms, max: 4 * ms, 'p(90)': 2 * ms, 'p(95)': 2.5 * ms, 'p(99)': 3 * ms },
      count: finished,
    };
    const counter = { count: finished, rate: (finished * 1000) / windowMs };
    return {
      startAtMs: i * windowMs,
      endAtMs: (i + 1) * windowMs,
      metrics: {
        http_reqs: counter,
        http_req_duration: trend,
        http_req_failed: { rate: 0, passes: 0, fails: finished },
        iterations: counter,
        iteration_duration: trend,
        vus: { value: 50, min: 50, max: 50 },
      },
    };
  });
}
