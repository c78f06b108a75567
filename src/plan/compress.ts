// A profile in less time: `--compress 20` makes everything that lasts a twentieth as long. What is judged on such a run is
// only that much of the profile, so it never shows that the profile's limits hold. Called by plan.ts.

import type { ExecutorPlan } from '../executors/executors.ts';
import type { AlertPlan } from '../model/alert.ts';
import { UsageError } from '../model/errors.ts';
import type { FaultPlan } from '../model/fault.ts';
import type { MonitorPlan } from '../model/monitor-settings.ts';
import type { ThresholdPlan, ThresholdWindows } from '../model/plan.ts';
import { noFault } from './fault-thresholds.ts';
import { type Layout, lengthOf, stretchedTo } from './layout.ts';
import type { Overrides } from './overrides.ts';

/** A load is not made shorter than this: figures come once a second. */
const leastLengthMs = 3000;
/** Windows and readings are not made shorter than this, for the same reason. */
const leastSpanMs = 1000;

/** What becomes of a profile that is made shorter. */
export interface Compression {
  readonly layout: Layout;
  /** How many times shorter the load is, above 1. */
  readonly factor: number;
}

/**
 * The layout in a `compress`-th of its time, ramps and pauses in proportion, and as many iterations fewer where they are
 * counted. `undefined` where nothing is asked, or the load is too short to be made shorter. Throws a `UsageError` for a factor
 * below 1, and together with `--duration`.
 */
export function compressionOf(layout: Layout, { compress, durationMs }: Overrides): Compression | undefined {
  if (compress === undefined || compress === 1) return undefined;
  if (!(compress > 1 && compress <= 10_000))
    throw new UsageError(`--compress ${compress}: expected a factor from 1 to 10000, such as 20`);
  if (durationMs !== undefined) {
    throw new UsageError('--compress and --duration both say how long the load is', {
      hint: 'leave out one of them',
    });
  }
  const nowMs = lengthOf(layout);
  const lengthMs = Math.ceil(Math.max(nowMs / compress, leastLengthMs));
  if (lengthMs >= nowMs) return undefined;
  const factor = nowMs / lengthMs;
  const shorter = stretchedTo(layout, lengthMs);
  const items = shorter.items.map((item, i) => ({
    ...item,
    scenario: {
      ...item.scenario,
      executor: withFewer(item.scenario.executor, layout.items[i]!.scenario.executor, factor),
    },
  }));
  return { layout: { ...shorter, items }, factor };
}

/** Ramp-ups in proportion, which stretching keeps where it can, and as many iterations fewer. */
function withFewer(executor: ExecutorPlan, before: ExecutorPlan, factor: number): ExecutorPlan {
  const fewer = {
    ...executor,
    ...('rampUpMs' in before && { rampUpMs: before.rampUpMs / factor }),
    ...('iterations' in before && { iterations: Math.max(1, Math.round(before.iterations / factor)) }),
  };
  return fewer as ExecutorPlan;
}

/**
 * Whether less time leaves a threshold a meaning. A count of at least so many cannot be reached by a shorter load, and the time
 * without faults is as good as gone: systems recover no sooner.
 */
export function isJudgedShorter({ aggregation, operator, limit, tags }: ThresholdPlan): boolean {
  if (tags.fault === noFault) return false;
  return !(aggregation.kind === 'count' && (operator === '>' || operator === '>=') && limit > 1);
}

/** Windows in proportion, of whole seconds; a stage may then have none. */
export function shorterThreshold(threshold: ThresholdPlan, factor: number): ThresholdPlan {
  const { windows, delayAbortEvalMs } = threshold;
  const shorter = { ...threshold, delayAbortEvalMs: delayAbortEvalMs / factor };
  return windows === undefined
    ? shorter
    : { ...shorter, windows: shorterWindows(windows, factor), optional: true };
}

function shorterWindows(windows: ThresholdWindows, factor: number): ThresholdWindows {
  const seconds = (ms: number): number => Math.round(ms / factor / 1000) * 1000;
  const lengthMs = Math.max(leastSpanMs, seconds(windows.lengthMs));
  return {
    ...windows,
    lengthMs,
    withinMs: Math.floor(windows.withinMs / factor / 1000) * 1000,
    ...(windows.forMs !== undefined && { forMs: Math.max(lengthMs, seconds(windows.forMs)) }),
  };
}

export function shorterAlert(alert: AlertPlan, factor: number): AlertPlan {
  return { ...alert, rules: alert.rules.map((rule) => ({ ...rule, forMs: rule.forMs / factor })) };
}

/** It begins and ends sooner; what the system is expected to do within a time is not done any sooner. */
export function shorterFault(fault: FaultPlan, factor: number): FaultPlan {
  const { atMs, forMs } = fault;
  return {
    ...fault,
    atMs: atMs / factor,
    forMs: forMs === null ? null : Math.max(leastSpanMs, forMs / factor),
  };
}

/** Readings come as often in proportion, but for what is read once a second or more often. */
export function shorterMonitor(monitor: MonitorPlan, factor: number): MonitorPlan {
  const { intervalMs, timeoutMs } = monitor;
  const shorter = Math.min(intervalMs, Math.max(leastSpanMs, Math.round(intervalMs / factor)));
  return { ...monitor, intervalMs: shorter, timeoutMs: Math.min(timeoutMs, Math.max(leastSpanMs, shorter)) };
}
