// The summary at the end of a run: on the terminal in colour, in summary.txt without. At most 100 columns.

import type { TrendValues } from '../../model/metric.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatDuration } from '../../time/duration.ts';
import {
  formatBytes,
  formatCount,
  formatFigure,
  formatMs,
  formatPercent,
  formatPerSec,
  formatUtc,
  oneLine,
} from '../format-values.ts';
import { comparisonTable } from '../view/comparisons.ts';
import { actualText, cutNote } from '../view/cut-off.ts';
import { gapTexts } from '../view/gaps.ts';
import {
  checkRows,
  drivesLoad,
  errorMeanings,
  failingChecks,
  firstAdvice,
  keyFigures,
  operatorOf,
  placeOf,
  type ThresholdRow,
  thresholdRows,
  verdictTitle,
} from '../view/record-figures.ts';
import { sentRows, targetOf, unansweredText } from '../view/sent.ts';
import { makePalette, type Paint, type Palette, plainPalette } from './palette.ts';
import { renderSearchSteps } from './terminal-search.ts';
import {
  commandTable,
  connectionTable,
  cutOffTable,
  outageTable,
  statementTable,
  taskTable,
} from './terminal-tables.ts';
import { alertTable, watchedTable } from './terminal-watched.ts';
import { type Cell, left, renderTable, right, wrapText } from './text-table.ts';

export { makePalette, type Palette, plainPalette };

export interface TerminalOptions {
  readonly palette: Palette;
  /** Folder to name as the place of the artifacts; nothing is said when absent. */
  readonly artifactsDir?: string;
}

const pageWidth = 100;
const shownErrors = 10;
const shownChecks = 10;

/** Verdict and reasons first, then figures, thresholds, tasks, checks, errors and the generator's health. */
export function renderTerminal(record: RunRecord, options: TerminalOptions): string {
  const { palette } = options;
  const sections = [
    headline(record, palette),
    ...(drivesLoad(record) ? loadSections(record, palette) : watchSections(record, palette)),
    options.artifactsDir === undefined ? [] : [`${palette.bold('Artifacts')}  ${options.artifactsDir}`],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** Of a record of `plimsoll monitor`: nothing about load, since there was none. */
function watchSections(record: RunRecord, palette: Palette): string[][] {
  const limits = record.plan.thresholds.length === 0 ? [] : thresholds(record, palette);
  return [
    [`${palette.bold('Watched')}  ${ranText(record)}`],
    limits,
    watchedTable(record, palette).slice(1),
    alertTable(record, palette),
  ];
}

function loadSections(record: RunRecord, palette: Palette): string[][] {
  return [
    figures(record, palette),
    renderSearchSteps(record, palette),
    thresholds(record, palette),
    comparisonTable(record, palette),
    taskTable(record, palette),
    connectionTable(record, palette),
    statementTable(record, palette),
    commandTable(record, palette),
    watchedTable(record, palette),
    alertTable(record, palette),
    checks(record, palette),
    outageTable(record, palette),
    errors(record, palette),
    cutOffTable(record, palette),
    generator(record, palette),
  ];
}

function ranText(record: RunRecord): string {
  return `${formatDuration(keyFigures(record).durationMs)} from ${formatUtc(record.startedAt)}`;
}

/** The mark and colour of the verdict. */
export function verdictMark(record: RunRecord, palette: Palette): { mark: string; paint: Paint } {
  switch (record.verdict.status) {
    case 'pass':
      return { mark: '✓', paint: palette.green };
    case 'warn':
      return { mark: '!', paint: palette.yellow };
    case 'fail':
      return { mark: '✗', paint: palette.red };
    case 'inconclusive':
      return { mark: '?', paint: palette.magenta };
  }
}

export function headline(record: RunRecord, palette: Palette): string[] {
  const { mark, paint } = verdictMark(record, palette);
  const url = targetOf(record);
  const target = url === null ? '' : ` against ${oneLine(url)}`;
  const title = verdictTitle(record);
  const rest = oneLine(`${record.suite} / ${record.profile}${target}`, pageWidth - title.length - 4);
  const reasons = record.verdict.reasons.flatMap((reason) =>
    wrapText(oneLine(reason), pageWidth - 4).map((line, k) => (k === 0 ? `  - ${line}` : `    ${line}`)),
  );
  const advice = firstAdvice(record).flatMap((sentence) =>
    wrapText(oneLine(sentence), pageWidth - 4).map((line, k) => (k === 0 ? `  → ${line}` : `    ${line}`)),
  );
  return [`${palette.bold(paint(`${mark} ${title}`))}  ${palette.bold(rest)}`, ...reasons, ...advice];
}

/** Three columns: name, figure, remark. */
type FigureRow = readonly [string, string, string];

/** Count, failures and times of what the run sent; two lines for each kind where there are several. */
function sentFigures(record: RunRecord): FigureRow[] {
  const rows = sentRows(record);
  // Those of iterations are a line of their own in any case.
  return rows.flatMap(({ kind, title, nouns, duration, ...sent }): FigureRow[] => {
    const rate = formatPerSec(sent.perSec);
    const share = formatPercent(sent.failedRatio);
    const failed = `${formatCount(sent.failedCount)} ${nouns}${unansweredText(sent)}`;
    const times = timesRow(kind === 'iteration' ? 'Duration' : 'Response time', duration);
    if (kind === 'iteration') return [times];
    if (rows.length === 1) return [[title, formatCount(sent.count), rate], ['Failed', share, failed], times];
    return [
      [
        title,
        formatCount(sent.count),
        `${rate}, ${share} failed (${formatCount(sent.failedCount)})${unansweredText(sent)}`,
      ],
      times,
    ];
  });
}

function timesRow(title: string, { count, ...times }: TrendValues): FigureRow {
  if (count === 0) return [title, 'no sample', ''];
  const percentiles = [times.med, times['p(95)'], times['p(99)']].map(formatMs);
  return [
    title,
    `p50 ${percentiles[0]}, p95 ${percentiles[1]}, p99 ${percentiles[2]}`,
    `average ${formatMs(times.avg)}, max ${formatMs(times.max)}`,
  ];
}

function figures(record: RunRecord, palette: Palette): string[] {
  const figure = keyFigures(record);
  const checksTotal = figure.checksPassed + figure.checksFailed;
  const passed = formatPercent(figure.checksPassed / checksTotal);
  const failed = `${formatCount(figure.checksFailed)} of ${formatCount(checksTotal)} failed`;
  const iterations: FigureRow = [
    'Iterations',
    formatCount(figure.iterations),
    [
      formatPerSec(figure.iterationsPerSec),
      `${formatCount(figure.iterationsFailed)} failed`,
      `${formatCount(figure.droppedIterations)} dropped`,
    ].join(', '),
  ];
  const sent: FigureRow[] = sentFigures(record);
  if (figure.resent > 0) {
    sent.push(['Sent again', formatCount(figure.resent), 'connection closed before an answer; counted once']);
  }
  const rows: FigureRow[] = [
    ['Run', ranText(record), `environment ${oneLine(record.environment.name, 30)}, seed ${record.plan.seed}`],
    ...(sentRows(record)[0].kind === 'iteration' ? [iterations, ...sent] : [...sent, iterations]),
    [
      'Virtual users',
      `${formatCount(figure.vusMax)} at most`,
      figure.vusAllocated > figure.vusMax ? `${formatCount(figure.vusAllocated)} allocated` : '',
    ],
    ...(checksTotal > 0 ? [['Checks', `${passed} passed`, failed] as const] : []),
    ['Data', `${formatBytes(figure.bytesReceived)} received`, `${formatBytes(figure.bytesSent)} sent`],
  ];
  return [
    palette.bold('Key figures'),
    ...renderTable(
      [left(), left(), left()],
      rows.map(([label, value, note]) => [
        { text: `  ${label}`, paint: palette.dim },
        value,
        { text: note, paint: palette.dim },
      ]),
      palette.dim,
    ),
  ];
}

function thresholdMark(row: ThresholdRow, palette: Palette): Cell {
  switch (row.state) {
    case 'pass':
      return { text: '  ✓', paint: palette.green };
    case 'close':
    case 'warn':
      return { text: '  !', paint: palette.yellow };
    case 'open':
      return { text: '  ?', paint: palette.magenta };
    case 'fail':
      return { text: '  ✗', paint: palette.red };
  }
}

/** What is worth adding to a threshold's line, in a word or two. */
export function thresholdNote(row: ThresholdRow): string {
  const level = row.hasBothLevels && row.state !== 'warn' ? [row.level] : [];
  return [...level, ...marksOf(row), ...remarkOf(row)].join(', ');
}

/** What tells it from one that is written alike: `abortOnFail, after 10s`. */
function marksOf({ id }: ThresholdRow): string[] {
  const marks = /\[([^[\]]+)\](?: #\d+)?$/.exec(id)?.[1];
  return marks === undefined ? [] : [marks];
}

function remarkOf(row: ThresholdRow): string[] {
  if (row.cut !== undefined) return [cutNote(row), ...(row.aborted ? ['ended the run'] : [])];
  if (row.actual === null) return ['no sample'];
  if (row.aborted) return ['ended the run'];
  if (row.state === 'warn') return ['target missed'];
  if (row.state !== 'close') return [];
  return [row.hasBothLevels ? 'close' : 'close to its limit'];
}

function thresholds(record: RunRecord, palette: Palette): string[] {
  const rows = thresholdRows(record);
  if (rows.length === 0) {
    return record.plan.search === undefined ? [`${palette.bold('Thresholds')}  none set`] : [];
  }
  // Bounds and what makes them need room.
  const seriesWidth = rows.some(({ cut }) => cut !== undefined) ? 28 : 46;
  const table = renderTable(
    [
      left(),
      left('series', seriesWidth),
      left('threshold', 16),
      right('actual'),
      right('limit'),
      left('', 24),
    ],
    rows.map((row) => [
      thresholdMark(row, palette),
      oneLine(row.series),
      oneLine(row.expression),
      actualText(row, '-'),
      `${operatorOf(row.expression)} ${formatFigure(row.limit, row.unit)}`,
      { text: thresholdNote(row), paint: palette.dim },
    ]),
    palette.dim,
  );
  const held = rows.filter(({ ok }) => ok).length;
  return [`${palette.bold('Thresholds')}  ${held} of ${rows.length} held`, ...table];
}

function checks(record: RunRecord, palette: Palette): string[] {
  const all = checkRows(record);
  if (all.length === 0) return [];
  const failing = failingChecks(record);
  if (failing.length === 0) return [`${palette.bold('Checks')}  all ${all.length} passed`];
  const table = renderTable(
    [left(), left('', 40), right(''), left('', 34)],
    failing
      .slice(0, shownChecks)
      .map((check) => [
        { text: '  ✗', paint: palette.red },
        oneLine(check.name),
        `${formatCount(check.fails)} of ${formatCount(check.passes + check.fails)} failed`,
        { text: oneLine(placeOf(check.tags)), paint: palette.dim },
      ]),
    palette.dim,
  );
  const more = failing.length > shownChecks ? [`  ... and ${failing.length - shownChecks} more`] : [];
  const count = `${failing.length} of ${all.length} failed at least once`;
  return [`${palette.bold('Checks')}  ${count}`, ...table, ...more];
}

function errors(record: RunRecord, palette: Palette): string[] {
  if (record.errors.length === 0) return [`${palette.bold('Errors')}  none`];
  const sorted = [...record.errors].sort((a, b) => b.count - a.count);
  const total = sorted.reduce((sum, { count }) => sum + count, 0);
  const table = renderTable(
    [right('   count'), left('class', 24), left('message', 30), left('where', 32)],
    sorted
      .slice(0, shownErrors)
      .map((group) => [
        formatCount(group.count),
        { text: oneLine(group.code), paint: group.code === 'aborted' ? palette.dim : palette.red },
        oneLine(group.message),
        { text: oneLine(placeOf(group.tags)), paint: palette.dim },
      ]),
    palette.dim,
  );
  const more = sorted.length > shownErrors ? [`  ... and ${sorted.length - shownErrors} more groups`] : [];
  const meanings = errorMeanings(record).flatMap(({ code, meaning }) =>
    wrapText(`${oneLine(code)}: ${meaning}`, pageWidth - 4).map((line) => palette.dim(`    ${line}`)),
  );
  const kinds = sorted.length === 1 ? '1 group' : `${sorted.length} groups`;
  return [`${palette.bold('Errors')}  ${formatCount(total)} in ${kinds}`, ...table, ...more, ...meanings];
}

function generator({ generator: health, plan, recovery }: RunRecord, palette: Palette): string[] {
  const state = health.saturated
    ? palette.magenta('saturated: it, not the target, limited this run')
    : 'kept up';
  const { cpu, eventLoopDelayMs, scheduleLagMs } = health;
  const lag = scheduleLagMs.count === 0 ? '' : `, schedule lag p99 ${formatMs(scheduleLagMs['p(99)'])}`;
  const lost = health.workers.filter(({ completed }) => !completed).length;
  // A killed coordinator has not heard how its workers ended.
  const workers = formatCount(recovery?.killed ? plan.workers : health.workers.length, 'worker');
  const facts = [
    lost > 0 ? `${workers}, ${lost} lost` : workers,
    `CPU ${formatPercent(cpu['p(95)'])} of a core at p95`,
    `event loop late p99 ${formatMs(eventLoopDelayMs['p(99)'])}${lag}`,
    `${formatCount(health.droppedIterations)} iterations dropped`,
    ...gapTexts(health.gaps).map((text) => `load missing: ${text}`),
  ];
  return [
    `${palette.bold('Load generator')}  ${state}`,
    ...wrapText(facts.join('; '), pageWidth - 2).map((line) => palette.dim(`  ${line}`)),
  ];
}
