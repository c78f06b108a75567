// Figures of the load itself over the time that matters: operations per second, their mean time, how many were under way,
// how long users were idle. Used by condition.ts and scene.ts.

import { isClosed } from '../../executors/of-plan.ts';
import { failedCountOf, type OperationMetrics } from '../../model/operation.ts';
import type { Measurements, TimelineWindow } from '../../model/run-record.ts';
import { overlapMs, type Span } from './spans.ts';

export interface LoadFigures {
  /** Operations that were finished, and iterations. */
  readonly operations: number;
  readonly iterations: number;
  readonly seconds: number;
  /** Mean time of an operation, ms; 0 without any. */
  readonly meanMs: number;
  /**
   * Operations under way at one time, on average: those finished per second, times what each took.
   *
   * **Source:** J. D. C. Little, "A proof for the queuing formula L = λW", Operations Research 9 (1961) 383.
   */
  readonly inFlight: number;
}

/** The mean of a trend over several intervals, exact since both sum and count of each are known. */
export function meanTime(
  windows: readonly TimelineWindow[],
  metric: string,
): { readonly meanMs: number; readonly count: number } {
  let [count, spentMs] = [0, 0];
  for (const { metrics } of windows) {
    const values = metrics[metric];
    if (values === undefined || !('p(95)' in values) || values.count === 0) continue;
    count += values.count;
    spentMs += values.count * values.avg;
  }
  return { meanMs: count === 0 ? 0 : spentMs / count, count };
}

/** The intervals of which half, at least, lies in the spans. */
export function windowsIn(timeline: readonly TimelineWindow[], spans: readonly Span[]): TimelineWindow[] {
  return timeline.filter(({ startAtMs, endAtMs }) => {
    const lengthMs = endAtMs - startAtMs;
    return lengthMs > 0 && overlapMs({ fromMs: startAtMs, untilMs: endAtMs }, spans) >= lengthMs / 2;
  });
}

export function loadFigures(
  { timeline }: Measurements,
  { count, duration }: OperationMetrics,
  spans: readonly Span[],
): LoadFigures {
  const windows = windowsIn(timeline, spans);
  const seconds = windows.reduce((sum, { startAtMs, endAtMs }) => sum + endAtMs - startAtMs, 0) / 1000;
  const sum = (metric: string): number =>
    windows.reduce((total, { metrics }) => total + failedCountOf(metrics[metric]), 0);
  const { meanMs, count: timed } = meanTime(windows, duration);
  return {
    operations: sum(count),
    iterations: sum('iterations'),
    seconds,
    meanMs,
    inFlight: seconds === 0 ? 0 : (timed * meanMs) / 1000 / seconds,
  };
}

/**
 * The share of their time (0..1) that virtual users spent outside of iterations, thinking; `undefined` where users do not
 * wait for their own iterations (arrival rates), or nothing tells how many there were.
 */
export function thinkingShare({ plan, timeline }: Measurements, spans: readonly Span[]): number | undefined {
  if (!plan.scenarios.every(({ executor }) => isClosed(executor))) return undefined;
  let [userMs, busyMs] = [0, 0];
  for (const { startAtMs, endAtMs, metrics } of windowsIn(timeline, spans)) {
    const { vus, iteration_duration: times } = metrics;
    if (vus === undefined || !('min' in vus) || !('max' in vus)) continue;
    userMs += ((vus.min + vus.max) / 2) * (endAtMs - startAtMs);
    if (times !== undefined && 'avg' in times && times.count > 0) busyMs += times.count * times.avg;
  }
  return userMs === 0 ? undefined : Math.max(0, 1 - busyMs / userMs);
}
