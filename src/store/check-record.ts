// Holds what was read against the schema of run records. Called by read-run-record.ts, which loads this file and zod with it
// only when there is a record to check.

import { runRecordSchema } from './run-record-schema.ts';
import { mostEntries } from './schema-parts.ts';

/**
 * As `runRecordSchema.safeParse`, in a fraction of the time: of long records the readings of monitors are nearly all there is,
 * and a schema takes many times longer over a number than a comparison does.
 */
export function checkRecord(record: unknown): ReturnType<typeof runRecordSchema.safeParse> {
  return runRecordSchema.safeParse(withoutGoodReadings(record));
}

/**
 * The record with empty lists in place of those lists of a monitor's readings that are as they should be: numbers and
 * nulls, no more than `mostEntries`. Everything else stays, for the schema to judge.
 */
function withoutGoodReadings(record: unknown): unknown {
  if (!isObject(record) || !isObject(record.monitors)) return record;
  const monitors = mapMembers(record.monitors, (monitor) =>
    isObject(monitor) && isObject(monitor.series)
      ? { ...monitor, series: mapMembers(monitor.series, withoutGoodLists) }
      : monitor,
  );
  return { ...record, monitors };
}

function withoutGoodLists(readings: unknown): unknown {
  return isObject(readings) ? mapMembers(readings, (list) => (isGood(list) ? [] : list)) : readings;
}

function isGood(list: unknown): boolean {
  if (!Array.isArray(list) || list.length > mostEntries) return false;
  for (let i = 0; i < list.length; i++) {
    const value: unknown = list[i];
    if (value !== null && !Number.isFinite(value)) return false;
  }
  return true;
}

function mapMembers(
  members: Readonly<Record<string, unknown>>,
  change: (member: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, change(member)]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
