// The one split of a series whose sides differ most in level, and how likely chance makes such a split. Used by
// change-points.ts for each window.

import { normalDensity, normalUpperQuantile, normalUpperTail } from './normal.ts';
import { drawTail, rank, rankSumTail } from './rank-sum.ts';

/** A side of a split has this many readings at least. */
export const fewestOnASide = 5;
/** Up to this many readings the distribution of rank sums is computed; beyond, the normal one is close, and cautious. */
const mostExact = 150;

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

/**
 * Finds the split of values[from..until) with the greatest rank sum. The p-value is worked out where it may be below
 * `interest`, else it is 1.
 *
 * The chance at the split itself is that of its rank sum (`rankSumTail`), by both sides. That of a maximum over all splits
 * is at most as many times greater as there are splits, and near L. Vostrikova's formula for the maximum of a standardised
 * Brownian bridge (Soviet Math. Dokl. 24 (1981) 55; M. Csorgo and L. Horvath, "Limit Theorems in Change-Point Analysis",
 * 1997, section 1.3); the lesser of both is taken. Where more than half of the readings are equal, rank sums are far from
 * normal: the chance is then at least that of drawing so many readings above (or below) that value on one side.
 */
export function findSplit(values: readonly number[], from: number, until: number, interest = 0): Split {
  const count = until - from;
  const none = { at: from, score: 0, pValue: 1, from, until };
  const { ranks, variance } = rank(values, from, until);
  if (variance <= 0) return none;
  const middle = (count + 1) / 2;
  let sum = 0;
  let [bestSize, greatest] = [0, 0];
  for (let size = 1; size <= count - fewestOnASide; size++) {
    sum += ranks[size - 1]! - middle;
    if (size < fewestOnASide) continue;
    // The square of the score, but for what all splits share.
    const square = (sum * sum) / (size * (count - size));
    if (square > greatest) [bestSize, greatest] = [size, square];
  }
  if (bestSize === 0) return none;
  const best = { size: bestSize, greatest: Math.sqrt((greatest * count) / variance) };
  const split = { ...none, at: from + best.size, score: best.greatest };
  const normal = maximumChance(2 * normalUpperTail(best.greatest), count, best.greatest);
  // The normal tail is the greater, but never by so much that what it finds likely is not.
  if (interest === 0 || normal > Math.max(0.2, interest)) return split;
  if (count > mostExact) return { ...split, pValue: normal };
  const deviation = best.greatest * Math.sqrt((best.size * (count - best.size) * (count + 1)) / 12);
  const exact = 2 * rankSumTail(best.size, count - best.size, deviation);
  const chance = Math.max(exact, tiedChance(values, split));
  return { ...split, pValue: maximumChance(Math.min(1, chance), count) };
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
