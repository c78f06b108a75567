// Lines of a response head that are not written as they should be, where RFC 9112 says how to read them all the same.
// Slow and rare: response-parser.ts comes here for single lines only.

import { CR, invalid, LF, needMore, SPACE, TAB, trimmed } from './octets.ts';

/** Any whitespace between the words (section 4), and a minor version that is none of ours (RFC 9110 section 2.5). */
const statusLine = /^HTTP\/1\.(\d)[ \t]+([1-9]\d\d)(?:[ \t][\t -~\x80-\xff]*)?$/;
/** White space before the colon is no part of the name (section 5.1). */
const fieldLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*:(.*)$/s;
/** Control characters may stay in a value, these may not (RFC 9110 section 5.5). */
const forbiddenInValue = /[\0\r\n]/;

/**
 * The end of the line that starts at `from`, after its line feed: a line feed ends a line with or without a carriage
 * return (section 2.2). `needMore` when it is not there yet.
 */
export function lineEnd(bytes: Buffer, from: number, to: number): number {
  const end = bytes.indexOf(LF, from);
  return end < 0 || end >= to ? needMore : end + 1;
}

/** The end of a field line with all lines that are folded into it; it takes the byte after them to know. */
export function foldedEnd(bytes: Buffer, from: number, to: number): number {
  let end = lineEnd(bytes, from, to);
  while (end !== needMore) {
    if (end >= to) return needMore;
    if (bytes[end] !== SPACE && bytes[end] !== TAB) return end;
    end = lineEnd(bytes, end, to);
  }
  return needMore;
}

function withoutEnd(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

export interface LooseStatus {
  readonly status: number;
  readonly http10: boolean;
}

/** Reads `bytes[from, end)`, a whole line; what is wrong with it when it is none. */
export function readStatusLine(bytes: Buffer, from: number, end: number): LooseStatus | string {
  const line = withoutEnd(bytes.toString('latin1', from, end - 1));
  const found = statusLine.exec(line);
  if (found !== null) return { status: Number(found[2]), http10: found[1] === '0' };
  if (!line.startsWith('HTTP/')) return 'not an HTTP response';
  if (!/^HTTP\/1\.\d/.test(line)) return 'unsupported HTTP version';
  return /^HTTP\/1\.\d[ \t]+[1-9]\d\d(?:[ \t\r]|$)/.test(line)
    ? 'invalid byte in the status line'
    : 'invalid status code';
}

/**
 * Reads `bytes[from, end)`, one field line with what is folded into it, each fold replaced by a space (section 5.2).
 * Returns the line as it should have been, the length of its name, or what is wrong with it.
 */
export function readFieldLine(
  bytes: Buffer,
  from: number,
  end: number,
): { readonly line: Buffer; readonly nameLength: number } | string {
  const lines = bytes
    .toString('latin1', from, end - 1)
    .split('\n')
    .map(withoutEnd);
  const found = fieldLine.exec(lines[0]!);
  if (found === null) return 'invalid byte in a header name';
  const values = [found[2]!, ...lines.slice(1)];
  if (values.some((value) => forbiddenInValue.test(value))) return 'invalid byte in a header value';
  const value = values.map(trimmed).filter((text) => text !== '');
  return {
    line: Buffer.from(`${found[1]}: ${value.join(' ')}\r\n`, 'latin1'),
    nameLength: found[1]!.length,
  };
}

/** How many bytes of an empty line stand before a status line: robust readers skip it. */
export function emptyLineLength(bytes: Buffer, from: number, to: number): number {
  if (bytes[from] === LF) return 1;
  if (from + 1 >= to) return needMore;
  return bytes[from] === CR && bytes[from + 1] === LF ? 2 : invalid;
}
