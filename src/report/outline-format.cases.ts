// A report format that is thrown away: every section of a record as an outline. It shows what a new format takes, which is
// this one file; outline-format.test.ts holds that nothing is lost in it.

import type { RunRecord } from '../model/run-record.ts';
import { oneLine } from './format-values.ts';
import { figureText } from './view/cells.ts';
import { viewOf } from './view/report-view.ts';
import type { Block, Cell, Section } from './view/section.ts';

export function renderOutline(record: RunRecord): string {
  const { headline, sections } = viewOf(record);
  const top = `${headline.verdict} ${headline.suite}/${headline.profile}`;
  return [top, ...headline.reasons, ...sections.flatMap((section) => drawSection(section, 1))]
    .map((line) => `${oneLine(line)}\n`)
    .join('');
}

function drawSection({ title, summary, blocks, parts = [] }: Section, level: number): string[] {
  return [
    `${'*'.repeat(level)} ${title}${summary === undefined ? '' : ` (${summary})`}`,
    ...blocks.flatMap(drawBlock),
    ...parts.flatMap((part) => drawSection(part, level + 1)),
  ];
}

function drawBlock(block: Block): string[] {
  switch (block.kind) {
    case 'table':
      return [
        `table ${block.title}: ${block.columns.map(({ title }) => title).join(' | ')}`,
        ...block.rows.map(({ cells }) => `- ${cells.map(cellText).join(' | ')}`),
      ];
    case 'facts':
      return block.facts.map(({ label, value, note = '' }) => `${label}: ${value} ${note}`);
    case 'notes':
      return block.notes.map(({ title = '', text = '', steps = [] }) => [title, text, ...steps].join(' '));
    case 'course':
    case 'chart':
      return [block.summary];
  }
}

export function cellText(cell: Cell): string {
  switch (cell.kind) {
    case 'figure':
      return figureText(cell, 'none');
    case 'list':
      return cell.items.map(({ text }) => text).join(', ');
    case 'status':
    case 'text':
      return cell.text;
  }
}
