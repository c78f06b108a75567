// What the header lines of one response say of its framing: how long its body is, and whether the connection
// outlives it. Filled by head-reader.ts line by line, or at once from a head that is known already.

import { isName, SPACE, TAB, trimmed, ZERO } from './octets.ts';

/** What a head says that is the same each time it is received. */
export interface FramingFacts {
  readonly keepAlive: boolean;
  readonly hasSetCookie: boolean;
  readonly hasContentEncoding: boolean;
  /** -1 without the header. */
  readonly contentLength: number;
  readonly hasLength: boolean;
  /** Why the length is none; empty when it is one. It matters only to a body that is framed by it. */
  readonly lengthFault: string;
  /** The body has a transfer coding; `chunked` when the last one is that, else it ends with the connection. */
  readonly coded: boolean;
  readonly chunked: boolean;
  readonly http10: boolean;
}

/** More digits than any body has. */
const maxLengthDigits = 15;
const plainLength = /^\d{1,15}$/;
/** Transfer codings beside chunks (RFC 9112 section 7.2) that we can undo. */
const knownCodings: ReadonlySet<string> = new Set(['gzip', 'x-gzip', 'deflate']);

export class MessageFraming implements FramingFacts {
  keepAlive = true;
  hasSetCookie = false;
  hasContentEncoding = false;
  contentLength = -1;
  hasLength = false;
  lengthFault = '';
  coded = false;
  chunked = false;
  http10 = false;
  /** After a line was refused: why. */
  failure = '';
  #closeAsked = false;

  reset(): void {
    this.keepAlive = true;
    this.hasSetCookie = false;
    this.hasContentEncoding = false;
    this.contentLength = -1;
    this.hasLength = false;
    this.lengthFault = '';
    this.coded = false;
    this.chunked = false;
    this.http10 = false;
    this.#closeAsked = false;
  }

  /** Takes over what is known of a head. */
  recognise(known: FramingFacts): void {
    this.keepAlive = known.keepAlive;
    this.hasSetCookie = known.hasSetCookie;
    this.hasContentEncoding = known.hasContentEncoding;
    this.contentLength = known.contentLength;
    this.hasLength = known.hasLength;
    this.lengthFault = known.lengthFault;
    this.coded = known.coded;
    this.chunked = known.chunked;
    this.http10 = known.http10;
  }

  /** A copy to recognise the same head by. */
  facts(): FramingFacts {
    const { keepAlive, hasSetCookie, hasContentEncoding, http10 } = this;
    const { contentLength, hasLength, lengthFault, coded, chunked } = this;
    // biome-ignore format: as above
    return {
      keepAlive, hasSetCookie, hasContentEncoding, http10, contentLength, hasLength, lengthFault, coded, chunked,
    };
  }

  /** The status line says HTTP/1.0 or 1.1: what holds unless a header says otherwise. */
  beginVersion(http10: boolean): void {
    this.http10 = http10;
    this.keepAlive = !http10;
  }

  /**
   * Acts on the few headers that frame the message; the length of the name tells most others apart. Returns
   * false, with `failure` set, for a header that makes the framing uncertain.
   */
  readHeader(bytes: Buffer, from: number, nameEnd: number, valueStart: number, valueEnd: number): boolean {
    switch (nameEnd - from) {
      case 10:
        if (isName(bytes, from, 'connection')) this.#readConnection(bytes, valueStart, valueEnd);
        else if (isName(bytes, from, 'set-cookie')) this.hasSetCookie = true;
        return true;
      case 14:
        if (isName(bytes, from, 'content-length')) this.#readLength(bytes, valueStart, valueEnd);
        return true;
      case 16:
        if (isName(bytes, from, 'content-encoding')) this.hasContentEncoding = true;
        return true;
      case 17:
        return !isName(bytes, from, 'transfer-encoding') || this.#readTransfer(bytes, valueStart, valueEnd);
      default:
        return true;
    }
  }

  #refuse(reason: string): false {
    this.failure = reason;
    return false;
  }

  #readConnection(bytes: Buffer, from: number, to: number): void {
    // What nearly every server sends needs no text to be made.
    if (to - from === 10 && isName(bytes, from, 'keep-alive')) {
      if (this.http10 && !this.#closeAsked) this.keepAlive = true;
      return;
    }
    // "close" wins over "keep-alive", in whatever order they come (RFC 9112 section 9.3).
    for (const option of bytes.toString('latin1', from, to).toLowerCase().split(',')) {
      const name = trimmed(option);
      if (name === 'close') this.#closeAsked = true;
      else if (name === 'keep-alive' && this.http10) this.keepAlive = true;
    }
    if (this.#closeAsked) this.keepAlive = false;
  }

  #readLength(bytes: Buffer, from: number, to: number): void {
    let end = to;
    while (end > from && (bytes[end - 1] === SPACE || bytes[end - 1] === TAB)) end--;
    let length = end === from || end - from > maxLengthDigits ? -1 : 0;
    for (let i = from; i < end && length >= 0; i++) {
      const digit = bytes[i]! - ZERO;
      length = digit < 0 || digit > 9 ? -1 : length * 10 + digit;
    }
    if (length >= 0) this.#setLength(length);
    else this.#readLengths(bytes.toString('latin1', from, end));
  }

  /** A list of lengths that are all the same is one length: section 6.3. */
  #readLengths(text: string): void {
    this.hasLength = true;
    const lengths = text.split(',').map(trimmed);
    const given = lengths.filter((length) => length !== '');
    if (lengths.length === 1 || given.length === 0 || given.some((length) => !plainLength.test(length))) {
      this.lengthFault = 'invalid content-length';
      return;
    }
    for (const length of given) this.#setLength(Number(length));
  }

  #setLength(length: number): void {
    if (this.hasLength && this.contentLength >= 0 && this.contentLength !== length) {
      this.lengthFault = 'content-length given twice, and differently';
    }
    this.hasLength = true;
    this.contentLength = length;
  }

  #readTransfer(bytes: Buffer, from: number, to: number): boolean {
    for (const part of bytes.toString('latin1', from, to).toLowerCase().split(',')) {
      const coding = trimmed(part);
      // No element of the list, or no coding since RFC 7230.
      if (coding === '' || coding === 'identity') continue;
      if (this.chunked ? coding !== 'chunked' : coding !== 'chunked' && !knownCodings.has(coding)) {
        return this.#refuse(`unsupported transfer-encoding "${coding.slice(0, 40)}"`);
      }
      this.coded = true;
      if (coding === 'chunked') this.chunked = true;
      // Undone with the codings of the content.
      else this.hasContentEncoding = true;
    }
    return true;
  }
}
