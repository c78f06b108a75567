// The tables of report.html: thresholds, comparisons, tasks, endpoints, checks, errors.

import type { RunRecord } from '../model/run-record.ts';
import { formatDuration } from '../time/duration.ts';
import { comparisonRows, comparisonTitles } from './comparisons-view.ts';
import { connectionRows, connectionTexts, connectionTitles } from './connections-view.ts';
import { formatCount, formatFigure, formatMs, formatPercent, formatPerSec } from './format-values.ts';
import { escapeHtml } from './html-text.ts';
import {
  checkRows,
  endpointRows,
  errorMeanings,
  failingChecks,
  operatorOf,
  placeOf,
  type SeriesRow,
  type ThresholdRow,
  taskLabel,
  taskRows,
  thresholdRows,
} from './record-view.ts';
import { stepRows } from './search-view.ts';
import { thresholdNote } from './terminal.ts';

interface HtmlColumn {
  readonly title: string;
  readonly numeric?: true;
}

interface HtmlCell {
  /** Ready HTML. */
  readonly html: string;
  /** What to sort by, when it is not the text. */
  readonly sort?: number;
}

const shownErrors = 100;

function text(value: string): HtmlCell {
  return { html: escapeHtml(value) };
}
function code(value: string): HtmlCell {
  return { html: `<code>${escapeHtml(value)}</code>` };
}
function number(value: number, format: (value: number) => string): HtmlCell {
  return { html: escapeHtml(format(value)), sort: value };
}
const absent: HtmlCell = { html: '–', sort: -1 };

/** A table that scrolls sideways on narrow screens and sorts by a click on a title. */
function table(
  caption: string,
  columns: readonly HtmlColumn[],
  rows: readonly (readonly HtmlCell[])[],
): string {
  const head = columns.map(({ title, numeric }) => {
    const kind = numeric ? ' class="n"' : '';
    return title === ''
      ? `<th scope="col"${kind}><span class="hidden">State</span></th>`
      : `<th scope="col"${kind}><button type="button">${escapeHtml(title)}</button></th>`;
  });
  const body = rows.map((cells) => {
    const row = cells.map(({ html, sort }, k) => {
      const kind = columns[k]?.numeric ? ' class="n"' : '';
      return `<td${kind}${sort === undefined ? '' : ` data-sort="${sort}"`}>${html}</td>`;
    });
    return `<tr>${row.join('')}</tr>`;
  });
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(caption)}">
<table class="sortable"><caption class="hidden">${escapeHtml(caption)}</caption>
<thead><tr>${head.join('')}</tr></thead>
<tbody>${body.join('\n')}</tbody></table></div>`;
}

export function emptyNote(sentence: string): string {
  return `<p class="empty">${escapeHtml(sentence)}</p>`;
}

const stateLabels: Readonly<Record<ThresholdRow['state'], { mark: string; label: string; kind: string }>> = {
  pass: { mark: '✓', label: 'held', kind: 'pass' },
  close: { mark: '!', label: 'close', kind: 'warn' },
  warn: { mark: '!', label: 'missed', kind: 'warn' },
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
      row.actual === null ? absent : number(row.actual, (value) => formatFigure(value, row.unit)),
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

/** The steps of a capacity search. */
export function renderSteps(record: RunRecord): string {
  const cells = stepRows(record).map((row) => {
    const { duration } = row;
    const [kind, mark] = row.state === 'held' ? ['pass', '✓'] : ['fail', '✗'];
    return [
      { html: `<span class="state ${kind}"><span aria-hidden="true">${mark}</span> ${row.state}</span>` },
      number(row.load, () => row.loadText),
      number(row.failedRatio, formatPercent),
      number(row.droppedIterations, formatCount),
      ...[duration.med, duration['p(95)'], duration['p(99)']].map((ms) => number(ms, formatMs)),
      {
        html: [
          ...(row.note === '' ? [] : [escapeHtml(row.note)]),
          ...row.broken.map((expression) => `<code>${escapeHtml(expression)}</code>`),
        ].join(', '),
      },
    ];
  });
  const figures = ['Load', 'Failed', 'Dropped', 'p50', 'p95', 'p99'];
  const columns: HtmlColumn[] = [
    { title: 'State' },
    ...figures.map((title) => ({ title, numeric: true as const })),
    { title: 'Broken thresholds' },
  ];
  return table('Capacity search', columns, cells);
}

const figureColumns: readonly HtmlColumn[] = [
  'Requests',
  'Rate',
  'Failed',
  'Average',
  'p50',
  'p95',
  'p99',
  'Max',
].map((title) => ({ title, numeric: true }));

function figureCells(row: SeriesRow): HtmlCell[] {
  const { duration } = row;
  const times = [duration.avg, duration.med, duration['p(95)'], duration['p(99)'], duration.max];
  const failed = number(row.failedRatio, formatPercent);
  return [
    number(row.requests, formatCount),
    number(row.requestsPerSec, formatPerSec),
    row.failedCount > 0 ? { ...failed, html: `<span class="bad">${failed.html}</span>` } : failed,
    ...times.map((ms) => (duration.count === 0 ? absent : number(ms, formatMs))),
  ];
}

export function renderTasks(record: RunRecord): string {
  const rows = taskRows(record);
  if (rows.length === 0) return emptyNote('No task was run.');
  return table(
    'Tasks',
    [{ title: 'Task' }, ...figureColumns],
    rows.map((row) => [text(taskLabel(row, rows)), ...figureCells(row)]),
  );
}

export function renderEndpoints(record: RunRecord): string {
  const rows = endpointRows(record);
  if (rows.length === 0) return emptyNote('No request was made.');
  return table(
    'Endpoints',
    [{ title: 'Endpoint' }, { title: 'Task' }, ...figureColumns],
    rows.map((row) => [
      {
        html: `<code><span class="dim">${escapeHtml(row.method ?? '')}</span> ${escapeHtml(row.name ?? '')}</code>`,
      },
      text(taskLabel(row, rows)),
      ...figureCells(row),
    ]),
  );
}

/** WebSockets and event streams; nothing for a run without any. */
export function renderConnections(record: RunRecord): string {
  const rows = connectionRows(record);
  if (rows.length === 0) return '';
  const columns = connectionTitles.map((title) => ({ title, numeric: true as const }));
  return table(
    'Connections',
    [{ title: 'Connection' }, { title: 'Task' }, ...columns],
    rows.map((row) => {
      const { first, request, length } = row;
      const trends = [first['p(95)'], request['p(95)'], length.med];
      const values = [row.sessions, row.failedRatio, row.sent ?? -1, row.received, ...trends];
      const cells = connectionTexts(row, '–').map((one, k) => ({
        html: escapeHtml(one),
        sort: values[k] ?? 0,
      }));
      const failed = cells[1]!;
      if (row.failedCount > 0) cells[1] = { ...failed, html: `<span class="bad">${failed.html}</span>` };
      const label = `<span class="dim">${row.kind}</span> ${escapeHtml(row.name)}`;
      const task = text(taskLabel({ user: row.user, task: row.task }, taskRows(record)));
      return [{ html: `<code>${label}</code>` }, task, ...cells];
    }),
  );
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
