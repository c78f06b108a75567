// `plimsoll report`: makes the reports of a finished run again, from its record alone, and recovers the record of a
// run that was killed.

import { access } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf, UsageError } from '../model/errors.ts';
import { parseFormats, reportFormats } from '../report/format-names.ts';
import { renderReport } from '../report/report.ts';
import { plainPalette, renderTerminal } from '../report/text/terminal.ts';
import { recoverRecord } from '../run/recover.ts';
import { asForeign } from '../store/foreign-data.ts';
import { journalFileName, removeJournal } from '../store/journal.ts';
import { checkRunRecord, readRunRecord } from '../store/read-run-record.ts';
import { writeArtifact } from '../store/run-directory.ts';
import { makeFolder } from '../system/make-folder.ts';
import { formatDuration } from '../time/duration.ts';
import { findRecord } from './find-record.ts';

/**
 * Reads the record of `runDir` (a run's folder, a run.json, or `results/<suite>/latest`) and writes the chosen
 * formats into that folder or `out`. Without `formats`: every format but run.json, which is there already.
 * Without a run.json, the record is first recovered from the journal of the run and written into its folder.
 * Returns the paths written, the summary as plain text, and what else is to be told. Throws a `UsageError` for anything unusable.
 */
export async function runReport(
  runDir: string,
  options: { readonly formats?: string; readonly out?: string },
): Promise<{ written: string[]; text: string; notes: string[] }> {
  const formats =
    options.formats === undefined
      ? reportFormats.filter((format) => format !== 'json')
      : parseFormats(options.formats);
  const recordPath = await findRecord(runDir);
  const notes = await recover(recordPath);
  const record = await readRunRecord(recordPath);
  const out = options.out ?? dirname(recordPath);
  await makeOutFolder(out);
  const { files, text } = await asForeign(recordPath, () => ({
    files: formats.flatMap((format) => renderReport(format, record)),
    text: renderTerminal(record, { palette: plainPalette }),
  }));
  const written: string[] = [];
  for (const { fileName, content } of files) written.push(await writeArtifact(out, fileName, content));
  return { written, text, notes };
}

/** Makes a run.json out of the journal beside it, if there is one and the other is missing. Tells what it did. */
async function recover(recordPath: string): Promise<string[]> {
  const runDir = dirname(recordPath);
  if (basename(recordPath) !== 'run.json' || (await exists(recordPath))) return [];
  const record = await recoverRecord(runDir).catch(async (thrown: unknown) => {
    if (await exists(recordPath)) return undefined;
    throw thrown;
  });
  if (record === undefined) {
    // Another process may have recovered it meanwhile.
    if (await exists(recordPath)) return [];
    if (!(await exists(join(runDir, 'run.log')))) return [];
    throw new UsageError(`there is no run record at ${recordPath}, and no journal to recover it from`, {
      hint: `the run may still be going on, it may have ended before any load, or its files could not be written: see ${join(runDir, 'run.log')}`,
    });
  }
  // Written whole or not at all; only then the journal may go.
  const { content } = renderReport('json', record)[0]!;
  // A journal that was changed may have made figures that no record can hold.
  await checkRunRecord(`the record that ${journalFileName} makes`, content);
  const path = await writeArtifact(runDir, 'run.json', content);
  await removeJournal(runDir);
  const { recovery } = record;
  if (recovery === undefined) return [`recovered the whole record from the journal: ${path}`];
  const how = recovery.killed ? 'the coordinator was killed; ' : '';
  const until = formatDuration(recovery.untilMs);
  return [`${how}recovered the record up to ${until} from the journal: ${path}`, ...recovery.missing];
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function makeOutFolder(path: string): Promise<void> {
  try {
    await makeFolder(path);
  } catch (thrown) {
    throw new UsageError(`cannot make the folder ${path}: ${messageOf(thrown)}`, {
      hint: 'choose another folder with --out',
      cause: thrown,
    });
  }
}
