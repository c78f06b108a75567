// Times in which the load of a lost worker was missing, as reports name them.

import type { WorkerGap } from '../../model/run-record.ts';
import { formatDuration } from '../../time/duration.ts';

/** One text per gap. */
export function gapTexts(gaps: readonly WorkerGap[]): string[] {
  return gaps.map(({ worker, fromMs, untilMs, users, reason }) => {
    const who = `worker ${worker} with ${users} user${users === 1 ? '' : 's'}`;
    const since = `from ${formatDuration(fromMs)} ${untilMs === null ? 'on' : `for ${formatDuration(untilMs - fromMs)}`}`;
    return `${who} ${since} (${reason})`;
  });
}
