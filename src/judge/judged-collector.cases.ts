// A collector and the judge of the same run in one, for the tests that feed windows and ask what holds.

import { type Collector, createCollector } from '../metrics/collector.ts';
import type { Plan } from '../model/plan.ts';
import type { JudgedRun } from '../model/run-record.ts';
import { createJudge, type Judge } from './judge.ts';

export interface JudgedCollector
  extends Pick<Collector, 'accept' | 'observe' | 'progress'>,
    Pick<Judge, 'alerts' | 'breachedAborts'> {
  /** `stoppedEarly`: the run was ended from outside. */
  finish(durationMs: number, stoppedEarly?: boolean): JudgedRun;
}

export function judgedCollector(plan: Plan): JudgedCollector {
  const collector = createCollector(plan);
  const judge = createJudge(plan, collector);
  return {
    ...collector,
    ...judge,
    finish: (durationMs, stoppedEarly) => judge.finish(collector.finish(durationMs), stoppedEarly),
  };
}
