// The objectives over several runs of one suite, as a paper in every format and as data for people who decide. Called by
// cli/session-objectives.ts and cli/analyze.ts.

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
  const passed = runs.filter(({ status }) => status === 'pass' || status === 'warn').length;
  return {
    id: 'runs',
    title: 'Runs',
    summary: `${passed} of ${runs.length} passed`,
    blocks: [table('Runs', columns, rows)],
  };
}

/** The data of the executive summary over several runs. */
export function sessionFigures({ suite, environment, target, runs, compliance }: JoinedCompliance) {
  const count = (status: VerdictStatus): number => runs.filter((run) => run.status === status).length;
  return {
    suite,
    environment,
    target,
    scenarios: {
      total: runs.length,
      passed: count('pass'),
      warned: count('warn'),
      failed: count('fail'),
      inconclusive: count('inconclusive'),
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
