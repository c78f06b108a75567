// The last step of every kind of run: its record is written, and the reports that are made of it. Called by run-profile.ts,
// capacity.ts and watch-only.ts.

import { messageOf } from '../model/errors.ts';
import type { RunRecord } from '../model/run-record.ts';
import type { ReportFormat } from '../report/format-names.ts';
import { writeArtifact } from '../store/run-directory.ts';
import type { Session } from './session.ts';

export interface RunOutcome {
  readonly record: RunRecord;
  readonly runDir: string;
  /** File names in `runDir`. */
  readonly artifacts: readonly string[];
  /** Those that are missing or cut off, because the disk was full or is not there any more. */
  readonly unwritten: readonly UnwrittenFile[];
  /** Without run.json: whether `plimsoll report` can rebuild it from the journal, as a whole or in part. */
  readonly recoverable?: 'whole' | 'part';
}

export interface UnwrittenFile {
  readonly fileName: string;
  readonly reason: string;
}

/**
 * Writes what can be written: a full disk costs files, not the run. The journal goes once the record is written.
 */
export async function writeReports(
  { runDir, journal, log }: Session,
  record: RunRecord,
  formats: readonly ReportFormat[],
): Promise<RunOutcome> {
  // Loaded when the load has ended: until then the memory is the load's.
  const { renderReport } = await import('../report/report.ts');
  const artifacts: string[] = [];
  const unwritten: UnwrittenFile[] =
    log.trouble === undefined ? [] : [{ fileName: 'run.log', reason: log.trouble }];
  // The record first: everything else can be made from it again.
  for (const format of [...formats].sort((a, b) => Number(b === 'json') - Number(a === 'json'))) {
    for (const { fileName, content } of renderReport(format, record)) {
      try {
        await writeArtifact(runDir, fileName, content);
        artifacts.push(fileName);
      } catch (thrown) {
        unwritten.push({ fileName, reason: messageOf((thrown as Error).cause ?? thrown) });
      }
    }
  }
  if (unwritten.every(({ fileName }) => fileName !== 'run.json')) await journal.remove();
  return { record, runDir, artifacts, unwritten, ...(await journal.close()) };
}
