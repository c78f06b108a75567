// Figures of the load itself over the time that matters: operations per second, their mean time, how many were under way,
// how long users were idle, and what load was asked for. Used by condition.ts, scene.ts and rules-application.ts.

import { isArrivalRate, isClosed, isControlled, rateCurveOf, vuCountAt } from '../../executors/of-plan.ts';
import { rateAt } from '../../executors/rate-curve.ts';
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

/** Rounding to whole users is no other load, and no other mix. */
const moreLoad = 1.05;
const otherMix = 1.25;

/**
 * Whether times may be compared without regard to the load: at no time is more asked for in `some` intervals than in
 * `others`, of any kind of work, and the kinds of work have the same proportions in both.
 */
export function isOfNoMoreLoad(
  measured: Measurements,
  some: readonly TimelineWindow[],
  others: readonly TimelineWindow[],
): boolean {
  const [first, second] = [plannedLoads(measured, some), plannedLoads(measured, others)];
  const ratios = [...first].flatMap(([work, load]) => {
    const other = second.get(work) ?? 0;
    return load === 0 && other === 0 ? [] : [load / other];
  });
  if (ratios.length === 0) return false;
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)];
  return most <= moreLoad && most <= otherMix * least;
}

/** Of each kind of work the mean of its planned users, or iterations per second; of users led from outside those there were. */
function plannedLoads(
  { plan }: Measurements,
  windows: readonly TimelineWindow[],
): ReadonlyMap<string, number> {
  const loads = new Map<string, number>();
  const add = (work: string, load: number): void => {
    loads.set(work, (loads.get(work) ?? 0) + load / windows.length);
  };
  for (const { executor, startAtMs: beginMs, users } of plan.scenarios) {
    const isOpen = isArrivalRate(executor);
    const work = JSON.stringify([isOpen, users]);
    const curve = isOpen ? rateCurveOf(executor) : undefined;
    for (const { startAtMs, endAtMs, metrics } of windows) {
      const atMs = (startAtMs + endAtMs) / 2 - beginMs;
      const { vus } = metrics;
      if (curve !== undefined) add(work, rateAt(curve, atMs));
      else if (!isControlled(executor)) add(work, vuCountAt(executor, atMs));
      else if (vus !== undefined && 'min' in vus && 'max' in vus) add(work, (vus.min + vus.max) / 2);
    }
  }
  return loads;
}
