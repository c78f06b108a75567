// The errors of a run as the reports show them, the most frequent first, with what their classes mean.

import { explainErrorCode } from '../../analysis/error-advice.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatCount } from '../format-values.ts';
import {
  code,
  emptyNotes,
  figure,
  figureColumn,
  name,
  pageOnly,
  row,
  table,
  text,
  textColumn,
} from './cells.ts';
import { placeOf } from './record-figures.ts';
import type { Notes, Section } from './section.ts';

const columns = [
  figureColumn('Count'),
  textColumn('Class', { width: 24 }),
  textColumn('Message', { width: 30 }),
  textColumn('Where', { width: 32, isQuiet: true }),
  figureColumn('First at', pageOnly),
  figureColumn('Last at', pageOnly),
];

export function errorsSection(record: RunRecord): Section {
  const section = { id: 'errors', title: 'Errors' };
  if (record.errors.length === 0) {
    return {
      ...section,
      summary: 'none',
      blocks: [emptyNotes('No errors: every request and iteration ended well.')],
    };
  }
  const sorted = [...record.errors].sort((a, b) => b.count - a.count);
  const rows = sorted.map((group) =>
    row(
      figure(group.count, 'count'),
      code(group.code, { status: group.code === 'aborted' ? 'none' : 'bad' }),
      text(group.message),
      name(placeOf(group.tags)),
      figure(group.firstAtMs, 'duration'),
      figure(group.lastAtMs, 'duration'),
    ),
  );
  const total = sorted.reduce((sum, { count }) => sum + count, 0);
  return {
    ...section,
    summary: `${formatCount(total)} in ${formatCount(sorted.length, 'group')}`,
    blocks: [
      table('Errors', columns, rows, {
        limits: { terminal: 10, document: 10, page: 100 },
        rest: { noun: 'group', place: 'run.json' },
      }),
      meanings(record),
    ],
  };
}

const shownMeanings = 5;

/** What the most frequent classes mean, one sentence each; classes that explain themselves are left out. */
function meanings(record: RunRecord): Notes {
  const counts = new Map<string, number>();
  for (const { code: one, count } of record.errors) counts.set(one, (counts.get(one) ?? 0) + count);
  const notes = [...counts]
    .sort(([, a], [, b]) => b - a)
    .flatMap(([term]) => {
      const meaning = explainErrorCode(term)?.meaning;
      return meaning === undefined ? [] : [{ term, text: meaning }];
    });
  return { kind: 'notes', look: 'lines', notes: notes.slice(0, shownMeanings) };
}
