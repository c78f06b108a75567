// Numbers of a JSON answer that a JavaScript number would change: `9007199254740993`, `1.10`. They keep their digits
// through `save` and templates into the next request. Used by the suite's templates and by the protocols.

/** A number with its text. Arithmetic sees the nearest JavaScript number; texts and bodies of suites see the digits. */
export class ExactNumber {
  /** Valid JSON. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  valueOf(): number {
    return Number(this.text);
  }
  toString(): string {
    return this.text;
  }
  toJSON(): number {
    return Number(this.text);
  }
}

/** A number of JSON as JavaScript holds it where that gives the same text; else a bigint, or a number with its text. */
export function numberOf(text: string): number | bigint | ExactNumber {
  const value = Number(text);
  if (String(value) === text) return value;
  return /^-?[1-9]\d*$/.test(text) ? BigInt(text) : new ExactNumber(text);
}

/**
 * JSON with the digits of exact numbers and bigints; `undefined` when the value holds none of them, and `JSON.stringify`
 * can say it.
 */
export function stringifyExact(value: unknown): string | undefined {
  return holdsExact(value, new Set()) ? write(value, '') : undefined;
}

function isExact(value: unknown): value is ExactNumber | bigint {
  return typeof value === 'bigint' || value instanceof ExactNumber;
}

function holdsExact(value: unknown, above: Set<unknown>): boolean {
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint';
  if (value instanceof ExactNumber) return true;
  // JSON.stringify is to say that a structure contains itself.
  if (above.has(value)) return false;
  above.add(value);
  const found = Object.values(value).some((one) => holdsExact(one, above));
  above.delete(value);
  return found;
}

function write(given: unknown, key: string): string | undefined {
  if (isExact(given)) return String(given);
  const value = hasToJson(given) ? given.toJSON(key) : given;
  if (isExact(value)) return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((one, i) => write(one, String(i)) ?? 'null').join(',')}]`;
  const parts: string[] = [];
  for (const [name, one] of Object.entries(value)) {
    const text = write(one, name);
    if (text !== undefined) parts.push(`${JSON.stringify(name)}:${text}`);
  }
  return `{${parts.join(',')}}`;
}

function hasToJson(value: unknown): value is { toJSON(key: string): unknown } {
  return (
    typeof value === 'object' && value !== null && 'toJSON' in value && typeof value.toJSON === 'function'
  );
}
