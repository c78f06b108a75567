// Which readings of monitors belong to a scenario, or to another part of a run: monitors know no tags, only times. Used
// by monitor-pages.ts for thresholds on a scenario, and by judge/join-steps.ts.

import { durationOf } from '../executors/of-plan.ts';
import type { MonitorSample } from '../model/monitor.ts';
import type { Plan } from '../model/plan.ts';

/** Run times; `untilMs` is the first that is no part of it any more. */
export interface TimeSpan {
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * When a scenario's readings are taken; `undefined` when the plan has no such scenario. It begins when the scenario does
 * (in an adaptive search, after its warm-up) and ends when it is planned to; where no other one goes on by then, only
 * when the next begins or the run ends, so that the reading at the end of the load is one of it.
 */
export function scenarioSpan(
  { scenarios, search }: Pick<Plan, 'scenarios' | 'search'>,
  name: string,
): TimeSpan | undefined {
  const spans = scenarios.map((one) => ({
    name: one.name,
    fromMs: one.startAtMs,
    untilMs: one.startAtMs + durationOf(one.executor),
  }));
  const own = spans.find((one) => one.name === name);
  if (own === undefined) return undefined;
  const goesOn = spans.some(({ fromMs, untilMs }) => fromMs < own.untilMs && untilMs > own.untilMs);
  const nextMs = Math.min(...spans.map(({ fromMs }) => (fromMs >= own.untilMs ? fromMs : Infinity)));
  return {
    fromMs: own.fromMs + (search?.adaptive?.warmUpMs ?? 0),
    untilMs: goesOn ? own.untilMs : nextMs,
  };
}

/** A sample as far as it tells of a span: gauges when it was taken in it, gains when most of their time is in it. */
export function partOfSample(sample: MonitorSample, { fromMs, untilMs }: TimeSpan): MonitorSample {
  const isInside = (atMs: number): boolean => atMs >= fromMs && atMs < untilMs;
  const { atMs, values, gains } = sample;
  return {
    ...sample,
    values: isInside(atMs) ? values : {},
    gains: Object.fromEntries(Object.entries(gains).filter(([, { overMs }]) => isInside(atMs - overMs / 2))),
  };
}
