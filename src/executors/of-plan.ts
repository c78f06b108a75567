// What can be said of every executor by its plan alone. Plan, engine, analysis and reports all ask.

import type {
  Change,
  ClosedExecutor,
  Executor,
  FixedIterations,
  LoadModel,
  OpenExecutor,
} from './executor.ts';
import {
  type ArrivalExecutorPlan,
  type ControlledExecutorPlan,
  type ExecutorPlan,
  executors,
  type LoadDefinition,
  type ScenarioLoad,
  type VuExecutorPlan,
} from './executors.ts';
import type { Interval } from './ramp.ts';
import type { RateCurve, StartTimes } from './rate-curve.ts';

// The compiler cannot know that an executor looked up by the kind of a plan takes that plan.

function executorOf({ kind }: ExecutorPlan): Executor<LoadDefinition, ExecutorPlan> {
  return executors[kind] as unknown as Executor<LoadDefinition, ExecutorPlan>;
}

function closedOf({ kind }: VuExecutorPlan): ClosedExecutor<LoadDefinition, VuExecutorPlan> {
  return executors[kind] as unknown as ClosedExecutor<LoadDefinition, VuExecutorPlan>;
}

function openOf({ kind }: ArrivalExecutorPlan): OpenExecutor<LoadDefinition, ArrivalExecutorPlan> {
  return executors[kind] as unknown as OpenExecutor<LoadDefinition, ArrivalExecutorPlan>;
}

export function modelOf(plan: ExecutorPlan): LoadModel {
  return executorOf(plan).model;
}

export function isClosed(plan: ExecutorPlan): plan is VuExecutorPlan {
  return modelOf(plan) === 'closed';
}

export function isArrivalRate(plan: ExecutorPlan): plan is ArrivalExecutorPlan {
  return modelOf(plan) === 'open';
}

export function isControlled(plan: ExecutorPlan): plan is ControlledExecutorPlan {
  return modelOf(plan) === 'controlled';
}

/** The plan of a checked definition that is no search. */
export function planLoad(definition: ScenarioLoad): ExecutorPlan {
  const executor = executors[definition.executor] as unknown as Executor<LoadDefinition, ExecutorPlan>;
  return executor.makePlan(definition);
}

/** Regular length of an executor in ms, without its graceful stop; for fixed iterations the longest. */
export function durationOf(plan: ExecutorPlan): number {
  return executorOf(plan).durationMs(plan);
}

/** The most VUs that an executor ever uses; VU indexes run from 0 to one below it. */
export function maxVusOf(plan: ExecutorPlan): number {
  return executorOf(plan).maxVus(plan);
}

/** In words, without the kind: `10 VUs for 1m`. */
export function describeExecutor(plan: ExecutorPlan): string {
  return executorOf(plan).describe(plan);
}

/** The steps of its course in words; empty where there are none. */
export function describeCourse(plan: ExecutorPlan): readonly string[] {
  return executorOf(plan).describeCourse?.(plan) ?? [];
}

/** When the load changes between start and end; ms from the start of the scenario. */
export function changesOf(plan: ExecutorPlan): readonly Change[] {
  return executorOf(plan).changes(plan);
}

/**
 * VUs planned to be active at `atMs` ms after the scenario's start; 0 before it and from its regular end on. For
 * arrival rates these are the VUs held ready, `preAllocatedVUs`; how many are busy depends on the target. Where they
 * are controlled from outside they are the VUs of the start.
 */
export function vuCountAt(plan: ExecutorPlan, atMs: number): number {
  return atMs < 0 || atMs >= durationOf(plan) ? 0 : executorOf(plan).vuCountAt(plan, atMs);
}

/** With `vus` as its most VUs, everything below in proportion. */
export function withVus(plan: ExecutorPlan, vus: number): ExecutorPlan {
  return executorOf(plan).withVus(plan, vus);
}

/** With other times: `scaled` gives the new length of any of them. */
export function stretched(plan: ExecutorPlan, scaled: (ms: number) => number): ExecutorPlan {
  return executorOf(plan).stretched(plan, scaled);
}

/**
 * When VU `vuIndex` (global, from 0) is active: ascending, disjoint intervals in ms from the scenario's start, each
 * half-open. Empty when the VU never gets a turn. Where the iterations are fixed a VU may of course be done before
 * the end given here, which is the longest possible.
 */
export function vuIntervals(plan: VuExecutorPlan, vuIndex: number): Interval[] {
  return vuIndex < 0 || vuIndex >= maxVusOf(plan) ? [] : closedOf(plan).vuIntervals(plan, vuIndex);
}

/** How long the iterations of a VU may go on that leaves before the end; `undefined`: as long as those at the end. */
export function gracefulLeaveMs(plan: VuExecutorPlan): number | undefined {
  return closedOf(plan).gracefulLeaveMs?.(plan);
}

/** The iterations that looping VUs make whatever the target does; `undefined` where they loop until the end. */
export function fixedIterationsOf(plan: ExecutorPlan): FixedIterations | undefined {
  return isClosed(plan) ? closedOf(plan).fixedIterations?.(plan) : undefined;
}

/** Iterations the plan fixes in advance; `undefined` where it depends on the target, or on chance. */
export function plannedIterations(plan: ExecutorPlan): number | undefined {
  if (isArrivalRate(plan)) return plan.arrivals === 'poisson' ? undefined : startsOf(plan).count;
  const fixed = fixedIterationsOf(plan);
  if (fixed === undefined) return undefined;
  return 'perVu' in fixed ? maxVusOf(plan) * fixed.perVu : fixed.shared;
}

/** The highest arrival rate, in iterations per second. */
export function peakRatePerSec(plan: ArrivalExecutorPlan): number {
  return openOf(plan).peakRatePerSec(plan);
}

export function rateCurveOf(plan: ArrivalExecutorPlan): RateCurve {
  return openOf(plan).rateCurve(plan);
}

/** The starts of an arrival rate where they are not drawn at random. */
export function startsOf(plan: ArrivalExecutorPlan): StartTimes {
  return openOf(plan).starts(plan);
}

/** With other rates per second; `scaled` gives the new rate for any of them. */
export function withRates(
  plan: ArrivalExecutorPlan,
  scaled: (ratePerSec: number) => number,
): ArrivalExecutorPlan {
  return openOf(plan).withRates(plan, scaled);
}
