// What the loss of workers means for a run, in sentences. Used by the generator's health, findings and verdict.

import type { Plan } from '../model/plan.ts';
import type { WorkerGap, WorkerHealth } from '../model/run-record.ts';
import { formatCount } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';

export interface WorkerHistory {
  readonly plan: Pick<Plan, 'workers'>;
  /** One entry per process, those of one worker in the order in which they were started. */
  readonly workers: readonly WorkerHealth[];
  readonly gaps: readonly WorkerGap[];
}

/** Workers that nothing replaced, one sentence each: their load was missing until the end. */
export function missingLoadReasons({ plan, workers, gaps }: WorkerHistory): string[] {
  const last = new Map(workers.map((worker) => [worker.index, worker]));
  return [...last.values()].flatMap(({ index, completed }) => {
    const gap = gaps.find(({ worker, untilMs }) => worker === index && untilMs === null);
    const lost = `Worker ${index} of ${plan.workers} ended before the work was done`;
    if (gap !== undefined) {
      const { fromMs, reason, users } = gap;
      return [
        `${lost}: at ${formatDuration(fromMs)} ${reason}, and its ${users === 1 ? 'user was' : `${users} users were`} not started again, so part of the load is missing.`,
      ];
    }
    const replaced = gaps.some(({ worker }) => worker === index);
    return completed || replaced ? [] : [`${lost}, so part of the load is missing.`];
  });
}

/** Workers that were lost and replaced, one sentence per gap. */
export function gapReasons({ plan, gaps }: WorkerHistory): string[] {
  return gaps.flatMap(({ worker, fromMs, untilMs, measuredUntilMs, reason, users }) => {
    if (untilMs === null) return [];
    const lost = `Worker ${worker} of ${plan.workers} was lost at ${formatDuration(fromMs)} (${reason})`;
    const whose = users === 1 ? 'its user was' : `its ${formatCount(users, 'user')} were`;
    const later = formatDuration(untilMs - fromMs);
    return [
      `${lost}: ${whose} started again in another process ${later} later, and what it did after ${formatDuration(measuredUntilMs)} is not in the figures.`,
    ];
  });
}
