// Records and policies for the tests of this folder, and of the section that shows what comes of them.

import { measure } from '../analysis/measurements.cases.ts';
import type { MetricValues } from '../model/metric.ts';
import type { FigureDefinition, MonitorRecord } from '../model/monitor.ts';
import type { MonitorPlan, MonitorSource } from '../model/monitor-settings.ts';
import type { Measurements } from '../model/run-record.ts';
import type { ScalingDefinition, ScalingPlan } from '../model/scaling.ts';
import { platformRules } from '../suite/platform-rules.cases.ts';
import { readScaling } from '../suite/read-scaling.ts';
import { knownMetrics } from '../suite/threshold-expression.ts';

const monitors = {
  app: { kind: 'host', nodeExporter: 'http://10.0.0.5:9100/metrics' },
  cluster: {
    kind: 'prometheus-query',
    url: 'http://127.0.0.1:9090',
    queries: { replicas: 'sum(kube_deployment_status_replicas)', lag: { query: 'lag', unit: 'ratio' } },
  },
} as const;

/** Throws for a policy with mistakes. */
export function policyOf(definition: ScalingDefinition): ScalingPlan {
  const { plan, mistakes } = readScaling(['scaling'], definition, knownMetrics({ metrics: {}, monitors }));
  if (mistakes.length > 0) throw new Error(JSON.stringify(mistakes));
  return plan;
}

type Course = readonly (number | null)[];

export interface ScalingRunCase {
  /** One reading every 15 s, the first at 15 s, as shares 0..1. */
  readonly cpu?: Course;
  readonly memory?: Course;
  readonly replicas?: Course;
  /** One window of 15 s each: p(95) in ms, iterations per second. */
  readonly p95?: readonly number[];
  readonly rate?: readonly number[];
  readonly plan?: Partial<Measurements['plan']>;
}

const everyMs = 15_000;

/** A run whose machine, cluster and response times are as given. */
export function scalingRun({ cpu, memory, replicas, p95, rate, plan }: ScalingRunCase): Measurements {
  const app = { cpu_ratio: cpu, memory_used_ratio: memory };
  const count = Math.max(p95?.length ?? 0, rate?.length ?? 0);
  const base = measure({ plan: { scaling: policyOf({ rules: platformRules }), ...plan } });
  const timeline = Array.from({ length: count }, (_, i) => ({
    startAtMs: i * everyMs,
    endAtMs: (i + 1) * everyMs,
    metrics: {
      ...(p95 !== undefined && { http_req_duration: trend(p95[i]!) }),
      ...(rate !== undefined && { iterations: { count: rate[i]! * 15, rate: rate[i]! } }),
    } as Readonly<Record<string, MetricValues>>,
  }));
  const records: readonly (readonly [string, MonitorSource, Readonly<Record<string, Course | undefined>>])[] =
    [
      ['app', { kind: 'host', nodeExporter: monitors.app.nodeExporter }, app],
      [
        'cluster',
        { kind: 'prometheus-query', url: monitors.cluster.url, queries: { replicas: 'sum(x)' } },
        { replicas },
      ],
    ];
  return {
    ...base,
    plan: {
      ...base.plan,
      monitors: records.map(
        ([name, source, courses]): MonitorPlan => ({
          ...{ name, title: name, intervalMs: everyMs, timeoutMs: 2000, share: 0.1, source },
          figures: figuresOf(courses),
        }),
      ),
    },
    timeline: count === 0 ? base.timeline : timeline,
    monitors: Object.fromEntries(
      records.map(([name, { kind }, courses]) => [name, monitorRecord(kind, name, courses)]),
    ),
  };
}

function trend(p: number): MetricValues {
  return { avg: p, min: p, med: p, max: p, 'p(90)': p, 'p(95)': p, 'p(99)': p, count: 100 };
}

function figuresOf(courses: Readonly<Record<string, unknown>>): Record<string, FigureDefinition> {
  return Object.fromEntries(
    Object.keys(courses).map((name) => [
      name,
      { type: 'gauge', unit: name.endsWith('_ratio') ? 'ratio' : 'count', title: name } as const,
    ]),
  );
}

function monitorRecord(
  kind: MonitorRecord['kind'],
  title: string,
  courses: Readonly<Record<string, Course | undefined>>,
): MonitorRecord {
  const given = Object.entries(courses).filter((one): one is [string, Course] => one[1] !== undefined);
  const length = Math.max(0, ...given.map(([, course]) => course.length));
  return {
    ...{ kind, title, source: title, intervalMs: everyMs, readingsPerEntry: 1 },
    figures: figuresOf(Object.fromEntries(given)),
    times: Array.from({ length }, (_, i) => (i + 1) * everyMs),
    series: Object.fromEntries(
      given.map(([name, course]) => [name, { avg: Array.from({ length }, (_, i) => course[i] ?? null) }]),
    ),
    ...{ readings: length, failures: 0, gaps: [], events: [], tables: [], readingMs: 0, skipped: 0 },
  };
}

/** `times` of each value: `[[0.5, 4], [0.9, 8]]` is one minute of 50 % and two of 90 %. */
export function course(
  ...parts: readonly (readonly [value: number | null, times: number])[]
): (number | null)[] {
  return parts.flatMap(([value, times]) => new Array<number | null>(times).fill(value));
}
