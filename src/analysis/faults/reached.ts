// Expectations on a figure: that it reaches a value soon after a fault begins or ends, and that a rate of stale reads is
// silent from some time on. Called by fault-results.ts.

import { isWithin } from '../../judge/operators.ts';
import type { AlertCondition } from '../../model/alert.ts';
import type { ExpectationPlan } from '../../model/fault.ts';
import { seriesKey } from '../../model/metric.ts';
import { monitorMetric } from '../../model/monitor.ts';
import type { Measurements } from '../../model/run-record.ts';
import { formatCount, formatFigure } from '../../text/format-figure.ts';
import { formatDuration } from '../../time/duration.ts';
import type { FaultTimes } from './fault-times.ts';
import type { Judgement } from './judgement.ts';

/** What was known of a figure at a time. */
interface Point {
  readonly atMs: number;
  readonly value: number;
  readonly isHeld: boolean;
}

const fewestReads = 20;

/** Whether the figure reaches its value within the time. */
export function judgeReach(
  measured: Measurements,
  times: FaultTimes,
  { kind, condition, withinMs }: Extract<ExpectationPlan, { kind: 'reach' | 'return' }>,
): Judgement {
  const sinceMs = kind === 'reach' ? times.fromMs : times.untilMs;
  const untilMs =
    kind === 'reach' ? Math.min(times.nextMs, Math.max(times.seenUntilMs, sinceMs + withinMs)) : times.nextMs;
  const points = pointsOf(measured, condition);
  const later = points.filter(({ atMs }) => atMs >= sinceMs && atMs <= untilMs);
  const { unit } = condition;
  if (later.length === 0) {
    return { status: 'open', detail: `${condition.metric} was not read after that.` };
  }
  const before = points.findLast(({ atMs }) => atMs < sinceMs);
  if (kind === 'reach' && before === undefined && !wasLooked(measured, condition, sinceMs)) {
    return {
      status: 'open',
      detail: `${condition.metric} was not read before the fault, so nobody knows whether the fault changed it.`,
    };
  }
  if (kind === 'reach' && before?.isHeld === true) {
    return {
      status: 'open',
      detail: `It was ${formatFigure(before.value, unit)} before the fault already, so the fault shows nothing.`,
    };
  }
  const reached = later.findIndex(({ isHeld }) => isHeld);
  const limitMs = sinceMs + withinMs;
  if (reached === -1) {
    const last = later.at(-1)!;
    const isLong = last.atMs >= limitMs;
    return {
      status: isLong ? 'unmet' : 'open',
      detail: `It was still ${formatFigure(last.value, unit)} after ${formatDuration(last.atMs - sinceMs)}${isLong ? '' : ', when it was read for the last time'}.`,
    };
  }
  const { atMs, value } = later[reached]!;
  const tookMs = atMs - sinceMs;
  const detail = `It was ${formatFigure(value, unit)} after ${formatDuration(tookMs)}.`;
  if (atMs <= limitMs) return { status: 'met', detail, value: tookMs };
  const previousMs = later[reached - 1]?.atMs ?? sinceMs;
  // It may have been so in time, unseen.
  if (previousMs < limitMs) {
    return {
      status: 'open',
      detail: `${detail} The reading before it is older than the limit: read it more often.`,
    };
  }
  return { status: 'unmet', detail, value: tookMs };
}

/** Whether the figure would have been seen before that, had it been there: a metric of the load may begin with the fault. */
function wasLooked(
  { monitors, timeline }: Measurements,
  { metric }: AlertCondition,
  beforeMs: number,
): boolean {
  const isOfMonitor = Object.entries(monitors).some(([name, { series }]) =>
    Object.keys(series).some((figure) => monitorMetric(name, figure) === metric),
  );
  return !isOfMonitor && timeline.some(({ endAtMs }) => endAtMs < beforeMs);
}

function pointsOf(measured: Measurements, condition: AlertCondition): Point[] {
  for (const [name, monitor] of Object.entries(measured.monitors)) {
    const figure = Object.keys(monitor.series).find((one) => monitorMetric(name, one) === condition.metric);
    if (figure === undefined) continue;
    const { avg, min = avg, max = avg } = monitor.series[figure]!;
    return monitor.times.flatMap((atMs, i): Point[] => {
      const [mean, least, greatest] = [avg[i], min[i], max[i]];
      if (typeof mean !== 'number' || typeof least !== 'number' || typeof greatest !== 'number') return [];
      // Of readings that were joined, the one that is nearest to holding.
      const value = [least, greatest].find((one) => isWithin(condition.operator, one, condition.limit));
      return [{ atMs, value: value ?? mean, isHeld: value !== undefined }];
    });
  }
  return measured.timeline.flatMap(({ endAtMs, metrics }): Point[] => {
    const values = metrics[condition.metric] as Readonly<Record<string, number>> | undefined;
    const value = values?.[keyOf(condition, values)];
    if (value === undefined) return [];
    // What an interval was like is known when it is over.
    return [{ atMs: endAtMs, value, isHeld: isWithin(condition.operator, value, condition.limit) }];
  });
}

function keyOf({ aggregation }: AlertCondition, values: Readonly<Record<string, number>>): string {
  if (aggregation?.kind === 'percentile') return `p(${aggregation.p})`;
  if (aggregation !== undefined) return aggregation.kind;
  return 'rate' in values ? 'rate' : 'value';
}

/** Whether nothing stale was read from some time after the start of the fault on. */
export function judgeStale(
  measured: Measurements,
  { fromMs, nextMs }: FaultTimes,
  { metric, afterMs }: Extract<ExpectationPlan, { kind: 'no-stale' }>,
): Judgement {
  const later = measured.timeline.filter(
    ({ startAtMs, endAtMs }) => startAtMs >= fromMs + afterMs && endAtMs <= nextMs,
  );
  let [stale, reads, lastMs] = [0, 0, 0];
  for (const { endAtMs, metrics } of later) {
    const values = metrics[seriesKey(metric, {})];
    if (values === undefined || !('passes' in values)) continue;
    stale += values.passes;
    reads += values.passes + values.fails;
    if (values.passes > 0) lastMs = endAtMs - fromMs;
  }
  if (stale > 0) {
    return {
      status: 'unmet',
      detail: `${formatCount(stale)} of ${formatCount(reads, 'read')} after that were stale, the last ${formatDuration(lastMs)} after the start.`,
      value: lastMs,
    };
  }
  return reads < fewestReads
    ? {
        status: 'open',
        detail: `${formatCount(reads, 'read')} after that ${reads === 1 ? 'is' : 'are'} too few to tell: at least ${fewestReads} are needed.`,
      }
    : { status: 'met', detail: `None of ${formatCount(reads, 'read')} after that was stale.` };
}
