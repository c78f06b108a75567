// What the executors share whose VUs start one after the other and loop to the end: fields, schedule, words.

import { formatCount } from '../text/format-figure.ts';
import { formatDuration, parseDuration } from '../time/duration.ts';
import type { Change, FieldMistake, Unchecked } from './executor.ts';
import type { Interval } from './ramp.ts';

/** The VUs of a plan with a ramp-up: VU i starts at i × rampUpMs / vus. */
interface RampUp {
  readonly vus: number;
  readonly rampUpMs: number;
}

function rampStartMs(vuIndex: number, { vus, rampUpMs }: RampUp): number {
  return (vuIndex * rampUpMs) / vus;
}

/** How many VUs have started by `atMs`. */
export function startedBy(rampUp: RampUp, atMs: number): number {
  const { vus, rampUpMs } = rampUp;
  if (rampUpMs === 0) return vus;
  let count = Math.min(vus, Math.floor((atMs * vus) / rampUpMs) + 1);
  while (count > 0 && rampStartMs(count - 1, rampUp) > atMs) count -= 1;
  while (count < vus && rampStartMs(count, rampUp) <= atMs) count += 1;
  return count;
}

/** From its start to the end of the scenario; empty for a VU that would start at the end. */
export function fromRampUp(rampUp: RampUp, vuIndex: number, endAtMs: number): Interval[] {
  const startAtMs = rampStartMs(vuIndex, rampUp);
  return startAtMs < endAtMs ? [{ startAtMs, endAtMs }] : [];
}

export function rampUpChanges({ rampUpMs }: RampUp): Change[] {
  return [{ fromMs: 0, untilMs: rampUpMs }];
}

/** A ramp-up stays as it is while it fits: how fast users arrive is part of the load, not of its length. */
export function stretchedRampUp(
  { rampUpMs }: RampUp,
  lengthMs: number,
  scaled: (ms: number) => number,
): number {
  return rampUpMs <= lengthMs ? rampUpMs : scaled(rampUpMs);
}

/** `, all started by 10s`; empty where all start at once. */
export function rampUpText({ rampUpMs }: RampUp): string {
  return rampUpMs > 0 ? `, all started by ${formatDuration(rampUpMs)}` : '';
}

/** `1,200 VUs`. */
export function vusText(count: number): string {
  return formatCount(count, 'VU');
}

/** A `rampUp` that is longer than the field `whole`. */
export function findLongRampUp(scenario: Unchecked, whole: 'duration' | 'maxDuration'): FieldMistake[] {
  const rampUpMs = parseDuration(scenario.rampUp);
  const wholeMs = parseDuration(scenario[whole]);
  if (rampUpMs === undefined || wholeMs === undefined || rampUpMs <= wholeMs) return [];
  const expected = `at most the ${whole}, ${formatDuration(wholeMs)}`;
  return [{ at: ['rampUp'], expected, found: scenario.rampUp }];
}
