// `plimsoll analyze`: verdict and findings of a record, computed anew. Flags in, exit code out.

import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { analyse } from '../analysis/analyse.ts';
import { messageOf, UsageError } from '../model/errors.ts';
import type { RunRecord } from '../model/run-record.ts';
import { renderAnalysis } from '../report/text/analysis.ts';
import { makePalette, plainPalette } from '../report/text/palette.ts';
import { asForeign } from '../store/foreign-data.ts';
import { readRunRecord } from '../store/read-run-record.ts';
import { findRecord } from './find-record.ts';
import type { AnalyzeFlags } from './flags.ts';
import { exitCodeOfRecord, useColour } from './run.ts';

/** Prints what a record means; the record stays as it is. Returns the exit code of the verdict. */
export async function analyzeCommand(run: string, flags: AnalyzeFlags): Promise<number> {
  const { reportFile } = flags;
  const ending = reportFile === undefined ? undefined : extname(reportFile);
  if (ending !== undefined && ending !== '.txt' && ending !== '.json') {
    throw new UsageError(`--report-file ${reportFile}: expected a name ending in .txt or .json`);
  }
  const path = await findRecord(run);
  const stored = await readRunRecord(path);
  const { record, text, report } = await asForeign(path, () => analyseAgain(stored, flags));
  if (reportFile !== undefined) await write(reportFile, report(ending));
  process.stdout.write(text);
  return exitCodeOfRecord(record);
}

function analyseAgain(stored: RunRecord, flags: AnalyzeFlags) {
  // What the suite's own code has found cannot be computed anew.
  const own = stored.findings.filter(({ source }) => source === 'suite');
  const record: RunRecord = { ...stored, ...analyse(stored, own) };
  const { id, suite, profile, verdict, findings } = record;
  const json = `${JSON.stringify({ id, suite, profile, verdict, findings }, undefined, 2)}\n`;
  const plain = renderAnalysis(record, plainPalette);
  const text = flags.json ? json : renderAnalysis(record, makePalette(useColour(flags)));
  return { record, text, report: (ending: string | undefined) => (ending === '.json' ? json : plain) };
}

async function write(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content);
  } catch (thrown) {
    throw new UsageError(`cannot write ${file}: ${messageOf(thrown)}`, { cause: thrown });
  }
}
