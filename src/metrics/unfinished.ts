// What the work that was cut off could still have added to a metric or a selection of it. Made once per threshold at the
// end of a run; judge/bounds.ts makes the least and the greatest value of it.

import { builtInMetrics, type Tags } from '../model/metric.ts';
import { metricFacts, outcomeTags, protocolOf } from '../protocols/registry.ts';
import { Histogram } from '../stats/histogram.ts';
import { isBesideLoad } from './carries.ts';
import type { CutTotals } from './cut-book.ts';
import type { Totals } from './totals.ts';

/** Samples that a metric may be without. */
export interface Unfinished {
  /** Least values of those that surely belong to it. */
  readonly bounded: Histogram;
  /** Those that surely belong to it, and may have any value. */
  readonly unboundedCount: number;
  /** The same of those that belong to it only by what their outcome would have been. */
  readonly maybeBounded: Histogram;
  readonly maybeUnboundedCount: number;
  /** Of counters: how much more there may be. */
  readonly added: number;
  /** How long the work had waited from which all this follows. */
  readonly waits: Histogram;
  /** Least values of all that was cut off and surely belongs to it, also of what the end of a run always cuts off. */
  readonly known: Histogram;
}

/** How many samples are missing, whatever they would have been. */
export function missingCountOf(unfinished: Unfinished): number {
  const { bounded, unboundedCount, maybeBounded, maybeUnboundedCount } = unfinished;
  return bounded.count + unboundedCount + maybeBounded.count + maybeUnboundedCount;
}

/** Trends whose values are told as cut off, for the metrics that follow from them and belong to no protocol. */
const ownTrends: readonly (readonly [of: RegExp, trend: string])[] = [
  [/^iteration/, 'iteration_duration'],
  [/^group_duration$/, 'group_duration'],
];
/** What the generator knows by itself, and sums of bytes: nothing that was cut off is missing in them. */
const complete =
  /^(generator_.*|vus|vus_max|dropped_iterations|data_.*|(spike_)?recovery_time|goodput_kept)$/;

export interface SelectedMetric {
  readonly metric: string;
  readonly tags: Tags;
  readonly totals: Totals;
}

/**
 * What a metric, or a selection of it, may be without; `undefined` when that is nothing. `iterationsOf` is how many
 * iterations completed that carry the tags as far as iterations have them.
 */
export function unfinishedOf(
  { metric, tags, totals }: SelectedMetric,
  cut: readonly CutTotals[],
  iterationsOf: (tags: Tags) => number,
): Unfinished | undefined {
  if (cut.length === 0) return undefined;
  const isOwn = Object.hasOwn(builtInMetrics, metric);
  const trend = metricFacts(metric)?.follows ?? ownTrends.find(([of]) => of.test(metric))?.[1];
  return isOwn && trend !== undefined
    ? fromOperations(
        metric,
        tags,
        totals,
        cut.filter((one) => one.metric === trend),
      )
    : fromIterations(metric, tags, totals, cut, iterationsOf);
}

function fromOperations(
  metric: string,
  tags: Tags,
  totals: Totals,
  cut: readonly CutTotals[],
): Unfinished | undefined {
  const known = new Histogram();
  const bounded = new Histogram();
  const maybeBounded = new Histogram();
  const waits = new Histogram();
  let unboundedCount = 0;
  let maybeUnboundedCount = 0;
  let added = 0;
  for (const one of cut) {
    const belongs = belonging(one.tags, tags);
    if (belongs === 'no') continue;
    const isBounded = one.metric === metric && one.bound === 'waited';
    const { count } = one.overdue;
    waits.merge(one.overdue);
    if (belongs === 'yes' && isBounded && !one.isEndless) known.merge(one.waits);
    if (belongs === 'yes' && isBounded) bounded.merge(one.overdue);
    else if (belongs === 'yes') unboundedCount += count;
    else if (isBounded) maybeBounded.merge(one.overdue);
    else maybeUnboundedCount += count;
    // What was sent is counted already, as aborted; iterations are not.
    if (one.bound === 'none' || one.metric === 'iteration_duration') added += count;
  }
  if (waits.count + known.count === 0 || (totals.type === 'counter' && added === 0)) return undefined;
  return { bounded, unboundedCount, maybeBounded, maybeUnboundedCount, added, waits, known };
}

/**
 * Checks, and metrics of the suite's own: iterations that were cut off would have had as many samples of them as others
 * had on average. Of a counter each may have added as much as others did, and 1 at least.
 */
function fromIterations(
  metric: string,
  tags: Tags,
  totals: Totals,
  cut: readonly CutTotals[],
  iterationsOf: (tags: Tags) => number,
): Unfinished | undefined {
  // Nor is it in those of a protocol that follow from no trend.
  const isComplete = complete.test(metric) || protocolOf(metric) !== undefined;
  if (isComplete && Object.hasOwn(builtInMetrics, metric)) return undefined;
  const waits = new Histogram();
  for (const one of cut) {
    if (one.metric !== 'iteration_duration') continue;
    // Tags that iterations do not have, such as `check`, are those of the samples.
    const known = Object.entries(tags).filter(([name]) => Object.hasOwn(one.tags, name));
    if (known.every(([name, value]) => one.tags[name] === value)) waits.merge(one.overdue);
  }
  if (waits.count === 0 || totals.type === 'gauge') return undefined;
  const samples =
    totals.type === 'counter'
      ? totals.count
      : totals.type === 'rate'
        ? totals.passes + totals.fails
        : totals.histogram.count;
  const completed = iterationsOf(tags);
  // Where no iteration completed, one sample each is the best guess.
  const each = completed > 0 ? samples / completed : 1;
  const count = Math.ceil(waits.count * each);
  const added = totals.type === 'counter' ? Math.ceil(waits.count * Math.max(1, each)) : 0;
  if (count === 0 && added === 0) return undefined;
  const none = new Histogram();
  return {
    bounded: none,
    unboundedCount: count,
    maybeBounded: none,
    maybeUnboundedCount: 0,
    added,
    waits,
    known: none,
  };
}

function belonging(own: Tags, wanted: Tags): 'yes' | 'maybe' | 'no' {
  const selectsHooks = wanted.task !== undefined || wanted.user !== undefined;
  if (isBesideLoad(own) && !selectsHooks) return 'no';
  let belongs: 'yes' | 'maybe' = 'yes';
  for (const [name, value] of Object.entries(wanted)) {
    if (own[name] === value) continue;
    if (Object.hasOwn(own, name) || !outcomeTags.has(name)) return 'no';
    belongs = 'maybe';
  }
  return belongs;
}
