// What was cut off at the end of a run, as the reports show it: its section.

import { nounOf, waitText } from '../../analysis/cut-off.ts';
import type { CutOffWork, RunRecord } from '../../model/run-record.ts';
import { formatCount } from '../format-values.ts';
import { figure, figureColumn, pageOnly, table, text, textColumn } from './cells.ts';
import { placeOf } from './record-figures.ts';
import type { Section } from './section.ts';

/** The most overdue first; what is one kind by its name and place is one. */
function joinedWork({ cutOff = [] }: RunRecord): CutOffWork[] {
  const joined = new Map<string, CutOffWork>();
  for (const one of cutOff) {
    const key = JSON.stringify([nounOf(one.metric), placeOf(one.tags)]);
    const known = joined.get(key);
    joined.set(key, known === undefined ? one : both(known, one));
  }
  return [...joined.values()];
}

/** One line for what every run cuts off; rows in terminals and documents only for what was overdue. */
export function cutOffSection(record: RunRecord): Section {
  const work = joinedWork(record);
  const section = { id: 'cut-off', title: 'Cut off at the end' };
  if (work.length === 0) return { ...section, blocks: [] };
  const isAnyOverdue = work.some(({ overdue }) => overdue > 0);
  const columns = [
    textColumn('Cut off', { width: 22 }),
    textColumn('Where', { width: 36 }),
    ...['Count', 'Overdue', 'Had waited'].map((title) => figureColumn(title, { isFixed: true })),
  ];
  const rows = work.map((one) => ({
    ...(one.overdue === 0 && pageOnly),
    cells: [
      text(`${nounOf(one.metric)}s`),
      text(placeOf(one.tags)),
      figure(one.count, 'count'),
      figure(one.overdue, 'count'),
      figure(one.waitedMs.most, 'ms', { text: waitText(one.waitedMs) }),
    ],
  }));
  const limits = { terminal: 30, document: 10, page: 100 };
  const note = 'None of it had waited for longer than work of its kind takes, so it changes no result.';
  return {
    ...section,
    summary: `${cutOffSummary(record)}${isAnyOverdue ? '' : ', none of it overdue'}`,
    summaryRooms: isAnyOverdue ? ['terminal', 'document'] : ['terminal'],
    blocks: [
      ...(isAnyOverdue
        ? []
        : [{ kind: 'notes' as const, look: 'lines' as const, notes: [{ text: note }], ...pageOnly }]),
      table('Cut off at the end', columns, rows, { limits }),
    ],
  };
}

function both(a: CutOffWork, b: CutOffWork): CutOffWork {
  const { overdueMs: _, ...rest } = a;
  return {
    ...rest,
    count: a.count + b.count,
    overdue: a.overdue + b.overdue,
    waitedMs: {
      least: Math.min(a.waitedMs.least, b.waitedMs.least),
      most: Math.max(a.waitedMs.most, b.waitedMs.most),
      sum: a.waitedMs.sum + b.waitedMs.sum,
    },
  };
}

/** `50 requests, 50 iterations`: all that was cut off; empty when nothing was. */
function cutOffSummary({ cutOff = [] }: RunRecord): string {
  const counts = new Map<string, number>();
  for (const { metric, count } of cutOff)
    counts.set(nounOf(metric), (counts.get(nounOf(metric)) ?? 0) + count);
  return [...counts].map(([noun, count]) => formatCount(count, noun)).join(', ');
}
