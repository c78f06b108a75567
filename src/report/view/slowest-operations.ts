// The slowest operations of a run as the reports show them, each with its share of the time that all of them took.

import { operationCosts } from '../../analysis/slowest-operations.ts';
import type { RunRecord } from '../../model/run-record.ts';
import {
  code,
  failedCell,
  figure,
  figureColumn,
  pageOnly,
  row,
  table,
  text,
  textColumn,
  timeCell,
} from './cells.ts';
import { taskLabel } from './record-figures.ts';
import type { Section } from './section.ts';

const columns = [
  textColumn('Operation', { width: 34 }),
  textColumn('Task', { width: 20, isQuiet: true }),
  figureColumn('Count'),
  figureColumn('Failed', pageOnly),
  figureColumn('Share of time'),
  figureColumn('p50'),
  figureColumn('p95'),
  figureColumn('Max'),
];

/** Without blocks for a run that sent nothing. */
export function slowestOperationsSection(record: RunRecord): Section {
  const section = { id: 'slowest', title: 'Slowest operations' };
  const costs = operationCosts(record);
  if (costs.length === 0) return { ...section, blocks: [] };
  const rows = costs.map((one) =>
    row(
      code(one.name),
      text(taskLabel(one, costs)),
      figure(one.count, 'count'),
      failedCell(one.count === 0 ? null : Math.min(1, one.failed / one.count), one.failed),
      figure(one.share, 'ratio'),
      timeCell(one.times, 'med'),
      timeCell(one.times, 'p(95)'),
      timeCell(one.times, 'max'),
    ),
  );
  const limits = { terminal: 5, document: 10, page: 20 };
  const body = table('Slowest operations', columns, rows, {
    limits,
    rest: { noun: 'operation', place: 'run.json' },
  });
  return { ...section, blocks: [body] };
}
