// Whether the generator could drive a single step of a planned capacity search, or any other time of a run. capacity.ts
// asks for each step.

import type { ScenarioPlan } from '../model/plan.ts';
import type { TimelineWindow } from '../model/run-record.ts';
import { formatFigure } from '../text/format-figure.ts';
import {
  cpuReasons,
  eventLoopDelayMedianMs,
  eventLoopDelayP99Ms,
  scheduleLagP95Ms,
} from './generator-health.ts';
import { scenarioDurationMs } from './measured.ts';

/** Why the generator could not drive a step, one sentence each; empty when it could. */
export function stepSaturation(timeline: readonly TimelineWindow[], step: ScenarioPlan): string[] {
  const untilMs = step.startAtMs + scenarioDurationMs(step);
  return timeSaturation(timeline, { fromMs: step.startAtMs, untilMs }, 'the step');
}

/** The same of any time of a run; `of` is what the time is called. */
export function timeSaturation(
  timeline: readonly TimelineWindow[],
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
  of: string,
): string[] {
  // Intervals of long runs may hold the end of one step and the begin of the next.
  const own = timeline.filter((one) => one.startAtMs >= fromMs && one.endAtMs <= untilMs);
  return [
    ...cpuReasons({ timeline: own }, of),
    ...lateReasons(own, 'generator_event_loop_delay', 'The event loop of the generator was late', [
      { limitMs: eventLoopDelayP99Ms, share: 0.01 },
      { limitMs: eventLoopDelayMedianMs, share: 0.5 },
    ]),
    ...lateReasons(own, 'generator_schedule_lag', 'Iterations started late', [
      { limitMs: scheduleLagP95Ms, share: 0.05 },
    ]),
  ];
}

/** The same rules as for a whole run, whose percentiles say which share of values is above a limit. */
function lateReasons(
  windows: readonly TimelineWindow[],
  metric: string,
  what: string,
  rules: readonly { readonly limitMs: number; readonly share: number }[],
): string[] {
  return rules.flatMap(({ limitMs, share }) => {
    const late = lateShare(windows, metric, limitMs);
    if (late < share) return [];
    return [
      `${what} by more than ${formatFigure(limitMs, 'ms')} in at least ${formatFigure(late, 'ratio')} of cases.`,
    ];
  });
}

/** Share of values that are above a limit for certain, by the percentiles of each interval; 0..1. */
function lateShare(windows: readonly TimelineWindow[], metric: string, limitMs: number): number {
  let all = 0;
  let late = 0;
  for (const { metrics } of windows) {
    const values = metrics[metric];
    if (values === undefined || !('p(99)' in values)) continue;
    all += values.count;
    if (values.min > limitMs) late += values.count;
    else if (values.med > limitMs) late += values.count * 0.5;
    else if (values['p(90)'] > limitMs) late += values.count * 0.1;
    else if (values['p(95)'] > limitMs) late += values.count * 0.05;
    else if (values['p(99)'] > limitMs) late += values.count * 0.01;
    else if (values.max > limitMs) late += 1;
  }
  return all === 0 ? 0 : late / all;
}
