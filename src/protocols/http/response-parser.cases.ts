// Feeds a parser whole responses in pieces, as a socket would. Shared by the tests of the response parser.

import { invalid, ResponseParser } from './response-parser.ts';

export interface Parsed {
  status: number;
  body: string | null;
  keepAlive: boolean;
  leftover: string;
  complete: boolean;
  rawHeaders: string;
}

/**
 * Feeds a response in pieces of the given sizes (the rest at once) and closes the connection when asked.
 * Throws an `Error` with the parser's reason when it refuses the response.
 */
export function parse(
  text: string,
  options: { pieces?: number[]; close?: boolean; head?: boolean } = {},
): Parsed {
  const bytes = Buffer.from(text, 'latin1');
  const parser = new ResponseParser();
  parser.begin(options.head === true, true);
  let pos = 0;
  const sizes = [...(options.pieces ?? [])];
  while (pos < bytes.length && !parser.complete) {
    const to = Math.min(bytes.length, pos + (sizes.shift() ?? bytes.length));
    // A copy, overwritten afterwards: whatever the parser keeps must be its own.
    const piece = Buffer.from(bytes.subarray(pos, to));
    const used = parser.execute(piece, 0, piece.length);
    piece.fill(0xee);
    if (used === invalid) throw new Error(parser.failure);
    pos += used;
  }
  if (!parser.complete && options.close === true && !parser.finish()) throw new Error(parser.failure);
  return {
    status: parser.status,
    body: parser.body === null ? null : parser.body.toString('latin1'),
    keepAlive: parser.keepAlive,
    leftover: bytes.toString('latin1', pos),
    complete: parser.complete,
    rawHeaders: parser.rawHeaders,
  };
}

/** The status line that most cases start with. */
export const ok = 'HTTP/1.1 200 OK\r\n';

/** Sizes that cut a response of `text`'s length into equal pieces. */
export function piecesOf(text: string, size: number): number[] {
  return new Array<number>(Math.ceil(text.length / size)).fill(size);
}
