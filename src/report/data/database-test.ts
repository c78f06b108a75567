// db-test.json: the run of a suite with a database as the result of one database test, in seven fields.

import type { RunRecord } from '../../model/run-record.ts';
import { counterOf, rateOf, trendOf } from '../view/record-figures.ts';

/**
 * Operations are statements, those of `setup` and `teardown` included. Times in ms over those that ended, `throughput`
 * in operations per second of the run, `success_rate` 0 to 1. `errors` are those that failed, and those that the end of
 * the run cut off. A compressed run adds its factor. `undefined` for a run without a database.
 */
export function renderDatabaseTest(record: RunRecord): string | undefined {
  const { count, rate } = counterOf(record, 'sql_ops');
  if (count === 0) return undefined;
  const { fails: succeeded } = rateOf(record, 'sql_op_failed');
  const times = trendOf(record, 'sql_op_duration');
  const result = {
    test_name: record.profile,
    operations: count,
    errors: count - succeeded,
    avg_time: rounded(times.avg),
    p95_time: rounded(times['p(95)']),
    throughput: rounded(rate),
    success_rate: succeeded / count,
    ...(record.plan.compressed !== undefined && { compressed: record.plan.compressed }),
  };
  return `${JSON.stringify(result, null, 2)}\n`;
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}
