// When the windows of a threshold begin and end, by the plan alone: whole seconds within the load, without what `within`
// leaves out. window-course.ts keeps one layout for each threshold.

import { durationOf, fixedIterationsOf } from '../executors/of-plan.ts';
import type { Plan, ThresholdPlan } from '../model/plan.ts';
import type { TimeSpan } from './scenario-times.ts';

const secondMs = 1000;

/** Windows of one unbroken time of load. */
interface Stretch extends TimeSpan {
  /** Index of its first window. */
  readonly first: number;
  readonly count: number;
}

/**
 * Consecutive windows of equal length, ascending. What is left at the end of a stretch is a window of its own when it is
 * half as long as the others, else a part of the last one.
 */
export class WindowLayout {
  readonly lengthMs: number;
  readonly count: number;
  /** Nothing before this run time counts. */
  readonly fromMs: number;
  /** The load may end before its planned length. */
  readonly endsEarly: boolean;
  readonly #stretches: readonly Stretch[];

  constructor(plan: Pick<Plan, 'scenarios'>, { tags, windows }: Pick<ThresholdPlan, 'tags' | 'windows'>) {
    const { lengthMs, withinMs, stage, outside } = windows ?? { lengthMs: secondMs, withinMs: 0 };
    this.lengthMs = lengthMs;
    const scenarios = plan.scenarios.filter(({ name }) => name === (tags.scenario ?? name));
    this.endsEarly = scenarios.some(({ executor }) => fixedIterationsOf(executor) !== undefined);
    const loads = scenarios.map(({ startAtMs, executor }) => ({
      fromMs: startAtMs,
      untilMs: startAtMs + durationOf(executor),
    }));
    const spans = (outside ?? (stage === undefined ? loads : [stage]))
      .map(({ fromMs, untilMs }) => ({
        fromMs: toSecond(fromMs, Math.ceil),
        untilMs: Math.max(toSecond(untilMs, Math.floor), toSecond(fromMs, Math.ceil)),
      }))
      .sort((a, b) => a.fromMs - b.fromMs);
    this.fromMs = (spans[0]?.fromMs ?? 0) + withinMs;
    let first = 0;
    this.#stretches = joined(spans).flatMap(({ fromMs, untilMs }): Stretch[] => {
      const start = Math.max(fromMs, this.fromMs);
      const wholeCount = Math.floor((untilMs - start) / lengthMs);
      const restMs = untilMs - start - wholeCount * lengthMs;
      const count = wholeCount + (restMs > 0 && (wholeCount === 0 || restMs >= lengthMs / 2) ? 1 : 0);
      if (untilMs <= start) return [];
      first += count;
      return [{ fromMs: start, untilMs, first: first - count, count }];
    });
    this.count = first;
  }

  /** The index of the window that a run time belongs to; `undefined` where the plan drives no load. */
  indexAt(atMs: number): number | undefined {
    const stretch = this.#stretches.find(({ fromMs, untilMs }) => atMs >= fromMs && atMs < untilMs);
    if (stretch === undefined) return undefined;
    return stretch.first + Math.min(stretch.count - 1, Math.floor((atMs - stretch.fromMs) / this.lengthMs));
  }

  spanOf(index: number): TimeSpan {
    const stretch = this.#stretches.find(({ first, count }) => index >= first && index < first + count)!;
    const position = index - stretch.first;
    const fromMs = stretch.fromMs + position * this.lengthMs;
    return { fromMs, untilMs: position === stretch.count - 1 ? stretch.untilMs : fromMs + this.lengthMs };
  }

  /** When the window begins that a run time outside the load belongs to: of the same length, from the end of the load on. */
  afterwardsAt(atMs: number): number {
    const endMs = this.#stretches.findLast(({ untilMs }) => untilMs <= atMs)?.untilMs ?? 0;
    return endMs + Math.floor((atMs - endMs) / this.lengthMs) * this.lengthMs;
  }

  /** Windows of the same number follow one another without a pause. */
  stretchOf(index: number): number {
    return this.#stretches.findIndex(({ first, count }) => index >= first && index < first + count);
  }

  /** The indexes of the windows that lie wholly within a time, from the first up to the one before the second. */
  within({ fromMs, untilMs }: TimeSpan): readonly [from: number, until: number] {
    let from = this.count;
    let until = 0;
    for (const stretch of this.#stretches) {
      const start = Math.ceil(Math.max(0, fromMs - stretch.fromMs) / this.lengthMs);
      const end =
        untilMs >= stretch.untilMs
          ? stretch.count
          : Math.min(stretch.count - 1, Math.floor((untilMs - stretch.fromMs) / this.lengthMs));
      if (end <= start) continue;
      from = Math.min(from, stretch.first + start);
      until = Math.max(until, stretch.first + end);
    }
    return [from, Math.max(from, until)];
  }
}

function toSecond(ms: number, round: (value: number) => number): number {
  return round(ms / secondMs) * secondMs;
}

/** What overlaps or touches is one. */
function joined(spans: readonly TimeSpan[]): TimeSpan[] {
  const all: TimeSpan[] = [];
  for (const span of spans) {
    const last = all.at(-1);
    if (last === undefined || span.fromMs > last.untilMs) all.push(span);
    else all[all.length - 1] = { fromMs: last.fromMs, untilMs: Math.max(last.untilMs, span.untilMs) };
  }
  return all;
}
