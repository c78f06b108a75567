// `plimsoll baseline show | update | check`: the accepted figures of a suite. Flags in, exit code out.

import { basename, extname } from 'node:path';
import { nothingJudged, statusOfOutcome } from '../analysis/gate-reasons.ts';
import type { BaselineFile, Yardstick } from '../model/baseline.ts';
import { exitCodes, UsageError } from '../model/errors.ts';
import type { RunRecord } from '../model/run-record.ts';
import { findBaseline, makeBaseline, withBaseline } from '../regression/baseline.ts';
import { compareWithBaseline } from '../regression/compare-runs.ts';
import { holdRuns } from '../regression/hold-runs.ts';
import { oneLine } from '../report/format-values.ts';
import type { Paper } from '../report/paper.ts';
import { baselineSection, gatesSection, statedSection } from '../report/view/baseline.ts';
import { regressionSection } from '../report/view/regression.ts';
import { readBaselineFile, writeBaselineFile } from '../store/baseline-file.ts';
import { asForeign } from '../store/foreign-data.ts';
import { latestOf } from '../store/run-directory.ts';
import { formatCount } from '../text/format-figure.ts';
import { wallClock } from '../time/clock.ts';
import { compareOptions } from './compare.ts';
import type { BaselineFlags } from './flags.ts';
import { assertOneProfile, readSide } from './read-side.ts';
import { paperFormat, writePaper } from './write-paper.ts';
import { baselinePath, pathOfYardsticks, readBaselines, thereText, yardstickFor } from './yardsticks.ts';

/** Fewer runs do not show how much equal runs differ. */
const wantedRuns = 3;

const shownBaseline = { kind: 'baseline of load tests', answer: 'BASELINE', status: 'none' } as const;

/** Prints what was accepted, of all profiles or of one. */
export async function showBaseline(suite: string, flags: BaselineFlags): Promise<number> {
  const format = paperFormat(flags);
  const path = pathOfYardsticks(suite, flags.file);
  const read = await readBaselines(path);
  if (read.kind === 'stated') {
    const sections = [statedSection(read.stated)];
    const { entries, layout } = read.stated;
    const what = layout === 'endpoints' ? formatCount(entries.length, 'endpoint') : 'figures of one user';
    const paper = {
      ...shownBaseline,
      title: basename(path),
      reasons: [`${what}, from a file of another tool`],
      sections,
    };
    await writePaper(paper, read.stated, format, flags);
    return exitCodes.pass;
  }
  const { file } = read;
  const shown = file.baselines.filter(
    ({ conditions }) => flags.profile === undefined || conditions.profile === flags.profile,
  );
  if (shown.length === 0) throw new UsageError(`${path} has no baseline${thereText(file)}`);
  const paper = await asForeign(path, () => ({
    ...shownBaseline,
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
  const path = baselinePath(suite, flags.file);
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
  const path = pathOfYardsticks(suite, flags.file);
  const read = await readBaselines(path, flags.map);
  const suiteName = read.kind === 'own' ? read.file.suite : suiteTitle(suite);
  const records = await readRuns(runs.length > 0 ? runs : [latestOf('results', suiteName)], flags.profile);
  const [first] = records as [RunRecord];
  const { suite: ofRuns, profile, environment } = first;
  const yardstick = yardstickFor(path, read, { suite: ofRuns, profile, environment: environment.name });
  assertOthers(path, yardstick, records);
  const { paper, data, exitCode } = await asForeign(path, () => judge(yardstick, records, flags));
  await writePaper(paper, data, format, flags);
  return exitCode;
}

/** The runs that a baseline was made of always hold to it. */
function assertOthers(path: string, yardstick: Yardstick, records: readonly RunRecord[]): void {
  const accepted = new Set(yardstick.kind === 'stated' ? [] : yardstick.baseline.runs);
  const own = records.find(({ id }) => accepted.has(id));
  if (own === undefined) return;
  throw new UsageError(`the run ${own.id} is one of those that the baseline in ${path} was made of`, {
    hint: 'name runs that were made after them',
  });
}

/** What results of a suite are kept under, as far as its name or path tells without loading it. */
function suiteTitle(suite: string): string {
  return basename(suite, extname(suite)).replace(/\.suite$/, '');
}

function judge(
  yardstick: Yardstick,
  records: readonly RunRecord[],
  flags: BaselineFlags,
): { paper: Paper; data: unknown; exitCode: number } {
  const outcome = holdRuns(yardstick, records, compareOptions(flags));
  const status = statusOfOutcome(outcome);
  const { answer, look, exitCode } = answers[status];
  const { gates, obstacles, comparison } = outcome;
  const reasons = [
    ...gates.filter((one) => one.status !== 'held').map(({ text }) => text),
    ...new Set([...obstacles, ...(comparison?.reasons ?? [])]),
  ];
  const { suite, profile } = records[0]!;
  const paper: Paper = {
    kind: 'load test against its baseline',
    answer,
    status: look,
    title: `${suite} / ${profile}`,
    reasons:
      reasons.length > 0
        ? reasons
        : [nothingJudged(outcome) ?? `All ${formatCount(gates.length, 'gate')} hold.`],
    sections: [
      gatesSection(outcome),
      ...(comparison === undefined ? [] : [regressionSection(comparison, 'figures', false)]),
    ],
  };
  const { notes } = outcome;
  return { paper, data: { status, gates, notes, ...(comparison !== undefined && { comparison }) }, exitCode };
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
