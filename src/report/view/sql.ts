// Statements as the reports show them: rows taken from the record, and their table as text.

import type { Tags, TrendValues } from '../../model/metric.ts';
import { seriesKey } from '../../model/metric.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatCount, formatMs, formatPercent } from '../format-values.ts';
import { counterOf, rateOf, trendOf } from './record-figures.ts';

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

export const statementTitles = ['Calls', 'Failed', 'Rows', 'p50', 'p95', 'p99', 'Max'] as const;

/** The figures of a row, one text per title. */
export function statementTexts({ duration, ...row }: StatementRow, none: string): string[] {
  const times = [duration.med, duration['p(95)'], duration['p(99)'], duration.max];
  return [
    formatCount(row.count),
    formatPercent(row.failedRatio),
    formatCount(row.rowCount),
    ...times.map((ms) => (duration.count === 0 ? none : formatMs(ms))),
  ];
}
