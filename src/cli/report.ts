// `plimsoll report`: makes the reports of a finished run again, from its record alone.

import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf, UsageError } from '../model/errors.ts';
import { parseFormats, renderReport, reportFormats } from '../report/report.ts';
import { plainPalette, renderTerminal } from '../report/terminal.ts';
import { readRunRecord } from '../store/read-run-record.ts';
import { writeArtifact } from '../store/run-directory.ts';

/**
 * Reads the record of `runDir` (a run's folder, a run.json, or `results/<suite>/latest`) and writes the chosen
 * formats into that folder or `out`. Without `formats`: every format but run.json, which is there already.
 * Returns the paths written and the summary as plain text. Throws a `UsageError` for anything unusable.
 */
export async function runReport(
  runDir: string,
  options: { readonly formats?: string; readonly out?: string },
): Promise<{ written: string[]; text: string }> {
  const formats =
    options.formats === undefined
      ? reportFormats.filter((format) => format !== 'json')
      : parseFormats(options.formats);
  const recordPath = await findRecord(runDir);
  const record = await readRunRecord(recordPath);
  const out = options.out ?? dirname(recordPath);
  await makeFolder(out);
  const written: string[] = [];
  for (const format of formats) {
    for (const { fileName, content } of renderReport(format, record)) {
      written.push(await writeArtifact(out, fileName, content));
    }
  }
  return { written, text: renderTerminal(record, { palette: plainPalette }) };
}

/** A folder holds its record as run.json; where links are not possible, `latest` is a name in latest.txt. */
async function findRecord(path: string): Promise<string> {
  try {
    return (await stat(path)).isDirectory() ? join(path, 'run.json') : path;
  } catch {
    const name = await readFile(`${path}.txt`, 'utf8').catch(() => undefined);
    // readRunRecord says what is missing, with a hint.
    return name === undefined ? path : join(dirname(path), name.trim(), 'run.json');
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (thrown) {
    throw new UsageError(`cannot make the folder ${path}: ${messageOf(thrown)}`, {
      hint: 'choose another folder with --out',
      cause: thrown,
    });
  }
}
