// Any section of the view as lines for terminals and text files. Called by terminal.ts and analysis.ts.

import { oneLine } from '../format-values.ts';
import { inRoom } from '../view/cells.ts';
import { courseLine } from '../view/course.ts';
import type { Block, Course, Facts, Note, Notes, Section } from '../view/section.ts';
import { drawTable, lowerFirst, marks, pageWidth, paintOf } from './draw-table.ts';
import type { Palette } from './palette.ts';
import { left, renderTable, wrapText } from './text-table.ts';

/** Its title with the summary, then its blocks, then the sections within it; nothing when it says nothing here. */
export function drawSection(section: Section, palette: Palette): string[] {
  const { title, summary, summaryRooms } = section;
  const says = summary !== undefined && (summaryRooms?.includes('terminal') ?? true);
  const body = inRoom('terminal', section.blocks).flatMap((block) => drawBlock(block, palette));
  const parts = inRoom('terminal', section.parts ?? []).flatMap((part) => drawSection(part, palette));
  if (!says && body.length === 0 && parts.length === 0) return [];
  return [`${palette.bold(title)}${says ? `  ${summary}` : ''}`, ...body, ...parts];
}

function drawBlock(block: Block, palette: Palette): string[] {
  switch (block.kind) {
    case 'table':
      return drawTable(block, palette);
    case 'facts':
      return drawFacts(block, palette);
    case 'notes':
      return block.notes.flatMap((note) => drawNote(note, block.look, palette));
    case 'course':
      return drawCourse(block, palette);
    case 'chart':
      return wrapText(oneLine(block.summary), pageWidth - 2).map((line) => palette.dim(`  ${line}`));
  }
}

/** As one line of blocks, the last runs where there are too many. */
function drawCourse({ title, summary, points }: Course, palette: Palette): string[] {
  const line = courseLine(points.map(({ value }) => value)).slice(-pageWidth + 4);
  return [
    `  ${oneLine(title, pageWidth - 2)}`,
    palette.dim(`  ${line}`),
    ...wrapText(oneLine(summary), pageWidth - 2).map((text) => palette.dim(`  ${text}`)),
  ];
}

/** Below each other where they matter most, else one after the other. */
function drawFacts({ facts }: Facts, palette: Palette): string[] {
  const shown = inRoom('terminal', facts);
  if (!shown.some(({ isProminent }) => isProminent === true)) {
    const texts = shown.map(({ label, value, note }) =>
      oneLine(`${lowerFirst(label)}: ${value}${note === undefined ? '' : ` (${note})`}`),
    );
    return wrapText(texts.join('; '), pageWidth - 2).map((line) => palette.dim(`  ${line}`));
  }
  const rows = shown.map(({ label, value, note = '' }) => [
    { text: `  ${label}`, paint: palette.dim },
    oneLine(value),
    { text: oneLine(note), paint: palette.dim },
  ]);
  return renderTable([left(), left(), left()], rows, palette.dim);
}

function drawNote(note: Note, look: Notes['look'], palette: Palette): string[] {
  if (look === 'cards') return ['', ...drawCard(note, palette)];
  const { term, when, text = '', status, steps = [] } = note;
  const head = [term, when].flatMap((one) => (one === undefined ? [] : [`${oneLine(one)}: `])).join('');
  const mark = status === undefined ? '' : `${marks[status]} `;
  const indent = term === undefined ? '  ' : '    ';
  const lines = wrapText(`${mark}${head}${oneLine(text)}`, pageWidth - 4);
  const paint = status === undefined ? palette.dim : paintOf(status, palette);
  const further = status === undefined ? indent : `${indent}  `;
  return [
    ...lines.map((line, k) => paint(`${k === 0 ? indent : further}${line}`)),
    ...steps.map((step) => `    - ${oneLine(step)}`),
  ];
}

const shownEvidence = 6;

/** Its title, what it rests on, and what to do about it. */
function drawCard(note: Note, palette: Palette): string[] {
  const {
    title = '',
    tags = [],
    text,
    status = 'none',
    evidence = [],
    items = [],
    steps = [],
    advice,
  } = note;
  const indented = (one: string, mark = '    '): string[] =>
    wrapText(oneLine(one), pageWidth - 4).map((line, k) => `${k === 0 ? mark : '    '}${line}`);
  const kind = tags[0] === undefined ? '' : `${paintOf(status, palette)(`${markOf(status)} ${tags[0]}`)}  `;
  return [
    `  ${kind}${palette.bold(oneLine(title))}`,
    ...(text === undefined || text === title ? [] : indented(text)),
    ...evidence.slice(0, shownEvidence).map(({ name, value, limit }) => {
      const bound = limit === undefined ? '' : palette.dim(`  limit ${oneLine(limit)}`);
      return `      ${oneLine(name)}  ${oneLine(value)}${bound}`;
    }),
    ...items.flatMap((item) => [
      ...indented(`${item.title}: ${item.text}`),
      ...item.values.map(({ label, value }) => `      ${oneLine(label)}  ${oneLine(value)}`),
    ]),
    ...steps.flatMap((step, k) => indented(step, `  ${k + 1} `)),
    ...(advice === undefined ? [] : indented(advice, '  → ')),
  ];
}

function markOf(status: NonNullable<Note['status']>): string {
  return status === 'none' ? '·' : marks[status];
}
