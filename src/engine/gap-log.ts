// When parts of the load were missing because a worker was lost, and whether it is replaced. Kept by engine.ts.

import type { WorkerGap } from '../model/run-record.ts';
import { formatDuration } from '../time/duration.ts';
import type { Worker } from './worker-book.ts';

/** User code that ends every process it runs in must not keep the run busy with starting others. */
const maxReplacements = 3;
/** With less of the plan left, a replacement would hardly be there before the end. */
const leastPlanLeftMs = 2000;

export class GapLog {
  readonly #gaps: { -readonly [Key in keyof WorkerGap]: WorkerGap[Key] }[] = [];

  get gaps(): readonly WorkerGap[] {
    return this.#gaps;
  }

  /** The gap that is open for a worker; the same one as before when its replacement is lost before it took over. */
  open({ index, users, measuredUntilMs }: Worker, atMs: number, reason: string): WorkerGap {
    const known = this.openOf(index);
    if (known !== undefined) return known;
    const gap: WorkerGap = {
      worker: index,
      fromMs: atMs,
      untilMs: null,
      // After an exception that nothing caught, its last window is shorter than it says.
      measuredUntilMs: Math.min(measuredUntilMs, atMs),
      users,
      reason,
    };
    this.#gaps.push(gap);
    return gap;
  }

  openOf(index: number): WorkerGap | undefined {
    return this.#gaps.find(({ worker, untilMs }) => worker === index && untilMs === null);
  }

  /** Another process has taken over. */
  close(index: number, atMs: number): WorkerGap | undefined {
    const gap = this.#gaps.find(({ worker, untilMs }) => worker === index && untilMs === null);
    if (gap !== undefined) gap.untilMs = Math.max(gap.fromMs, atMs);
    return gap;
  }
}

/** Why a worker that was lost is not replaced; `undefined` when it is. */
export function refusalOf(lost: Worker, planLeftMs: number, ending: boolean): string | undefined {
  if (ending) return 'the run is ending';
  if (planLeftMs < leastPlanLeftMs) return `less than ${leastPlanLeftMs / 1000} s of the plan are left`;
  if (lost.generation >= maxReplacements)
    return `it has been replaced ${maxReplacements} times, which is the limit`;
  return undefined;
}

/** What the log says when a worker is lost. */
export function lossSentence({ index, process }: Worker, atMs: number, reason: string): string {
  return `worker ${index} (process ${process.pid}) was lost at ${formatDuration(atMs)}: ${reason}`;
}

export function comebackSentence({ index, process }: Worker, { fromMs, untilMs }: WorkerGap): string {
  return `worker ${index} is back as process ${process.pid}: its load was missing for ${formatDuration(untilMs! - fromMs)}`;
}
