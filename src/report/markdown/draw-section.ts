// Any section of the view in Markdown. Called by markdown.ts.

import { oneLine } from '../format-values.ts';
import { figureText, inRoom, shownTable } from '../view/cells.ts';
import { courseLine } from '../view/course.ts';
import type { Block, Cell, Column, Facts, Note, Notes, Section, Status, Table } from '../view/section.ts';
import { code, escapeMarkdown, table } from './markdown-text.ts';

export const marks: Readonly<Record<Status, string>> = {
  good: '✅',
  caution: '⚠️',
  bad: '❌',
  open: '❔',
  none: '',
};

/** Its title with the summary, then its blocks, then the sections within it; empty when it says nothing here. */
export function drawSection(section: Section, level = 3): string {
  const { title, summary, summaryRooms } = section;
  const says = summary !== undefined && (summaryRooms?.includes('document') ?? true);
  const body = [
    ...inRoom('document', section.blocks).map(drawBlock),
    ...inRoom('document', section.parts ?? []).map((part) => drawSection(part, level + 1)),
  ].filter((text) => text !== '');
  if (!says && body.length === 0) return '';
  const head = `${'#'.repeat(level)} ${escapeMarkdown(title)}${says ? `: ${escapeMarkdown(summary)}` : ''}`;
  return [head, ...body].join('\n\n');
}

function drawBlock(block: Block): string {
  switch (block.kind) {
    case 'table':
      return drawTable(block);
    case 'facts':
      return drawFacts(block);
    case 'notes':
      return block.notes.map((note) => drawNote(note, block.look)).join('\n');
    case 'course':
      return `**${escapeMarkdown(block.title)}** ${code(courseLine(block.points.map(({ value }) => value)))} ${escapeMarkdown(block.summary)}`;
    case 'chart':
      return escapeMarkdown(block.summary);
  }
}

/** Empty for a table without rows. */
function drawTable(one: Table): string {
  const { columns, rows, more } = shownTable('document', one);
  if (rows.length === 0) return '';
  const titles = columns.map(({ kind, title }) => (kind === 'state' ? '' : escapeMarkdown(title)));
  const aligns = columns.map(({ kind }) => (kind === 'figure' ? 'r' : 'l')).join('');
  const cells = rows.map((row) => row.cells.map((cell, k) => drawCell(cell, columns[k]!)));
  const rest = more === undefined ? '' : `\n\n... and ${more}.`;
  return `${table(titles, aligns, cells)}${rest}`;
}

function drawCell(cell: Cell, column: Column): string {
  switch (cell.kind) {
    case 'figure':
      return escapeMarkdown(figureText(cell, '–'));
    case 'status':
      return column.kind === 'state' ? marks[cell.status] : escapeMarkdown(cell.text);
    case 'list':
      return cell.items
        .map(({ text, status }) =>
          status === undefined ? escapeMarkdown(text) : `${marks[status]} ${escapeMarkdown(text)}`,
        )
        .join('<br>');
    case 'text': {
      const words = [cell.prefix ?? '', cell.text].filter((one) => one !== '').join(' ');
      const text = cell.look === undefined || words === '' ? escapeMarkdown(words) : code(words);
      return cell.remark === undefined ? text : `${text}<br>${escapeMarkdown(cell.remark)}`;
    }
  }
}

function drawFacts({ facts }: Facts): string {
  const texts = inRoom('document', facts).map(({ label, value, note }) =>
    escapeMarkdown(`${label} ${value}${note === undefined || note === '' ? '' : `, ${note}`}`),
  );
  return texts.join(' · ');
}

function drawNote(note: Note, look: Notes['look']): string {
  const { title, tags = [], term, when, text = '', status, evidence = [], items = [], steps = [] } = note;
  if (look === 'empty' || look === 'key') return escapeMarkdown(text);
  const figures = evidence.map(
    ({ name, value, limit }) =>
      `${code(name)} ${escapeMarkdown(value)}${limit === undefined ? '' : ` (limit ${escapeMarkdown(limit)})`}`,
  );
  const mark = look !== 'cards' && status !== undefined ? `${marks[status]} ` : '';
  const kind = look === 'cards' && title !== undefined && status === undefined ? tags.join(', ') : '';
  const heads = [
    title === undefined ? '' : `**${escapeMarkdown(title)}** `,
    kind === '' ? '' : `(${escapeMarkdown(kind)}) `,
    term === undefined ? '' : `${code(term)}: `,
    when === undefined ? '' : `${oneLine(when)}: `,
  ];
  const lines = [
    `- ${mark}${heads.join('')}${escapeMarkdown(text)}`,
    figures.length > 0 ? `  Evidence: ${figures.join(', ')}.` : '',
    ...items.map(
      (item) =>
        `  - ${code(item.title)} ${escapeMarkdown(item.text)}${item.values.length === 0 ? '' : ': '}${item.values.map(({ label, value }) => `${code(label)} ${escapeMarkdown(value)}`).join(', ')}`,
    ),
    ...steps.map((step) => `  - ${escapeMarkdown(step)}`),
    note.advice === undefined ? '' : `  Advice: ${escapeMarkdown(note.advice)}`,
  ];
  return lines.filter((line) => line !== '').join('\n');
}
