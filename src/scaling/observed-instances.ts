// How many instances ran during a test, as a series of its record tells, beside how many a policy would have wanted. Called
// by replay.ts.

import type { Measurements } from '../model/run-record.ts';
import type { ScalingPlan } from '../model/scaling.ts';
import { type NoSignal, type Signal, seriesOfMetric } from './find-signals.ts';
import type { ScalingDecision } from './policy-run.ts';

const mostChanges = 200;

/** Instances that ran, as a series of the record tells them. */
export interface ObservedInstances {
  readonly source: string;
  /** The first reading, and each that differs from the one before; the first 200. */
  readonly changes: readonly { readonly atMs: number; readonly instances: number }[];
  readonly changeCount: number;
  /** Mean of |replayed - observed| from the first reading to the last. */
  readonly meanDifference: number;
  /** Share of that time in which both are equal, 0..1. */
  readonly equalShare: number;
}

/** The series that the policy names; `undefined` when it names none. */
export function observedInstances(
  measured: Measurements,
  { instances }: Pick<ScalingPlan, 'instances'>,
): Signal | NoSignal | undefined {
  if (typeof instances !== 'string') return undefined;
  const found = seriesOfMetric(instances, undefined, measured);
  return 'problem' in found ? { name: instances, problem: found.problem } : { ...found, name: instances };
}

/** Each reading stands until the next; counts are whole numbers, so means of several readings are rounded. */
export function compareInstances(
  { source, readings }: Signal,
  decisions: readonly ScalingDecision[],
  startInstances: number,
): ObservedInstances {
  const changes = readings
    .map(({ atMs, value }) => ({ atMs, instances: Math.max(0, Math.round(value)) }))
    .filter(({ instances }, i, all) => i === 0 || all[i - 1]!.instances !== instances);
  const moves = decisions.filter(({ kind }) => kind !== 'resize');
  const endMs = readings.at(-1)?.atMs ?? 0;
  const times = [...new Set([...changes, ...moves].map(({ atMs }) => atMs))]
    .filter((atMs) => atMs >= (changes[0]?.atMs ?? 0) && atMs <= endMs)
    .sort((a, b) => a - b);
  let [difference, equalMs, spanMs] = [0, 0, 0];
  let [change, move] = [0, 0];
  let [seen, wanted] = [changes[0]?.instances ?? 0, startInstances];
  for (const [i, atMs] of times.entries()) {
    while (change < changes.length && changes[change]!.atMs <= atMs) seen = changes[change++]!.instances;
    while (move < moves.length && moves[move]!.atMs <= atMs) wanted = moves[move++]!.to;
    const lastedMs = (times[i + 1] ?? endMs) - atMs;
    spanMs += lastedMs;
    difference += lastedMs * Math.abs(seen - wanted);
    if (seen === wanted) equalMs += lastedMs;
  }
  return {
    source,
    changes: changes.slice(0, mostChanges),
    changeCount: changes.length,
    meanDifference: spanMs === 0 ? Math.abs(seen - wanted) : difference / spanMs,
    equalShare: spanMs === 0 ? Number(seen === wanted) : equalMs / spanMs,
  };
}
