// What the header lines of one response say of its framing: how long its body is, and whether the connection
// outlives it. Filled by response-parser.ts line by line, or at once from a head that is known already.

import { isName, SPACE, TAB, trimmed, ZERO } from './octets.ts';

/** What a head says that is the same each time it is received. */
export interface FramingFacts {
  readonly keepAlive: boolean;
  readonly hasSetCookie: boolean;
  readonly hasContentEncoding: boolean;
  /** -1 without the header. */
  readonly contentLength: number;
  readonly chunked: boolean;
  readonly http10: boolean;
}

export class MessageFraming implements FramingFacts {
  keepAlive = true;
  hasSetCookie = false;
  hasContentEncoding = false;
  contentLength = -1;
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
    this.chunked = known.chunked;
    this.http10 = known.http10;
  }

  /** A copy to recognise the same head by. */
  facts(): FramingFacts {
    const { keepAlive, hasSetCookie, hasContentEncoding, contentLength, chunked, http10 } = this;
    return { keepAlive, hasSetCookie, hasContentEncoding, contentLength, chunked, http10 };
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
        return !isName(bytes, from, 'content-length') || this.#readLength(bytes, valueStart, valueEnd);
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

  #readLength(bytes: Buffer, from: number, to: number): boolean {
    let end = to;
    while (end > from && (bytes[end - 1] === SPACE || bytes[end - 1] === TAB)) end--;
    if (this.contentLength >= 0) return this.#refuse('content-length given twice');
    if (end === from || end - from > 15) return this.#refuse('invalid content-length');
    let length = 0;
    for (let i = from; i < end; i++) {
      const digit = bytes[i]! - ZERO;
      if (digit < 0 || digit > 9) return this.#refuse('invalid content-length');
      length = length * 10 + digit;
    }
    this.contentLength = length;
    return true;
  }

  #readTransfer(bytes: Buffer, from: number, to: number): boolean {
    const coding = trimmed(bytes.toString('latin1', from, to)).toLowerCase();
    if (this.chunked || coding !== 'chunked') {
      return this.#refuse(`unsupported transfer-encoding "${coding.slice(0, 40)}"`);
    }
    this.chunked = true;
    return true;
  }
}
