// A fault of a run with its times, and whether it went as planned. fault-results.ts makes one for each, and the files that
// judge expectations read it.

import type { FaultPlan, FaultRecord } from '../../model/fault.ts';
import type { Measurements } from '../../model/run-record.ts';
import { formatDuration } from '../../time/duration.ts';
import { loadDurationMs } from '../measured.ts';

/** A fault that really was on. */
export interface FaultTimes {
  readonly plan: FaultPlan;
  /** Run times as applied. */
  readonly fromMs: number;
  /** When it was over: of one that is over at once, that is when it began, or soon after. */
  readonly untilMs: number;
  /** Until when it is looked at: its end, or what `for` says of one that is over at once. */
  readonly seenUntilMs: number;
  /** When the next fault begins, or the load ends: what is seen after that is not of this one. */
  readonly nextMs: number;
}

/** Timers of a busy machine are late by less than this. */
const lateMs = 1000;
/** A fault that lasted for less than this share of its time was cut short. */
const leastShare = 0.9;
const atOnce: ReadonlySet<FaultPlan['kind']> = new Set(['restart', 'flush']);

/** The times of the fault; `undefined` for one that was not begun. */
export function timesOf(measured: Measurements, plan: FaultPlan): FaultTimes | undefined {
  const record = recordOf(measured, plan);
  const endMs = loadDurationMs(measured);
  if (record === undefined || record.fromMs === null) return undefined;
  const { fromMs } = record;
  const untilMs = record.untilMs ?? endMs;
  const nextMs = Math.min(
    endMs,
    ...(measured.faults ?? []).flatMap((other) =>
      other.name !== plan.name && other.fromMs !== null && other.fromMs >= untilMs ? [other.fromMs] : [],
    ),
  );
  const seenUntilMs = atOnce.has(plan.kind)
    ? Math.max(untilMs, Math.min(nextMs, fromMs + (plan.forMs ?? 0)))
    : untilMs;
  return { plan, fromMs, untilMs, seenUntilMs, nextMs };
}

function recordOf({ faults = [] }: Measurements, { name }: FaultPlan): FaultRecord | undefined {
  return faults.find((one) => one.name === name);
}

/** How a fault differs from what was planned, one sentence each; empty when it does not. */
export function troubleOf(measured: Measurements, plan: FaultPlan): string[] {
  const record = recordOf(measured, plan);
  const trouble = [...(record?.trouble ?? [])];
  if (record === undefined || record.fromMs === null) {
    if (trouble.length > 0) return trouble;
    const at = formatDuration(plan.atMs);
    return [`It was not begun: the load ended before ${at}.`];
  }
  const { fromMs, untilMs, traffic } = record;
  const late = fromMs - plan.atMs;
  if (late > lateMs) trouble.push(`It began ${formatDuration(late)} late.`);
  if (plan.forMs !== null && trouble.length === 0) {
    if (untilMs === null) trouble.push('Nobody knows whether it was taken back.');
    else if (!atOnce.has(plan.kind) && untilMs - fromMs < leastShare * plan.forMs) {
      const was = formatDuration(Math.max(0, untilMs - fromMs));
      trouble.push(`It was on for ${was} of ${formatDuration(plan.forMs)}: the load ended.`);
    }
  }
  if (traffic !== undefined && plan.proxy !== undefined) {
    if (traffic.connections === 0) {
      trouble.push(`No connection came through the proxy ${plan.proxy}, so nothing felt it.`);
    } else if (plan.kind === 'reset' ? traffic.cut === 0 : plan.kind !== 'refuse' && traffic.bytes === 0) {
      trouble.push(`Nothing was sent through the proxy ${plan.proxy} while it was on, so nothing felt it.`);
    }
  }
  return trouble;
}
