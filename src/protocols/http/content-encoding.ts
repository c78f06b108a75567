// Which codings stand between a body and its content, and undoing them for small bodies at once.

import zlib from 'node:zlib';
import type { HttpError } from '../../model/context.ts';
import { messageOf } from '../../model/errors.ts';
import { gunzipMembers } from './gzip-format.ts';
import { headerValues } from './response-headers.ts';

export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd';

/** By the names that servers give them, in lower case. */
const codings: ReadonlyMap<string, Coding> = new Map<string, Coding>([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
  ['zstd', 'zstd'],
]);

/** Each takes memory, and nobody has a use for more. */
const mostCodings = 5;

interface Zstd {
  zstdDecompressSync(body: Buffer, options: { readonly maxOutputLength: number }): Buffer;
  createZstdDecompress(options: { readonly chunkSize: number }): zlib.BrotliDecompress;
}
/** Node has it from 22.15 and 23.8 on. */
export const zstd: Zstd | null =
  'zstdDecompressSync' in zlib && 'createZstdDecompress' in zlib ? (zlib as unknown as Zstd) : null;

/** A body that cannot be decoded; `code` is that of the failed request. */
export class DecodeError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** "deflate" means zlib (RFC 9110 section 8.4.1.2), but some servers send it raw. */
export function isZlib(body: Buffer): boolean {
  return body.length >= 2 && (body[0]! & 0x0f) === 8 && ((body[0]! << 8) | body[1]!) % 31 === 0;
}

/** The names of the codings of a body, those of its transfer (RFC 9112 section 7) after those of its content. */
function namesOf(rawHeaders: string): string[] {
  return ['content-encoding', 'transfer-encoding']
    .flatMap((name) => headerValues(rawHeaders, name))
    .flatMap((value) => value.toLowerCase().split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '' && value !== 'identity' && value !== 'chunked');
}

/** The first coding of a body that is not known here, so that the body is left as it came; `undefined` when none is. */
export function unknownCoding(rawHeaders: string): string | undefined {
  return namesOf(rawHeaders).find((name) => !codings.has(name));
}

/**
 * What is to be undone, outermost first. Nothing when one of the codings is not known: browsers leave such a body as it
 * is, and `content-encoding: utf-8` is not rare. Throws a `DecodeError` for what cannot be undone here.
 */
export function codingsOf(rawHeaders: string): Coding[] {
  const names = namesOf(rawHeaders);
  const known = names.map((name) => codings.get(name)).reverse();
  if (!known.every((coding) => coding !== undefined)) return [];
  if (known.length > mostCodings) {
    throw new DecodeError(
      'decode_error',
      `the body has ${known.length} content codings; at most ${mostCodings} are undone`,
    );
  }
  if (zstd === null && known.includes('zstd')) {
    throw new DecodeError(
      'encoding_not_supported',
      `the body is coded with zstd, which Node ${process.versions.node} cannot undo: run it with Node 22.15 or later, ` +
        'or leave zstd out of accept-encoding',
    );
  }
  return known;
}

/** Undoes codings at once. Throws a `RangeError` when more than `maxOutputLength` bytes come of one of them. */
export function decodeNow(body: Buffer, undone: readonly Coding[], maxOutputLength: number): Buffer {
  return undone.reduce(
    (data, coding) => (data.length === 0 ? data : undo(data, coding, { maxOutputLength })),
    body,
  );
}

function undo(body: Buffer, coding: Coding, options: { readonly maxOutputLength: number }): Buffer {
  switch (coding) {
    case 'gzip':
      return gunzipNow(body, options);
    case 'deflate':
      return isZlib(body) ? zlib.inflateSync(body, options) : zlib.inflateRawSync(body, options);
    case 'br':
      return zlib.brotliDecompressSync(body, options);
    default:
      return zstd!.zstdDecompressSync(body, options);
  }
}

/** By Node's own reader, which fails for what follows the data and is none. */
function gunzipNow(body: Buffer, options: { readonly maxOutputLength: number }): Buffer {
  try {
    return zlib.gunzipSync(body, options);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw thrown;
    return gunzipMembers(body, options.maxOutputLength);
  }
}

/** What a failed decoding is called, and why it failed. */
export function decodeFailure(thrown: unknown, maxResponseBytes: number): HttpError {
  if (thrown instanceof RangeError) {
    const message = `the response unpacks to more than ${maxResponseBytes} bytes; see maxResponseSize`;
    return { code: 'response_too_large', message };
  }
  if (thrown instanceof DecodeError) return { code: thrown.code, message: thrown.message };
  return { code: 'decode_error', message: `the body could not be decoded: ${messageOf(thrown)}` };
}
