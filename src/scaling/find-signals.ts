// Finds the series of a record that each condition of a policy looks at, or says why there is none. Called by replay.ts and
// assess-scaling.ts.

import { observedSeries, type SeriesUnit } from '../analysis/observed-series.ts';
import type { AlertCondition } from '../model/alert.ts';
import type { MetricValues } from '../model/metric.ts';
import { monitorMetric } from '../model/monitor.ts';
import { operationMetrics, sentKinds } from '../model/operation.ts';
import type { Measurements } from '../model/run-record.ts';
import { type ScalingPlan, scalingWords } from '../model/scaling.ts';
import { formatDuration } from '../time/duration.ts';

/** One value, and when a policy could know it. */
export interface SignalReading {
  readonly atMs: number;
  readonly value: number;
}

export interface Signal {
  /** As the condition has it: `cpu_percent`, `http_req_duration p(95)`. */
  readonly name: string;
  /** The series of the record: `monitor_host_cpu_ratio`, `p(95) of http_req_duration`. */
  readonly source: string;
  readonly unit: SeriesUnit;
  /** Usual time from one reading to the next. */
  readonly intervalMs: number;
  /** Ascending by time, finite values only. */
  readonly readings: readonly SignalReading[];
  /** What to bear in mind, a sentence each. */
  readonly cautions: readonly string[];
}

/** A condition that nothing in the record can answer. */
export interface NoSignal {
  readonly name: string;
  /** Why, in a sentence. */
  readonly problem: string;
}

const aRatioIsBelow = 5;

/** `cpu_percent`, `http_req_duration p(95)`, with tags where there are any: equal names have one signal. */
export function signalName({ metric, tags, aggregation }: AlertCondition): string {
  const selected = Object.entries(tags).map(([key, value]) => `${key}:${value}`);
  const tagged = selected.length === 0 ? metric : `${metric}{${selected.join(',')}}`;
  return aggregation === undefined ? tagged : `${tagged} ${aggregationKey(aggregation)}`;
}

function aggregationKey(aggregation: NonNullable<AlertCondition['aggregation']>): string {
  if (aggregation.kind === 'percentile') return `p(${aggregation.p})`;
  return aggregation.kind === 'share_above' ? `share_above(${aggregation.value})` : aggregation.kind;
}

/** The signal of each condition of a policy, by `signalName`. */
export function findSignals(
  measured: Measurements,
  policy: Pick<ScalingPlan, 'rules' | 'metrics'>,
): ReadonlyMap<string, Signal | NoSignal> {
  const found = new Map<string, Signal | NoSignal>();
  const series = observedSeries(measured);
  for (const condition of policy.rules.flatMap(({ conditions }) => conditions)) {
    const name = signalName(condition);
    if (found.has(name)) continue;
    const one = signalOf(condition, measured, policy.metrics, series);
    found.set(name, 'problem' in one ? { name, problem: one.problem } : { ...one, name });
  }
  return found;
}

type Found = Omit<Signal, 'name'> | { readonly problem: string };
type AllSeries = ReturnType<typeof observedSeries>;

function signalOf(
  condition: AlertCondition,
  measured: Measurements,
  chosen: ScalingPlan['metrics'],
  series: AllSeries,
): Found {
  if (Object.keys(condition.tags).length > 0) {
    return { problem: 'a record keeps the course of whole metrics only, not of those selected by tags' };
  }
  const { metric } = condition;
  const own = Object.hasOwn(chosen, metric) ? chosen[metric] : undefined;
  const found =
    own === undefined && isWord(metric, measured)
      ? signalOfWord(metric, measured, series)
      : seriesOfMetric(own ?? metric, condition.aggregation, measured, series);
  if ('problem' in found) return found;
  if (found.unit === 'ratio' && condition.unit === 'count' && Math.abs(condition.limit) >= aRatioIsBelow) {
    return {
      problem: `its series is a share from 0 to 1: the limit ${condition.limit} must be written in percent`,
    };
  }
  return found;
}

/** The course of one metric of the record; `instances` of a policy is read with it as well. */
export function seriesOfMetric(
  metric: string,
  aggregation: AlertCondition['aggregation'],
  measured: Measurements,
  series: AllSeries = observedSeries(measured),
): Found {
  const observed = series.find(({ name }) => name === metric);
  if (observed !== undefined) return fromObserved(observed);
  const planned = measured.plan.monitors?.some((one) => metric.startsWith(monitorMetric(one.name, '')));
  if (planned === true || metric.startsWith('monitor_')) {
    return { problem: `the run has no reading of ${metric}` };
  }
  return fromTimeline(metric, aggregation, measured);
}

function fromObserved({ name, unit, intervalMs, observations }: AllSeries[number]): Found {
  const readings = observations
    .filter(({ value }) => Number.isFinite(value))
    .map(({ untilMs, value }) => ({ atMs: untilMs, value }));
  if (readings.length === 0) return { problem: `the run has no reading of ${name}` };
  return { source: name, unit, intervalMs, readings, cautions: [] };
}

/** Intervals without a sample say nothing, except of a counter, which then gained nothing. */
function fromTimeline(
  metric: string,
  aggregation: AlertCondition['aggregation'],
  { timeline, metrics }: Measurements,
): Found {
  const entry = Object.hasOwn(metrics, metric) ? metrics[metric] : undefined;
  const [first] = timeline;
  if (entry === undefined || first === undefined) return { problem: `the run recorded nothing of ${metric}` };
  const key = aggregation === undefined ? naturalKey(entry.type) : aggregationKey(aggregation);
  const readings = timeline.flatMap(({ endAtMs, metrics: seen }): SignalReading[] => {
    const values = Object.hasOwn(seen, metric) ? seen[metric] : undefined;
    const value = values === undefined && entry.type === 'counter' ? 0 : readValue(values, key);
    return value === undefined ? [] : [{ atMs: endAtMs, value }];
  });
  if (readings.length === 0) return { problem: `the timeline of a record holds no ${key} of ${metric}` };
  return {
    source: `${key} of ${metric}`,
    unit: timelineUnit(entry, key),
    intervalMs: first.endAtMs - first.startAtMs,
    readings,
    cautions: [],
  };
}

function naturalKey(type: string): string {
  return type === 'gauge' ? 'value' : type === 'trend' ? 'avg' : 'rate';
}

function readValue(values: MetricValues | undefined, key: string): number | undefined {
  if (values === undefined) return undefined;
  if ('p(95)' in values && values.count === 0) return undefined;
  if ('passes' in values && values.passes + values.fails === 0) return undefined;
  const value = (values as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function timelineUnit({ type, contains }: Measurements['metrics'][string], key: string): SeriesUnit {
  if (type === 'rate') return 'ratio';
  if (type === 'counter' && key === 'rate') return contains === 'data' ? 'bytes/s' : 'per s';
  if (contains === 'time') return 'ms';
  return contains === 'data' ? 'bytes' : 'count';
}

const latencyKeys: Readonly<Record<string, string>> = {
  avg_latency: 'avg',
  p50_latency: 'med',
  p90_latency: 'p(90)',
  p95_latency: 'p(95)',
  p99_latency: 'p(99)',
};
/** A metric of the run that is called like a word is meant itself. */
function isWord(metric: string, { plan }: Measurements): boolean {
  return Object.hasOwn(scalingWords, metric) && !Object.hasOwn(plan.metrics, metric);
}

function signalOfWord(word: string, measured: Measurements, series: AllSeries): Found {
  const percent = percentFigures[word];
  if (percent !== undefined) return fromMonitors(word, percent, measured, series);
  const kind = sentKinds.find((one) => hasSeen(operationMetrics[one].count, measured)) ?? 'iteration';
  const { count, failed, duration } = operationMetrics[kind];
  const key = latencyKeys[word];
  if (key !== undefined) return timelineOf(duration, key, measured);
  if (word === 'iteration_rate') return fromTimeline('iterations', undefined, measured);
  if (word === 'request_rate') return fromTimeline(count, undefined, measured);
  if (kind === 'iteration') return { problem: 'the run sent no requests, whose failures could be counted' };
  return fromTimeline(failed, undefined, measured);
}

function timelineOf(metric: string, key: string, measured: Measurements): Found {
  const p = /^p\((\d+)\)$/.exec(key)?.[1];
  const aggregation =
    p === undefined
      ? ({ kind: key } as NonNullable<AlertCondition['aggregation']>)
      : { kind: 'percentile' as const, p: Number(p) };
  return fromTimeline(metric, aggregation, measured);
}

function hasSeen(metric: string, { metrics }: Measurements): boolean {
  const values = Object.hasOwn(metrics, metric) ? metrics[metric]?.values : undefined;
  return values !== undefined && 'count' in values && values.count > 0;
}

interface Candidate {
  readonly figure: string;
  /** Monitors that have it in this sense. */
  readonly of: 'container' | 'machine' | 'process' | 'this machine' | 'database';
  readonly caution?: string;
}

const generatorIncluded = 'It is of the machine that drove the load, the load generator included.';
/** The figures that a share may be, the most telling first. */
const percentFigures: Readonly<Record<string, readonly Candidate[]>> = {
  cpu_percent: [
    { figure: 'cgroup_cpu_ratio', of: 'container' },
    { figure: 'cpu_ratio', of: 'machine' },
    {
      figure: 'cpu_ratio',
      of: 'process',
      caution: 'It is in percent of one core: right for instances that have one.',
    },
    { figure: 'cpu_ratio', of: 'this machine', caution: generatorIncluded },
  ],
  memory_percent: [
    { figure: 'cgroup_memory_ratio', of: 'container' },
    { figure: 'memory_used_ratio', of: 'machine' },
    { figure: 'memory_used_ratio', of: 'this machine', caution: generatorIncluded },
  ],
  db_pool_percent: [
    {
      figure: 'connections_ratio',
      of: 'database',
      caution: 'It is the share of the connections that the database allows, not of a pool in the system.',
    },
  ],
};

function fromMonitors(
  word: string,
  candidates: readonly Candidate[],
  measured: Measurements,
  series: AllSeries,
): Found {
  for (const { figure, of, caution } of candidates) {
    const metrics = monitorsThatAre(of, measured)
      .map((name) => monitorMetric(name, figure))
      .filter((metric) => series.some((one) => one.name === metric && one.observations.length > 0));
    if (metrics.length > 1) {
      return {
        problem: `several series could be meant (${metrics.slice(0, 5).join(', ')}): name one in scaling.metrics.${word}`,
      };
    }
    const [metric] = metrics;
    if (metric === undefined) continue;
    const found = seriesOfMetric(metric, undefined, measured, series);
    if ('problem' in found) continue;
    return caution === undefined ? found : { ...found, cautions: [...found.cautions, caution] };
  }
  return {
    problem: `no monitor of the run reads it: watch the system (a host, process, container or Prometheus figure), and name the figure in scaling.metrics.${word}`,
  };
}

/** Names of monitors of the system under load: the load generator itself is none. */
function monitorsThatAre(of: Candidate['of'], { plan }: Measurements): string[] {
  return (plan.monitors ?? []).flatMap(({ name, source }) => {
    switch (source.kind) {
      case 'host':
        return of === (source.nodeExporter === undefined ? 'this machine' : 'machine') ? [name] : [];
      case 'process': {
        const isGenerator =
          source.port === undefined &&
          source.pid === undefined &&
          source.pidFile === undefined &&
          source.name === undefined;
        return !isGenerator && (of === 'process' || of === 'container') ? [name] : [];
      }
      case 'postgres':
        return of === 'database' ? [name] : [];
      default:
        return [];
    }
  });
}

/** How a signal was read, in words: `monitor_host_cpu_ratio, every 5s`. */
export function describeSignal({ source, intervalMs }: Signal): string {
  return `${source}, every ${formatDuration(intervalMs)}`;
}
