// A table of the view in report.html: it scrolls sideways on narrow screens and sorts by a click on a title. Called by
// draw-section.ts.

import { figureText, shownTable } from '../view/cells.ts';
import type { Cell, Column, Status, Table } from '../view/section.ts';
import { escapeHtml } from './escape.ts';

/** The class and the mark of each status; `info` is dim. */
export const states: Readonly<Record<Status, readonly [kind: string, mark: string]>> = {
  good: ['pass', '✓'],
  caution: ['warn', '!'],
  bad: ['fail', '✗'],
  open: ['warn', '?'],
  none: ['info', ''],
};

/** Nothing for a table without rows. */
export function drawTable(table: Table): string {
  const { columns, rows, more } = shownTable('page', table);
  if (rows.length === 0) return '';
  const body = rows.map(
    ({ cells }) => `<tr>${cells.map((cell, k) => drawCell(cell, columns[k]!)).join('')}</tr>`,
  );
  const title = escapeHtml(table.title);
  const markup = `<div class="scroll" tabindex="0" role="region" aria-label="${title}">
<table class="sortable"><caption class="hidden">${title}</caption>
<thead><tr>${columns.map(drawHead).join('')}</tr></thead>
<tbody>${body.join('\n')}</tbody></table></div>${restLine(table, more)}`;
  return table.folded === undefined
    ? markup
    : `<details class="data"><summary>${escapeHtml(table.folded)}</summary>\n${markup}</details>`;
}

function restLine({ rest = {} }: Table, more: string | undefined): string {
  if (more === undefined) return '';
  return `<p class="dim">${escapeHtml(more)}${rest.place === undefined ? '' : ` in ${escapeHtml(rest.place)}`}.</p>`;
}

function drawHead({ title, kind, isFixed }: Column): string {
  const content = isFixed ? escapeHtml(title) : `<button type="button">${escapeHtml(title)}</button>`;
  return `<th scope="col"${classOf(kind)}>${content}</th>`;
}

function classOf(kind: Column['kind']): string {
  return kind === 'figure' ? ' class="n"' : '';
}

function drawCell(cell: Cell, { kind, isFixed }: Column): string {
  const sort = cell.kind === 'figure' && !isFixed ? ` data-sort="${cell.value ?? -1}"` : '';
  return `<td${classOf(kind)}${sort}>${contentOf(cell)}</td>`;
}

function contentOf(cell: Cell): string {
  switch (cell.kind) {
    case 'figure': {
      const html = escapeHtml(figureText(cell, '–'));
      return cell.status === 'bad' ? `<span class="bad">${html}</span>` : html;
    }
    case 'status': {
      const [kind, mark] = states[cell.status];
      return `<span class="state ${kind}"><span aria-hidden="true">${mark}</span> ${escapeHtml(cell.text)}</span>`;
    }
    case 'list':
      return cell.items
        .map(({ text, status }) => escapeHtml(status === undefined ? text : `${states[status][1]} ${text}`))
        .join('<br>');
    case 'text': {
      const prefix = cell.prefix === undefined ? '' : `<span class="dim">${escapeHtml(cell.prefix)}</span> `;
      const html = `${prefix}${escapeHtml(cell.text)}`;
      const remark =
        cell.remark === undefined ? '' : `<br><span class="bad">${escapeHtml(cell.remark)}</span>`;
      return `${cell.look === 'code' ? `<code>${html}</code>` : html}${remark}`;
    }
  }
}
