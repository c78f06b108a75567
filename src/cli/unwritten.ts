// What is said when files of a run could not be written. Called by run.ts beside it after the summary.

import { relative } from 'node:path';
import { exitCodes, PlimsollError } from '../model/errors.ts';
import type { RunOutcome } from '../run/write-reports.ts';

/** Which files are missing or cut off, why, and how to get them all the same. */
export function unwrittenError(outcome: RunOutcome): PlimsollError {
  const dir = relative(process.cwd(), outcome.runDir) || outcome.runDir;
  const files = outcome.unwritten.map(({ fileName, reason }) => `\n  ${fileName}: ${reason}`).join('');
  const message = `these files in ${dir} are missing or incomplete:${files}`;
  return new PlimsollError(exitCodes.internal, message, { hint: hintFor(outcome, dir) });
}

function hintFor({ unwritten, artifacts, recoverable }: RunOutcome, dir: string): string {
  const again = `free some space; then \`plimsoll report ${dir}\``;
  if (unwritten.some(({ fileName }) => fileName === 'run.json')) {
    if (recoverable === undefined)
      return 'the record is lost; the summary above is all that remains of this run';
    const what = recoverable === 'whole' ? 'the whole record' : 'the part of the record that was written';
    return `${again} rebuilds ${what} from the journal, and makes all reports`;
  }
  if (unwritten.every(({ fileName }) => fileName === 'run.log'))
    return 'the record and the verdict are complete';
  if (artifacts.includes('run.json'))
    return `the verdict stands; ${again} makes the reports again from run.json`;
  return 'the verdict stands; --formats does not contain json, so there is no record to make the reports from';
}
