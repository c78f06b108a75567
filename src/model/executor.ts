// What can be said of every executor by its plan alone. Plan, engine, analysis and reports all ask.

import type { ExecutorPlan } from './plan.ts';

/** Executors of the open model: iterations start when they are due, whatever the target does. */
export type ArrivalExecutorPlan = Extract<
  ExecutorPlan,
  { kind: 'constant-arrival-rate' | 'ramping-arrival-rate' }
>;

export function isArrivalRate(executor: ExecutorPlan): executor is ArrivalExecutorPlan {
  return executor.kind === 'constant-arrival-rate' || executor.kind === 'ramping-arrival-rate';
}

/** Regular length of an executor in ms, without its graceful stop; for fixed iterations the longest. */
export function durationOf(executor: ExecutorPlan): number {
  switch (executor.kind) {
    case 'constant-vus':
    case 'constant-arrival-rate':
    case 'externally-controlled':
      return executor.durationMs;
    case 'per-vu-iterations':
    case 'shared-iterations':
      return executor.maxDurationMs;
    case 'ramping-vus':
    case 'ramping-arrival-rate':
      return executor.stages.reduce((sumMs, stage) => sumMs + stage.durationMs, 0);
  }
}

/** The most VUs that an executor ever uses; VU indexes run from 0 to one below it. */
export function maxVusOf(executor: ExecutorPlan): number {
  switch (executor.kind) {
    case 'constant-vus':
    case 'per-vu-iterations':
    case 'shared-iterations':
      return executor.vus;
    case 'constant-arrival-rate':
    case 'ramping-arrival-rate':
    case 'externally-controlled':
      return executor.maxVUs;
    case 'ramping-vus':
      return Math.max(executor.startVUs, ...executor.stages.map((stage) => stage.target));
  }
}

/** The highest arrival rate of an open executor, in iterations per second. */
export function peakRatePerSec(executor: ArrivalExecutorPlan): number {
  if (executor.kind === 'constant-arrival-rate') return executor.ratePerSec;
  return Math.max(executor.startRatePerSec, ...executor.stages.map(({ target }) => target));
}
