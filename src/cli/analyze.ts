// `plimsoll analyze`: verdicts and findings of records, computed anew, and what several of them say together. Flags in,
// exit code out.

import { extname } from 'node:path';
import { analyse } from '../analysis/analyse.ts';
import { defaultTargetMs, findScalability } from '../analysis/scalability.ts';
import { UsageError } from '../model/errors.ts';
import type { RunRecord } from '../model/run-record.ts';
import { renderAnalysis, renderScalability } from '../report/text/analysis.ts';
import { makePalette, type Palette, plainPalette } from '../report/text/palette.ts';
import { asForeign } from '../store/foreign-data.ts';
import { readRunRecord } from '../store/read-run-record.ts';
import { findRecord } from './find-record.ts';
import type { AnalyzeFlags } from './flags.ts';
import { exitCodeOfRecord, useColour, worst } from './run.ts';
import { writeNamedFile } from './write-file.ts';

/** Prints what records mean; they stay as they are. Returns the exit code of the worst verdict. */
export async function analyzeCommand(runs: readonly string[], flags: AnalyzeFlags): Promise<number> {
  const { reportFile } = flags;
  const ending = reportFile === undefined ? undefined : extname(reportFile);
  if (ending !== undefined && ending !== '.txt' && ending !== '.json') {
    throw new UsageError(`--report-file ${reportFile}: expected a name ending in .txt or .json`);
  }
  const records: RunRecord[] = [];
  for (const run of runs) {
    const path = await findRecord(run);
    const stored = await readRunRecord(path);
    records.push(await asForeign(path, () => analyseAgain(stored)));
  }
  const of = runs.length === 1 ? runs[0]! : `${runs.length} records`;
  const { text, report } = await asForeign(of, () => tellOf(records, flags));
  if (reportFile !== undefined) await writeNamedFile(reportFile, report(ending));
  process.stdout.write(text);
  return worst(records.map(exitCodeOfRecord));
}

function analyseAgain(stored: RunRecord): RunRecord {
  // What the suite's own code has found cannot be computed anew.
  const own = stored.findings.filter(({ source }) => source === 'suite');
  const { recommendations: _before, ...rest } = stored;
  return { ...rest, ...analyse(stored, own) };
}

function tellOf(records: readonly RunRecord[], flags: AnalyzeFlags) {
  const { at, target, instances } = flags;
  const isAsked = at !== undefined || instances !== undefined || records.length > 1;
  const scalability = isAsked
    ? findScalability(records, { loads: at ?? [], targetMs: target ?? defaultTargetMs })
    : undefined;
  const told = records.map(({ id, suite, profile, verdict, findings, recommendations = [] }) => {
    return { id, suite, profile, verdict, findings, recommendations };
  });
  const content = {
    ...(told.length === 1 ? told[0] : { runs: told }),
    ...(isAsked && { scalability: scalability ?? null }),
  };
  // JSON has no infinity: `null` is without bound.
  const json = `${JSON.stringify(content, undefined, 2)}\n`;
  const draw = (palette: Palette): string => {
    const texts = records.map((record) => renderAnalysis(record, palette));
    if (isAsked) texts.push(renderScalability(scalability, instances, palette));
    return texts.join('\n');
  };
  const text = flags.json ? json : draw(makePalette(useColour(flags)));
  return { text, report: (ending: string | undefined) => (ending === '.json' ? json : draw(plainPalette)) };
}
