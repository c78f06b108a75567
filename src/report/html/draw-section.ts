// Any section of the view in report.html. Called by html.ts.

import { inRoom } from '../view/cells.ts';
import type { Block, Chart, Fact, Note, Notes, Section } from '../view/section.ts';
import { drawCourse } from './draw-course.ts';
import { drawTable, states } from './draw-table.ts';
import { escapeHtml } from './escape.ts';

/** With its heading; empty when it says nothing on a page. */
export function drawSection(section: Section): string {
  const content = contentOf(section);
  if (content === '') return '';
  const { id, title } = section;
  return `<section aria-labelledby="${id}"><h2 id="${id}">${escapeHtml(title)}</h2>\n${content}</section>`;
}

function contentOf({ blocks, parts = [] }: Section): string {
  return [...drawBlocks(inRoom('page', blocks)), ...inRoom('page', parts).map(drawPart)].join('\n');
}

/** One monitor of several, for instance. */
function drawPart(part: Section): string {
  const about =
    part.summary === undefined ? '' : ` <span class="dim source">${escapeHtml(part.summary)}</span>`;
  return `<div class="monitor"><h3>${escapeHtml(part.title)}${about}</h3>\n${contentOf(part)}</div>`;
}

/** Small charts that follow each other share rows. */
function drawBlocks(blocks: readonly Block[]): string[] {
  const drawn: string[] = [];
  let smalls: string[] = [];
  const endRow = (): void => {
    if (smalls.length > 0) drawn.push(`<div class="smalls">${smalls.join('\n')}</div>`);
    smalls = [];
  };
  for (const block of blocks) {
    if (block.kind === 'chart' && block.isSmall) smalls.push(drawChart(block));
    else {
      endRow();
      drawn.push(drawBlock(block));
    }
  }
  endRow();
  return drawn.filter((html) => html !== '');
}

function drawBlock(block: Block): string {
  switch (block.kind) {
    case 'table':
      return drawTable(block);
    case 'facts':
      return drawFacts(inRoom('page', block.facts));
    case 'notes':
      return drawNotes(block);
    case 'course':
      return drawCourse(block);
    case 'chart':
      return drawChart(block);
  }
}

/** The place of one chart; the summary is its text alternative. */
function drawChart({ id, title, summary, isSmall }: Chart): string {
  return `<figure class="chart${isSmall ? ' small' : ''}">
<figcaption>${escapeHtml(title)}</figcaption>
<div class="plot" id="chart-${id}" role="img" aria-label="${escapeHtml(summary)}"></div>
</figure>`;
}

/** Tiles of what matters most, then a list of the others. */
function drawFacts(facts: readonly Fact[]): string {
  const tiles = facts.filter(({ isProminent }) => isProminent).flatMap(tilesOf);
  const others = facts
    .filter(({ isProminent }) => !isProminent)
    .map(({ label, value, note }) => {
      const text = note === undefined || note === '' ? value : `${value}, ${note}`;
      return `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(text)}</dd></div>`;
    });
  return [
    tiles.length === 0 ? '' : `<dl class="tiles">${tiles.join('\n')}</dl>`,
    others.length === 0 ? '' : `<dl class="facts-list">${others.join('')}</dl>`,
  ].join('');
}

/** One for each figure of a fact. */
function tilesOf({ label, value, note = '', parts, status }: Fact): string[] {
  const tiles = parts ?? [{ label, value, note }];
  return tiles.map(
    (tile) =>
      `<div class="tile${status === 'bad' ? ' attention' : ''}"><dt>${escapeHtml(tile.label)}</dt><dd class="value">${escapeHtml(tile.value)}</dd><dd class="note">${escapeHtml(tile.note)}</dd></div>`,
  );
}

const shownLog = 8;

function drawNotes({ look, notes }: Notes): string {
  if (notes.length === 0) return '';
  switch (look) {
    case 'empty':
      return notes.map(({ text = '' }) => `<p class="empty">${escapeHtml(text)}</p>`).join('');
    case 'key':
      return `<p class="dim key">${notes.map(({ text = '' }) => escapeHtml(text)).join(' ')}</p>`;
    case 'lines':
      return notes.map(drawLine).join('\n');
    case 'log': {
      const list = (some: readonly Note[]): string =>
        `<ul class="remarks">${some.map(({ when = '', text = '' }) => `<li><b>${escapeHtml(when)}</b> ${escapeHtml(text)}</li>`).join('')}</ul>`;
      const rest = notes.slice(shownLog);
      const count = rest.length === 1 ? '1 further event' : `${rest.length} further events`;
      return `${list(notes.slice(0, shownLog))}${rest.length === 0 ? '' : `<details class="data"><summary>${count}</summary>${list(rest)}</details>`}`;
    }
    case 'cards': {
      const cards = notes.map(drawCard).join('\n');
      return notes.every(({ steps }) => steps !== undefined)
        ? `<div class="responses">${cards}</div>`
        : cards;
    }
  }
}

function drawLine({ term, text = '', status }: Note): string {
  if (status === undefined) {
    return `<p class="dim">${term === undefined ? '' : `<code>${escapeHtml(term)}</code> `}${escapeHtml(text)}</p>`;
  }
  const [kind, mark] = states[status];
  return `<p class="state ${kind}"><span aria-hidden="true">${mark}</span> ${escapeHtml(text)}</p>`;
}

const severities = {
  good: 'info',
  caution: 'warning',
  bad: 'critical',
  open: 'warning',
  none: 'info',
} as const;

function drawCard(note: Note): string {
  const { title = '', tags = [], text, status, evidence = [], items = [], steps, advice } = note;
  const kind = status === undefined ? 'scenario' : `finding ${severities[status]}`;
  const head = tags.map((tag) => `<span class="tag">${escapeHtml(tag)}</span>`).join('');
  const figures = evidence.map(({ name, value, limit }) => {
    const bound = limit === undefined ? '' : ` <span class="dim">limit ${escapeHtml(limit)}</span>`;
    return `<li><code>${escapeHtml(name)}</code> <b>${escapeHtml(value)}</b>${bound}</li>`;
  });
  const parts = [
    text === undefined ? '' : `<p>${escapeHtml(text)}</p>`,
    figures.length === 0 ? '' : `<ul class="evidence">${figures.join('')}</ul>`,
    items.length === 0 ? '' : `<ul class="users">${items.map(drawItem).join('')}</ul>`,
    steps === undefined
      ? ''
      : `<ol class="steps">${steps.map((step) => `<li>${escapeHtml(step)}</li>`).join('')}</ol>`,
    advice === undefined ? '' : `<p class="advice"><b>Advice</b> ${escapeHtml(advice)}</p>`,
  ];
  return `<article class="${kind}"><h3>${escapeHtml(title)}${head === '' ? '' : ` ${head}`}</h3>\n${parts.join('')}</article>`;
}

function drawItem({ title, text, values }: NonNullable<Note['items']>[number]): string {
  const shares = values.map(
    ({ label, value }) => `<li><span>${escapeHtml(label)}</span> <b>${escapeHtml(value)}</b></li>`,
  );
  return `<li><b>${escapeHtml(title)}</b> <span class="dim">${escapeHtml(text)}</span><ul class="mix">${shares.join('')}</ul></li>`;
}
