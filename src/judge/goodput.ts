// How much of its greatest throughput without failures a target keeps at the highest load: graceful degradation as a
// figure. judge.ts makes `goodput_kept` of it. The rule is in docs/how-it-measures.md, "Goodput at the highest load".

import { type LoadMoment, loadCourseOf } from './load-course.ts';

/** The load must rise by this factor, */
const leastRise = 1.5;
/** and so many intervals must have nearly the highest. */
const fewestAtMost = 3;
const nearlyAll = 0.95;
/** The greatest throughput, and what is left of it, are means of so long. */
const heldMs = 5000;

export interface GoodputKept {
  /** `atHighest` / `greatest`, 0..1. */
  readonly ratio: number;
  /** Operations per second that did not fail: the greatest mean of 5 s, and the least at the highest load. */
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
  const spans = spansOf(moments);
  const best = spans.reduce<Span | undefined>(
    (known, span) => (known === undefined || meanOf(span) > meanOf(known) ? span : known),
    undefined,
  );
  if (best === undefined || meanOf(best) === 0) return undefined;
  const [greatest, loadAtGreatest] = [meanOf(best), best[0]!.load];
  const parts = unbroken(highest).filter((part) => part.length >= fewestAtMost || lengthOf(part) >= heldMs);
  // Where the load is at its highest for less than that at a time, each such time counts as a whole.
  const atHighest = (parts.length === 0 ? [highest] : parts)
    .flatMap((part) => (lengthOf(part) < heldMs ? [part] : spansOf(part)))
    .reduce((least, span) => Math.min(least, meanOf(span)), Number.POSITIVE_INFINITY);
  const ratio = Math.min(1, atHighest / greatest);
  return { ratio, greatest, atHighest, highestLoad, loadAtGreatest, unit: course.unit };
}

type Span = readonly LoadMoment[];

/** From each moment on, as few as make up the time; without those at the end that do not. */
function spansOf(moments: Span): Span[] {
  return moments.flatMap((_, i): Span[] => {
    let until = i;
    let lengthMs = 0;
    while (until < moments.length && lengthMs < heldMs) {
      if (until > i && moments[until]!.fromMs !== moments[until - 1]!.untilMs) return [];
      lengthMs += moments[until]!.untilMs - moments[until]!.fromMs;
      until++;
    }
    return lengthMs < heldMs ? [] : [moments.slice(i, until)];
  });
}

/** Moments that follow one another. */
function unbroken(moments: Span): Span[] {
  const parts: LoadMoment[][] = [];
  for (const one of moments) {
    const part = parts.at(-1);
    if (part !== undefined && part.at(-1)?.untilMs === one.fromMs) part.push(one);
    else parts.push([one]);
  }
  return parts;
}

function lengthOf(span: Span): number {
  return span.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0);
}

/** Operations per second that did not fail. */
function meanOf(span: Span): number {
  const count = span.reduce(
    (sum, { fromMs, untilMs, goodPerSec }) => sum + goodPerSec * (untilMs - fromMs),
    0,
  );
  return count / lengthOf(span);
}
