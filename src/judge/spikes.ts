// Finds spikes in the planned load, and how long the target took to be as before once each was over. judge.ts makes
// `spike_recovery_time` of them; analysis and reports tell of them. The rule is in docs/how-it-measures.md, "Recovery
// after a spike".

import type { Spike } from '../model/spike.ts';
import { median } from '../stats/median.ts';
import { backCount, fewestBefore, firstBack, mostBefore, usualOf } from './as-before.ts';
import { type LoadCourse, type LoadMoment, loadCourseOf } from './load-course.ts';

/** A spike is at least so much more than the load before it, which it comes back near to and stays at. */
const leastRise = 1.5;
const backWithin = 1.1;
/** Far below that load nobody is there to see whether the target is as before. */
const leastBack = 0.5;
const sameWithin = 0.1;
/** The spikes of a run, ascending; those that the run did not come to the end of are none. */
export function findSpikes(run: Parameters<typeof loadCourseOf>[0]): Spike[] {
  const course = loadCourseOf(run);
  if (course === undefined) return [];
  const { moments } = course;
  const spikes: Spike[] = [];
  // What is usual shows where no spike has been, or is over for good.
  let sound: LoadMoment[] = [];
  let soundFrom = 0;
  let i = fewestBefore;
  let base = 0;
  while (i < moments.length) {
    base = levelOf(moments.slice(i - fewestBefore, i)) ?? base;
    const isRise = base > 0 && moments[i]!.load >= leastRise * base;
    const over = isRise ? moments.findIndex((_, k) => k > i && staysAt(base, moments, k)) : -1;
    if (over === -1) {
      i++;
      continue;
    }
    // It begins where the load leaves the level from which it rises.
    let from = i;
    while (from > 0 && moments[from - 1]!.load > backWithin * base) from--;
    sound = [...sound, ...moments.slice(soundFrom, from)].slice(-mostBefore);
    const spike = describe(course, { base, from, over, sound });
    if (spike !== undefined) spikes.push(spike);
    const backMs = spike?.recoveryMs ?? Number.POSITIVE_INFINITY;
    const back = moments.findIndex(({ fromMs }) => fromMs >= moments[over]!.fromMs + backMs);
    soundFrom = back === -1 ? moments.length : back;
    i = over + fewestBefore;
  }
  return spikes;
}

/** The load that some intervals share; `undefined` when it moves. */
function levelOf(moments: readonly LoadMoment[]): number | undefined {
  const level = median(moments.map(({ load }) => load));
  return moments.every(({ load }) => Math.abs(load - level) <= sameWithin * level) ? level : undefined;
}

/** A ramp down only passes that load: from this interval on it must stay near it, as far as the run goes on for so long. */
function staysAt(base: number, moments: readonly LoadMoment[], from: number): boolean {
  const after = moments.slice(from, from + fewestBefore);
  const isNear = after.every(({ load }) => load >= leastBack * base && load <= backWithin * base);
  return isNear && after.length >= backCount && levelOf(after) !== undefined;
}

interface Place {
  readonly base: number;
  /** Indexes of moments: the first of the spike, and the first after it. */
  readonly from: number;
  readonly over: number;
  /** What may show what is usual. */
  readonly sound: readonly LoadMoment[];
}

function describe({ moments, unit }: LoadCourse, { base, from, over, sound }: Place): Spike | undefined {
  const before = sound.filter(({ load, p95Ms }) => p95Ms !== null && load <= backWithin * base);
  const usual = usualOf(before);
  if (usual === undefined) return undefined;
  // An interval of the next rise, or of a ramp down, says nothing of this spike, so that what is left of it ends there.
  const later = moments.slice(over);
  const end = later.findIndex(({ load }) => load >= leastRise * base || load < leastBack * base);
  const quiet = end === -1 ? later : later.slice(0, end);
  const back = firstBack(quiet, usual);
  const endedMs = moments[over]!.fromMs;
  const seenUntilMs = quiet.at(-1)!.untilMs;
  return {
    ...{ fromMs: moments[from]!.fromMs, untilMs: endedMs, unit, baseLoad: base },
    peakLoad: moments.slice(from, over).reduce((most, { load }) => Math.max(most, load), 0),
    recoveryMs: back === undefined ? null : back.fromMs - endedMs,
    seenMs: seenUntilMs - endedMs,
    ...{ usualMs: usual.usualMs, limitMs: usual.limitMs, failedLimit: usual.failedLimit },
  };
}

/**
 * The values of `spike_recovery_time`, ms: of a spike that the target did not recover from within the run, the time for
 * which that was seen, which is the least that it can be.
 */
export function spikeRecoveryTimesMs(spikes: readonly Spike[]): number[] {
  return spikes.map(({ recoveryMs, seenMs }) => recoveryMs ?? seenMs);
}
