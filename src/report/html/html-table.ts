// One table of report.html: its cells, and the markup around them. Every file that makes tables calls it.

import { escapeHtml } from './html-text.ts';

export interface HtmlColumn {
  readonly title: string;
  readonly numeric?: true;
  /** Its rows do not sort by it, as where numbers have different units. */
  readonly fixed?: true;
}

export interface HtmlCell {
  /** Ready HTML. */
  readonly html: string;
  /** What to sort by, when it is not the text. */
  readonly sort?: number;
}

export function text(value: string): HtmlCell {
  return { html: escapeHtml(value) };
}
export function code(value: string): HtmlCell {
  return { html: `<code>${escapeHtml(value)}</code>` };
}
export function number(value: number, format: (value: number) => string): HtmlCell {
  return { html: escapeHtml(format(value)), sort: value };
}
export const absent: HtmlCell = { html: '–', sort: -1 };

/** A table that scrolls sideways on narrow screens and sorts by a click on a title. */
export function table(
  caption: string,
  columns: readonly HtmlColumn[],
  rows: readonly (readonly HtmlCell[])[],
): string {
  const head = columns.map(({ title, numeric, fixed }) => {
    const kind = numeric ? ' class="n"' : '';
    if (title === '') return `<th scope="col"${kind}><span class="hidden">State</span></th>`;
    const content = fixed ? escapeHtml(title) : `<button type="button">${escapeHtml(title)}</button>`;
    return `<th scope="col"${kind}>${content}</th>`;
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
