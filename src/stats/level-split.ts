// The one split of a series whose sides differ most in level, and how likely chance makes such a split. Used by
// change-points.ts for each window.

import { normalDensity, normalUpperQuantile, normalUpperTail } from './normal.ts';
import { drawTail, rankSumTail, windowRanks } from './rank-sum.ts';

/** A side of a split has this many readings at least. */
export const fewestOnASide = 5;
/** Up to this many readings the distribution of rank sums is computed; beyond, the normal one is close, and cautious. */
const mostExact = 150;
/**
 * With scores below `score`, the chance of a rank sum of 5 to 150 readings is never below `chance`: where that is not of
 * interest, working it out is spared. `level-split.test.ts` has them all.
 */
export const leastChances = [
  { score: 3, chance: 8e-4 },
  { score: 3.5, chance: 8e-6 },
] as const;

export interface Split {
  /** First index of the later side. */
  readonly at: number;
  /** Standardised rank sum of the earlier side, absolute; 0 when all readings are equal. */
  readonly score: number;
  /** That a split as clear as this is anywhere in the window, when the readings are in random order. */
  readonly pValue: number;
  /** The window. */
  readonly from: number;
  readonly until: number;
}

/** Finds the clearest split of the readings from..until-1. */
export type FindSplit = (from: number, until: number, interest?: number) => Split;

/**
 * Finds the split of a window of `values` with the greatest rank sum. The p-value is worked out where it may be below
 * `interest`, else it is 1.
 *
 * The chance at the split itself is that of its rank sum (`rankSumTail`), by both sides. That of a maximum over all splits
 * is at most as many times greater as there are splits, and near L. Vostrikova's formula for the maximum of a standardised
 * Brownian bridge (Soviet Math. Dokl. 24 (1981) 55; M. Csorgo and L. Horvath, "Limit Theorems in Change-Point Analysis",
 * 1997, section 1.3); the lesser of both is taken. Where more than half of the readings are equal, rank sums are far from
 * normal: the chance is then at least that of drawing so many readings above (or below) that value on one side.
 */
export function splitFinder(values: readonly number[]): FindSplit {
  const ranksOf = windowRanks(values);
  return (from, until, interest = 0) => {
    const count = until - from;
    const none = { at: from, score: 0, pValue: 1, from, until };
    const { ranks, variance } = ranksOf(from, until);
    if (variance <= 0) return none;
    const { size, square } = clearest(ranks, count);
    if (size === 0) return none;
    const score = Math.sqrt((square * count) / variance);
    const split = { ...none, at: from + size, score };
    const normal = maximumChance(2 * normalUpperTail(score), count, score);
    // The normal tail is the greater, but never by so much that what it finds likely is not.
    if (interest === 0 || normal > Math.max(0.2, interest)) return split;
    if (count > mostExact) return { ...split, pValue: normal };
    if (leastChances.some((least) => score < least.score && interest < least.chance)) return split;
    const deviation = score * Math.sqrt((size * (count - size) * (count + 1)) / 12);
    const exact = 2 * rankSumTail(size, count - size, deviation);
    const chance = Math.max(exact, tiedChance(values, split));
    return { ...split, pValue: maximumChance(Math.min(1, chance), count) };
  };
}

/** How long the earlier side is where ranks differ most, and the square of the score but for what all splits share. */
function clearest(ranks: Float64Array, count: number): { readonly size: number; readonly square: number } {
  const middle = (count + 1) / 2;
  let sum = 0;
  let [best, greatest] = [0, 0];
  for (let size = 1; size <= count - fewestOnASide; size++) {
    sum += ranks[size - 1]! - middle;
    if (size < fewestOnASide) continue;
    const square = (sum * sum) / (size * (count - size));
    if (square > greatest) [best, greatest] = [size, square];
  }
  return { size: best, square: greatest };
}

/**
 * The chance of a maximum over all splits of `count` readings, given the chance at the one split, and the normal deviation
 * that has this chance where it is known.
 */
function maximumChance(
  chance: number,
  count: number,
  x = normalUpperQuantile(Math.max(chance, 1e-300) / 2),
): number {
  const splits = count - 2 * fewestOnASide + 1;
  if (x < 1.5) return 1;
  const edge = fewestOnASide / count;
  const bridge = normalDensity(x) * x * (2 * Math.log((1 - edge) / edge) * (1 - 1 / x ** 2) + 4 / x ** 2);
  return Math.min(1, splits * chance, bridge);
}

/** 0 unless more than half of the readings are equal. */
function tiedChance(values: readonly number[], { from, at, until }: Split): number {
  const sorted = Float64Array.from(values.slice(from, until)).sort();
  const usual = sorted[sorted.length >> 1]!;
  const equal = sorted.lastIndexOf(usual) - sorted.indexOf(usual) + 1;
  if (equal * 2 <= sorted.length) return 0;
  const beyond = (isBeyond: (value: number) => boolean): number => {
    const all = sorted.filter(isBeyond).length;
    const early = values.slice(from, at).filter(isBeyond).length;
    return Math.min(
      drawTail(sorted.length, all, at - from, early),
      drawTail(sorted.length, all, until - at, all - early),
    );
  };
  // Two directions, two sides.
  return (
    4 *
    Math.min(
      beyond((value) => value > usual),
      beyond((value) => value < usual),
    )
  );
}
