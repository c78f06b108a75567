// Records of runs that sent statements, Redis commands, several kinds or none of them, for the tests of reports: the
// simulated HTTP run under other names.

import { type MetricValues, seriesKey, type Tags } from '../model/metric.ts';
import { type OperationKind, operationMetrics } from '../model/operation.ts';
import type { MetricEntry, RunRecord, TimelineWindow } from '../model/run-record.ts';
import { makeRecord } from './record.cases.ts';

type SentKind = Exclude<OperationKind, 'iteration'>;

/** Where operations of a kind have their name, other than in the tag `name`. */
const nameTag: Readonly<Partial<Record<SentKind, string>>> = {
  statement: 'operation',
  command: 'command',
};

export interface OperationsCase {
  readonly kinds: readonly SentKind[];
  readonly windowCount?: number;
  /** Seconds in which every operation fails: from, until. */
  readonly outage?: readonly [from: number, until: number];
}

/** A run that met its limits, whatever it sent. */
export function makeOperationsRecord({ kinds, windowCount = 20, outage }: OperationsCase): RunRecord {
  const record = makeRecord('passing', windowCount);
  const metrics: Record<string, MetricEntry> = {};
  for (const [key, entry] of Object.entries(record.metrics)) {
    if (!entry.metric.startsWith('http_')) metrics[key] = entry;
    for (const kind of kinds) Object.assign(metrics, renamed(entry, kind));
  }
  const timeline = record.timeline.map((window, second) => {
    const fails = outage !== undefined && second >= outage[0] && second < outage[1];
    return withKinds(window, kinds, fails);
  });
  const { baseUrl: _, ...plan } = record.plan;
  const isHttp = kinds.includes('request');
  return {
    ...record,
    plan: isHttp ? record.plan : plan,
    target: { baseUrl: isHttp ? record.target.baseUrl : null },
    metrics,
    timeline,
  };
}

/** The name of an HTTP metric for another kind; `undefined` when it has none such. */
function metricOf(metric: string, kind: SentKind): string | undefined {
  const own = operationMetrics[kind];
  for (const key of ['count', 'failed', 'duration'] as const) {
    if (operationMetrics.request[key] === metric) return own[key];
  }
  return kind === 'request' && metric.startsWith('http_') ? metric : undefined;
}

function renamed(entry: MetricEntry, kind: SentKind): Record<string, MetricEntry> {
  const metric = metricOf(entry.metric, kind);
  if (metric === undefined) return {};
  const tags = renamedTags(entry.tags ?? {}, kind);
  const { tags: _, thresholds: __, ...rest } = entry;
  const hasTags = Object.keys(tags).length > 0;
  return { [seriesKey(metric, tags)]: { ...rest, metric, ...(hasTags && { tags }) } };
}

function renamedTags({ method, name, ...tags }: Tags, kind: SentKind): Tags {
  const tag = nameTag[kind];
  if (name === undefined) return tags;
  return tag === undefined ? { ...tags, method: method!, name } : { ...tags, [tag]: name };
}

function withKinds(window: TimelineWindow, kinds: readonly SentKind[], fails: boolean): TimelineWindow {
  const metrics: Record<string, MetricValues> = {};
  for (const [name, values] of Object.entries(window.metrics)) {
    if (!name.startsWith('http_')) metrics[name] = values;
    for (const kind of kinds) {
      const metric = metricOf(name, kind);
      if (metric === undefined) continue;
      const total = 'passes' in values ? values.passes + values.fails : 0;
      metrics[metric] = fails && 'passes' in values ? { rate: 1, passes: total, fails: 0 } : values;
    }
  }
  if (fails && kinds.length === 0) metrics.iterations_failed = metrics.iterations!;
  return { ...window, metrics };
}
