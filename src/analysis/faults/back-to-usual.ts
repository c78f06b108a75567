// Expectations that compare the load with how it was before a fault: recovery, failover, and what it costs. Called by
// fault-results.ts.

import {
  backCount,
  fewestBefore,
  firstBack,
  mostBefore,
  type Usual,
  usualOf,
} from '../../judge/as-before.ts';
import { type LoadMoment, loadCourseOf } from '../../judge/load-course.ts';
import type { ExpectationPlan } from '../../model/fault.ts';
import type { Measurements } from '../../model/run-record.ts';
import { median } from '../../stats/median.ts';
import { fewestForInterval, medianInterval } from '../../stats/median-interval.ts';
import { formatCount, formatFigure } from '../../text/format-figure.ts';
import { formatDuration } from '../../time/duration.ts';
import { type FaultTimes, timesOf } from './fault-times.ts';
import type { Judgement } from './judgement.ts';
import { countsIn } from './operation-counts.ts';

/** Loads that differ by less are the same. */
const sameWithin = 0.25;
/** An interval with fewer operations has no 95th percentile worth the name. */
const fewestOperations = 5;
/** After another fault, so much is left out of what is usual. */
const aftermathMs = 3000;

interface Before {
  readonly moments: readonly LoadMoment[];
  readonly usual: Usual;
  readonly load: number;
}

/** What was usual before the fault; a clause that says why nobody knows. */
function beforeOf(
  measured: Measurements,
  { fromMs, plan }: FaultTimes,
): { readonly all: readonly LoadMoment[]; readonly before: Before } | string {
  const course = loadCourseOf(measured);
  if (course === undefined) return 'the loads of its scenarios do not add up to one course';
  const all = course.moments;
  const others = (measured.plan.faults ?? []).flatMap((other) =>
    other.name === plan.name ? [] : (timesOf(measured, other) ?? []),
  );
  const isQuiet = (one: LoadMoment): boolean =>
    one.untilMs <= fromMs &&
    others.every((other) => one.untilMs <= other.fromMs || one.fromMs >= other.seenUntilMs + aftermathMs);
  const load = all.findLast(({ untilMs }) => untilMs <= fromMs)?.load ?? 0;
  const moments = all
    .filter(isQuiet)
    .filter((one) => isNear(one, load))
    .slice(-mostBefore);
  const usual = usualOf(moments);
  if (usual === undefined) {
    return `fewer than ${fewestBefore} intervals at the same load before it show what is usual`;
  }
  const counts = median(moments.map(({ count }) => count));
  if (counts < fewestOperations) {
    return `an interval has ${formatCount(counts, 'operation')}, which is too few to tell what is usual`;
  }
  return { all, before: { moments, usual, load } };
}

function isNear(one: LoadMoment, load: number): boolean {
  return Math.abs(one.load - load) <= sameWithin * load;
}

/** Whether all is as before again within the time: after the end of the fault, or while it is on. */
export function judgeReturn(
  measured: Measurements,
  times: FaultTimes,
  { kind, withinMs }: Extract<ExpectationPlan, { kind: 'recovery' | 'failover' }>,
): Judgement {
  const found = beforeOf(measured, times);
  if (typeof found === 'string') return { status: 'open', detail: `It cannot be told: ${found}.` };
  const { all, before } = found;
  const [sinceMs, untilMs] =
    kind === 'failover' ? [times.fromMs, times.seenUntilMs] : [times.untilMs, times.nextMs];
  const later = all.filter((one) => one.fromMs >= sinceMs && one.untilMs <= untilMs);
  const ramp = later.findIndex((one) => !isNear(one, before.load));
  const seen = ramp === -1 ? later : later.slice(0, ramp);
  const { usualMs, limitMs, failedLimit } = before.usual;
  const asBefore = `p95 at most ${formatFigure(limitMs, 'ms')} (${formatFigure(usualMs, 'ms')} was usual), at most ${formatFigure(failedLimit, 'ratio')} failed, each operation there`;
  const back = firstBack(seen, before.usual, (together) =>
    areOperationsBack(measured, before.moments, together),
  );
  const since = kind === 'failover' ? 'the start' : 'the end';
  if (back !== undefined) {
    const tookMs = Math.max(0, back.fromMs - sinceMs);
    return {
      status: tookMs <= withinMs ? 'met' : 'unmet',
      detail: `As before (${asBefore}) from ${formatDuration(tookMs)} after ${since} on.`,
      value: tookMs,
    };
  }
  const seenMs = (seen.at(-1)?.untilMs ?? sinceMs) - sinceMs;
  const intervalMs = seen[0] === undefined ? 1000 : seen[0].untilMs - seen[0].fromMs;
  const isLong = seenMs >= withinMs + backCount * intervalMs;
  return {
    status: isLong ? 'unmet' : 'open',
    detail: `Not as before (${asBefore}) in the ${formatDuration(seenMs)} that were seen after ${since}${isLong ? '' : ', which is too short to tell'}.`,
  };
}

/** Of so many operations that are expected, so great a share must be there; of fewer nobody can tell. */
const fewestExpected = 5;
const leastOfExpected = 0.5;
const tolerance = 0.05;

/**
 * Whether each kind of operation is there as before, and fails no more: where users wait for one that hangs, the figures
 * of all others are as good as ever.
 */
function areOperationsBack(
  { operationCourse: course }: Measurements,
  before: readonly LoadMoment[],
  together: readonly LoadMoment[],
): boolean {
  if (course === undefined) return true;
  const isIn =
    (moments: readonly LoadMoment[]) =>
    (fromMs: number, untilMs: number): boolean =>
      moments.some((one) => fromMs >= one.fromMs && untilMs <= Math.max(one.untilMs, one.fromMs + 1000));
  return course.operations.every((operation) => {
    const was = countsIn(course, operation, isIn(before));
    const is = countsIn(course, operation, isIn(together));
    if (was.of === 0 || is.overMs === 0) return true;
    const expected = ((was.of - was.count) * is.overMs) / was.overMs;
    if (expected < fewestExpected) return true;
    const isFailing = is.of > 0 && is.count / is.of > was.count / was.of + tolerance;
    return is.of - is.count >= leastOfExpected * expected && !isFailing;
  });
}

/** By how much response times are longer while the fault is on. */
export function judgeCost(
  measured: Measurements,
  times: FaultTimes,
  { mostRatio }: Extract<ExpectationPlan, { kind: 'cost' }>,
): Judgement {
  const found = beforeOf(measured, times);
  if (typeof found === 'string') return { status: 'open', detail: `It cannot be told: ${found}.` };
  const during = found.all.filter(
    (one) => one.fromMs >= times.fromMs && one.untilMs <= times.seenUntilMs && isNear(one, found.before.load),
  );
  const [before, after] = [found.before.moments, during].map((some) =>
    some.flatMap(({ p95Ms, count }) => (p95Ms === null || count < fewestOperations ? [] : [p95Ms])),
  ) as [number[], number[]];
  if (Math.min(before.length, after.length) < fewestForInterval) {
    return {
      status: 'open',
      detail: `It cannot be told from ${formatCount(before.length, 'interval')} before and ${after.length} during the fault: at least ${fewestForInterval} of each are needed.`,
    };
  }
  const ratio = median(after) / median(before) - 1;
  const [was, is] = [medianInterval(before), medianInterval(after)];
  const [low, high] = [is.low / was.high - 1, is.high / was.low - 1];
  const status = low > mostRatio ? 'unmet' : high <= mostRatio ? 'met' : 'open';
  const signed = (value: number): string => `${value > 0 ? '+' : ''}${formatFigure(value, 'ratio')}`;
  return {
    status,
    detail: `p95 ${formatFigure(median(after), 'ms')} during the fault, ${formatFigure(median(before), 'ms')} before it: ${signed(ratio)}, between ${signed(low)} and ${signed(high)} as the intervals spread${status === 'open' ? ', which is too wide to tell' : ''}.`,
    value: ratio,
  };
}
