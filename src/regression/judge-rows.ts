// From the figures of several runs on two sides to rows with a status each. Called by compare-runs.ts.

import type { RegressionRow, RegressionStatus } from '../model/regression.ts';
import { adjustPValues } from '../stats/false-discovery.ts';
import { differenceInterval, type MeanDifference, meanDifference } from '../stats/mean-difference.ts';
import { type Share, shareDifference } from '../stats/share-difference.ts';
import { figureKey, type RunFigure, type RunFigures, unitOfStatistic } from './run-figures.ts';

export interface RegressionLimits {
  /** The least change of times and rates that matters, as a share: 0.1 for 10 %. */
  readonly minimumChange: number;
  /** The least change of the share that failed that matters: 0.005 for half a percentage point. */
  readonly minimumShare: number;
  /** Standard deviation, as a share, that is assumed between equal runs where the runs themselves do not show one. */
  readonly runNoise: number;
}

const confidence = 0.95;
/** With fewer degrees of freedom the spread between runs is not taken from the runs. */
const leastFreedom = 2;
const cutOffReason = 'work was cut off that would have taken longer';

type Level = RunFigure & { kind: 'level' };

/** A row with the p-value of its own alone. */
interface Measured {
  readonly row: Omit<RegressionRow, 'pValue' | 'status'>;
  readonly pValue: number | null;
  /** What was cut off leaves these answers open. */
  readonly open?: readonly RegressionStatus[];
}

/**
 * One row for each figure that a run of either side has, in the order of the sides. A row is
 *
 * - `worse` or `better`, when its interval leaves out 0, its adjusted p-value (`adjustPValues`) is at most 0.05, and its
 *   change is at least the minimum;
 * - `same`, when its whole interval lies within the minimum on both sides of 0 (two one-sided tests: D. J. Schuirmann, J.
 *   Pharmacokinetics and Biopharmaceutics 15 (1987) 657);
 * - `unjudged` otherwise, with the reason.
 *
 * The spread between runs is theirs from two degrees of freedom on, three runs on one side or two on each. With fewer the
 * error within the runs and an assumed spread between them are added (`RegressionLimits.runNoise`).
 */
export function judgeRows(
  before: readonly RunFigures[],
  after: readonly RunFigures[],
  limits: RegressionLimits,
): RegressionRow[] {
  const keys = new Set([...before, ...after].flatMap((figures) => [...figures.keys()]));
  const rows = [...keys].map((key) => measure(figuresAt(before, key), figuresAt(after, key), limits));
  const tested = rows.filter(({ pValue }) => pValue !== null);
  const adjusted = adjustPValues(tested.map(({ pValue }) => pValue!));
  const pValues = new Map(tested.map((one, i) => [one, adjusted[i]!]));
  const judged = rows.map((one) => judge(one, pValues.get(one) ?? null, tested.length));
  return judged.map((row) => withFailures(row, judged));
}

function figuresAt(runs: readonly RunFigures[], key: string): (RunFigure | undefined)[] {
  return runs.map((figures) => figures.get(key));
}

/** The interval of one row. */
function measure(
  before: readonly (RunFigure | undefined)[],
  after: readonly (RunFigure | undefined)[],
  limits: RegressionLimits,
): Measured {
  const all = [...before, ...after];
  const some = all.find((figure) => figure !== undefined)!;
  const base = {
    metric: some.metric,
    ...(some.tags !== undefined && { tags: some.tags }),
    statistic: some.statistic,
    unit: unitOfStatistic(some.statistic),
    minimum: some.kind === 'share' ? limits.minimumShare : limits.minimumChange,
  };
  const unknown = { change: null, low: null, high: null };
  const values = { before: meanOf(before), after: meanOf(after) };
  if (before.length === 0) {
    const open = some.kind === 'level' ? openAnswers([], after as readonly Level[]) : [];
    const reason = open.length > 0 ? cutOffReason : 'there is no earlier run';
    return { row: { ...base, ...values, ...unknown, reason }, pValue: null, open };
  }
  if (all.includes(undefined)) {
    const where = before.includes(undefined) ? 'before' : 'after';
    return {
      row: { ...base, ...values, ...unknown, reason: `not every run ${where} has this figure` },
      pValue: null,
    };
  }
  if (some.kind === 'share') {
    const found = shareDifference(pooled(before), pooled(after), confidence);
    const { difference: change, low, high, pValue } = found;
    return { row: { ...base, ...values, change, low, high }, pValue };
  }
  const [one, two] = [before as readonly Level[], after as readonly Level[]];
  const difference = levelDifference(one, two, limits.runNoise);
  if (typeof difference === 'string')
    return { row: { ...base, ...values, ...unknown, reason: difference }, pValue: null };
  const { low, high, pValue } = differenceInterval(difference, confidence);
  const change = Math.expm1(difference.difference);
  return {
    row: { ...base, ...values, change, low: Math.expm1(low), high: Math.expm1(high) },
    pValue,
    open: openAnswers(one, two),
  };
}

function meanOf(figures: readonly (RunFigure | undefined)[]): number | null {
  const known = figures.filter((figure) => figure !== undefined);
  if (known.length === 0) return null;
  if (known[0]!.kind === 'share') {
    const { count, of } = pooled(known);
    return count / of;
  }
  const values = known.map((figure) => (figure as Level).value);
  if (values.some((value) => value <= 0))
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** The difference of logarithms, or why there is none. */
function levelDifference(
  before: readonly Level[],
  after: readonly Level[],
  runNoise: number,
): MeanDifference | string {
  const all = [...before, ...after];
  const problem = (kind: Level['problem']): boolean => all.some((figure) => figure.problem === kind);
  if (problem('zero')) return 'the figure is 0, so its change has no percentage';
  if (problem('few'))
    return 'there were too few operations, or they varied too much within the run, for this percentile';
  const logs = (figures: readonly Level[]): number[] => figures.map(({ value }) => Math.log(value));
  const between = meanDifference(logs(before), logs(after));
  if (between !== undefined && between.freedom >= leastFreedom) return between;
  if (problem('short')) return 'a run this short does not show how much the figure varies';
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const parts = [before, after].flatMap((side) =>
    side.map(({ error, freedom }) => ({ variance: (error! / side.length) ** 2, freedom: freedom! })),
  );
  const within = parts.reduce((sum, { variance }) => sum + variance, 0);
  const exposure = Math.max(...all.map((figure) => figure.exposure));
  const assumed = (runNoise * exposure) ** 2 * (1 / before.length + 1 / after.length);
  const error = Math.max(between?.error ?? 0, Math.sqrt(within + assumed));
  // Welch's degrees of freedom (Biometrika 34 (1947) 28); what is assumed counts as known.
  const share = parts.reduce((sum, { variance, freedom }) => sum + variance ** 2 / freedom, 0);
  const freedom = share === 0 ? Number.POSITIVE_INFINITY : Math.max(1, error ** 4 / share);
  return { difference: mean(logs(after)) - mean(logs(before)), error, freedom };
}

/** Runs of one side together; where they differ by more than chance, they count for less, as in Share's inflation. */
function pooled(figures: readonly (RunFigure | undefined)[]): Share {
  const shares = figures.filter((figure) => figure?.kind === 'share');
  const count = shares.reduce((sum, one) => sum + one.count, 0);
  const of = shares.reduce((sum, one) => sum + one.of, 0);
  const share = count / of;
  // Pearson's chi-square over its degrees of freedom: P. McCullagh and J. A. Nelder, "Generalized Linear Models", 4.5.
  const spread = shares.reduce((sum, one) => sum + (one.count - one.of * share) ** 2 / one.of, 0);
  const single = share * (1 - share);
  const between = shares.length < 2 || single === 0 ? 1 : spread / single / (shares.length - 1);
  return { count, of, inflation: Math.max(1, between, ...shares.map(({ inflation }) => inflation)) };
}

/** Times of which some were cut off are at least so long: longer ones before, or after, would change these answers. */
function openAnswers(before: readonly Level[], after: readonly Level[]): RegressionStatus[] {
  const isLeast = (side: readonly Level[]): boolean => side.some((figure) => figure.isLeast === true);
  return [
    ...(isLeast(before) ? (['worse', 'same'] as const) : []),
    ...(isLeast(after) ? (['better', 'same'] as const) : []),
  ];
}

function judge({ row, open = [] }: Measured, pValue: number | null, count: number): RegressionRow {
  const status = pValue === null ? 'unjudged' : answerOf(row, pValue);
  const isOpen = open.includes(status);
  if (status !== 'unjudged' && !isOpen) return { ...row, pValue, status, ...(open.length > 0 && { open }) };
  const reason = isOpen ? cutOffReason : reasonOf(row, pValue, count);
  return { ...row, pValue, status: 'unjudged', reason, ...(open.length > 0 && { open }) };
}

function answerOf(
  { statistic, change, low, high, minimum }: Measured['row'],
  pValue: number,
): RegressionStatus {
  if (change === null || low === null || high === null) return 'unjudged';
  if (low > -minimum && high < minimum) return 'same';
  const isClear = (low > 0 || high < 0) && pValue <= 1 - confidence;
  if (!isClear || Math.abs(change) < minimum) return 'unjudged';
  return (statistic === 'per second' ? change < 0 : change > 0) ? 'worse' : 'better';
}

function reasonOf(row: Measured['row'], pValue: number | null, count: number): string {
  const { change, low, high, minimum } = row;
  if (change === null || low === null || high === null || pValue === null)
    return row.reason ?? 'there is no interval';
  if ((low > 0 || high < 0) && Math.abs(change) >= minimum)
    return `among ${count} figures, one may differ this much by chance`;
  return low <= 0 && high >= 0
    ? 'the interval contains both no change and a relevant change'
    : 'the interval contains both relevant and irrelevant changes';
}

/** Requests that fail need not take the time of those that succeed. */
function withFailures(row: RegressionRow, rows: readonly RegressionRow[]): RegressionRow {
  if (row.unit !== 'ms') return row;
  const part = figureKey({ ...row, metric: '', statistic: 'failed' });
  const fails = rows.some(
    (one) => one.unit === 'ratio' && one.status === 'worse' && figureKey({ ...one, metric: '' }) === part,
  );
  if (!fails) return row;
  const open: RegressionStatus[] = [...new Set([...(row.open ?? []), 'better' as const, 'same' as const])];
  if (row.status !== 'same' && row.status !== 'better') return { ...row, open };
  return { ...row, status: 'unjudged', reason: 'more operations failed, and failures may be fast', open };
}
