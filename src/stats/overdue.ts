// Tells work that the end of a run merely interrupted from work that has waited for longer than its kind takes. Pure;
// called by metrics/cut-book.ts. The rule is in docs/how-it-measures.md, "What was cut off at the end".

import { Histogram } from './histogram.ts';

/** Waits so short are a hiccup of the machine, of a collector of garbage, of a scheduler: they tell of nothing. */
const hiccupMs = 100;
/** How much longer than any piece of completed work one may have waited: it is seldom cut at its very end. */
const slack = 2;
/** So many that waited longer than the longest of so many completed ones, by more than this factor, are no accident. */
const crowd = { waiting: 5, completed: 20, slack: 1.25 } as const;

/**
 * The least wait, ms, that is overdue; infinite when none is. A wait is usual when for every piece of work that had waited
 * as long or longer there are two completed ones (`precedents`) that took at least half of that, less a hiccup: then the end
 * of the run came upon ordinary work. A stop of the target has no such precedents, whether one piece hung or all. Where a
 * run is a few answers long there are not two of each: one is enough for a wait that most of what completed took, too.
 * Several at once that have all waited for longer than any of many took have stopped, though none took twice as long yet.
 *
 * Each bucket counts as if all its waits were its least, and its times its greatest, so that rounding makes nothing overdue.
 */
export function overdueFromMs(waits: Histogram, completed: Histogram, precedents = 2): number {
  const longest = completed.buckets().reverse();
  const medianMs = completed.count > 0 ? completed.percentile(50) : 0;
  const crowdMs = completed.max * crowd.slack + hiccupMs;
  let tookAsLong = 0;
  let next = 0;
  let waited = 0;
  let leastMs = Number.POSITIVE_INFINITY;
  for (const { from, count } of waits.buckets().reverse()) {
    waited += count;
    const comparedMs = Math.max(0, (from - hiccupMs) / slack);
    while (next < longest.length && longest[next]!.to >= comparedMs) tookAsLong += longest[next++]!.count;
    const enough = from <= medianMs ? waited : precedents * waited;
    const areCrowd = waited >= crowd.waiting && completed.count >= crowd.completed && from > crowdMs;
    if (tookAsLong < enough || areCrowd) leastMs = from;
  }
  return leastMs;
}

/**
 * The values of a histogram that are in the bucket of `from` or above, exact when that is all. Otherwise each counts as
 * the least of its bucket, but for the greatest.
 */
export function valuesFrom(histogram: Histogram, from: number): Histogram {
  const above = new Histogram();
  const buckets = histogram.buckets().filter((bucket) => bucket.from >= from || bucket.to > from);
  const count = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  if (count === histogram.count) {
    above.merge(histogram);
    return above;
  }
  for (const [i, bucket] of buckets.entries()) {
    const hasGreatest = i === buckets.length - 1;
    for (let k = hasGreatest ? 1 : 0; k < bucket.count; k++) above.add(bucket.from);
    if (hasGreatest) above.add(histogram.max);
  }
  return above;
}
