// The tables of report.html that judge a run: thresholds, comparisons, steps of a search, checks, errors.

import type { RunRecord } from '../../model/run-record.ts';
import { formatDuration } from '../../time/duration.ts';
import { formatCount, formatFigure, formatMs, formatPercent } from '../format-values.ts';
import { thresholdNote } from '../text/terminal.ts';
import { comparisonRows, comparisonTitles } from '../view/comparisons.ts';
import { actualText, cutOffRows, cutOffTitles } from '../view/cut-off.ts';
import {
  checkRows,
  errorMeanings,
  failingChecks,
  operatorOf,
  placeOf,
  type ThresholdRow,
  thresholdRows,
} from '../view/record-figures.ts';
import { stepRows } from '../view/search.ts';
import { absent, code, emptyNote, type HtmlColumn, number, table, text } from './html-table.ts';
import { escapeHtml } from './html-text.ts';

const shownErrors = 100;

const stateLabels: Readonly<Record<ThresholdRow['state'], { mark: string; label: string; kind: string }>> = {
  pass: { mark: '✓', label: 'held', kind: 'pass' },
  close: { mark: '!', label: 'close', kind: 'warn' },
  warn: { mark: '!', label: 'missed', kind: 'warn' },
  open: { mark: '?', label: 'undecided', kind: 'info' },
  fail: { mark: '✗', label: 'broken', kind: 'fail' },
};

export function renderThresholds(record: RunRecord): string {
  const rows = thresholdRows(record);
  if (rows.length === 0) return emptyNote('No thresholds were set, so nothing could be broken.');
  const cells = rows.map((row) => {
    const { mark, label, kind } = stateLabels[row.state];
    return [
      { html: `<span class="state ${kind}"><span aria-hidden="true">${mark}</span> ${label}</span>` },
      code(row.series),
      code(row.expression),
      row.actual === null && row.bounds === undefined
        ? absent
        : number(row.actual ?? row.bounds?.least ?? 0, () => actualText(row, '–')),
      number(row.limit, (value) => `${operatorOf(row.expression)} ${formatFigure(value, row.unit)}`),
      text(thresholdNote(row)),
    ];
  });
  return table(
    'Thresholds',
    [
      { title: 'State' },
      { title: 'Series' },
      { title: 'Threshold' },
      { title: 'Actual', numeric: true },
      { title: 'Limit', numeric: true },
      { title: 'Remark' },
    ],
    cells,
  );
}

/** Comparisons; empty for a run without any. */
export function renderComparisons(record: RunRecord): string {
  const rows = comparisonRows(record);
  if (rows.length === 0) return '';
  const marks = {
    pass: ['pass', '✓', 'within'],
    fail: ['fail', '✗', 'beyond'],
    inconclusive: ['warn', '?', 'inconclusive'],
    told: ['', '', 'no limit'],
  } as const;
  const cells = rows.map((row) => {
    const [kind, mark, label] = marks[row.status];
    return [
      { html: `<span class="state ${kind}"><span aria-hidden="true">${mark}</span> ${label}</span>` },
      code(row.name),
      ...row.cells.map(text),
    ];
  });
  const titles = comparisonTitles.map((title) => ({ title }));
  return table('Comparisons', [{ title: 'State' }, { title: 'Comparison' }, ...titles], cells);
}

const stepMarks = { held: ['pass', '✓'], broke: ['fail', '✗'], unknown: ['warn', '?'] } as const;

/** The steps of a capacity search. */
export function renderSteps(record: RunRecord): string {
  const cells = stepRows(record).map((row) => {
    const { duration } = row;
    const [kind, mark] = stepMarks[row.state];
    return [
      { html: `<span class="state ${kind}"><span aria-hidden="true">${mark}</span> ${row.state}</span>` },
      number(row.load, () => row.loadText),
      number(row.failedRatio, formatPercent),
      number(row.droppedIterations, formatCount),
      ...[duration.med, duration['p(95)'], duration['p(99)']].map((ms) => number(ms, formatMs)),
      text(row.note),
      {
        html: [
          ...row.remarks.map(escapeHtml),
          ...row.objectives.map((one) => `${stepMarks[one.state][1]} ${escapeHtml(one.text)}`),
        ].join('<br>'),
      },
    ];
  });
  const figures = ['Load', 'Failed', 'Dropped', 'p50', 'p95', 'p99'];
  const columns: HtmlColumn[] = [
    { title: 'State' },
    ...figures.map((title) => ({ title, numeric: true as const })),
    { title: 'Step' },
    { title: 'Objectives' },
  ];
  return table('Capacity search', columns, cells);
}

/** What was cut off at the end; empty for a run in which nothing was. */
export function renderCutOff(record: RunRecord): string {
  const rows = cutOffRows(record);
  if (rows.length === 0) return '';
  const [what, where, ...figures] = cutOffTitles;
  const columns = [
    { title: what },
    { title: where },
    ...figures.map((title) => ({ title, numeric: true as const, fixed: true as const })),
  ];
  const cells = rows.slice(0, shownErrors).map((row) => row.cells.map(text));
  const note = rows.some(({ isOverdue }) => isOverdue)
    ? ''
    : '<p>None of it had waited for longer than work of its kind takes, so it changes no result.</p>';
  return `${note}${table('Cut off at the end', columns, cells)}`;
}

export function renderChecks(record: RunRecord): string {
  const all = checkRows(record);
  if (all.length === 0) return emptyNote('The suite makes no checks.');
  const failing = failingChecks(record);
  const passed = all.filter(({ fails }) => fails === 0);
  const cells = [...failing, ...passed].map((check) => {
    const total = check.passes + check.fails;
    const kind = check.fails > 0 ? 'fail' : 'pass';
    const mark = check.fails > 0 ? '✗' : '✓';
    const label = check.fails > 0 ? 'failed' : 'passed';
    return [
      { html: `<span class="state ${kind}"><span aria-hidden="true">${mark}</span> ${label}</span>` },
      text(check.name),
      text(placeOf(check.tags)),
      number(check.fails, formatCount),
      number(total, formatCount),
      number(total === 0 ? 0 : check.passes / total, formatPercent),
    ];
  });
  const columns = [
    { title: 'State' },
    { title: 'Check' },
    { title: 'Where' },
    { title: 'Failed', numeric: true },
    { title: 'Made', numeric: true },
    { title: 'Passed', numeric: true },
  ] as const;
  return table('Checks', columns, cells);
}

export function renderErrors(record: RunRecord): string {
  if (record.errors.length === 0) return emptyNote('No errors: every request and iteration ended well.');
  const sorted = [...record.errors].sort((a, b) => b.count - a.count);
  const cells = sorted
    .slice(0, shownErrors)
    .map((group) => [
      number(group.count, formatCount),
      code(group.code),
      text(group.message),
      text(placeOf(group.tags)),
      number(group.firstAtMs, formatDuration),
      number(group.lastAtMs, formatDuration),
    ]);
  const more =
    sorted.length > shownErrors
      ? `<p class="dim">${sorted.length - shownErrors} more groups are in run.json.</p>`
      : '';
  const columns = [
    { title: 'Count', numeric: true },
    { title: 'Class' },
    { title: 'Message' },
    { title: 'Where' },
    { title: 'First at', numeric: true },
    { title: 'Last at', numeric: true },
  ] as const;
  const meanings = errorMeanings(record).map(
    ({ code: name, meaning }) => `<p class="dim">${code(name).html} ${escapeHtml(meaning)}</p>`,
  );
  return table('Errors', columns, cells) + more + meanings.join('');
}
