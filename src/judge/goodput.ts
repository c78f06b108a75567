// How much of its greatest throughput without failures a target keeps at the highest load: graceful degradation as a
// figure. judge.ts makes `goodput_kept` of it. The rule is in docs/how-it-measures.md, "Goodput at the highest load".

import { median } from '../stats/median.ts';
import { loadCourseOf } from './load-course.ts';

/** The load must rise by this factor, */
const leastRise = 1.5;
/** and so many intervals must have nearly the highest. */
const fewestAtMost = 3;
const nearlyAll = 0.95;
/** The greatest throughput is the mean of so long. */
const heldMs = 5000;

export interface GoodputKept {
  /** `atHighest` / `greatest`, 0..1. */
  readonly ratio: number;
  /** Operations per second that did not fail: the greatest mean of 5 s, and the median at the highest load. */
  readonly greatest: number;
  readonly atHighest: number;
  /** Planned. */
  readonly highestLoad: number;
  readonly loadAtGreatest: number;
  readonly unit: 'users' | 'iterations/s';
}

/** `undefined` where the load does not rise, or not for long enough, or everything failed. */
export function findGoodputKept(run: Parameters<typeof loadCourseOf>[0]): GoodputKept | undefined {
  const course = loadCourseOf(run);
  if (course === undefined) return undefined;
  const moments = course.moments.filter(({ load }) => load > 0);
  const highestLoad = moments.reduce((most, { load }) => Math.max(most, load), 0);
  const first = moments
    .slice(0, fewestAtMost)
    .reduce((least, { load }) => Math.min(least, load), highestLoad);
  const highest = moments.filter(({ load }) => load >= nearlyAll * highestLoad);
  if (highest.length < fewestAtMost || highestLoad < leastRise * first) return undefined;
  let greatest = 0;
  let loadAtGreatest = 0;
  for (const [i, { fromMs, load }] of moments.entries()) {
    const held = moments
      .slice(i, i + Math.ceil(heldMs / 1000))
      .filter(({ untilMs }) => untilMs <= fromMs + heldMs);
    const lengthMs = held.reduce((sum, one) => sum + one.untilMs - one.fromMs, 0);
    // An interval may be longer than that by itself.
    if (lengthMs < heldMs && held.length > 0) continue;
    const span = held.length === 0 ? [moments[i]!] : held;
    const mean = span.reduce((sum, one) => sum + one.goodPerSec, 0) / span.length;
    if (mean > greatest) [greatest, loadAtGreatest] = [mean, load];
  }
  if (greatest === 0) return undefined;
  const atHighest = median(highest.map(({ goodPerSec }) => goodPerSec));
  const ratio = Math.min(1, atHighest / greatest);
  return { ratio, greatest, atHighest, highestLoad, loadAtGreatest, unit: course.unit };
}
