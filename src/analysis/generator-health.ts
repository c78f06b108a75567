// Decides whether the load generator itself limited a run. Called while the record is put together.

import { isArrivalRate } from '../executors/of-plan.ts';
import type { ErrorGroup } from '../model/error-group.ts';
import type { Plan } from '../model/plan.ts';
import type { MetricEntry, TimelineWindow, WorkerGap, WorkerHealth } from '../model/run-record.ts';
import { formatFigure } from '../text/format-figure.ts';
import { exhaustionReasons } from './generator-exhaustion.ts';
import { missingLoadReasons } from './worker-losses.ts';

/**
 * Share of a core at which a worker counts as busy. An event loop is one thread: beyond 90 % waiting time grows
 * without bound (at utilisation u work waits u / (1 - u) times its own length: 9 times at 0.9).
 */
export const busyCpuRatio = 0.9;
/** Busy in this share of the run, and in at least this many windows: short bursts do not move percentiles of a run. */
const busyWindowRatio = 0.2;
const busyWindowCount = 3;
/** A loop this late at p99 adds as much to one response in a hundred: as much as usual limits on p99 themselves. */
export const eventLoopDelayP99Ms = 100;
/** A loop this late at the median adds as much to most responses. */
export const eventLoopDelayMedianMs = 20;
/** Arrivals this late at p95 no longer follow the planned rate; a healthy worker starts within 2 ms. */
export const scheduleLagP95Ms = 50;

/** What the health of the generator is judged by: parts of the run record. */
export interface GeneratorInput {
  readonly plan: Plan;
  readonly metrics: Readonly<Record<string, MetricEntry>>;
  readonly timeline: readonly TimelineWindow[];
  readonly workers: readonly WorkerHealth[];
  readonly gaps: readonly WorkerGap[];
  readonly errors: readonly ErrorGroup[];
}

/** Whether the generator was the bottleneck, and why: one sentence each. */
export function assessGenerator(input: GeneratorInput): { saturated: boolean; reasons: string[] } {
  const reasons = [
    ...missingLoadReasons(input),
    ...exhaustionReasons(input.errors),
    ...cpuReasons(input, 'the run'),
    ...delayReasons(input),
    ...lagReasons(input),
  ];
  return { saturated: reasons.length > 0, reasons };
}

/** `of` is what the timeline is of. */
export function cpuReasons({ timeline }: Pick<GeneratorInput, 'timeline'>, of: string): string[] {
  const measured = timeline.flatMap((window) => {
    const cpu = window.metrics.generator_cpu;
    return cpu !== undefined && 'p(90)' in cpu && cpu.count > 0 ? [{ window, cpu }] : [];
  });
  const busy = measured.filter(({ window, cpu }) => {
    // One value per worker and second: in a merged window a single busy second must not speak for all.
    const merged = window.endAtMs - window.startAtMs > 1500;
    return (merged ? cpu['p(90)'] : cpu.max) >= busyCpuRatio;
  });
  if (busy.length < busyWindowCount || busy.length < measured.length * busyWindowRatio) return [];
  const share = formatFigure(busy.length / measured.length, 'ratio');
  return [`A worker used at least ${formatFigure(busyCpuRatio, 'ratio')} of a core in ${share} of ${of}.`];
}

function delayReasons({ metrics }: GeneratorInput): string[] {
  const delay = metrics.generator_event_loop_delay?.values;
  if (delay === undefined || !('p(99)' in delay)) return [];
  const reasons: string[] = [];
  if (delay['p(99)'] > eventLoopDelayP99Ms)
    reasons.push(limitSentence('p(99)', delay['p(99)'], eventLoopDelayP99Ms));
  if (delay.med > eventLoopDelayMedianMs)
    reasons.push(limitSentence('median', delay.med, eventLoopDelayMedianMs));
  return reasons;
}

function limitSentence(figure: string, actualMs: number, limitMs: number): string {
  return `The generator's event loop was late by ${formatFigure(actualMs, 'ms')} (${figure}; at most ${formatFigure(limitMs, 'ms')} is sound).`;
}

function lagReasons({ plan, metrics }: GeneratorInput): string[] {
  const lag = metrics.generator_schedule_lag?.values;
  const open = plan.scenarios.some(({ executor }) => isArrivalRate(executor));
  if (!open || lag === undefined || !('p(95)' in lag) || lag['p(95)'] <= scheduleLagP95Ms) return [];
  return [
    `Iterations started late by ${formatFigure(lag['p(95)'], 'ms')} (p(95); at most ${formatFigure(scheduleLagP95Ms, 'ms')} is sound).`,
  ];
}
