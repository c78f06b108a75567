// What became of each fault of a run, and whether the system did what was expected of it. Pure, from a record: the verdict,
// findings and reports read it.

import { assertNever } from '../../model/errors.ts';
import type { ExpectationPlan, FaultPlan, FaultRecord } from '../../model/fault.ts';
import { expectationText } from '../../model/fault-words.ts';
import type { Measurements } from '../../model/run-record.ts';
import { judgeCost, judgeReturn } from './back-to-usual.ts';
import { type FaultTimes, timesOf, troubleOf } from './fault-times.ts';
import type { Judgement } from './judgement.ts';
import { judgeOthers } from './others-flat.ts';
import { judgeReach, judgeStale } from './reached.ts';

export interface ExpectationResult extends Judgement {
  readonly plan: ExpectationPlan;
  /** What was expected: `as before within 30s after its end`. */
  readonly text: string;
}

export interface FaultResult {
  readonly plan: FaultPlan;
  readonly record: FaultRecord | undefined;
  /** How it differs from what was planned, one sentence each: nothing that was expected can be told then. */
  readonly trouble: readonly string[];
  readonly expectations: readonly ExpectationResult[];
}

/** One for each fault of the plan, in its order. */
export function faultResults(measured: Measurements): FaultResult[] {
  return (measured.plan.faults ?? []).map((plan) => {
    const trouble = troubleOf(measured, plan);
    const times = timesOf(measured, plan);
    return {
      plan,
      record: measured.faults?.find(({ name }) => name === plan.name),
      trouble,
      expectations: plan.expect.map((one) => ({
        plan: one,
        text: expectationText(one),
        ...(times === undefined || trouble.length > 0
          ? ({ status: 'open', detail: 'The fault was not as planned.' } as const)
          : judge(measured, times, one)),
      })),
    };
  });
}

function judge(measured: Measurements, times: FaultTimes, expectation: ExpectationPlan): Judgement {
  switch (expectation.kind) {
    case 'reach':
    case 'return':
      return judgeReach(measured, times, expectation);
    case 'recovery':
    case 'failover':
      return judgeReturn(measured, times, expectation);
    case 'others-flat':
      return judgeOthers(measured, times, expectation);
    case 'no-stale':
      return judgeStale(measured, times, expectation);
    case 'cost':
      return judgeCost(measured, times, expectation);
    default:
      return assertNever(expectation);
  }
}
