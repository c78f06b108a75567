// Several profiles of one command as one report: the verdict over all of them, the figures of each side by side, and the
// objectives. Called by cli/course-report.ts.

import type { JoinedCompliance } from '../analysis/joined-compliance.ts';
import type { Course, CourseEntry, CourseFigures } from '../model/course.ts';
import type { TrendValues } from '../model/metric.ts';
import { operationMetrics } from '../model/operation.ts';
import type { RunRecord } from '../model/run-record.ts';
import { Histogram } from '../stats/histogram.ts';
import { factorText } from '../text/format-figure.ts';
import { peakPerSec } from './data/load-report.ts';
import { formatCount } from './format-values.ts';
import { type Paper, renderPaperHtml, renderPaperMarkdown, renderPaperText } from './paper.ts';
import type { ReportFile } from './report.ts';
import { plainPalette } from './text/palette.ts';
import {
  figure,
  figureColumn,
  name,
  row,
  state,
  stateColumn,
  table,
  text,
  textColumn,
  timeCell,
} from './view/cells.ts';
import { verdictStatuses, verdictTitles } from './view/headline.ts';
import { complianceSection } from './view/objectives.ts';
import { keyFigures } from './view/record-figures.ts';
import type { Row, Section } from './view/section.ts';
import { sentRows } from './view/sent.ts';

/** What is kept of a run until all have ended: a record may have megabytes. */
export function courseFigures(record: RunRecord, folder: string): CourseFigures {
  const [sent] = sentRows(record);
  const broke = record.findings.find(({ kind }) => kind === 'breaking-point' || kind === 'capacity');
  return {
    runId: record.id,
    folder,
    durationMs: keyFigures(record).durationMs,
    ...{ nouns: sent.nouns, count: sent.count, perSec: sent.perSec, peakPerSec: peakPerSec(record, sent) },
    ...{ failedCount: sent.failedCount, failedRatio: sent.failedRatio },
    histogram: record.metrics[operationMetrics[sent.kind].duration]?.histogram ?? null,
    breakingPoint: broke?.title ?? null,
  };
}

export function coursePaper(course: Course, joined: JoinedCompliance | undefined): Paper {
  const { suite, target, verdict, compressed } = course;
  return {
    kind: 'load tests of a suite',
    answer: `${verdictTitles[verdict.status]}${compressed === undefined ? '' : ` (compressed ${factorText(compressed)})`}`,
    status: verdictStatuses[verdict.status],
    title: `${suite}, ${formatCount(course.entries.length, 'profile')}${target === null ? '' : ` against ${target}`}`,
    reasons: verdict.reasons,
    sections: [
      profilesSection(course),
      ...(joined === undefined ? [] : [complianceSection(joined.compliance)]),
    ],
  };
}

const columns = [
  stateColumn,
  textColumn('Profile', { width: 30 }),
  figureColumn('Duration'),
  figureColumn('Sent'),
  figureColumn('Throughput'),
  figureColumn('Success'),
  figureColumn('p50'),
  figureColumn('p95'),
  figureColumn('p99'),
  textColumn('Remark', { kind: 'detail', isQuiet: true }),
];

function profilesSection({ entries }: Course): Section {
  const counts = countsOf(entries);
  const parts = [
    [counts.warned, 'passed with warnings'],
    [counts.failed, 'failed'],
    [counts.inconclusive, 'inconclusive'],
    [counts.notRun, 'not run'],
  ] as const;
  const others = parts.flatMap(([count, words]) => (count === 0 ? [] : [`${formatCount(count)} ${words}`]));
  return {
    id: 'profiles',
    title: 'Load test results by profile',
    summary: [`${counts.passed} of ${formatCount(entries.length)} passed`, ...others].join(', '),
    blocks: [table('Load test results by profile', columns, entries.map(rowOf))],
  };
}

const notRun = state('none', 'not run');

function rowOf({ profile, status, reasons, figures }: CourseEntry): Row {
  if (figures === undefined || status === 'not-run') {
    const none = figure(null, 'count');
    return row(
      notRun,
      name(profile),
      none,
      none,
      none,
      none,
      none,
      none,
      none,
      text(`not run: ${reasons[0]}`),
    );
  }
  const { durationMs, count, nouns, perSec, failedRatio, failedCount, breakingPoint } = figures;
  const times = timesOf(figures);
  return row(
    state(verdictStatuses[status], status),
    name(profile),
    figure(durationMs, 'duration'),
    figure(count, 'count', { text: `${formatCount(count)} ${nouns}` }),
    figure(perSec, 'per s'),
    figure(count === 0 ? null : 1 - failedRatio, 'ratio', failedCount > 0 ? { status: 'bad' } : {}),
    timeCell(times, 'med'),
    timeCell(times, 'p(95)'),
    timeCell(times, 'p(99)'),
    text(breakingPoint ?? ''),
  );
}

function timesOf({ histogram }: Pick<CourseFigures, 'histogram'>): TrendValues {
  return (
    histogram === null ? new Histogram() : Histogram.decode(Buffer.from(histogram, 'base64'))
  ).trendValues();
}

function countsOf(entries: readonly CourseEntry[]) {
  const of = (status: CourseEntry['status']): number =>
    entries.filter((entry) => entry.status === status).length;
  return {
    passed: of('pass'),
    warned: of('warn'),
    failed: of('fail'),
    inconclusive: of('inconclusive'),
    notRun: of('not-run'),
  };
}

/**
 * The figures of load-report.json over all profiles. Percentiles are those of all that was measured together, by histograms
 * that are merged; nothing is averaged over runs. What the most was sent of is what they are about.
 */
export function courseLoadReport(course: Course) {
  const { suite, environment, target, startedAt, endedAt, entries, verdict, compressed } = course;
  const counts = countsOf(entries);
  const ran = entries.flatMap(({ figures }) => figures ?? []);
  const nouns = [...ran].sort((a, b) => b.count - a.count)[0]?.nouns;
  const counted = ran.filter((figures) => figures.nouns === nouns && figures.count > 0);
  const sum = (of: (figures: CourseFigures) => number): number =>
    counted.reduce((total, figures) => total + of(figures), 0);
  const count = sum((one) => one.count);
  const peaks = counted.flatMap(({ peakPerSec: peak }) => peak ?? []);
  const failedRatio = count === 0 ? null : sum((one) => one.failedRatio * one.count) / count;
  const seconds = sum((one) => one.durationMs) / 1000;
  return {
    test_suite: suite,
    generated: endedAt,
    started: startedAt,
    environment,
    target,
    verdict: verdict.status,
    ...(compressed !== undefined && { compressed }),
    reasons: verdict.reasons,
    execution_summary: {
      duration_seconds: (Date.parse(endedAt) - Date.parse(startedAt)) / 1000,
      total_scenarios: entries.length,
      passed_scenarios: counts.passed + counts.warned,
      failed_scenarios: counts.failed,
      inconclusive_scenarios: counts.inconclusive,
      not_run_scenarios: counts.notRun,
      success_rate: rounded((counts.passed + counts.warned) / entries.length),
    },
    performance_metrics: {
      of: nouns ?? null,
      ...performance(
        mergedTimes(counted),
        count === 0 || seconds === 0 ? null : count / seconds,
        peaks,
        failedRatio,
      ),
    },
    scenarios: entries.map(({ profile, status, reasons, figures }) => ({
      profile,
      verdict: status,
      reasons,
      ...(figures !== undefined && {
        run: figures.runId,
        folder: figures.folder,
        duration_seconds: figures.durationMs / 1000,
        of: figures.nouns,
        total: figures.count,
        ...performance(
          timesOf(figures),
          figures.count === 0 ? null : figures.perSec,
          figures.peakPerSec === null ? [] : [figures.peakPerSec],
          figures.count === 0 ? null : figures.failedRatio,
        ),
        breaking_point: figures.breakingPoint,
      }),
    })),
  };
}

function performance(
  times: TrendValues,
  perSec: number | null,
  peaks: readonly number[],
  failedRatio: number | null,
) {
  const time = (ms: number): number | null => (times.count === 0 ? null : rounded(ms));
  return {
    response_times: { p50_ms: time(times.med), p95_ms: time(times['p(95)']), p99_ms: time(times['p(99)']) },
    throughput: {
      avg_rps: perSec === null ? null : rounded(perSec),
      peak_rps: peaks.length === 0 ? null : rounded(Math.max(...peaks)),
    },
    reliability: {
      success_rate: failedRatio === null ? null : rounded(1 - failedRatio),
      error_rate: failedRatio === null ? null : rounded(failedRatio),
    },
  };
}

function mergedTimes(all: readonly CourseFigures[]): TrendValues {
  const merged = new Histogram();
  for (const { histogram } of all)
    if (histogram !== null) merged.mergeEncoded(Buffer.from(histogram, 'base64'));
  return merged.trendValues();
}

function rounded(value: number): number {
  return Number(value.toFixed(6));
}

type Made = readonly [course: Course, joined: JoinedCompliance | undefined];

/** Files whose names end in `stamp`, by the format that asks for them. */
export const courseFormats = {
  txt: (stamp: string, ...made: Made): ReportFile => ({
    fileName: `suite-report-${stamp}.txt`,
    content: renderPaperText(coursePaper(...made), plainPalette),
  }),
  md: (stamp: string, ...made: Made): ReportFile => ({
    fileName: `suite-report-${stamp}.md`,
    content: renderPaperMarkdown(coursePaper(...made)),
  }),
  html: (stamp: string, ...made: Made): ReportFile => ({
    fileName: `suite-report-${stamp}.html`,
    content: renderPaperHtml(coursePaper(...made)),
  }),
  'load-report': (stamp: string, course: Course): ReportFile => ({
    fileName: `load-report-${stamp}.json`,
    content: `${JSON.stringify(courseLoadReport(course), null, 2)}\n`,
  }),
} as const;
