// The geometry of an arrival rate that changes: how many starts fall due, and when each does. Used by
// schedule.ts.

import type { ArrivalExecutorPlan } from '../model/executor.ts';
import type { StagePlan } from '../model/plan.ts';

// Starts are counted by the area under the rate curve. The n-th start is due when the area reaches n, so what
// one stage leaves over counts in the next. The test "carries the fraction over the border of two stages"
// holds this example:
//
//   rate 2 |      ____        area 0.5 at 1 s, 2.5 at 2 s
//        1 |    /             starts 1 and 2 are due at 1.25 s and 1.75 s
//        0 +--/----------> s
//          0    1    2

/** A stretch of time on which the rate is linear and not 0 throughout. Rates are per second. */
interface RateLine {
  readonly startAtMs: number;
  readonly endAtMs: number;
  readonly fromPerSec: number;
  readonly toPerSec: number;
  /** Starts due before the line, and by its end; fractions count. */
  readonly areaBefore: number;
  readonly areaAfter: number;
}

export type RateCurve = readonly RateLine[];

/** Adding up areas loses some of the last digits: a start that misses the end by less still counts. */
const areaTolerance = 1e-9;

function makeCurve(startPerSec: number, stages: readonly StagePlan[]): RateLine[] {
  const lines: RateLine[] = [];
  let fromPerSec = startPerSec;
  let startAtMs = 0;
  let areaBefore = 0;
  for (const { durationMs, target } of stages) {
    const endAtMs = startAtMs + durationMs;
    const areaAfter = areaBefore + (((fromPerSec + target) / 2) * durationMs) / 1000;
    // A stage of length 0 only moves the level from which the next one starts.
    if (areaAfter > areaBefore) {
      lines.push({ startAtMs, endAtMs, fromPerSec, toPerSec: target, areaBefore, areaAfter });
    }
    startAtMs = endAtMs;
    areaBefore = areaAfter;
    fromPerSec = target;
  }
  return lines;
}

export function rateCurveOf(executor: ArrivalExecutorPlan): RateCurve {
  if (executor.kind === 'ramping-arrival-rate') return makeCurve(executor.startRatePerSec, executor.stages);
  const { ratePerSec, durationMs } = executor;
  return makeCurve(ratePerSec, [{ durationMs, target: ratePerSec }]);
}

/** The integral of the rate over the whole length: how many starts fall due, with a fraction. */
export function areaUnder(curve: RateCurve): number {
  return curve.at(-1)?.areaAfter ?? 0;
}

/** Whole starts under the curve. */
export function wholeStarts(curve: RateCurve): number {
  return Math.floor(areaUnder(curve) + areaTolerance);
}

/** Planned rate per second at `atMs`; 0 outside. */
export function rateAt(curve: RateCurve, atMs: number): number {
  const line = curve.find((one) => one.startAtMs <= atMs && atMs < one.endAtMs);
  if (line === undefined) return 0;
  const share = (atMs - line.startAtMs) / (line.endAtMs - line.startAtMs);
  return line.fromPerSec + (line.toPerSec - line.fromPerSec) * share;
}

/**
 * A function from area to the time in ms at which it is reached; areas must be asked for in ascending order.
 * `undefined` beyond the end of the curve.
 */
export function ascendingTimes(curve: RateCurve): (area: number) => number | undefined {
  let position = 0;
  return (area) => {
    while (position < curve.length - 1 && area > curve[position]!.areaAfter) position++;
    const line = curve[position];
    if (line === undefined || area > line.areaAfter + areaTolerance) return undefined;
    return timeOnLine(line, area);
  };
}

/**
 * Solves a·t + b·t²/2 = x for the time t at which a line with rate a and slope b has the area x. In the form
 * t = 2x / (a + √(a² + 2bx)) nothing cancels, whether the line rises, falls or is level.
 */
function timeOnLine(line: RateLine, area: number): number {
  const lengthMs = line.endAtMs - line.startAtMs;
  const x = Math.max(0, area - line.areaBefore);
  const a = line.fromPerSec / 1000;
  const b = (line.toPerSec - line.fromPerSec) / 1000 / lengthMs;
  const divisor = a + Math.sqrt(Math.max(0, a * a + 2 * b * x));
  const t = divisor === 0 ? 0 : (2 * x) / divisor;
  return line.startAtMs + Math.min(t, lengthMs);
}
