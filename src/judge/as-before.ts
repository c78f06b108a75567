// What is usual for a run before something happened to it, and from when on it is as before again. spikes.ts asks it of
// spikes of the load, and analysis/faults/ of faults. The rule is in docs/how-it-measures.md, "Recovery after a spike".

import { median, medianDeviation } from '../stats/median.ts';
import type { LoadMoment } from './load-course.ts';

/** What was usual is told from so many intervals, at the least and at the most. */
export const fewestBefore = 5;
export const mostBefore = 60;
/** Back are so many intervals in a row */
export const backCount = 3;
/** whose 95th percentile is at most so much above the usual one, or no more than spreads before it, */
const slowerBy = 1.5;
const spreads = 3;
/** and whose share of failures is at most so much above the usual one. */
const tolerance = 0.05;
/** Those who hang are in no response time: so much of the usual goodput must be there. */
const leastGoodput = 0.5;
/** Differences of so little are nothing. */
const leastMs = 5;

export interface Usual {
  /** Median of the 95th percentiles of the intervals before, and what is as before. */
  readonly usualMs: number;
  readonly limitMs: number;
  /** Share of failures, 0..1. */
  readonly failedLimit: number;
  readonly goodPerSec: number;
}

/** What was usual in these intervals; `undefined` when too few of them have response times. */
export function usualOf(moments: readonly LoadMoment[]): Usual | undefined {
  const before = moments.filter(({ p95Ms }) => p95Ms !== null);
  if (before.length < fewestBefore) return undefined;
  const times = before.map(({ p95Ms }) => p95Ms!);
  const usualMs = median(times);
  const spread = medianDeviation(times, usualMs);
  const failed = before.reduce((sum, one) => sum + one.failedRatio * one.count, 0);
  return {
    usualMs,
    limitMs: Math.max(slowerBy * usualMs, usualMs + spreads * spread, usualMs + leastMs),
    failedLimit: failed / before.reduce((sum, one) => sum + one.count, 0) + tolerance,
    goodPerSec: median(before.map(({ goodPerSec }) => goodPerSec)),
  };
}

/**
 * The first of the intervals from which on enough of them in a row are as before, and `isAlso` says so, too, of them
 * together; `undefined` when none is.
 */
export function firstBack(
  moments: readonly LoadMoment[],
  usual: Usual,
  isAlso: (together: readonly LoadMoment[]) => boolean = () => true,
): LoadMoment | undefined {
  const isBack = ({ p95Ms, failedRatio, goodPerSec }: LoadMoment): boolean =>
    p95Ms !== null &&
    p95Ms <= usual.limitMs &&
    failedRatio <= usual.failedLimit &&
    goodPerSec >= leastGoodput * usual.goodPerSec;
  return moments.find((_, k) => {
    const together = moments.slice(k, k + backCount);
    return together.length === backCount && together.every(isBack) && isAlso(together);
  });
}
