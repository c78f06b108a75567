// A field of a head as HPACK carries it, with what is wrong with it. Made by hpack-decoder.ts.

import { fieldOverheadBytes } from './static-table.ts';

export interface HeadField {
  readonly name: string;
  readonly value: string;
  /** What it takes of a table, and counts of a head: RFC 7541 section 4.1. */
  readonly size: number;
  /** Why no message may have it; `null` for a good one. */
  readonly fault: string | null;
}

/** RFC 9113 section 8.2.1: a token in lower case. Pseudo-header fields begin with a colon. */
const goodName = /^:?[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** Neither NUL, CR nor LF, nor white space at either end. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the control characters are what it looks for
const badValue = /[\x00\r\n]|^[ \t]|[ \t]$/;
/** RFC 9113 section 8.2.2. */
const ofConnections = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

export function makeField(name: string, value: string): HeadField {
  return {
    name,
    value,
    size: name.length + value.length + fieldOverheadBytes,
    fault: faultOf(name, value),
  };
}

function faultOf(name: string, value: string): string | null {
  if (!goodName.test(name)) return 'a field whose name is no lower-case token';
  if (badValue.test(value)) return 'a field whose value has a line break, a NUL or white space at an end';
  if (ofConnections.has(name)) return `the field ${name}, which belongs to HTTP/1.1`;
  return null;
}
