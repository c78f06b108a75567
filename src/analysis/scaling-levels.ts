// Reads levels of load out of records: how much was done at which load, from the steps of a search, from phases and
// stages, and from the slices of a ramp. Used by scalability.ts.

import { changesOf, isArrivalRate, isClosed } from '../executors/of-plan.ts';
import { seriesKey } from '../model/metric.ts';
import { failedCountOf, operationMetrics, sentKinds } from '../model/operation.ts';
import type { ScenarioPlan } from '../model/plan.ts';
import type { Measurements, TimelineWindow } from '../model/run-record.ts';
import { formatFigure } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';
import { findCapacity } from './capacity.ts';
import { scenarioDurationMs } from './measured.ts';
import { findSteadyParts, type SteadyPart } from './steady-parts.ts';
import { timeSaturation } from './step-saturation.ts';

/** A part of a ramp that is shorter shows no level. */
const leastSliceMs = 10_000;
/** A ramp is cut into so many slices at the most. */
const mostSlices = 10;
/** A steady part that is shorter is no level. */
const leastPartMs = 5000;
/** Failures are other work, mostly faster: above this share a level says nothing of the work that was meant. */
const mostFailed = 0.05;

/** What the load of levels is: users of the closed model, or operations in flight in the open one. */
export type LoadUnit = 'users' | 'in flight';

export interface Level {
  /** Users, or iterations in flight (those finished per second, times what each took: Little's law). */
  readonly load: number;
  /** Iterations finished per second. */
  readonly throughput: number;
  /** Mean time of an iteration, ms. */
  readonly iterationMs: number;
  /** How long the level was held. */
  readonly seconds: number;
  /** For people: `step of 40 users`, `1m to 2m`. */
  readonly title: string;
  /** Why it does not count, and in a word what the reason is; absent when it does. */
  readonly leftOut?: string;
  readonly cause?: 'generator' | 'failures';
}

export interface ScalingLevels {
  readonly unit: LoadUnit;
  /** What was done: levels of different work are not on one curve. */
  readonly work: string;
  readonly levels: readonly Level[];
}

/**
 * The levels of a record; `undefined` when there are none to speak of: no load, both models at once, users controlled
 * from outside, or work that differs from one part to the next.
 */
export function findLevels(measured: Measurements): ScalingLevels | undefined {
  const { scenarios, search } = measured.plan;
  const [first] = scenarios;
  if (first === undefined) return undefined;
  const work = workOf(measured, first);
  if (scenarios.some((one) => workOf(measured, one) !== work)) return undefined;
  const isOpen = scenarios.every(({ executor }) => isArrivalRate(executor));
  if (!isOpen && !scenarios.every(({ executor }) => isClosed(executor))) return undefined;
  const levels = search === undefined ? partLevels(measured, isOpen) : stepLevels(measured, isOpen);
  return { unit: isOpen ? 'in flight' : 'users', work, levels };
}

/** Users, their tasks and their think times, and the suite that defines them. */
function workOf({ plan }: Measurements, { users }: ScenarioPlan): string {
  return JSON.stringify([plan.suite, users]);
}

function stepLevels(measured: Measurements, isOpen: boolean): Level[] {
  const { search, scenarios } = measured.plan;
  const warmUpMs = search?.adaptive?.warmUpMs ?? 0;
  return (findCapacity(measured)?.steps ?? []).flatMap((step): Level[] => {
    const plan = scenarios.find(({ name }) => name === step.scenario);
    const trend = valuesOfStep(measured, 'iteration_duration', step.scenario);
    const iterationMs = trend !== undefined && 'avg' in trend ? trend.avg : 0;
    if (plan === undefined || step.outcome === 'cut-short' || iterationMs === 0) return [];
    const failed = Math.max(
      0,
      ...sentKinds.map((kind) => {
        const values = valuesOfStep(measured, operationMetrics[kind].failed, step.scenario);
        return values !== undefined && 'rate' in values ? values.rate : 0;
      }),
    );
    return [
      level({
        load: isOpen ? (step.achievedPerSec * iterationMs) / 1000 : step.load,
        throughput: step.achievedPerSec,
        iterationMs,
        seconds: (scenarioDurationMs(plan) - warmUpMs) / 1000,
        title: `step of ${formatFigure(step.load, search?.unit ?? 'users')}`,
        failed,
        saturation: step.outcome === 'saturated' ? [step.reason] : [],
      }),
    ];
  });
}

function valuesOfStep(measured: Measurements, metric: string, scenario: string) {
  return (
    measured.metrics[seriesKey(metric, { scenario })]?.values ??
    (measured.plan.scenarios.length === 1 ? measured.metrics[metric]?.values : undefined)
  );
}

/** Levels of the parts of steady load, and of slices of ramps. */
function partLevels(measured: Measurements, isOpen: boolean): Level[] {
  const steady = findSteadyParts(measured).filter(({ fromMs, untilMs }) => untilMs - fromMs >= leastPartMs);
  return [...steady, ...rampSlices(measured)]
    .sort((a, b) => a.fromMs - b.fromMs)
    .flatMap((part) => levelOfPart(measured, part, isOpen) ?? []);
}

/** Equal slices of the parts in which one scenario alone ramps its load. */
function rampSlices({ plan }: Measurements): SteadyPart[] {
  if (plan.scenarios.length !== 1) return [];
  return plan.scenarios.flatMap(({ executor, startAtMs }) =>
    changesOf(executor).flatMap(({ fromMs, untilMs }) => {
      const count = Math.min(mostSlices, Math.floor((untilMs - fromMs) / leastSliceMs));
      const sliceMs = (untilMs - fromMs) / count;
      return Array.from({ length: count }, (_, i) => ({
        fromMs: startAtMs + fromMs + i * sliceMs,
        untilMs: startAtMs + fromMs + (i + 1) * sliceMs,
      }));
    }),
  );
}

function levelOfPart(measured: Measurements, part: SteadyPart, isOpen: boolean): Level | undefined {
  const windows = measured.timeline.filter(
    ({ startAtMs, endAtMs }) => startAtMs >= part.fromMs && endAtMs <= part.untilMs,
  );
  const seconds = windows.reduce((sum, { startAtMs, endAtMs }) => sum + endAtMs - startAtMs, 0) / 1000;
  let [finished, spentMs] = [0, 0];
  for (const { metrics } of windows) {
    const values = metrics.iteration_duration;
    if (values === undefined || !('avg' in values)) continue;
    finished += values.count;
    spentMs += values.count * values.avg;
  }
  if (seconds === 0 || finished === 0) return undefined;
  const throughput = finished / seconds;
  const iterationMs = spentMs / finished;
  const load = isOpen ? (throughput * iterationMs) / 1000 : meanUsers(windows);
  if (!(load > 0)) return undefined;
  const title = `${formatDuration(Math.round(part.fromMs / 1000) * 1000)} to ${formatDuration(Math.round(part.untilMs / 1000) * 1000)}`;
  const saturation = timeSaturation(measured.timeline, part, 'the time');
  const ofRun = measured.generator.saturated ? measured.generator.reasons : [];
  return level({
    ...{ load, throughput, iterationMs, seconds, title },
    failed: failedShare(windows),
    saturation: saturation.length > 0 ? saturation : ofRun,
  });
}

function meanUsers(windows: readonly TimelineWindow[]): number {
  const seen = windows.flatMap(({ metrics: { vus } }) =>
    vus !== undefined && 'min' in vus && 'max' in vus ? [(vus.min + vus.max) / 2] : [],
  );
  return seen.reduce((sum, users) => sum + users, 0) / seen.length;
}

/** Of the kind of operations that failed the most. */
function failedShare(windows: readonly TimelineWindow[]): number {
  const shares = sentKinds.map((kind) => {
    const { count, failed } = operationMetrics[kind];
    const sum = (metric: string, of: typeof failedCountOf): number =>
      windows.reduce((total, { metrics }) => total + of(metrics[metric]), 0);
    return sum(failed, failedCountOf) / Math.max(1, sum(count, failedCountOf));
  });
  return Math.max(0, ...shares);
}

function level(
  seen: Omit<Level, 'leftOut' | 'cause'> & {
    readonly failed: number;
    readonly saturation: readonly string[];
  },
): Level {
  const { failed, saturation, ...one } = seen;
  if (saturation.length > 0) {
    return { ...one, cause: 'generator', leftOut: `the generator was the limit: ${saturation[0]!}` };
  }
  if (failed <= mostFailed) return one;
  return {
    ...one,
    cause: 'failures',
    leftOut: `${formatFigure(failed, 'ratio')} of its operations failed`,
  };
}
