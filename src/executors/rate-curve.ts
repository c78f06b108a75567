// The geometry of an arrival rate: how many starts fall due, which is counted exactly, and when each does. Used by
// the arrival rates of this folder.

import {
  ceilingOf,
  compare,
  type Fraction,
  floorOf,
  fraction,
  fractionOf,
  product,
  quotient,
  sum,
  toNumber,
  zero,
} from '../stats/fraction.ts';
import type { StagePlan, TimeUnitMs } from './load-values.ts';

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
  readonly before: Area;
  readonly after: Area;
}

/** An area in two parts, so that a distance to it keeps its digits however great it is. */
interface Area {
  /** Whole starts. */
  readonly whole: number;
  /** What is left of one, from 0 and below 1. */
  readonly part: number;
}

export type RateCurve = readonly RateLine[];

interface ConstantRate {
  readonly ratePerSec: number;
  readonly timeUnitMs?: TimeUnitMs;
  readonly durationMs: number;
}

interface RampingRate {
  readonly startRatePerSec: number;
  readonly timeUnitMs?: TimeUnitMs;
  /** Each `target` is a rate per second. */
  readonly stages: readonly StagePlan[];
}

const msPerSec = fraction(1000n, 1n);
const half = fraction(1n, 2n);

/**
 * The rate that was meant by a planned one, per second: the number in the plan is the nearest to
 * rate × 1000 / timeUnit, and where the suite's rate has up to 15 digits it is found again.
 */
export function exactRate(ratePerSec: number, timeUnitMs: number | undefined): Fraction {
  if (timeUnitMs === undefined) return fractionOf(ratePerSec);
  const nearRate = (ratePerSec * timeUnitMs) / 1000;
  const rate = [Number(nearRate.toPrecision(15)), nearRate].find(
    (one) => (one * 1000) / timeUnitMs === ratePerSec,
  );
  if (rate === undefined) return fractionOf(ratePerSec);
  return quotient(product(fractionOf(rate), msPerSec), fractionOf(timeUnitMs));
}

function areaOf(area: Fraction): Area {
  const whole = floorOf(area);
  return { whole: Number(whole), part: toNumber(sum(area, fraction(-whole, 1n))) };
}

function makeCurve(startPerSec: Fraction, stages: readonly (readonly [Fraction, Fraction])[]): RateLine[] {
  const lines: RateLine[] = [];
  let from = startPerSec;
  let startMs = zero;
  let before = zero;
  for (const [lengthMs, to] of stages) {
    const endMs = sum(startMs, lengthMs);
    const after = sum(before, quotient(product(product(sum(from, to), half), lengthMs), msPerSec));
    // A stage of length 0 only moves the level from which the next one starts.
    if (compare(after, before) > 0) {
      lines.push({
        startAtMs: toNumber(startMs),
        endAtMs: toNumber(endMs),
        fromPerSec: toNumber(from),
        toPerSec: toNumber(to),
        before: areaOf(before),
        after: areaOf(after),
      });
    }
    startMs = endMs;
    before = after;
    from = to;
  }
  return lines;
}

/** The curve of a constant rate. */
export function constantCurve({ ratePerSec, durationMs, timeUnitMs }: ConstantRate): RateCurve {
  const rate = exactRate(ratePerSec, timeUnitMs);
  return makeCurve(rate, [[fractionOf(durationMs), rate]]);
}

/** The curve of a rate that is linear within each stage. */
export function rampCurve({ startRatePerSec, stages, timeUnitMs }: RampingRate): RateCurve {
  const exact = (ratePerSec: number): Fraction => exactRate(ratePerSec, timeUnitMs);
  const lines = stages.map(({ durationMs, target }) => [fractionOf(durationMs), exact(target)] as const);
  return makeCurve(exact(startRatePerSec), lines);
}

/** The integral of the rate over the whole length: how many starts fall due, with a fraction. */
export function areaUnder(curve: RateCurve): number {
  const { whole, part } = curve.at(-1)?.after ?? { whole: 0, part: 0 };
  return whole + part;
}

/** Whole starts under the curve. */
function wholeStarts(curve: RateCurve): number {
  return curve.at(-1)?.after.whole ?? 0;
}

/** When the starts of a rate are due. */
export interface StartTimes {
  /** How many are due before the end. */
  readonly count: number;
  /** When number `index` (from 0) is due, in ms from the start of the scenario; to be asked for in ascending order. */
  atMs(index: number): number;
}

/** Of a ramping rate: number k from 0 is due when its integral reaches k + 1, as in k6. */
export function startsUnder(curve: RateCurve): StartTimes {
  const timeOf = ascendingTimes(curve);
  return { count: wholeStarts(curve), atMs: (index) => timeOf(index + 1)! };
}

/** Of a constant rate: number k from 0 is due at k / rate, so the first at 0 and none at or after the end. */
export function evenStarts({ ratePerSec, durationMs, timeUnitMs }: ConstantRate): StartTimes {
  const rate = exactRate(ratePerSec, timeUnitMs);
  if (rate.numerator === 0n) return { count: 0, atMs: () => Number.NaN };
  const periodMs = quotient(msPerSec, rate);
  const count = Number(ceilingOf(quotient(fractionOf(durationMs), periodMs)));
  const [top, bottom] = [Number(periodMs.numerator), Number(periodMs.denominator)];
  // From the index each time, never by adding up steps, so that no rounding error piles up. The last one is due
  // before the end, also where both have the same nearest number.
  const lastAtMs = durationMs * (1 - Number.EPSILON / 2);
  return { count, atMs: (index) => Math.min((index * top) / bottom, lastAtMs) };
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
 * `undefined` beyond the end of the curve. Whole numbers, which starts are due at, are compared exactly.
 */
export function ascendingTimes(curve: RateCurve): (area: number) => number | undefined {
  let position = 0;
  return (area) => {
    while (position < curve.length - 1 && distance(area, curve[position]!.after) > 0) position++;
    const line = curve[position];
    if (line === undefined || distance(area, line.after) > 0) return undefined;
    return timeOnLine(line, area);
  };
}

/** How far `area` is beyond another. Its sign is exact for whole numbers. */
function distance(area: number, { whole, part }: Area): number {
  return area - whole - part;
}

/**
 * Solves r·t + b·t²/2 = x for the time t at which a line with rate r and slope b ≥ 0 has the area x. In the form
 * t = 2x / (r + √(r² + 2bx)) nothing cancels where the line rises. One that falls is walked back from its end, where
 * it rises.
 */
function timeOnLine(line: RateLine, area: number): number {
  const { startAtMs, endAtMs, fromPerSec, toPerSec } = line;
  const lengthMs = endAtMs - startAtMs;
  const rises = toPerSec >= fromPerSec;
  const x = Math.max(0, rises ? distance(area, line.before) : -distance(area, line.after));
  const r = Math.min(fromPerSec, toPerSec) / 1000;
  const b = Math.abs(toPerSec - fromPerSec) / 1000 / lengthMs;
  const divisor = r + Math.sqrt(r * r + 2 * b * x);
  const t = divisor === 0 ? 0 : Math.min((2 * x) / divisor, lengthMs);
  return rises ? startAtMs + t : endAtMs - t;
}
