// What the flags of `plimsoll analyze` ask of levels of load and of capacity. Called by analyze.ts.

import { defaultTargetMs, type Questions } from '../analysis/scalability.ts';
import { type CapacityPlan, defaultBuffers } from '../model/capacity-plan.ts';
import type { RunRecord } from '../model/run-record.ts';
import type { AnalyzeFlags } from './flags.ts';

export interface AnalysisQuestions {
  /** A flag, or several runs, ask for the levels of load, also where nothing can be said of them. */
  readonly isAsked: boolean;
  readonly loads: Questions;
  /** That of the first run's suite, with what flags say; absent where neither says anything. */
  readonly plan?: CapacityPlan;
}

/** Flags take the place of what the suite of the first run says. */
export function questionsOf(records: readonly RunRecord[], flags: AnalyzeFlags): AnalysisQuestions {
  const { at, target, instances } = flags;
  const plan = planOf(records[0]?.plan.capacity, flags);
  const expected = plan?.growth?.expected.map(({ users }) => users) ?? [];
  const report = records[0]?.plan.operationsReport;
  const ofSuite = [...expected, ...(report === undefined ? [] : [report.users])];
  return {
    isAsked: at !== undefined || instances !== undefined || asksForGrowth(flags) || records.length > 1,
    loads: {
      loads: at ?? ascending(ofSuite),
      targetMs: target ?? report?.targetMs ?? defaultTargetMs,
    },
    ...(plan !== undefined && { plan }),
  };
}

function ascending(loads: readonly number[]): number[] {
  return [...new Set(loads)].filter((load) => load > 0).sort((a, b) => a - b);
}

function asksForGrowth({ users, growth, expect }: AnalyzeFlags): boolean {
  return users !== undefined || growth !== undefined || expect !== undefined;
}

function planOf(ofSuite: CapacityPlan | undefined, flags: AnalyzeFlags): CapacityPlan | undefined {
  const { instances, users, growth, expect } = flags;
  if (instances === undefined && !asksForGrowth(flags)) return ofSuite;
  const base: CapacityPlan = ofSuite ?? { instances: 1, buffers: defaultBuffers };
  const before = base.growth;
  const today = users ?? before?.users;
  const perMonth = growth ?? (expect === undefined ? before?.perMonth : undefined);
  const expected = expect ?? (growth === undefined ? before?.expected : undefined) ?? [];
  const hasGrowth = users !== undefined || perMonth !== undefined || expected.length > 0;
  const { growth: _before, ...rest } = base;
  return {
    ...rest,
    ...(instances !== undefined && { instances }),
    ...(hasGrowth && {
      growth: {
        ...(today !== undefined && { users: today }),
        ...(perMonth !== undefined && { perMonth }),
        expected,
      },
    }),
  };
}
