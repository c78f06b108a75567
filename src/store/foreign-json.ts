// Reads JSON that may have been changed by anyone. Used for run records and journals.

/** How a key named __proto__ may be written in JSON; most files hold neither. */
const maybePrototype = /__proto__|\\u00/;
const seenAs = '__proto__ ';

export interface ForeignJson {
  readonly value: unknown;
  /** The same for schemas: they do not look at what stands at keys named __proto__, so these have another name here. */
  readonly shown: unknown;
}

/** As `JSON.parse`. Throws a `SyntaxError` for what is no JSON, or nests too deep to be looked at. */
export function parseForeignJson(text: string): ForeignJson {
  const value: unknown = JSON.parse(text);
  if (!maybePrototype.test(text)) return { value, shown: value };
  try {
    return { value, shown: asShown(value) };
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new SyntaxError('it nests too deep', { cause: thrown });
    throw thrown;
  }
}

export function asShown(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(asShown);
  const entries = Object.entries(value).map(([key, inner]) => [
    key === '__proto__' ? seenAs : key,
    asShown(inner),
  ]);
  return Object.fromEntries(entries) as unknown;
}
