// Header lines of a response as a record, made only when user code asks for them.

import type { HttpHeaders } from '../../model/context.ts';
import { trimmed } from './octets.ts';

/**
 * Splits raw header lines (`name: value\r\n` each). Names in lower case; repeated headers are joined by
 * `, ` (RFC 9110 section 5.3), `set-cookie` by a line feed since its values contain commas.
 */
export function parseHeaders(raw: string): HttpHeaders {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of headerLines(raw)) {
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else headers[name] = name === 'set-cookie' ? `${before}\n${value}` : `${before}, ${value}`;
  }
  return headers;
}

/** All values of one header (lower-case name), in order of arrival. */
export function headerValues(raw: string, name: string): string[] {
  const values: string[] = [];
  for (const [lineName, value] of headerLines(raw)) if (lineName === name) values.push(value);
  return values;
}

function* headerLines(raw: string): Generator<[name: string, value: string]> {
  let from = 0;
  while (from < raw.length) {
    let end = raw.indexOf('\r\n', from);
    if (end < 0) end = raw.length;
    const colon = raw.indexOf(':', from);
    yield [raw.slice(from, colon).toLowerCase(), trimmed(raw.slice(colon + 1, end))];
    from = end + 2;
  }
}
