// `plimsoll analyze`: verdicts and findings of records, computed anew, and what several of them say together. Flags in,
// exit code out.

import { extname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { analyse } from '../analysis/analyse.ts';
import { assessCapacity } from '../analysis/capacity-plan/capacity-plan.ts';
import { joinCompliance } from '../analysis/joined-compliance.ts';
import { findScalability, type Scalability } from '../analysis/scalability.ts';
import { UsageError } from '../model/errors.ts';
import type { RunRecord } from '../model/run-record.ts';
import type { Finding } from '../model/verdict.ts';
import { renderPaperText } from '../report/paper.ts';
import { sessionFigures, sessionPaper } from '../report/session-report.ts';
import { renderAnalysis, renderCapacity, renderScalability, renderScaling } from '../report/text/analysis.ts';
import { makePalette, type Palette, plainPalette } from '../report/text/palette.ts';
import { carriedByInstances } from '../report/view/scalability.ts';
import { findScaling } from '../scaling/find-scaling.ts';
import { asForeign } from '../store/foreign-data.ts';
import { readRunRecord } from '../store/read-run-record.ts';
import { type AnalysisQuestions, questionsOf } from './analyze-questions.ts';
import { findRecord } from './find-record.ts';
import type { AnalyzeFlags } from './flags.ts';
import { exitCodeOfRecord, useColour, worst } from './run.ts';
import { type AssessedRecord, assessRecords } from './scaling.ts';
import { writeNamedFile } from './write-file.ts';

/** Prints what records mean; they stay as they are. Returns the exit code of the worst verdict. */
export async function analyzeCommand(runs: readonly string[], flags: AnalyzeFlags): Promise<number> {
  const { reportFile } = flags;
  const ending = reportFile === undefined ? undefined : extname(reportFile);
  if (ending !== undefined && ending !== '.txt' && ending !== '.json') {
    throw new UsageError(`--report-file ${reportFile}: expected a name ending in .txt or .json`);
  }
  const stored: { readonly path: string; readonly record: RunRecord }[] = [];
  for (const run of runs) {
    const path = await findRecord(run);
    const record = await readRunRecord(path);
    // `latest` is one of the others, for instance: a run that counts twice would seem to confirm itself.
    const isKnown = stored.some(
      (one) => one.record.id === record.id && isDeepStrictEqual(one.record, record),
    );
    if (!isKnown) stored.push({ path, record });
  }
  const questions = questionsOf(
    stored.map(({ record }) => record),
    flags,
  );
  const of = stored.length === 1 ? runs[0]! : `${stored.length} records`;
  const inOrder = stored.map(({ record }) => record);
  const assessed = await asForeign(of, () => assessRecords(inOrder, flags));
  const analysed: Analysed[] = [];
  for (const [i, { path, record }] of stored.entries()) {
    const held = assessed?.[i]?.record ?? record;
    analysed.push(
      await asForeign(path, () => analyseAgain(record, questions, findScaling(held, flags.instances))),
    );
  }
  const records = analysed.map(({ record }) => record);
  const { text, report } = await asForeign(of, () => tellOf(analysed, assessed, questions, flags));
  if (reportFile !== undefined) await writeNamedFile(reportFile, report(ending));
  process.stdout.write(text);
  return worst(records.map(exitCodeOfRecord));
}

interface Analysed {
  readonly record: RunRecord;
  /** Of this record alone. */
  readonly scalability: Scalability | undefined;
}

function analyseAgain(
  stored: RunRecord,
  { loads }: AnalysisQuestions,
  ofPolicy: readonly Finding[],
): Analysed {
  // What the suite's own code has found cannot be computed anew.
  const own = stored.findings.filter(({ source }) => source === 'suite');
  const { recommendations: _before, compliance: _compliance, ...rest } = stored;
  const scalability = findScalability([stored], loads);
  return { record: { ...rest, ...analyse(stored, own, scalability, ofPolicy) }, scalability };
}

function tellOf(
  analysed: readonly Analysed[],
  assessed: readonly AssessedRecord[] | undefined,
  { isAsked, loads, plan }: AnalysisQuestions,
  flags: AnalyzeFlags,
) {
  const records = analysed.map(({ record }) => record);
  const scalability = analysed.length === 1 ? analysed[0]!.scalability : findScalability(records, loads);
  const isTold = isAsked || scalability?.model !== undefined;
  const judged = records.map((record) => ({ measured: record, status: record.verdict.status }));
  const capacity = assessCapacity(judged, scalability, plan);
  const told = records.map(({ id, suite, profile, verdict, findings, recommendations = [], compliance }) => {
    return { id, suite, profile, verdict, findings, recommendations, ...(compliance && { compliance }) };
  });
  const joined = records.length > 1 ? joinCompliance(records) : undefined;
  const content = {
    ...(told.length === 1 ? told[0] : { runs: told }),
    ...(isTold && { scalability: scalability ?? null }),
    ...(capacity !== undefined && { capacity }),
    ...(joined !== undefined && { objectives: sessionFigures(joined) }),
    ...(assessed !== undefined && { scaling: assessed.map(({ assessment }) => assessment) }),
  };
  // JSON has no infinity: `null` is without bound.
  const json = `${JSON.stringify(content, undefined, 2)}\n`;
  const draw = (palette: Palette): string => {
    const texts = records.map((record) => renderAnalysis(record, palette));
    if (joined !== undefined) texts.push(renderPaperText(sessionPaper(joined), palette));
    if (isTold)
      texts.push(renderScalability(scalability, carriedByInstances(flags.instances, capacity), palette));
    texts.push(renderCapacity(capacity, palette));
    texts.push(...(assessed ?? []).map(({ assessment }) => renderScaling(assessment, palette)));
    return texts.filter((text) => text !== '').join('\n');
  };
  const text = flags.json ? json : draw(makePalette(useColour(flags)));
  return { text, report: (ending: string | undefined) => (ending === '.json' ? json : draw(plainPalette)) };
}
