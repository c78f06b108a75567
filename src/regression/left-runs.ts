// Runs of a side that cannot be used: what reports say of them, and whether they may hide that something got worse. Called
// by compare-runs.ts, hold-runs.ts and stated-baseline.ts.

import type { ComparedSide } from '../model/regression.ts';
import type { RunRecord } from '../model/run-record.ts';
import { unusableReason } from './differences.ts';

/** Runs named in one sentence; the side of the report has all. */
const namedRuns = 3;

/** Those of `records` that cannot be used, each with the reason. */
export function leftOf(records: readonly RunRecord[]): ComparedSide['left'] {
  return records.flatMap((record) => {
    const reason = unusableReason(record);
    return reason === undefined ? [] : [{ run: record.id, reason }];
  });
}

/**
 * Whether what kept a run from being used may come of its target: a side whose bad runs are dropped looks the same. What drove
 * no load of this kind hides nothing, nor does a run that somebody interrupted before it failed.
 */
export function mayHide(record: RunRecord): boolean {
  if (unusableReason(record) === undefined) return false;
  const { plan, interrupted, generator, refusal, recovery, baseline, verdict } = record;
  if (plan.scenarios.length === 0 || plan.search !== undefined) return false;
  const isByHand = interrupted && refusal === undefined && recovery?.killed !== true;
  return !isByHand || generator.saturated || (baseline?.own ?? verdict).status === 'fail';
}

/** `2 of 6 runs of B are left out: run-1 (it was interrupted) and run-2 (...).`; `undefined` where all are used. */
export function leftText(left: ComparedSide['left'], count: number, of = ''): string | undefined {
  if (left.length === 0) return undefined;
  const named = left.slice(0, namedRuns).map(({ run, reason }) => `${run} (${reason})`);
  const more = left.length - named.length;
  const all = [...named, ...(more > 0 ? [`${more} more`] : [])];
  const list = all.length === 1 ? all[0]! : `${all.slice(0, -1).join(', ')} and ${all.at(-1)!}`;
  return `${left.length} of ${count} runs${of} ${left.length === 1 ? 'is' : 'are'} left out: ${list}.`;
}
