// Redis commands as the reports show them: rows taken from the record, and their table as text.

import type { RateValues, Tags, TrendValues } from '../../model/metric.ts';
import { seriesKey } from '../../model/metric.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatCount, formatMs, formatPercent } from '../format-values.ts';
import { counterOf, rateOf, trendOf } from './record-figures.ts';

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

export const commandTitles = ['Calls', 'Failed', 'Hits', 'p50', 'p95', 'p99', 'Max'] as const;

/** The figures of a row, one text per title. */
export function commandTexts({ count, failed, hits, duration }: CommandRow, none: string): string[] {
  const times = [duration.med, duration['p(95)'], duration['p(99)'], duration.max];
  const share = ({ rate, passes, fails }: RateValues): string =>
    passes + fails === 0 ? none : formatPercent(rate);
  return [
    formatCount(count),
    share(failed),
    share(hits),
    ...times.map((ms) => (duration.count === 0 ? none : formatMs(ms))),
  ];
}
