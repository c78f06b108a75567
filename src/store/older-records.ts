// Brings the words of records that older versions wrote up to date, so that everything else knows the present ones
// alone. Called by read-run-record.ts before a record is checked.

/** Statuses of comparisons that had another name, by the old one. */
const renamedStatuses: ReadonlyMap<unknown, string> = new Map([['told', 'unjudged']]);

/** The record with present words; what is not as a record should be stays as it is, for the schema to refuse. */
export function withPresentWords(record: unknown): unknown {
  if (!isObject(record) || !isObject(record.comparisons)) return record;
  const comparisons = Object.entries(record.comparisons).map(([name, comparison]): [string, unknown] => {
    const status = isObject(comparison) ? renamedStatuses.get(comparison.status) : undefined;
    return [name, status === undefined ? comparison : { ...(comparison as object), status }];
  });
  return { ...record, comparisons: Object.fromEntries(comparisons) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
