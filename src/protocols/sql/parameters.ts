// Parameters of a statement that are neither numbers, texts nor bytes, as PostgreSQL reads them. Called by wire-writer.ts.

import { dateText } from './dates.ts';
import { jsonText } from './json.ts';

/** A date, an array, or what becomes JSON. Values of the package `pg`, such as intervals, know what they are written as. */
export function objectText(value: object): string {
  if (value instanceof Date) return dateText(value);
  if (Array.isArray(value)) return arrayText(value);
  if ('toPostgres' in value && typeof value.toPostgres === 'function') return String(value.toPostgres());
  return jsonText(value);
}

/** `{1,NULL,{"a\"b"}}`; source of the format: PostgreSQL 18, section 8.15.2. */
function arrayText(values: readonly unknown[]): string {
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
      return quoted(objectText(value));
    default:
      throw new TypeError(`a ${typeof value} cannot be a parameter of a statement`);
  }
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
