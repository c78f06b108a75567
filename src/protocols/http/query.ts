// Query parameters and form fields: names with values, or with lists of values, as a URL or a form carries them.
// Called by request-body.ts, user-http.ts and the client of WebSockets.

import { ExactNumber } from '../../model/exact-number.ts';
import type { FieldValue, QueryFields } from '../../model/http-fields.ts';

/** The URL with query parameters, without its fragment, which is never sent. Throws a `TypeError` for what is no parameter. */
export function withParams(url: string, params: QueryFields): string {
  const query = encodeFields('params', params);
  const hash = url.indexOf('#');
  const address = hash < 0 ? url : url.slice(0, hash);
  if (query === '') return address;
  const joint = !address.includes('?') ? '?' : /[?&]$/.test(address) ? '' : '&';
  return address + joint + query;
}

/**
 * `application/x-www-form-urlencoded` (URL standard, section 5.2). A list repeats its name; `undefined` is left out.
 * Throws a `TypeError` for values that could be written in several ways: `null`, dates and other objects.
 */
export function encodeFields(what: 'params' | 'form', fields: QueryFields): string {
  if (fields instanceof URLSearchParams) return fields.toString();
  if (typeof fields !== 'object' || fields === null || Symbol.iterator in fields) {
    throw new TypeError(
      `${what} are an object of names with values, such as { page: 1 }, or URLSearchParams`,
    );
  }
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (!Array.isArray(value)) appendField(query, what, name, value as FieldValue | undefined);
    else for (const one of value as readonly FieldValue[]) appendField(query, what, name, one);
  }
  return query.toString();
}

function appendField(query: URLSearchParams, what: string, name: string, value: unknown): void {
  if (value === undefined) return;
  const kind = typeof value;
  if (kind === 'string' || kind === 'number' || kind === 'boolean' || kind === 'bigint') {
    query.append(name, String(value));
    return;
  }
  // A number of a JSON answer that keeps its digits is an object with its own text.
  if (value instanceof ExactNumber) {
    query.append(name, value.text);
    return;
  }
  const [found, hint] = describe(value);
  throw new TypeError(`${what}.${name} is ${found}; expected a text, a number, or true or false (${hint})`);
}

function describe(value: unknown): [found: string, hint: string] {
  if (value === null) return ['null', 'undefined leaves it out, "" sends it empty'];
  if (value instanceof Date) return ['a Date', 'write it as the target reads it, such as date.toISOString()'];
  if (Array.isArray(value)) return ['a list in a list', 'write it as the target reads it'];
  if (typeof value === 'object') {
    return ['an object', 'write it as the target reads it, such as JSON.stringify(value), or one field each'];
  }
  return [`a ${typeof value}`, 'leave it out'];
}
