// What a record lacks that was rebuilt from a journal, in words. Called by recover.ts and recover-search.ts.

import type { WorkerGap } from '../model/run-record.ts';
import { formatCount } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';

/** One sentence each. */
export function describeMissing({
  killed,
  lostEntryCount,
  skippedCount,
  orphanCount,
  gaps,
}: {
  killed: boolean;
  lostEntryCount: number;
  skippedCount: number;
  orphanCount: number;
  gaps: readonly WorkerGap[];
}): string[] {
  const missing: string[] = [];
  if (killed) {
    missing.push('What the workers did after their last windows, about a second, is not in the figures.');
    for (const { worker, fromMs, untilMs, reason } of gaps) {
      if (untilMs === null)
        missing.push(
          `Worker ${worker} was lost at ${formatDuration(fromMs)} (${reason}) and not replaced by then.`,
        );
    }
  }
  if (lostEntryCount > 0) {
    const entries = lostEntryCount === 1 ? '1 entry' : `${formatCount(lostEntryCount)} entries`;
    missing.push(`The journal is damaged: ${entries} could not be read.`);
  }
  if (orphanCount > 0) {
    missing.push(
      `${formatCount(orphanCount, 'value')} of series whose names were in damaged entries could not be used.`,
    );
  }
  if (skippedCount > 0) {
    missing.push(
      `${formatCount(skippedCount, 'window')} of one worker and second each could not be written in time, because the disk was slow or full.`,
    );
  }
  return missing;
}
