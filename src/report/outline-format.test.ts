// A format draws sections of which it knows nothing: a new one is one file, and no format loses a table.

import { expect, test } from 'vitest';
import type { RunRecord } from '../model/run-record.ts';
import { oneLine } from './format-values.ts';
import { renderHtml } from './html/html.ts';
import { renderMarkdown } from './markdown/markdown.ts';
import { makeOperationsRecord } from './operations-record.cases.ts';
import { cellText, renderOutline } from './outline-format.cases.ts';
import { makeRecord, recordVariants } from './record.cases.ts';
import { makeSearchRecord } from './search-record.cases.ts';
import { plainPalette, renderTerminal } from './text/terminal.ts';
import { shownTable } from './view/cells.ts';
import { viewOf } from './view/report-view.ts';
import type { InRooms, Room, Section, Table } from './view/section.ts';
import { makeWatchedRecord } from './watched-record.cases.ts';

const watched = makeWatchedRecord();
const records: [name: string, RunRecord][] = [
  ...recordVariants.map((variant): [string, RunRecord] => [variant, makeRecord(variant, 20)]),
  ['watched', watched],
  ['watched and hostile', makeWatchedRecord('hostile')],
  ['watched without load', { ...watched, plan: { ...watched.plan, scenarios: [] } }],
  ['search', makeSearchRecord()],
  [
    'statements and commands',
    makeOperationsRecord({ kinds: ['statement', 'command'], windowCount: 20, outage: [6, 11] }),
  ],
];

/** Tables with rows; of one room, or of all. */
function tablesOf(sections: readonly Section[], room?: Room): Table[] {
  const isIn = ({ rooms }: InRooms): boolean =>
    room === undefined || rooms === undefined || rooms.includes(room);
  return sections.filter(isIn).flatMap(({ blocks, parts = [] }) => [
    ...blocks.filter(isIn).flatMap((block) => {
      if (block.kind !== 'table' || block.rows.length === 0) return [];
      return room === undefined || shownTable(room, block).rows.length > 0 ? [block] : [];
    }),
    ...tablesOf(parts, room),
  ]);
}

test.each(records)('a format in one file has every table of a %s run, row by row', (_, record) => {
  const outline = renderOutline(record);
  const tables = tablesOf(viewOf(record).sections);
  if (record.metrics.http_reqs !== undefined) expect(tables.length).toBeGreaterThan(2);
  for (const { title, columns, rows } of tables) {
    expect(outline).toContain(oneLine(`table ${title}: ${columns.map((one) => one.title).join(' | ')}`));
    for (const { cells } of rows) {
      expect(cells).toHaveLength(columns.length);
      expect(outline).toContain(`\n${oneLine(`- ${cells.map(cellText).join(' | ')}`)}\n`);
    }
  }
});

test.each(records)('no format loses a table of a %s run for which it has room', (_, record) => {
  const { sections } = viewOf(record);
  const html = renderHtml(record);
  expect(html.match(/<table/g) ?? []).toHaveLength(tablesOf(sections, 'page').length);
  const markdown = renderMarkdown(record);
  expect(markdown.match(/^\|(?: -+:? \|)+$/gm) ?? []).toHaveLength(tablesOf(sections, 'document').length);
  const text = renderTerminal(record, { palette: plainPalette });
  for (const table of tablesOf(sections, 'terminal')) {
    const { columns, rows } = shownTable('terminal', table);
    const lines = text.split('\n').map((line) => line.toLowerCase());
    const titles = columns
      .filter(({ kind }) => kind === 'text' || kind === 'figure')
      .map(({ title }) => title.toLowerCase());
    const head = lines.findIndex((line) => {
      const words = line.trim().split(/ {2,}/);
      return words.join() === titles.join();
    });
    expect(head, titles.join()).toBeGreaterThan(0);
    expect(lines.slice(head).length).toBeGreaterThanOrEqual(rows.length);
  }
});

test('every table is shown in some room', () => {
  for (const [, record] of records) {
    const { sections } = viewOf(record);
    const shown = (['terminal', 'document', 'page'] as const).flatMap((room) => tablesOf(sections, room));
    const titles = new Set(shown.map(({ title }) => title));
    for (const { title } of tablesOf(sections)) expect(titles).toContain(title);
  }
});
