// Builds runs whose bottleneck is known, for the tests of this folder: a load that goes badly from half of the run on,
// and monitors whose figures follow a course.

import type { WorkerMeter } from '../../meter/meter.ts';
import { recordRequest } from '../../metrics/collector.cases.ts';
import type { FigureDefinition, MonitorKind, MonitorRecord } from '../../model/monitor.ts';
import { hostFigures, postgresFigures, processFigures, redisFigures } from '../../model/monitor-figures.ts';
import type { MonitorPlan, MonitorSource } from '../../model/monitor-settings.ts';
import type { Plan } from '../../model/plan.ts';
import type { Measurements } from '../../model/run-record.ts';
import type { Finding } from '../../model/verdict.ts';
import { limitOn, measure, scenario } from '../measurements.cases.ts';
import { findBottlenecks } from './bottlenecks.ts';

export type Course = (second: number) => number | null;

const seconds = 60;
/** From this second on, runs of `badRun` go badly. */
const badFrom = 30;

/** Low at first, high from the middle on. */
export function rising(low: number, high: number): Course {
  return (second) => (second > badFrom ? high : low) * (1 + 0.01 * (second % 5));
}

export interface WatchedCase {
  readonly kind?: MonitorKind;
  readonly title?: string;
  readonly source?: MonitorSource;
  readonly figures: Readonly<Record<string, Course | { definition: FigureDefinition; course: Course }>>;
  readonly everySeconds?: number;
  readonly tables?: MonitorRecord['tables'];
}

const defaults: Partial<
  Record<MonitorKind, { source: MonitorSource; figures: Record<string, FigureDefinition> }>
> = {
  host: { source: { kind: 'host' }, figures: hostFigures },
  process: { source: { kind: 'process', port: 8000, children: true }, figures: processFigures },
  postgres: {
    source: { kind: 'postgres', url: 'postgres://127.0.0.1:5432/shop', slowStatementMs: 1000 },
    figures: postgresFigures,
  },
  redis: { source: { kind: 'redis', url: 'redis://127.0.0.1:6379' }, figures: redisFigures },
};

/** A monitor as a record holds it, with one reading a second, or every so many. */
export function watch(
  name: string,
  one: WatchedCase,
): { name: string; plan: MonitorPlan; record: MonitorRecord } {
  const { kind = 'prometheus', title = name, everySeconds = 1 } = one;
  const known = defaults[kind];
  const source = one.source ??
    known?.source ?? { kind: 'prometheus', url: 'http://127.0.0.1:8000/metrics', select: {} };
  const definitions: Record<string, FigureDefinition> = {};
  const courses: Record<string, Course> = {};
  for (const [figure, given] of Object.entries(one.figures)) {
    definitions[figure] = typeof given === 'function' ? known!.figures[figure]! : given.definition;
    courses[figure] = typeof given === 'function' ? given : given.course;
  }
  const count = Math.floor(seconds / everySeconds);
  const times = Array.from({ length: count }, (_, i) => (i + 1) * everySeconds * 1000);
  const intervalMs = everySeconds * 1000;
  return {
    name,
    plan: { name, title, intervalMs, timeoutMs: 2000, share: 0.1, figures: definitions, source },
    record: {
      ...{ kind, title, source: '', intervalMs, figures: definitions, times, readingsPerEntry: 1 },
      series: Object.fromEntries(
        Object.entries(courses).map(([figure, course]) => [
          figure,
          { avg: times.map((ms) => course(ms / 1000)) },
        ]),
      ),
      ...{
        readings: count,
        failures: 0,
        gaps: [],
        events: [],
        tables: one.tables ?? [],
        readingMs: 0,
        skipped: 0,
      },
    },
  };
}

/** One figure of the target's own page. */
export function own(
  title: string,
  course: Course,
  definition: Partial<FigureDefinition> = {},
): { definition: FigureDefinition; course: Course } {
  return { definition: { type: 'gauge', unit: 'count', title, ...definition }, course };
}

export interface LoadCase {
  /** Response time of each task by second, ms. */
  readonly times?: Readonly<Record<string, Course>>;
  /** Requests of each task a second. */
  readonly perSec?: number;
  /** Share of the requests that fail, by second. */
  readonly failed?: Course;
  /** Records more, once for each second. */
  readonly more?: (meter: WorkerMeter, second: number) => void;
  readonly watched?: readonly ReturnType<typeof watch>[];
  readonly plan?: Partial<Plan>;
  readonly changes?: Partial<Measurements>;
  readonly length?: number;
}

/** A run of a minute with two tasks; the limit on times is a p95 of 100 ms. */
export function runOf({
  times = { price: () => 20, report: () => 25 },
  perSec = 50,
  failed = () => 0,
  more = () => {},
  watched = [],
  plan = {},
  changes = {},
  length = seconds,
}: LoadCase): Measurements {
  const durationMs = length * 1000;
  return measure({
    seconds: length,
    plan: {
      scenarios: [scenario('main', { kind: 'constant-vus', vus: 10, rampUpMs: 0, durationMs })],
      durationMs,
      baseUrl: 'http://127.0.0.1:8000',
      monitors: watched.map((one) => one.plan),
      thresholds: [limitOn('http_req_duration', 'p95', '<', 100)],
      ...plan,
    },
    record: (meter, second) => {
      meter.gauge('vus', { scenario: 'main' }).set(10);
      meter.gauge('vus_max', { scenario: 'main' }).set(10);
      for (const [task, course] of Object.entries(times)) {
        const lost = Math.round(perSec * (failed(second) ?? 0));
        for (let i = 0; i < perSec; i++) {
          const tags = { scenario: 'main', user: 'buyer', task };
          const ms = (course(second) ?? 0) * (1 + 0.002 * i);
          recordRequest(meter, ms, i < lost, { ...tags, method: 'GET', name: `/${task}` });
          meter.counter('iterations', tags).add(1);
          meter.trend('iteration_duration', tags).add(ms);
        }
      }
      more(meter, second);
    },
    changes: {
      target: { baseUrl: 'http://127.0.0.1:8000' },
      monitors: Object.fromEntries(watched.map(({ name, record }) => [name, record])),
      ...changes,
    },
  });
}

/** The same, slow from the middle on. */
export function badRun(given: LoadCase = {}): Measurements {
  return runOf({ times: { price: rising(20, 400), report: rising(25, 500) }, ...given });
}

/** Ids of the rules of the findings, the first first; what to watch is `unwatched`. */
export function rulesOf(measured: Measurements): string[] {
  return findBottlenecks(measured).map(({ rule = 'unwatched' }) => rule);
}

export function findingOf(measured: Measurements, id: string): Finding | undefined {
  return findBottlenecks(measured).find(({ rule }) => rule === id);
}

/** Monitors of a target that has little to do. */
export function idle(): ReturnType<typeof watch>[] {
  return [
    watch('target', {
      kind: 'process',
      title: 'shop',
      figures: { cpu_ratio: () => 0.2, processes: () => 1, rss_bytes: () => 2e8 },
    }),
    watch('postgres', {
      kind: 'postgres',
      title: 'PostgreSQL',
      figures: {
        connections: () => 20,
        connections_active: () => 0.2,
        connections_ratio: () => 0.2,
        blocked_sessions: () => 0,
        rows_returned: () => 5000,
        transactions: () => 100,
        slow_statements: () => 0,
        slow_statements_running: () => 0,
        deadlocks: () => 0,
      },
    }),
  ];
}

/** The monitors of `idle`, with other figures of one of them. */
export function idleBut(
  name: 'target' | 'postgres',
  figures: WatchedCase['figures'],
): ReturnType<typeof watch>[] {
  return idle().map((one) => {
    if (one.name !== name) return one;
    const { kind } = one.record;
    const other = watch(name, { kind, title: one.record.title, figures });
    return {
      ...one,
      plan: { ...one.plan, figures: { ...one.plan.figures, ...other.plan.figures } },
      record: {
        ...one.record,
        figures: { ...one.record.figures, ...other.record.figures },
        series: { ...one.record.series, ...other.record.series },
      },
    };
  });
}
