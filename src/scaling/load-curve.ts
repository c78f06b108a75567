// The load of a simulation over time: that of a run, or one that is stated in stages. Called by assess-scaling.ts.

import { isArrivalRate } from '../executors/of-plan.ts';
import type { Measurements } from '../model/run-record.ts';
import type { ScalingLoad } from '../model/scaling.ts';

/** A part of the load in which the rate goes along a line. */
export interface LoadPart {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Iterations per second at the begin and the end of the part. */
  readonly fromRate: number;
  readonly untilRate: number;
}

export interface LoadCurve {
  /** Ascending, without gaps, from 0. */
  readonly parts: readonly LoadPart[];
  /** For people: `the load of the run`, `4 stages`. */
  readonly title: string;
  readonly cautions: readonly string[];
}

export function curveOfStages({ startRate, stages }: ScalingLoad): LoadCurve {
  const parts: LoadPart[] = [];
  let [atMs, rate] = [0, startRate];
  for (const { durationMs, target } of stages) {
    parts.push({ fromMs: atMs, untilMs: atMs + durationMs, fromRate: rate, untilRate: target });
    [atMs, rate] = [atMs + durationMs, target];
  }
  const title = stages.length === 1 ? '1 stated stage' : `${stages.length} stated stages`;
  return { parts, title, cautions: [] };
}

/** The iterations of each interval of a run, with those that were due and dropped; `undefined` when it had none. */
export function curveOfRun({ timeline, plan }: Measurements): LoadCurve | undefined {
  const rateOf = (metric: string, metrics: Measurements['timeline'][number]['metrics']): number => {
    const values = Object.hasOwn(metrics, metric) ? metrics[metric] : undefined;
    return values !== undefined && 'rate' in values && 'count' in values && Number.isFinite(values.rate)
      ? Math.max(0, values.rate)
      : 0;
  };
  const startMs = timeline[0]?.startAtMs ?? 0;
  const parts = timeline.map(({ startAtMs, endAtMs, metrics }) => {
    const rate = rateOf('iterations', metrics) + rateOf('dropped_iterations', metrics);
    return { fromMs: startAtMs - startMs, untilMs: endAtMs - startMs, fromRate: rate, untilRate: rate };
  });
  if (!parts.some(({ fromRate }) => fromRate > 0)) return undefined;
  const isOpen = plan.scenarios.length > 0 && plan.scenarios.every(({ executor }) => isArrivalRate(executor));
  const caution =
    'The load is what the run finished: its users wait for answers, and would ask a faster system for more.';
  return { parts, title: 'the load of the run', cautions: isOpen ? [] : [caution] };
}

/** Mean rate between two times, the second after the first; 0 beyond the curve. */
export function meanRate({ parts }: LoadCurve, startAt: number, fromMs: number, untilMs: number): number {
  let amount = 0;
  for (let i = startAt; i < parts.length; i++) {
    const part = parts[i]!;
    if (part.fromMs >= untilMs) break;
    const [a, b] = [Math.max(fromMs, part.fromMs), Math.min(untilMs, part.untilMs)];
    if (b > a) amount += ((rateAt(part, a) + rateAt(part, b)) / 2) * (b - a);
  }
  return amount / (untilMs - fromMs);
}

function rateAt({ fromMs, untilMs, fromRate, untilRate }: LoadPart, atMs: number): number {
  if (untilMs <= fromMs) return untilRate;
  return fromRate + ((atMs - fromMs) / (untilMs - fromMs)) * (untilRate - fromRate);
}

export function curveDuration({ parts }: LoadCurve): number {
  return parts.at(-1)?.untilMs ?? 0;
}
