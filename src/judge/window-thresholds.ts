// Decides whether a threshold holds that is judged window by window: `for 30s`, `in 95%`, `over 10s`, `within 10s`.
// Called by thresholds.ts, during the run and at its end. The rule is in docs/how-it-measures.md, "Limits over windows".

import type { WindowFigure, WindowFigures } from '../metrics/window-course.ts';
import type { ThresholdPlan } from '../model/plan.ts';
import type { WindowTally } from '../model/run-record.ts';
import { stateWithin } from './operators.ts';

export interface WindowJudgement {
  readonly state: 'held' | 'broken' | 'undecided';
  /**
   * The figure that decides, in the unit of the limit, by the least and the greatest figure of each window: of a share the
   * one that so many windows keep, of `for` the one that is kept up for so long. Infinite where there is no bound.
   */
  readonly least: number;
  readonly greatest: number;
  /** The load was shorter than `for` says. */
  readonly isShort: boolean;
  readonly tally: WindowTally;
}

/** `undefined` when there is no window to judge. */
export function judgeWindows(threshold: ThresholdPlan, figures: WindowFigures): WindowJudgement | undefined {
  const windows = [...figures.windows, ...countedAfter(threshold, figures)];
  if (windows.length === 0) return undefined;
  const least = decidingFigure(threshold, windows, ({ least: value }) => value);
  const greatest = decidingFigure(threshold, windows, ({ greatest: value }) => value);
  const { isShort } = least;
  const found = stateWithin(threshold, { least: least.value, greatest: greatest.value });
  // A load that is over before it could be broken for so long says nothing when all of it was.
  const state = found === 'broken' && isShort ? 'undecided' : found;
  return {
    ...{ state, least: least.value, greatest: greatest.value, isShort },
    tally: tallyOf(threshold, windows),
  };
}

/** Whether it is broken for certain, whatever else the plan brings. `figures` are those of the windows so far. */
export function isBrokenByNow(threshold: ThresholdPlan, figures: WindowFigures): boolean {
  const { share, forMs } = threshold.windows!;
  const { broken, longestBroken } = tallyOf(threshold, figures.windows);
  if (forMs !== undefined) return longestBroken.fromMs !== null && longestBroken.lengthMs >= forMs;
  return broken > (1 - share!) * figures.plannedCount + rounding;
}

/** Shares of windows are compared by so much, since 0.95 × 60 is a little more than 57. */
const rounding = 1e-9;

/**
 * What ends when the load is over counts as windows of their own where these are surely broken: it may be what had been
 * waited for. What is good about it says nothing of the load, and its throughput is that of no load. Good windows between
 * broken ones part them.
 */
function countedAfter(threshold: ThresholdPlan, { after, isCounter }: WindowFigures): WindowFigure[] {
  if (isCounter && threshold.operator.startsWith('>')) return [];
  const broken = after.filter((one) => stateOf(threshold, one) === 'broken');
  let stretch = 0;
  return broken.map((one, i) => {
    if (broken[i - 1]?.untilMs !== one.fromMs) stretch--;
    return { ...one, stretch };
  });
}

function stateOf(threshold: ThresholdPlan, window: WindowFigure): 'held' | 'broken' | 'open' {
  const state = stateWithin(threshold, window);
  return state === 'undecided' ? 'open' : state;
}

interface Deciding {
  readonly value: number;
  readonly isShort: boolean;
}

function decidingFigure(
  threshold: ThresholdPlan,
  windows: readonly WindowFigure[],
  figureOf: (window: WindowFigure) => number,
): Deciding {
  const { share, forMs } = threshold.windows!;
  // Greater is worse under an upper limit; for a lower one all is turned round.
  const sign = threshold.operator.startsWith('<') ? 1 : -1;
  const values = windows.map((one) => sign * figureOf(one));
  if (forMs !== undefined) {
    const { value, isShort } = keptUp(windows, values, forMs);
    return { value: sign * value, isShort };
  }
  const sorted = values.sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share! * sorted.length - rounding));
  return { value: sign * sorted[rank - 1]!, isShort: false };
}

/** The greatest value that is not fallen short of for so long on end; over the longest time that there is, if that is less. */
function keptUp(windows: readonly WindowFigure[], values: readonly number[], forMs: number): Deciding {
  let best = Number.NEGATIVE_INFINITY;
  let isShort = true;
  let until = 0;
  // Indexes of ascending values: the first is the least of the time from `from` on.
  const queue: number[] = [];
  let head = 0;
  for (let from = 0; from < windows.length; from++) {
    const first = windows[from]!;
    until = Math.max(until, from);
    while (
      until < windows.length &&
      windows[until]!.stretch === first.stretch &&
      (until === from || windows[until - 1]!.untilMs - first.fromMs < forMs)
    ) {
      while (queue.length > head && values[queue.at(-1)!]! >= values[until]!) queue.pop();
      queue.push(until++);
    }
    while (queue[head]! < from) head++;
    const last = until - 1;
    if (last < from || windows[last]!.stretch !== first.stretch) continue;
    if (windows[last]!.untilMs - first.fromMs < forMs) continue;
    best = Math.max(best, values[queue[head]!]!);
    isShort = false;
  }
  return isShort ? { value: values.reduce((a, b) => Math.min(a, b)), isShort } : { value: best, isShort };
}

function tallyOf(threshold: ThresholdPlan, windows: readonly WindowFigure[]): WindowTally {
  const counts = { held: 0, broken: 0, open: 0 };
  let longest = { fromMs: null as number | null, lengthMs: 0 };
  let worst: { value: number; fromMs: number } | null = null;
  let since: WindowFigure | undefined;
  const isUpper = threshold.operator.startsWith('<');
  for (const one of windows) {
    const state = stateOf(threshold, one);
    counts[state]++;
    if (state !== 'broken') since = undefined;
    else if (since === undefined || since.stretch !== one.stretch) since = one;
    if (since !== undefined && one.untilMs - since.fromMs > longest.lengthMs) {
      longest = { fromMs: since.fromMs, lengthMs: one.untilMs - since.fromMs };
    }
    const value = isUpper ? one.least : one.greatest;
    const isWorse = worst === null || (isUpper ? value > worst.value : value < worst.value);
    if (Number.isFinite(value) && isWorse) worst = { value, fromMs: one.fromMs };
  }
  return { ...counts, longestBroken: longest, worst };
}
