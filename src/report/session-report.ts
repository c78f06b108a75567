// The objectives over several runs of one suite, as a paper in every format and as data for people who decide. Called by
// cli/course-report.ts and cli/analyze.ts.

import { scoreRangeText } from '../analysis/compliance.ts';
import type { JoinedCompliance } from '../analysis/joined-compliance.ts';
import type { CountedRun } from '../model/objective.ts';
import type { VerdictStatus } from '../model/verdict.ts';
import { complianceFigures } from './data/executive-compliance.ts';
import { formatCount } from './format-values.ts';
import { type Paper, renderPaperHtml, renderPaperMarkdown, renderPaperText } from './paper.ts';
import type { ReportFile } from './report.ts';
import { plainPalette } from './text/palette.ts';
import { name, row, state, stateColumn, table, text, textColumn } from './view/cells.ts';
import { bandText, complianceSection, readinessWords } from './view/objectives.ts';
import type { Section, StatusCell } from './view/section.ts';

const states: Readonly<Record<VerdictStatus, StatusCell>> = {
  pass: state('good', 'pass'),
  warn: state('caution', 'warn'),
  fail: state('bad', 'fail'),
  inconclusive: state('open', 'inconclusive'),
};

/** Readiness as the answer, its reasons, the objectives, and the runs that it rests on. */
export function sessionPaper({ suite, target, runs, compliance }: JoinedCompliance): Paper {
  const { status, text: answer } = readinessWords[compliance.readiness.status];
  const score = `Compliance ${scoreRangeText(compliance.score)} over ${formatCount(runs.length, 'run')} (${bandText(compliance.band)}).`;
  return {
    kind: 'objectives over several load tests',
    answer: answer.toUpperCase(),
    status,
    title: target === null ? suite : `${suite} against ${target}`,
    reasons: [score, ...compliance.readiness.reasons],
    sections: [complianceSection(compliance, { isReadinessTold: true }), runsSection(runs)],
  };
}

function runsSection(runs: readonly CountedRun[]): Section {
  const columns = [
    stateColumn,
    textColumn('Profile', { width: 30 }),
    textColumn('Run'),
    textColumn('Remark', { isQuiet: true }),
  ];
  const rows = runs.map(({ profile, runId, status, isOverridden }) =>
    row(
      states[status],
      name(profile),
      text(runId),
      text(isOverridden === true ? 'load changed by options' : ''),
    ),
  );
  const warned = countOf(runs, 'warn');
  const withWarnings = warned === 0 ? '' : `, ${formatCount(warned)} passed with warnings`;
  return {
    id: 'runs',
    title: 'Runs',
    summary: `${countOf(runs, 'pass')} of ${runs.length} passed${withWarnings}`,
    blocks: [table('Runs', columns, rows)],
  };
}

/** As the rows and the data say it: a run that passed with warnings is none that passed. */
function countOf(runs: readonly CountedRun[], status: VerdictStatus): number {
  return runs.filter((run) => run.status === status).length;
}

/** The data of the executive summary over several runs. */
export function sessionFigures({ suite, environment, target, runs, compliance }: JoinedCompliance) {
  return {
    suite,
    environment,
    target,
    scenarios: {
      total: runs.length,
      passed: countOf(runs, 'pass'),
      warned: countOf(runs, 'warn'),
      failed: countOf(runs, 'fail'),
      inconclusive: countOf(runs, 'inconclusive'),
    },
    runs: runs.map(({ isOverridden, ...run }) => ({ ...run, loadChangedByOptions: isOverridden === true })),
    ...complianceFigures(compliance),
  };
}

const stem = 'executive-summary';

/** Files whose names end in `stamp`: data, and the paper for people. */
export const sessionFormats = {
  executive: (joined: JoinedCompliance, stamp: string): ReportFile => ({
    fileName: `${stem}-${stamp}.json`,
    content: `${JSON.stringify(sessionFigures(joined), null, 2)}\n`,
  }),
  txt: (joined: JoinedCompliance, stamp: string): ReportFile => ({
    fileName: `${stem}-${stamp}.txt`,
    content: renderPaperText(sessionPaper(joined), plainPalette),
  }),
  md: (joined: JoinedCompliance, stamp: string): ReportFile => ({
    fileName: `${stem}-${stamp}.md`,
    content: renderPaperMarkdown(sessionPaper(joined)),
  }),
  html: (joined: JoinedCompliance, stamp: string): ReportFile => ({
    fileName: `${stem}-${stamp}.html`,
    content: renderPaperHtml(sessionPaper(joined)),
  }),
} as const;
