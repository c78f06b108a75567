// Decides whether a threshold holds, by k6's rules. judge.ts asks during the run, threshold-outcomes.ts at its end.

import type { CutOffSubject, MetricSubject } from '../metrics/metric-subject.ts';
import type { Aggregation } from '../model/aggregation.ts';
import type { BuiltInMetric } from '../model/metric.ts';
import type { ThresholdPlan } from '../model/plan.ts';
import type { ThresholdResult } from '../model/run-record.ts';
import { type Bounds, boundsOf, surelyAtLeast } from './bounds.ts';
import { isWithin, stateWithin } from './operators.ts';
import { isBrokenByNow, judgeWindows } from './window-thresholds.ts';

/**
 * Whether a threshold is broken while the run goes on. A series without samples is never broken: the load that
 * will fill it may not have begun.
 */
export function isBroken(threshold: ThresholdPlan, subject: MetricSubject): boolean {
  if (threshold.windows !== undefined) {
    const figures = subject.windowsOf?.(threshold);
    return figures !== undefined && isBrokenByNow(threshold, figures);
  }
  if (subject.empty) return false;
  const actual = aggregate(threshold, subject);
  return actual !== null && !isWithin(threshold.operator, actual, threshold.limit);
}

/** Trends that stay empty when all is well: there was no outage, and nothing to collect. */
const emptyWhenWell: ReadonlySet<string> = new Set([
  'recovery_time',
  'generator_gc_pause',
] satisfies BuiltInMetric[]);

/**
 * The result at the end of the run, of the samples that there are; `withBounds` goes on from it. A counter of the load without samples is 0. Anything else without samples, or
 * without the readings for a slope, tells nothing: `actual` is `null`, and `ok` is false unless the threshold is
 * `optional` or its metric is empty when all is well. `close` is true when the threshold holds but its value is nearer to the limit than `warnMargin` × limit; a limit of 0
 * and `==`, `!=` are never close.
 */
function evaluateMeasured(
  threshold: ThresholdPlan,
  subject: MetricSubject,
  aborted: boolean,
): ThresholdResult {
  const { limit, level, operator, warnMargin } = threshold;
  const isCounter = 'count' in subject.values && 'rate' in subject.values;
  const mayBeEmpty = threshold.optional === true || emptyWhenWell.has(threshold.metric);
  const unseen = { ok: mayBeEmpty, level, actual: null, limit, close: false, aborted };
  if (subject.empty && (subject.sampled || !isCounter)) {
    return subject.folded ? { ...unseen, ok: false, folded: true } : unseen;
  }
  const actual = aggregate(threshold, subject);
  if (actual === null) return unseen;
  const ok = isWithin(operator, actual, limit);
  const ordered = operator !== '==' && operator !== '!=';
  const margin = warnMargin * Math.abs(limit);
  const close = ok && ordered && margin > 0 && Math.abs(limit - actual) <= margin;
  // What is missing can only add to a counter.
  const isSure = isCounter && !ok && operator.startsWith('<');
  if (subject.folded && !isSure) return { ...unseen, ok: false, folded: true };
  return { ok, level, actual, limit, close, aborted };
}

/**
 * The result at the end of the run, by the least and the greatest value that cut-off work leaves possible: it holds when
 * both hold, is broken when neither does, and is undecided otherwise. `stoppedEarly` says that the run was ended from
 * outside or by a threshold, so that what was cut off could not have gone on: what is broken stays broken then, but for a
 * counter that falls short of what the rest of the run would have added to.
 */
export function evaluateThreshold(
  threshold: ThresholdPlan,
  subject: MetricSubject,
  aborted: boolean,
  stoppedEarly = false,
): ThresholdResult {
  if (threshold.windows !== undefined) return evaluateByWindows(threshold, subject, aborted, stoppedEarly);
  const result = evaluateWhole(threshold, subject, aborted, stoppedEarly);
  return stoppedEarly && !aborted ? openWhereItMayGrow(threshold, subject, result) : result;
}

/** A counter had no time to reach what it falls short of when the run was ended early. Steps of a search have their own times. */
function openWhereItMayGrow(
  { aggregation, level, operator }: ThresholdPlan,
  { values }: MetricSubject,
  result: ThresholdResult,
): ThresholdResult {
  const isCounter = 'count' in values && 'rate' in values;
  const { ok, undecided, actual, limit } = result;
  if (!isCounter || level === 'search' || ok || undecided === true || actual === null) return result;
  if (operator.startsWith('<') || (operator === '==' && actual > limit)) return result;
  const least = aggregation.kind === 'rate' ? null : actual;
  return { ...result, undecided: true, bounds: { least, greatest: null } };
}

function evaluateWhole(
  threshold: ThresholdPlan,
  subject: MetricSubject,
  aborted: boolean,
  stoppedEarly: boolean,
): ThresholdResult {
  const measured = evaluateMeasured(threshold, subject, aborted);
  const { cutOff } = subject;
  if (cutOff === undefined) return measured;
  const bounds = boundsLeftBy(cutOff, threshold.aggregation);
  const surely = surelyAtLeast(threshold.aggregation, cutOff.totals, cutOff.unfinished, cutOff.floor);
  if (surely !== undefined && threshold.operator.startsWith('<') && measured.ok !== false) {
    if (!isWithin(threshold.operator, surely, threshold.limit)) {
      const told = { least: surely, greatest: finiteOrNull(bounds?.greatest ?? Number.POSITIVE_INFINITY) };
      return { ...measured, ok: false, close: false, bounds: told, cut: cutOff.known };
    }
  }
  if (bounds === undefined || (bounds.least === measured.actual && bounds.greatest === measured.actual)) {
    return measured;
  }
  const told = {
    bounds: { least: finiteOrNull(bounds.least), greatest: finiteOrNull(bounds.greatest) },
    cut: cutOff.cut,
  };
  const wasBroken = measured.actual !== null && !measured.ok;
  const state = wasBroken && (aborted || stoppedEarly) ? 'broken' : stateWithin(threshold, bounds);
  if (state === 'held') return { ...measured, ...told, ok: true };
  const open = state === 'undecided' ? ({ undecided: true } as const) : {};
  return { ...measured, ...told, ...open, ok: false, close: false };
}

/** The same of a threshold that is judged window by window. */
function evaluateByWindows(
  threshold: ThresholdPlan,
  subject: MetricSubject,
  aborted: boolean,
  stoppedEarly: boolean,
): ThresholdResult {
  const { limit, level, operator, warnMargin } = threshold;
  const figures = subject.windowsOf?.(threshold);
  const judged = figures === undefined ? undefined : judgeWindows(threshold, figures);
  const unseen = { level, actual: null, limit, close: false, aborted };
  if (subject.folded) return { ...unseen, ok: false, folded: true };
  if (judged === undefined) return { ...unseen, ok: threshold.optional === true };
  const { least, greatest, tally: windows } = judged;
  const isSure = least === greatest && Number.isFinite(least);
  // It ended the run because it was broken: what did not come to an end since then changes nothing.
  const known = judged.state === 'undecided' && aborted ? 'broken' : judged.state;
  // Of a run that was ended early the windows that are missing might have made up for the broken ones.
  const mayMend = stoppedEarly && !aborted && known === 'broken' && !isBrokenByNow(threshold, figures!);
  const state = mayMend ? 'undecided' : known;
  // Of what may be, the worst that holds, or the best that is broken.
  const deciding = (state === 'held') === operator.startsWith('<') ? greatest : least;
  const actual = state === 'undecided' ? null : finiteOrNull(deciding);
  const margin = warnMargin * Math.abs(limit);
  return {
    ...{ level, actual, limit, aborted, windows },
    ok: state === 'held',
    close: state === 'held' && margin > 0 && actual !== null && Math.abs(limit - actual) <= margin,
    ...(state === 'undecided' && { undecided: true as const }),
    ...(mayMend && { bounds: { least: null, greatest: null } }),
    ...(!isSure && !mayMend && { bounds: { least: finiteOrNull(least), greatest: finiteOrNull(greatest) } }),
  };
}

/** What the aggregation may be; `undefined` when nothing follows for it. */
function boundsLeftBy(cutOff: CutOffSubject, aggregation: Aggregation): Bounds | undefined {
  const { totals, unfinished, cut } = cutOff;
  return cut.count === 0 ? undefined : boundsOf(aggregation, totals, unfinished, cutOff);
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** `null`: there were too few readings for a slope. */
function aggregate(
  { aggregation, expression, metric }: ThresholdPlan,
  subject: MetricSubject,
): number | null {
  if (aggregation.kind === 'percentile') {
    if (subject.histogram !== undefined) return subject.histogram.percentile(aggregation.p);
  } else if (aggregation.kind === 'share_above') {
    if (subject.shareAbove !== undefined) return subject.shareAbove(aggregation.value);
  } else if (aggregation.kind === 'growth') {
    if (subject.growth !== undefined) return subject.growth() ?? null;
  } else {
    const value = (subject.values as Readonly<Record<string, number | undefined>>)[aggregation.kind];
    if (value !== undefined) return value;
  }
  throw new TypeError(`threshold ${expression} does not fit the type of metric ${metric}`);
}
