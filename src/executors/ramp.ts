// The geometry of a ramping-vus executor: when the VU count passes each whole number. Used by ramping-vus.ts.

import type { StagePlan } from './load-values.ts';

/** A half-open span of time, `startAtMs <= t < endAtMs`, in ms from the start of the scenario. */
export interface Interval {
  readonly startAtMs: number;
  readonly endAtMs: number;
}

interface Line extends Interval {
  readonly from: number;
  readonly to: number;
}

// The example of k6's documentation, held by the test "follows k6's example plan step by step":
//
//   VUs 6 |  *
//       5 | * *       *
//       4 |*   *     * *     **
//       3 |     *   *   *   *
//       2 |      * *     * *
//       1 |       *       *     ***
//         +--------------------------> s
//
// On the way up a VU joins when the line reaches its number; on the way down it leaves when the line has come
// down to the number below. So a count of 5.5 means 5 VUs while rising and 6 while falling.

/** The stages as lines, ascending in time; stages of length 0 only move the start of the next line. */
function linesOf(startVUs: number, stages: readonly StagePlan[]): Line[] {
  const lines: Line[] = [];
  let level = startVUs;
  let atMs = 0;
  for (const { durationMs, target } of stages) {
    if (durationMs > 0) lines.push({ startAtMs: atMs, endAtMs: atMs + durationMs, from: level, to: target });
    atMs += durationMs;
    level = target;
  }
  return lines;
}

/** When a sloping line passes `level`, which lies between its ends. Its ends are met exactly. */
function passesAtMs(line: Line, level: number): number {
  if (level === line.from) return line.startAtMs;
  if (level === line.to) return line.endAtMs;
  // Divided last, so that only one rounding is left.
  return line.startAtMs + ((line.endAtMs - line.startAtMs) * (level - line.from)) / (line.to - line.from);
}

function countOnLine(line: Line, atMs: number): number {
  if (line.from === line.to) return line.from;
  const step = line.to > line.from ? 1 : -1;
  const share = (atMs - line.startAtMs) / (line.endAtMs - line.startAtMs);
  // The whole number passed last. The estimate may be off by one in floating point, so it is corrected against
  // the same times that the intervals are made of.
  let count = line.from + step * Math.floor(Math.abs(line.to - line.from) * share);
  while (count !== line.from && passesAtMs(line, count) > atMs) count -= step;
  while (count !== line.to && passesAtMs(line, count + step) <= atMs) count += step;
  return count;
}

/** VUs that should be active at `atMs`; 0 before the start and from the end on. */
export function rampCountAt(startVUs: number, stages: readonly StagePlan[], atMs: number): number {
  const line = linesOf(startVUs, stages).find((one) => one.startAtMs <= atMs && atMs < one.endAtMs);
  return line === undefined ? 0 : countOnLine(line, atMs);
}

/** The part of a line during which at least `count` VUs are active; empty parts are `undefined`. */
function activeOnLine(line: Line, count: number): Interval | undefined {
  const { startAtMs, endAtMs, from, to } = line;
  if (count <= Math.min(from, to)) return { startAtMs, endAtMs };
  if (count > Math.max(from, to)) return undefined;
  const part =
    to > from
      ? { startAtMs: passesAtMs(line, count), endAtMs }
      : { startAtMs, endAtMs: passesAtMs(line, count - 1) };
  return part.startAtMs < part.endAtMs ? part : undefined;
}

/** When VU `vuIndex` (from 0; last in, first out) is active: ascending, disjoint, and never touching. */
export function rampIntervals(startVUs: number, stages: readonly StagePlan[], vuIndex: number): Interval[] {
  const intervals: Interval[] = [];
  for (const line of linesOf(startVUs, stages)) {
    const part = activeOnLine(line, vuIndex + 1);
    if (part === undefined) continue;
    const last = intervals.at(-1);
    if (last?.endAtMs === part.startAtMs) {
      intervals[intervals.length - 1] = { startAtMs: last.startAtMs, endAtMs: part.endAtMs };
    } else intervals.push(part);
  }
  return intervals;
}
