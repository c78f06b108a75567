// Values of a JSON answer by dotted path: `db.pool.free`, `nodes.0.state`. Used by the monitor `http`.

export type JsonValue = string | number | boolean;

/** The text, number or boolean at `path`; `undefined` when there is none. */
export function valueAt(answer: unknown, path: string): JsonValue | undefined {
  let value: unknown = answer;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[step];
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : undefined;
}

/** As a number: `true` is 1, and a text counts when it is a number as a whole. */
export function numberAt(answer: unknown, path: string): number | undefined {
  const value = valueAt(answer, path);
  if (typeof value === 'string' && value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
