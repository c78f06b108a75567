// What comparisons say: as sentences for the verdict and the reports, and as findings.

import type { ComparisonPlan, ComparisonResult, ComparisonStatus } from '../model/comparison.ts';
import { seriesKey } from '../model/metric.ts';
import type { Measurements } from '../model/run-record.ts';
import type { Finding } from '../model/verdict.ts';
import { fewestPairs } from '../stats/paired-ratio.ts';
import { formatCount } from '../text/format-figure.ts';

interface Compared {
  readonly plan: ComparisonPlan;
  readonly result: ComparisonResult;
}

function comparedIn({ plan, comparisons }: Measurements, status: ComparisonStatus): Compared[] {
  return (plan.comparisons ?? []).flatMap((one) => {
    const result =
      comparisons !== undefined && Object.hasOwn(comparisons, one.name) ? comparisons[one.name] : undefined;
    return result?.status === status ? [{ plan: one, result }] : [];
  });
}

/** A difference with its sign: `+12.3 %`, `-0.40 %`. */
export function formatDifference(ratio: number): string {
  const percent = ratio * 100;
  const digits = Math.abs(percent) >= 99.95 ? 0 : Math.abs(percent) >= 9.995 ? 1 : 2;
  return `${percent < 0 ? '-' : '+'}${Math.abs(percent).toFixed(digits)} %`;
}

/** `+12.3 % (95 % interval +10.1 % to +14.6 %)`; what is missing when there is none. */
export function differenceText({ difference, low, high, confidence, pairs }: ComparisonResult): string {
  if (difference === null || low === null || high === null) {
    return `not known: ${formatCount(pairs.of.length, 'pair')} of the ${fewestPairs} needed`;
  }
  const interval = `${formatDifference(low)} to ${formatDifference(high)}`;
  return `${formatDifference(difference)} (${confidence * 100} % interval ${interval})`;
}

/** `; 12 of it were cut off`; empty where that does not matter. */
function cutOffText({ cutOff }: ComparisonResult): string {
  if (cutOff === undefined) return '';
  return `; ${formatCount(cutOff.of)} on its side and ${formatCount(cutOff.against)} on the other were cut off overdue`;
}

/** The verdict's sentences on the comparisons of one status. */
export function comparisonSentences(measured: Measurements, status: ComparisonStatus): string[] {
  const verbs = {
    pass: 'is within its limit',
    fail: 'is beyond its limit',
    inconclusive: 'cannot be distinguished from its limit',
    unjudged: 'was measured',
  } as const;
  const sentences = comparedIn(measured, status).map(({ plan, result }) => {
    const limit = plan.limit === undefined ? '' : ` ${plan.limit.expression}`;
    return `The difference ${plan.name} ${verbs[status]}${limit}: ${differenceText(result)}${cutOffText(result)}.`;
  });
  return status === 'inconclusive' ? [...sentences, ...missingSentences(measured)] : sentences;
}

/** Comparisons with a limit that the record has no result of. */
function missingSentences({ plan, comparisons = {} }: Measurements): string[] {
  const missing = (plan.comparisons ?? []).filter(
    ({ name, limit }) => limit !== undefined && !Object.hasOwn(comparisons, name),
  );
  return missing.map(
    ({ name, limit }) =>
      `The difference ${name} (limit ${limit!.expression}): the record has no result of it.`,
  );
}

/** One finding for each comparison that breaks its limit, or may break it. */
export function findComparisons(measured: Measurements): Finding[] {
  return [
    ...comparedIn(measured, 'fail').map((one) => findingOf(one, 'critical')),
    ...comparedIn(measured, 'inconclusive').map((one) => findingOf(one, 'warning')),
  ];
}

function findingOf({ plan, result }: Compared, severity: Finding['severity']): Finding {
  const { expression, ratio: limit } = plan.limit!;
  const [of, against] = [seriesKey(plan.metric, plan.of), seriesKey(plan.metric, plan.against)];
  const statistic = plan.statistic === 'med' ? 'medians' : 'averages';
  const pairs = formatCount(result.pairs.of.length, 'pair');
  const shares = { difference: result.difference, low: result.low, high: result.high };
  const verb = severity === 'critical' ? 'is beyond' : 'cannot be distinguished from';
  return {
    kind: 'comparison',
    severity,
    title: `The difference ${plan.name} ${verb} its limit ${expression}`,
    detail: `${of} against ${against}: ${differenceText(result)}, by ${pairs} of ${statistic} of the same seconds.`,
    evidence: Object.entries(shares).flatMap(([name, value]) =>
      value === null ? [] : [{ name: `${plan.name} ${name}`, value, unit: 'ratio', limit }],
    ),
    ...(severity === 'warning' && {
      advice:
        'Run longer or with less disturbance: the interval shrinks with the root of the number of pairs.',
    }),
  };
}
