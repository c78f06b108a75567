// summary.md: the result as a comment under a pull request or a page of a wiki.

import type { TrendValues } from '../../model/metric.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatDuration } from '../../time/duration.ts';
import {
  formatCount,
  formatEvidence,
  formatFigure,
  formatMs,
  formatPercent,
  formatPerSec,
  formatUtc,
} from '../format-values.ts';
import { thresholdNote } from '../text/terminal.ts';
import { alertRows, alertTitles } from '../view/alerts.ts';
import { comparisonRows, comparisonTitles } from '../view/comparisons.ts';
import { connectionRows, connectionTexts, connectionTitles } from '../view/connections.ts';
import { actualText, cutOffRows, cutOffTitles } from '../view/cut-off.ts';
import { watchedMonitors, watchedRows, watchedTitles } from '../view/monitors.ts';
import { outageRows, outageTexts, outageTitles } from '../view/outages.ts';
import {
  checkRows,
  drivesLoad,
  errorMeanings,
  failingChecks,
  firstAdvice,
  keyFigures,
  operatorOf,
  placeOf,
  type SeriesRow,
  type ThresholdRow,
  taskLabel,
  taskRows,
  thresholdRows,
  trendOf,
  verdictTitle,
} from '../view/record-figures.ts';
import { commandRows, commandTexts, commandTitles } from '../view/redis.ts';
import { searchSummary, stepRows } from '../view/search.ts';
import { sentRows, targetOf, unansweredText } from '../view/sent.ts';
import { statementRows, statementTexts, statementTitles } from '../view/sql.ts';
import { code, escapeMarkdown, table } from './markdown-text.ts';

const shownRows = 10;
const verdictMarks = { pass: '✅', warn: '⚠️', fail: '❌', inconclusive: '❔' } as const;
const stateMarks: Readonly<Record<ThresholdRow['state'], string>> = {
  pass: '✅',
  close: '⚠️',
  warn: '⚠️',
  open: '❔',
  fail: '❌',
};

export function renderMarkdown(record: RunRecord): string {
  if (!drivesLoad(record)) {
    const limits = record.plan.thresholds.length === 0 ? '' : thresholds(record);
    const sections = [
      headline(record),
      limits,
      watched(record),
      alerts(record),
      findings(record),
      footer(record),
    ];
    return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
  }
  const sections = [
    headline(record),
    figures(record),
    steps(record),
    thresholds(record),
    comparisons(record),
    tasks(record),
    connections(record),
    statements(record),
    redisCommands(record),
    watched(record),
    alerts(record),
    checks(record),
    outages(record),
    errors(record),
    cutOff(record),
    findings(record),
    footer(record),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function headline(record: RunRecord): string {
  const mark = verdictMarks[record.verdict.status];
  const title = `## ${mark} ${verdictTitle(record)}: ${escapeMarkdown(`${record.suite} / ${record.profile}`)}`;
  const reasons = record.verdict.reasons.map((reason) => `- ${escapeMarkdown(reason)}`);
  const advice = firstAdvice(record).map((sentence) => `- **Advice:** ${escapeMarkdown(sentence)}`);
  return [title, '', ...reasons, ...advice].join('\n');
}

/** One row per kind of what the run sent, and what is counted once per run after the first. */
function figures(record: RunRecord): string {
  const figure = keyFigures(record);
  const rows = sentRows(record);
  const [first] = rows;
  const isIterations = first.kind === 'iteration';
  const ofRun = [
    ...(isIterations ? [] : [formatCount(figure.iterations)]),
    formatCount(figure.droppedIterations),
  ];
  const cells = rows.map((row, k) => [
    ...(rows.length > 1 ? [row.title] : []),
    formatCount(row.count),
    formatPerSec(row.perSec),
    `${formatPercent(row.failedRatio)}${unansweredText(row)}`,
    ...timeCells(row.duration, 'no sample'),
    ...(k === 0 ? ofRun : ofRun.map(() => '')),
  ]);
  const titles = [
    ...(rows.length > 1 ? ['Sent', 'Count'] : [first.title]),
    ...['Rate', 'Failed', 'p50', 'p95', 'p99', 'Max'],
    ...(isIterations ? ['Dropped'] : ['Iterations', 'Dropped']),
  ];
  const aligns = titles.map((title) => (title === 'Sent' ? 'l' : 'r')).join('');
  return table(titles, aligns, cells);
}

/** p50, p95, p99 and the greatest; `none` where there is no sample. */
function timeCells(times: TrendValues, none: string): string[] {
  return [times.med, times['p(95)'], times['p(99)'], times.max].map((ms) =>
    times.count === 0 ? none : formatMs(ms),
  );
}

const stepMarks = { held: '✅', broke: '❌', unknown: '❔' } as const;

function steps(record: RunRecord): string {
  if (record.plan.search === undefined) return '';
  const cells = stepRows(record).map(
    ({ state, loadText, note, failedRatio, droppedIterations, duration, objectives, remarks }) => [
      stepMarks[state],
      loadText,
      formatPercent(failedRatio),
      formatCount(droppedIterations),
      ...[duration.med, duration['p(95)'], duration['p(99)']].map((ms) => formatMs(ms)),
      note,
      [
        ...remarks.map(escapeMarkdown),
        ...objectives.map((one) => `${stepMarks[one.state]} ${escapeMarkdown(one.text)}`),
      ].join('<br>'),
    ],
  );
  const titles = ['', 'Load', 'Failed', 'Dropped', 'p50', 'p95', 'p99', 'Step', 'Objectives'];
  return `### Capacity search: ${searchSummary(record)}\n\n${table(titles, 'lrrrrrrll', cells)}`;
}

function thresholds(record: RunRecord): string {
  const rows = thresholdRows(record);
  if (rows.length === 0) return '';
  const cells = rows.map((row) => [
    stateMarks[row.state],
    code(row.series),
    code(row.expression),
    actualText(row, '–').replace('<', '&lt;').replace('>', '&gt;'),
    `${operatorOf(row.expression)} ${formatFigure(row.limit, row.unit)}`
      .replace('<', '&lt;')
      .replace('>', '&gt;'),
    thresholdNote(row),
  ]);
  const held = rows.filter(({ ok }) => ok).length;
  const head = `### Thresholds: ${held} of ${rows.length} held`;
  return `${head}\n\n${table(['', 'Series', 'Threshold', 'Actual', 'Limit', ''], 'lllrrl', cells)}`;
}

function tasks(record: RunRecord): string {
  const rows = taskRows(record);
  if (rows.length === 0) return '';
  if (rows.every(({ requests }) => requests === 0)) return tasksByIterations(record, rows);
  const cells = rows.map((row) => [
    code(taskLabel(row, rows)),
    formatCount(row.requests),
    formatPerSec(row.requestsPerSec),
    formatPercent(row.failedRatio),
    ...timeCells(row.duration, '–'),
  ]);
  const titles = ['Task', 'Requests', 'Rate', 'Failed', 'p50', 'p95', 'p99', 'Max'];
  return `### Tasks\n\n${table(titles, 'lrrrrrrr', cells)}`;
}

/** For runs without HTTP requests. */
function tasksByIterations(record: RunRecord, rows: readonly SeriesRow[]): string {
  const cells = rows.map((row) => {
    const times = trendOf(record, 'iteration_duration', { task: row.task, user: row.user });
    return [code(taskLabel(row, rows)), formatCount(row.iterations), ...timeCells(times, '–')];
  });
  const titles = ['Task', 'Iterations', 'p50', 'p95', 'p99', 'Max'];
  return `### Tasks\n\n${table(titles, 'lrrrrr', cells)}`;
}

function connections(record: RunRecord): string {
  const rows = connectionRows(record);
  if (rows.length === 0) return '';
  const cells = rows.map((row) => [code(`${row.kind} ${row.name}`), ...connectionTexts(row, '–')]);
  return `### Connections\n\n${table(['Connection', ...connectionTitles], 'lrrrrrrr', cells)}`;
}

function statements(record: RunRecord): string {
  const rows = statementRows(record);
  if (rows.length === 0) return '';
  const cells = rows
    .slice(0, shownRows)
    .map((row) => [code(taskLabel(row, rows)), code(row.operation), ...statementTexts(row, '–')]);
  const body = table(['Task', 'Statement', ...statementTitles], 'llrrrrrrr', cells);
  return `### Statements\n\n${body}${moreLine(rows.length)}`;
}

function redisCommands(record: RunRecord): string {
  const rows = commandRows(record);
  if (rows.length === 0) return '';
  const cells = rows
    .slice(0, shownRows)
    .map((row) => [code(taskLabel(row, rows)), code(row.command), ...commandTexts(row, '–')]);
  const body = table(['Task', 'Command', ...commandTitles], 'llrrrrrrr', cells);
  return `### Redis commands\n\n${body}${moreLine(rows.length)}`;
}

function outages(record: RunRecord): string {
  const rows = outageRows(record);
  if (rows.length === 0) return '';
  const body = table(outageTitles, 'rrrl', rows.slice(0, shownRows).map(outageTexts));
  return `### Outages\n\n${body}${moreLine(rows.length)}`;
}

function cutOff(record: RunRecord): string {
  const rows = cutOffRows(record).filter(({ isOverdue }) => isOverdue);
  if (rows.length === 0) return '';
  const body = table(
    cutOffTitles,
    'llrrr',
    rows.slice(0, shownRows).map(({ cells }) => cells.map(escapeMarkdown)),
  );
  return `### Cut off at the end\n\n${body}${moreLine(rows.length)}`;
}

function watched(record: RunRecord): string {
  const cells = watchedMonitors(record).flatMap(([name, monitor]) =>
    watchedRows(record, name, monitor, 'headlines').map((row) =>
      [row.title, row.definition.title, ...row.cells].map(escapeMarkdown),
    ),
  );
  return cells.length === 0 ? '' : `### Watched beside the load\n\n${table(watchedTitles, 'llrrrr', cells)}`;
}

function alerts(record: RunRecord): string {
  const rows = alertRows(record);
  if (rows.length === 0) return '';
  const cells = rows.slice(0, shownRows).map((row) => row.cells.map(escapeMarkdown));
  return `### Alerts\n\n${table(alertTitles, 'llrrl', cells)}${moreLine(rows.length)}`;
}

function comparisons(record: RunRecord): string {
  const rows = comparisonRows(record);
  if (rows.length === 0) return '';
  const marks = { pass: '✅', fail: '❌', inconclusive: '❔', told: '' } as const;
  const cells = rows.map((row) => [marks[row.status], code(row.name), ...row.cells.map(escapeMarkdown)]);
  return `### Comparisons\n\n${table(['', 'Comparison', ...comparisonTitles], 'llrrrr', cells)}`;
}

function checks(record: RunRecord): string {
  const failing = failingChecks(record);
  const all = checkRows(record);
  if (all.length === 0) return '';
  if (failing.length === 0) return `All ${all.length} checks passed.`;
  const cells = failing
    .slice(0, shownRows)
    .map((check) => [
      code(check.name),
      code(placeOf(check.tags)),
      `${formatCount(check.fails)} of ${formatCount(check.passes + check.fails)}`,
    ]);
  const head = `### Checks: ${failing.length} of ${all.length} failed at least once`;
  return `${head}\n\n${table(['Check', 'Where', 'Failed'], 'llr', cells)}${moreLine(failing.length)}`;
}

function errors(record: RunRecord): string {
  if (record.errors.length === 0) return 'No errors.';
  const sorted = [...record.errors].sort((a, b) => b.count - a.count);
  const cells = sorted
    .slice(0, shownRows)
    .map((group) => [
      formatCount(group.count),
      code(group.code),
      escapeMarkdown(group.message),
      code(placeOf(group.tags)),
    ]);
  const meanings = errorMeanings(record).map(
    ({ code: name, meaning }) => `- ${code(name)}: ${escapeMarkdown(meaning)}`,
  );
  const list = meanings.length === 0 ? '' : `\n\n${meanings.join('\n')}`;
  return `### Errors\n\n${table(['Count', 'Class', 'Message', 'Where'], 'rlll', cells)}${moreLine(sorted.length)}${list}`;
}

function moreLine(count: number): string {
  return count > shownRows ? `\n\n... and ${count - shownRows} more.` : '';
}

function findings(record: RunRecord): string {
  if (record.findings.length === 0) return '';
  const items = record.findings.map((finding) => {
    const evidence = finding.evidence.map(
      ({ name, value, unit, limit }) =>
        `${code(name)} ${escapeMarkdown(formatEvidence(value, unit))}${limit === undefined ? '' : ` (limit ${escapeMarkdown(formatEvidence(limit, unit))})`}`,
    );
    const parts = [
      `- **${escapeMarkdown(finding.title)}** ${escapeMarkdown(finding.detail)}`,
      evidence.length > 0 ? `  Evidence: ${evidence.join(', ')}.` : '',
      finding.advice === undefined ? '' : `  Advice: ${escapeMarkdown(finding.advice)}`,
    ];
    return parts.filter((part) => part !== '').join('\n');
  });
  return `### Findings\n\n${items.join('\n')}`;
}

function footer(record: RunRecord): string {
  const { generator, environment } = record;
  const health = generator.saturated ? '**saturated**' : 'kept up';
  const facts = [
    `${formatDuration(keyFigures(record).durationMs)} from ${formatUtc(record.startedAt)}`,
    `target ${code(targetOf(record) ?? 'none')}`,
    `load generator ${health} (CPU ${formatPercent(generator.cpu['p(95)'])} of a core at p95)`,
    `seed ${record.plan.seed}`,
    `Plimsoll ${escapeMarkdown(environment.plimsoll)}, Node ${escapeMarkdown(environment.node)}`,
  ];
  return `<sub>${facts.join(' · ')}</sub>`;
}
