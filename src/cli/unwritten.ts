// What is said when files of a run could not be written. Called by run.ts beside it after the summary.

import { relative } from 'node:path';
import { exitCodes, PlimsollError } from '../model/errors.ts';
import type { RunOutcome } from '../run.ts';

/** Which files are missing or cut off, why, and how to get them all the same. */
export function unwrittenError({ runDir, unwritten, recoverable }: RunOutcome): PlimsollError {
  const dir = relative(process.cwd(), runDir) || runDir;
  const files = unwritten.map(({ fileName, reason }) => `\n  ${fileName}: ${reason}`).join('');
  const lost = unwritten.some(({ fileName }) => fileName === 'run.json');
  return new PlimsollError(exitCodes.internal, `in ${dir} these files are missing or cut off:${files}`, {
    hint: lost
      ? lostRecordHint(dir, recoverable)
      : `make room, then \`plimsoll report ${dir}\` makes them again`,
  });
}

function lostRecordHint(dir: string, recoverable: RunOutcome['recoverable']): string {
  if (recoverable === undefined)
    return 'the record is lost, and the summary above is all there is of this run';
  const what = recoverable === 'whole' ? 'the whole record' : 'what was written of the record';
  return `make room, then \`plimsoll report ${dir}\` rebuilds ${what} from the journal, and all reports from it`;
}
