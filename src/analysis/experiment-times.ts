// What the runs of experiments measured: the times of each task's operations, and where the time of users goes. Called by
// explanation.ts and run/explain.ts.

import { isArrivalRate, maxVusOf } from '../executors/of-plan.ts';
import { type BuiltInMetric, suiteAsUser } from '../model/metric.ts';
import { failedCountOf, kindsOfRun, type OperationMetrics, operationMetrics } from '../model/operation.ts';
import type { Measurements, MetricEntry } from '../model/run-record.ts';
import { allocate } from '../stats/allocation.ts';
import { Histogram } from '../stats/histogram.ts';
import { formatCount } from '../text/format-figure.ts';
import { countOf, loadDurationMs } from './measured.ts';

/** More work cut off would make times look shorter than they were. */
const mostCutOff = 0.01;

/** The operations of one task. */
export interface TaskTimes {
  readonly user: string;
  readonly task: string;
  readonly durations: Histogram;
  readonly count: number;
  readonly failed: number;
}

/** By task, of all that its users sent; of iterations where they sent nothing that is counted. */
export function timesOfTasks(measured: Measurements): TaskTimes[] {
  const kinds = kindsOfRun((metric) => countOf(measured, metric)).map((kind) => operationMetrics[kind]);
  const found = new Map<string, TaskTimes>();
  for (const names of kinds) {
    for (const entry of entriesOfTasks(measured, names.duration)) {
      const { user = '', task = '' } = entry.tags ?? {};
      const key = JSON.stringify([user, task]);
      const one = found.get(key) ?? { user, task, durations: new Histogram(), count: 0, failed: 0 };
      if (entry.histogram !== undefined) one.durations.mergeEncoded(Buffer.from(entry.histogram, 'base64'));
      const { count, failed } = outcomesOf(measured, names, user, task);
      found.set(key, { ...one, count: one.count + count, failed: one.failed + failed });
    }
  }
  return [...found.values()];
}

/** Of a metric the entries of tasks as a whole, but those of what the suite itself does. */
function entriesOfTasks({ metrics }: Measurements, metric: BuiltInMetric): MetricEntry[] {
  return Object.values(metrics).filter(({ metric: name, tags = {} }) => {
    if (name !== metric || tags.user === suiteAsUser) return false;
    return Object.keys(tags).length === 2 && tags.user !== undefined && tags.task !== undefined;
  });
}

function outcomesOf(
  measured: Measurements,
  { count, failed }: OperationMetrics,
  user: string,
  task: string,
): { count: number; failed: number } {
  const of = (metric: BuiltInMetric): MetricEntry | undefined =>
    entriesOfTasks(measured, metric).find(({ tags }) => tags?.user === user && tags.task === task);
  const counted = of(count)?.values;
  return {
    count: counted !== undefined && 'count' in counted ? counted.count : 0,
    failed: failedCountOf(of(failed)?.values),
  };
}

/**
 * Of the time that the users of each class have, the share of each task: its iterations with the think time that follows
 * them, which is what is left of the time of all. By user and task.
 */
export function timeSharesOf(measured: Measurements): Map<string, Map<string, number>> {
  const shares = new Map<string, Map<string, number>>();
  const iterations = entriesOfTasks(measured, 'iteration_duration').flatMap(({ tags, values }) =>
    'avg' in values
      ? [{ user: tags!.user!, task: tags!.task!, count: values.count, sumMs: values.avg * values.count }]
      : [],
  );
  for (const [user, userCount] of userCountsOf(measured)) {
    const own = iterations.filter((one) => one.user === user);
    const count = own.reduce((sum, one) => sum + one.count, 0);
    if (count === 0) continue;
    const busyMs = own.reduce((sum, one) => sum + one.sumMs, 0);
    const totalMs = Math.max(busyMs, userCount * loadDurationMs(measured));
    const thinkMs = (totalMs - busyMs) / count;
    shares.set(user, new Map(own.map((one) => [one.task, (one.sumMs + one.count * thinkMs) / totalMs])));
  }
  return shares;
}

/** Virtual users by class, of the scenarios that fix how many there are. */
function userCountsOf({ plan }: Measurements): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { executor, users } of plan.scenarios) {
    if (isArrivalRate(executor)) continue;
    const parts = allocate(
      maxVusOf(executor),
      users.map(({ weight }) => weight),
    );
    for (const [i, { name }] of users.entries()) counts.set(name, (counts.get(name) ?? 0) + parts[i]!);
  }
  return counts;
}

/** Why a run says nothing of its target; `undefined` when it does. */
export function unusableReason(measured: Measurements): string | undefined {
  if (measured.interrupted) return 'it was interrupted';
  if (measured.refusal !== undefined) return 'it was ended for safety';
  if (measured.generator.saturated) {
    const reason = measured.generator.reasons[0] ?? 'it was saturated';
    return `the load generator was the limit: ${reason.replace(/\.$/, '')}`;
  }
  const times = timesOfTasks(measured);
  const count = times.reduce((sum, one) => sum + one.count, 0);
  if (count === 0) return 'nothing finished';
  const cutOff = (measured.cutOff ?? [])
    .filter(({ metric }) => metric !== 'iteration_duration')
    .reduce((sum, { overdue }) => sum + overdue, 0);
  return cutOff > mostCutOff * (count + cutOff)
    ? `${formatCount(cutOff, 'operation')} of ${count + cutOff} got no answer before the end`
    : undefined;
}
