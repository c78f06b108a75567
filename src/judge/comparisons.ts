// Says what the pairs of a comparison show: how large the difference is, and whether it is within its limit. Called by
// judge.ts at the end of a run.

import type { ComparedPair, ComparedPairs, ComparedSelection } from '../metrics/compared-pairs.ts';
import type { ComparisonPlan, ComparisonResult, ComparisonStatus } from '../model/comparison.ts';
import { pairedRatio } from '../stats/paired-ratio.ts';
import { isWithin } from './operators.ts';

const confidence = 0.95;
/** In the record; more are averaged in twos. */
const mostPairs = 1000;
/** So little cut off sways no median or average that matters. */
const mostCutOffShare = 0.01;

/** The results by the names of the comparisons. */
export function judgeComparisons(compared: readonly ComparedPairs[]): Record<string, ComparisonResult> {
  return Object.fromEntries(compared.map((one) => [one.plan.name, judgeComparison(one)]));
}

function judgeComparison({ plan, of, against, pairs: all }: ComparedPairs): ComparisonResult {
  const pairs = halvedTo(mostPairs, all);
  const interval = pairedRatio(pairs, confidence);
  const low = interval === undefined ? null : interval.low - 1;
  const high = interval === undefined ? null : interval.high - 1;
  const isWhole = isFew(of) && isFew(against);
  const status = statusOf(plan, low, high);
  return {
    status: isWhole || status === 'unjudged' ? status : 'inconclusive',
    of: of.statistic,
    against: against.statistic,
    ofCount: of.count,
    againstCount: against.count,
    ...(!isWhole && { cutOff: { of: of.cutOff, against: against.cutOff } }),
    difference: interval === undefined ? null : interval.ratio - 1,
    low,
    high,
    confidence,
    pairs: { of: pairs.map(([value]) => value), against: pairs.map(([, value]) => value) },
  };
}

function isFew({ cutOff, count }: ComparedSelection): boolean {
  return cutOff <= mostCutOffShare * (cutOff + count);
}

/** Neighbours joined by their geometric means, which leaves the mean of the logarithms as it is. */
function halvedTo(most: number, pairs: readonly ComparedPair[]): readonly ComparedPair[] {
  if (pairs.length <= most) return pairs;
  const joined: ComparedPair[] = [];
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const [a, b] = [pairs[i]!, pairs[i + 1]!];
    joined.push([Math.sqrt(a[0] * b[0]), Math.sqrt(a[1] * b[1])]);
  }
  return halvedTo(most, joined);
}

function statusOf({ limit }: ComparisonPlan, low: number | null, high: number | null): ComparisonStatus {
  if (limit === undefined) return 'unjudged';
  if (low === null || high === null) return 'inconclusive';
  const holds = (value: number): boolean => isWithin(limit.operator, value, limit.ratio);
  if (holds(low) && holds(high)) return 'pass';
  return holds(low) || holds(high) ? 'inconclusive' : 'fail';
}
