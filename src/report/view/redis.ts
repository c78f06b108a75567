// Redis commands as the reports show them: rows taken from the record, and their section.

import type { RateValues, Tags, TrendValues } from '../../model/metric.ts';
import { seriesKey } from '../../model/metric.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { failedCell, figure, timeCell } from './cells.ts';
import { operationSection } from './operation-table.ts';
import { counterOf, rateOf, trendOf } from './record-figures.ts';
import type { Section } from './section.ts';

/** One command, as one task of a user sent it; or its pipelines or transactions, which have times of their own. */
export interface CommandRow {
  readonly command: string;
  readonly user: string;
  readonly task: string;
  readonly count: number;
  readonly failed: RateValues;
  /** Of commands that read. */
  readonly hits: RateValues;
  /** In ms. */
  readonly duration: TrendValues;
}

const tagNames = 'command,task,user';

/** One row per command, task and user, the most frequent first; none for a run without Redis. */
export function commandRows(record: RunRecord): CommandRow[] {
  const found = new Map<string, Tags>();
  for (const { metric, tags } of Object.values(record.metrics)) {
    if (metric !== 'redis_ops' && metric !== 'redis_op_duration') continue;
    if (tags === undefined || Object.keys(tags).sort().join() !== tagNames) continue;
    found.set(seriesKey('redis_ops', tags), tags);
  }
  return [...found]
    .map(([key, tags]) => ({ key, row: makeRow(record, tags) }))
    .sort((a, b) => b.row.count - a.row.count || (a.key < b.key ? -1 : 1))
    .map(({ row }) => row);
}

function makeRow(record: RunRecord, tags: Tags): CommandRow {
  const duration = trendOf(record, 'redis_op_duration', tags);
  const operations = counterOf(record, 'redis_ops', tags).count;
  return {
    command: tags.command ?? '',
    user: tags.user ?? '',
    task: tags.task ?? '',
    // Pipelines and transactions as such are no operations.
    count: operations === 0 ? duration.count : operations,
    failed: rateOf(record, 'redis_op_failed', tags),
    hits: rateOf(record, 'redis_hits', tags),
    duration,
  };
}

/** Without blocks for a run without Redis. */
export function commandsSection(record: RunRecord): Section {
  const share = ({ rate, passes, fails }: RateValues): number | null => (passes + fails === 0 ? null : rate);
  const rows = commandRows(record).map((one) => ({
    ...one,
    operation: one.command,
    cells: [
      figure(one.count, 'count'),
      failedCell(share(one.failed), one.failed.passes),
      figure(share(one.hits), 'ratio'),
      ...(['med', 'p(95)', 'p(99)', 'max'] as const).map((key) => timeCell(one.duration, key)),
    ],
  }));
  const titles = ['Calls', 'Failed', 'Hits', 'p50', 'p95', 'p99', 'Max'];
  return operationSection({ id: 'commands', title: 'Redis commands', noun: 'Command', titles, rows });
}
