// Undoes gzip, deflate and brotli. Small bodies at once, large ones off the event loop.

import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { HttpError } from '../../model/context.ts';
import { messageOf } from '../../model/errors.ts';
import { headerValues } from './response-headers.ts';

/** Above this compressed size the event loop is not held up for decoding. */
const asyncAboveBytes = 128 * 1024;

const decoders: Readonly<
  Record<
    string,
    { now(body: Buffer, options: object): Buffer; later(body: Buffer, options: object): Promise<Buffer> }
  >
> = {
  gzip: { now: zlib.gunzipSync, later: promisify(zlib.gunzip) },
  'x-gzip': { now: zlib.gunzipSync, later: promisify(zlib.gunzip) },
  // "deflate" means zlib (RFC 9110 section 8.4.1.2), but some servers send it raw.
  deflate: {
    now: (body, options) => (isZlib(body) ? zlib.inflateSync : zlib.inflateRawSync)(body, options),
    later: (body, options) => promisify(isZlib(body) ? zlib.inflate : zlib.inflateRaw)(body, options),
  },
  br: { now: zlib.brotliDecompressSync, later: promisify(zlib.brotliDecompress) },
};

function isZlib(body: Buffer): boolean {
  return body.length >= 2 && (body[0]! & 0x0f) === 8 && ((body[0]! << 8) | body[1]!) % 31 === 0;
}

/**
 * Decodes a body by its `content-encoding` headers, outermost last applied first. Returns the body itself
 * for unknown encodings (user code sees them in the headers). Throws, or rejects, on damaged data, and when
 * the result would be longer than `maxOutputLength` (a hostile body must not take the generator down).
 */
export function decodeBody(
  rawHeaders: string,
  body: Buffer,
  maxOutputLength: number,
): Buffer | Promise<Buffer> {
  const encodings = encodingsOf(rawHeaders);
  if (body.length === 0 || encodings.some((name) => decoders[name] === undefined)) return body;
  if (body.length <= asyncAboveBytes) {
    return encodings.reduce((data, name) => decoders[name]!.now(data, { maxOutputLength }), body);
  }
  return encodings.reduce(
    async (data, name) => decoders[name]!.later(await data, { maxOutputLength }),
    Promise.resolve(body),
  );
}

/** Decoders to pipe a body through, in order; none for unknown encodings. */
export function decodersFor(rawHeaders: string): Duplex[] {
  const encodings = encodingsOf(rawHeaders);
  return encodings.every((name) => streams[name] !== undefined)
    ? encodings.map((name) => streams[name]!())
    : [];
}

const streams: Readonly<Record<string, () => Duplex>> = {
  gzip: zlib.createGunzip,
  'x-gzip': zlib.createGunzip,
  deflate: zlib.createInflate,
  br: zlib.createBrotliDecompress,
};

/** Outermost first, as they must be undone. */
function encodingsOf(rawHeaders: string): string[] {
  return headerValues(rawHeaders, 'content-encoding')
    .flatMap((value) => value.toLowerCase().split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '' && value !== 'identity')
    .reverse();
}

/** What a failed decoding is called, and why it failed. */
export function decodeFailure(thrown: unknown, maxResponseBytes: number): HttpError {
  if (thrown instanceof RangeError) {
    const message = `the response unpacks to more than ${maxResponseBytes} bytes; see maxResponseSize`;
    return { code: 'response_too_large', message };
  }
  return { code: 'decode_error', message: `the body could not be decoded: ${messageOf(thrown)}` };
}
