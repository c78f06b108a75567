// Arrays among the parameters of a statement, as PostgreSQL reads them. Called by wire-writer.ts.

/** `{1,NULL,{"a\"b"}}`; source of the format: PostgreSQL 18, section 8.15.2. */
export function arrayText(values: readonly unknown[]): string {
  return `{${values.map(elementText).join(',')}}`;
}

function elementText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (Array.isArray(value)) return arrayText(value);
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return String(value);
    case 'boolean':
      return value ? 't' : 'f';
    case 'string':
      return quoted(value);
    case 'object':
      if (value instanceof Uint8Array) return quoted(`\\x${Buffer.from(value).toString('hex')}`);
      return quoted(value instanceof Date ? value.toISOString() : JSON.stringify(value));
    default:
      throw new TypeError(`a ${typeof value} cannot be a parameter of a statement`);
  }
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
