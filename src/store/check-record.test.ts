import { expect, test } from 'vitest';
import { checkRecord } from './check-record.ts';
import { runRecordSchema } from './run-record-schema.ts';
import { mostEntries } from './schema-parts.ts';

/** What is wrong with a monitor whose readings are these, by path; the rest of the record is missing each time. */
function mistakes(check: typeof checkRecord, readings: unknown): string[] {
  const { error } = check({ monitors: { db: { series: { connections: readings } } } });
  return error!.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test.each([
  ['good readings', { avg: [1, null, 2.5], min: [0], max: [9] }, 0],
  ['a text', { avg: [1, '2', 3] }, 1],
  ['a number that is none', { avg: [1], max: [Number.POSITIVE_INFINITY] }, 1],
  ['too many', { avg: Array.from({ length: mostEntries + 1 }, () => 1) }, 1],
  ['no list', { avg: 7 }, 1],
  ['a member that nobody knows', { avg: [1], med: [1] }, 1],
  ['nothing', {}, 1],
])('says the same of readings as the schema: %s', (_what, readings, count) => {
  const found = mistakes(checkRecord, readings);
  expect(found).toEqual(mistakes((record) => runRecordSchema.safeParse(record), readings));
  expect(found.filter((one) => one.startsWith('monitors.db.series'))).toHaveLength(count);
});
