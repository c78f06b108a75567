// Thresholds on the time of one fault, `http_req_failed{fault:crm_down}`, and on the times without any,
// `http_req_failed{fault:none}`. Called by plan.ts, which knows when the faults and the load are, and by compress.ts.

import { UsageError } from '../model/errors.ts';
import type { ExpectationPlan, FaultPlan } from '../model/fault.ts';
import { seriesKey } from '../model/metric.ts';
import type { ThresholdPlan } from '../model/plan.ts';
import { nearestName } from '../text/nearest-name.ts';

/** The selector's name for times without faults. */
export const noFault = 'none';

interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Gives thresholds on faults their times. Throws a `UsageError` where the profile has no such fault. */
export function withFaultTimes(
  thresholds: readonly ThresholdPlan[],
  faults: readonly FaultPlan[],
  durationMs: number,
): ThresholdPlan[] {
  return thresholds.map((threshold) => {
    const { metric, tags, windows } = threshold;
    if (tags.fault === undefined) return threshold;
    if (tags.fault === noFault) {
      const outside = without(faults.map(effectOf), durationMs);
      const lengthMs = Math.max(1000, ...outside.map(({ fromMs, untilMs }) => untilMs - fromMs));
      return { ...threshold, windows: { ...(windows ?? { lengthMs, withinMs: 0, share: 1 }), outside } };
    }
    const fault = faults.find(({ name }) => name === tags.fault);
    if (fault === undefined) throw noSuchFault(seriesKey(metric, tags), tags.fault, faults);
    const stage = wholeSeconds({ fromMs: fault.atMs, untilMs: endOf(fault, durationMs) });
    const lengthMs = Math.max(1000, stage.untilMs - stage.fromMs);
    return { ...threshold, windows: { ...(windows ?? { lengthMs, withinMs: 0, share: 1 }), stage } };
  });
}

function endOf({ atMs, forMs }: FaultPlan, durationMs: number): number {
  return forMs === null ? durationMs : Math.min(durationMs, atMs + forMs);
}

/** The time in which a fault shows: until all must be as before, and a second at the least. */
function effectOf(fault: FaultPlan): Span {
  const { atMs, forMs, expect } = fault;
  if (forMs === null) return { fromMs: atMs, untilMs: Number.POSITIVE_INFINITY };
  const aftermathMs = Math.max(1000, ...expect.map(aftermathOf));
  return wholeSeconds({ fromMs: atMs, untilMs: atMs + forMs + aftermathMs });
}

function aftermathOf(expectation: ExpectationPlan): number {
  return expectation.kind === 'recovery' || expectation.kind === 'return' ? expectation.withinMs : 0;
}

/** Figures are kept by the second. */
function wholeSeconds({ fromMs, untilMs }: Span): Span {
  return { fromMs: Math.floor(fromMs / 1000) * 1000, untilMs: Math.ceil(untilMs / 1000) * 1000 };
}

/** What is left of the load, ascending. */
function without(effects: readonly Span[], durationMs: number): Span[] {
  const left: Span[] = [];
  let fromMs = 0;
  for (const effect of [...effects].sort((a, b) => a.fromMs - b.fromMs)) {
    if (effect.fromMs > fromMs) left.push({ fromMs, untilMs: Math.min(effect.fromMs, durationMs) });
    fromMs = Math.max(fromMs, effect.untilMs);
    if (fromMs >= durationMs) return left;
  }
  return [...left, { fromMs, untilMs: durationMs }];
}

function noSuchFault(key: string, name: string, faults: readonly FaultPlan[]): UsageError {
  const names = faults.map((one) => one.name);
  const nearest = nearestName(name, names);
  return new UsageError(
    `the threshold on ${key} cannot be judged: the profile has no fault ${name}${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
    {
      hint: `its faults: ${names.join(', ') || '(there are none)'}; {fault:none} selects the times without faults`,
    },
  );
}
