// Statements as the reports show them: rows taken from the record, and their section.

import type { Tags, TrendValues } from '../../model/metric.ts';
import { seriesKey } from '../../model/metric.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { failedCell, figure, timeCell } from './cells.ts';
import { operationSection } from './operation-table.ts';
import { counterOf, rateOf, trendOf } from './record-figures.ts';
import type { Section } from './section.ts';

/** The statements of one operation that one task of a user sent. */
export interface StatementRow {
  readonly operation: string;
  readonly user: string;
  readonly task: string;
  readonly count: number;
  readonly failedCount: number;
  readonly failedRatio: number;
  /** Read or changed. */
  readonly rowCount: number;
  /** In ms. */
  readonly duration: TrendValues;
}

const tagNames = 'operation,task,user';

/** One row per operation, task and user, the most frequent first; none for a run without a database. */
export function statementRows(record: RunRecord): StatementRow[] {
  const rows = Object.values(record.metrics).flatMap(({ metric, tags }) =>
    metric === 'sql_ops' && tags !== undefined && Object.keys(tags).sort().join() === tagNames
      ? [makeRow(record, tags)]
      : [],
  );
  const keyOf = ({ operation, task, user }: StatementRow): string =>
    seriesKey('sql_ops', { operation, task, user });
  return rows.sort((a, b) => b.count - a.count || (keyOf(a) < keyOf(b) ? -1 : 1));
}

function makeRow(record: RunRecord, tags: Tags): StatementRow {
  const failed = rateOf(record, 'sql_op_failed', tags);
  return {
    operation: tags.operation ?? '',
    user: tags.user ?? '',
    task: tags.task ?? '',
    count: counterOf(record, 'sql_ops', tags).count,
    failedCount: failed.passes,
    failedRatio: failed.rate,
    rowCount: counterOf(record, 'sql_rows', tags).count,
    duration: trendOf(record, 'sql_op_duration', tags),
  };
}

/** Without blocks for a run without a database. */
export function statementsSection(record: RunRecord): Section {
  const rows = statementRows(record).map((one) => ({
    ...one,
    cells: [
      figure(one.count, 'count'),
      failedCell(one.failedRatio, one.failedCount),
      figure(one.rowCount, 'count'),
      ...(['med', 'p(95)', 'p(99)', 'max'] as const).map((key) => timeCell(one.duration, key)),
    ],
  }));
  const titles = ['Calls', 'Failed', 'Rows', 'p50', 'p95', 'p99', 'Max'];
  return operationSection({ id: 'statements', title: 'Statements', noun: 'Statement', titles, rows });
}
