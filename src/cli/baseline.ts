// `plimsoll baseline show | update | check`: the accepted figures of a suite. Flags in, exit code out.

import { join, resolve } from 'node:path';
import type { Baseline, BaselineFile } from '../model/baseline.ts';
import { exitCodes, UsageError } from '../model/errors.ts';
import type { RunRecord } from '../model/run-record.ts';
import { findBaseline, makeBaseline, withBaseline } from '../regression/baseline.ts';
import { compareWithBaseline } from '../regression/compare-runs.ts';
import { judgeGates, statusOfGates } from '../regression/gates.ts';
import { oneLine } from '../report/format-values.ts';
import type { Paper } from '../report/paper.ts';
import { baselineSection, gatesSection } from '../report/view/baseline.ts';
import { regressionSection } from '../report/view/regression.ts';
import { baselinePathOf, readBaselineFile, writeBaselineFile } from '../store/baseline-file.ts';
import { asForeign } from '../store/foreign-data.ts';
import { latestOf } from '../store/run-directory.ts';
import { locateSuite, suiteAtPath } from '../suite/locate.ts';
import { formatCount } from '../text/format-figure.ts';
import { wallClock } from '../time/clock.ts';
import { compareOptions } from './compare.ts';
import type { BaselineFlags } from './flags.ts';
import { assertOneProfile, readSide } from './read-side.ts';
import { paperFormat, writePaper } from './write-paper.ts';

/** Fewer runs do not show how much equal runs differ. */
const wantedRuns = 3;

/** Beside the suite's file; of a shipped suite, which is given by its name, in the working directory. */
function pathOf(suite: string, { file }: BaselineFlags): string {
  if (file !== undefined) return resolve(file);
  const atPath = suiteAtPath(suite);
  if (atPath !== undefined) return baselinePathOf(atPath);
  // Throws for what is no shipped suite either.
  locateSuite(suite);
  return join(process.cwd(), `${suite}.baseline.json`);
}

async function readFile(path: string): Promise<BaselineFile> {
  const file = await readBaselineFile(path);
  if (file !== undefined) return file;
  throw new UsageError(`there is no baseline file ${path}`, {
    hint: 'make one of runs that went well: plimsoll baseline update SUITE RUNS --reason "..."',
  });
}

/** Prints what was accepted, of all profiles or of one. */
export async function showBaseline(suite: string, flags: BaselineFlags): Promise<number> {
  const format = paperFormat(flags);
  const path = pathOf(suite, flags);
  const file = await readFile(path);
  const shown = file.baselines.filter(
    ({ conditions }) => flags.profile === undefined || conditions.profile === flags.profile,
  );
  if (shown.length === 0) throw new UsageError(`${path} has no baseline${thereText(file)}`);
  const paper = await asForeign(path, () => ({
    kind: 'baseline of load tests',
    answer: 'BASELINE',
    status: 'none' as const,
    title: file.suite,
    reasons: [formatCount(shown.length, 'accepted profile')],
    sections: shown.map((one, i) => baselineSection(one, `baseline-${i + 1}`)),
  }));
  await writePaper(paper, { ...file, baselines: shown }, format, flags);
  return exitCodes.pass;
}

/** Accepts the figures of runs, with the reason, and says what changed from those accepted before. */
export async function updateBaseline(
  suite: string,
  runs: readonly string[],
  flags: BaselineFlags,
): Promise<number> {
  const reason = flags.reason?.trim() ?? '';
  if (reason === '') throw new UsageError('--reason must say why the figures are accepted');
  const path = pathOf(suite, flags);
  const [file, records] = [await readBaselineFile(path), await readRuns(runs, flags.profile)];
  const [first] = records as [RunRecord];
  assertSuite(path, file, first);
  const before = findBaseline(file, first.profile, first.environment.name);
  const lines = await asForeign(runs.join(', '), async () => {
    const baseline = makeBaseline(records, { reason, acceptedAt: wallClock().toISOString(), before });
    const changed =
      before === undefined
        ? []
        : compareWithBaseline(before, { name: 'the new runs', records }, compareOptions(flags)).reasons;
    await writeBaselineFile(path, withBaseline(file, baseline));
    return [
      `accepted ${formatCount(records.length, 'run')} of ${first.profile} in ${first.environment.name}: ${path}`,
      ...changed.map((text) => `  - ${text}`),
      ...(records.length < wantedRuns
        ? [
            `With fewer than ${wantedRuns} runs nothing shows how much equal runs differ: run with --repeat ${wantedRuns}.`,
          ]
        : []),
    ];
  });
  process.stdout.write(`${lines.map((line) => oneLine(line)).join('\n')}\n`);
  return exitCodes.pass;
}

/** Holds runs to the gates, prints what changed or writes it to `--out`; 1 for a broken gate, 5 where nobody knows. */
export async function checkBaseline(
  suite: string,
  runs: readonly string[],
  flags: BaselineFlags,
): Promise<number> {
  const format = paperFormat(flags);
  const path = pathOf(suite, flags);
  const file = await readFile(path);
  const records = await readRuns(runs.length > 0 ? runs : [latestOf('results', file.suite)], flags.profile);
  const [first] = records as [RunRecord];
  assertSuite(path, file, first);
  const baseline = baselineFor(path, file, first);
  const { paper, data, exitCode } = await asForeign(path, () => judge(baseline, records, flags));
  await writePaper(paper, data, format, flags);
  return exitCode;
}

function judge(
  baseline: Baseline,
  records: readonly RunRecord[],
  flags: BaselineFlags,
): { paper: Paper; data: unknown; exitCode: number } {
  const name = records.length === 1 ? `run ${records[0]!.id}` : 'the later runs';
  const regression = compareWithBaseline(baseline, { name, records }, compareOptions(flags));
  const gates = judgeGates(regression, baseline.gates);
  // Gates that are not there, or only warn, must not pass what nobody could judge.
  const { after, differences, rows } = regression;
  const isJudged = after.runs.length > 0 && differences.length === 0 && rows.length > 0;
  const ofGates = isJudged ? statusOfGates(gates) : 'inconclusive';
  // What is worse and has no gate is told all the same.
  const status = ofGates === 'pass' && regression.status === 'worse' ? 'warn' : ofGates;
  const { answer, look, exitCode } = answers[status];
  const { suite, profile } = baseline.conditions;
  const reasons = [
    ...gates.filter((one) => one.status !== 'held').map(({ text }) => text),
    ...regression.reasons,
  ];
  const paper: Paper = {
    kind: 'load test against its baseline',
    answer,
    status: look,
    title: `${suite} / ${profile}`,
    reasons,
    sections: [gatesSection(gates), regressionSection(regression, 'figures', false)],
  };
  return { paper, data: { status, gates, comparison: regression }, exitCode };
}

const answers = {
  pass: { answer: 'PASS', look: 'good', exitCode: exitCodes.pass },
  warn: { answer: 'PASS WITH WARNINGS', look: 'caution', exitCode: exitCodes.pass },
  fail: { answer: 'FAIL', look: 'bad', exitCode: exitCodes.fail },
  inconclusive: { answer: 'INCONCLUSIVE', look: 'open', exitCode: exitCodes.inconclusive },
} as const;

async function readRuns(names: readonly string[], profile: string | undefined): Promise<RunRecord[]> {
  const byId = new Map<string, RunRecord>();
  for (const name of names) for (const record of await readSide(name, profile)) byId.set(record.id, record);
  const records = [...byId.values()].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  assertOneProfile(names.join(', '), records);
  return records;
}

function assertSuite(path: string, file: BaselineFile | undefined, { suite }: RunRecord): void {
  if (file === undefined || file.suite === suite) return;
  throw new UsageError(`${path} is of the suite ${file.suite}, and the runs are of ${suite}`, {
    hint: 'name the other suite, or another file with --file',
  });
}

/** That of the same environment, else the only one of the profile: what differs is then told. */
function baselineFor(path: string, file: BaselineFile, { profile, environment }: RunRecord): Baseline {
  const own = findBaseline(file, profile, environment.name);
  const ofProfile = file.baselines.filter(({ conditions }) => conditions.profile === profile);
  const found = own ?? (ofProfile.length === 1 ? ofProfile[0] : undefined);
  if (found !== undefined) return found;
  throw new UsageError(`${path} has no baseline of ${profile} in ${environment.name}${thereText(file)}`, {
    hint: 'accept runs of it with plimsoll baseline update',
  });
}

function thereText({ baselines }: BaselineFile): string {
  const there = baselines.map(({ conditions }) => `${conditions.profile} in ${conditions.environment.name}`);
  return there.length === 0 ? '' : `, only of ${there.join(', ')}`;
}
