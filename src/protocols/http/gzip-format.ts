// The frame of gzip members (RFC 1952) around deflated data. Node's own reader takes what follows a member for another
// one, and fails when it is none; curl and browsers pass over it. Used by content-encoding.ts and decode-steps.ts.

import zlib from 'node:zlib';
import { needMore } from './octets.ts';

export const gzipTrailerBytes = 8;
/** Names and comments in a header have no limit of their own. */
const maxHeaderBytes = 64 * 1024;
const flag = { headerChecksum: 2, extra: 4, name: 8, comment: 16 } as const;

/** Length of the header that `bytes` start with; `needMore` when it goes on; 0 when it is none. */
export function gzipHeaderLength(bytes: Buffer): number {
  const magic = [0x1f, 0x8b, 8];
  for (const [index, byte] of magic.entries()) {
    if (index < bytes.length && bytes[index] !== byte) return 0;
  }
  if (bytes.length < 10) return needMore;
  const flags = bytes[3]!;
  let at = 10;
  if ((flags & flag.extra) !== 0) {
    if (bytes.length < at + 2) return needMore;
    at += 2 + bytes.readUInt16LE(at);
  }
  for (const text of [flag.name, flag.comment]) {
    if ((flags & text) === 0) continue;
    const end = bytes.indexOf(0, at);
    if (end < 0 || at > bytes.length) return bytes.length > maxHeaderBytes ? 0 : needMore;
    at = end + 1;
  }
  if ((flags & flag.headerChecksum) !== 0) at += 2;
  return at <= bytes.length ? at : needMore;
}

/** What a member's trailer says of its content. */
export class MemberCheck {
  #checksum = 0;
  #byteCount = 0;

  add(piece: Buffer): void {
    this.#checksum = zlib.crc32(piece, this.#checksum);
    this.#byteCount += piece.length;
  }

  /** Throws when the trailer says something else. */
  compare(trailer: Buffer): void {
    if (trailer.readUInt32LE(0) !== this.#checksum) throw new Error('incorrect data check');
    if (trailer.readUInt32LE(4) !== this.#byteCount % 2 ** 32) throw new Error('incorrect length check');
  }
}

interface Inflated {
  readonly buffer: Buffer;
  readonly engine: zlib.InflateRaw;
}

/** All members at once; whatever follows the last one is passed over. */
export function gunzipMembers(body: Buffer, maxOutputLength: number): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  let leftBytes = maxOutputLength;
  while (at < body.length) {
    const headerLength = gzipHeaderLength(body.subarray(at));
    if (headerLength <= 0) {
      if (parts.length > 0) break;
      throw new Error(headerLength === 0 ? 'incorrect header check' : 'unexpected end of file');
    }
    at += headerLength;
    const { buffer, engine } = zlib.inflateRawSync(body.subarray(at), {
      maxOutputLength: Math.max(1, leftBytes),
      info: true,
    }) as unknown as Inflated;
    at += engine.bytesWritten;
    if (body.length < at + gzipTrailerBytes) throw new Error('unexpected end of file');
    const check = new MemberCheck();
    check.add(buffer);
    check.compare(body.subarray(at, at + gzipTrailerBytes));
    at += gzipTrailerBytes;
    leftBytes -= buffer.length;
    parts.push(buffer);
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}
