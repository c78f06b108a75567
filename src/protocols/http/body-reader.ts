// Reads the body of a response: of a known length, in chunks, or until the connection closes. Called by
// response-parser.ts once the head has said which.

import { BodyBuffer, BodyMemory, memoryExceeded, memoryExceededText, uncountedBytes } from './body-memory.ts';
import { lineEnd } from './loose-lines.ts';
import { CR, hexValue, invalid, LF, needMore, SEMICOLON, SPACE, TAB, valueByte } from './octets.ts';

const maxChunkLineBytes = 4 * 1024;
const maxTrailerBytes = 64 * 1024;
/** 13 hexadecimal digits are below 2^53. */
const maxChunkSizeDigits = 13;
const token = String.raw`[!#$%&'*+\-.^_|~0-9A-Za-z\x60]+`;
const quoted = String.raw`"(?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"`;
/**
 * `;name`, `;name=value` and `;name="text"`, any number of them: RFC 9112 section 7.1.1. White space is allowed before
 * them, and old servers write it although there are none.
 */
const chunkExtensions = new RegExp(
  String.raw`^(?:[ \t]*;[ \t]*${token}(?:[ \t]*=[ \t]*(?:${token}|${quoted}))?)*[ \t]*$`,
);
/** A trailer, or what is folded into it. */
const trailerLine = new RegExp(String.raw`^(?:${token}[ \t]*:|[ \t])`);
/** Up to this size a body gets the memory that its length says at once, whether it comes or not. */
const mostTrustedBytes = 1024 * 1024;
/** A longer body is not kept: one that never ends must not take the generator down. */
const maxKeptBytes = 256 * 1024 * 1024;
/** Up to this many bytes a loop copies faster than the call that does, which makes a view of its source first. */
const loopedBytes = 64;

const at = {
  data: 0,
  untilClose: 1,
  chunkSize: 2,
  chunkData: 3,
  chunkEnd: 4,
  trailers: 5,
  complete: 6,
} as const;

/** Is handed `bytes[from, to)`, which it must copy. */
export type BodySink = (bytes: Buffer, from: number, to: number) => void;

export class BodyReader {
  /** The body so far; whole once `complete`. `null` when it is empty or discarded. */
  content: Buffer | null = null;
  failure = '';
  failureCode = 'protocol_error';
  /** Takes what is not kept, as it comes. */
  sink: BodySink | null = null;
  /** After `needMore`: start of the line that is not whole yet. */
  unreadFrom = 0;

  #state: number = at.complete;
  #keep = true;
  #length = -1;
  #remaining = 0;
  #filledCount = 0;
  #trailerByteCount = 0;
  /** Of a body that is long, or of unknown length and comes in several pieces. */
  #buffer: BodyBuffer | null = null;
  readonly #memory: BodyMemory;

  constructor(memory: BodyMemory = new BodyMemory(Number.POSITIVE_INFINITY)) {
    this.#memory = memory;
  }

  get complete(): boolean {
    return this.#state === at.complete;
  }

  clear(): void {
    this.content = null;
    this.#buffer?.release();
    this.#buffer = null;
  }

  /** `length` -1 without a content-length; `keep: false` reads and discards. */
  begin(chunked: boolean, length: number, keep: boolean): void {
    this.#keep = keep;
    this.#length = length;
    this.#remaining = length;
    this.#filledCount = 0;
    this.#trailerByteCount = 0;
    this.#state = chunked ? at.chunkSize : length >= 0 ? at.data : at.untilClose;
  }

  /**
   * The connection closed. True when that is how this body ends, or when it has ended already: chunks are complete with
   * the last one, of no size (RFC 9112 section 8), though nothing came after that.
   */
  finish(): boolean {
    const isLastChunkRead = this.#state === at.trailers && this.#trailerByteCount === 0;
    if (this.#state !== at.untilClose && !isLastChunkRead) return false;
    this.#complete();
    return true;
  }

  /** Reads from `bytes[from, to)`; returns the next position, `needMore`, or `invalid`. */
  read(bytes: Buffer, from: number, to: number): number {
    switch (this.#state) {
      case at.chunkSize:
        return this.#readChunkSize(bytes, from, to);
      case at.chunkEnd:
        return this.#readChunkEnd(bytes, from, to);
      case at.trailers:
        return this.#readTrailer(bytes, from, to);
      default:
        return this.#readData(bytes, from, to);
    }
  }

  #fail(reason: string): number {
    this.failure = reason;
    return invalid;
  }

  #wait(from: number, to: number, limit: number, what: string): number {
    if (to - from > limit) return this.#fail(`${what} longer than ${limit} bytes`);
    this.unreadFrom = from;
    return needMore;
  }

  #readData(bytes: Buffer, from: number, to: number): number {
    if (from >= to) return this.#wait(from, to, 0, 'data');
    if (this.#state === at.untilClose) return this.#take(bytes, from, to) ? to : invalid;
    const end = Math.min(to, from + this.#remaining);
    if (!this.#take(bytes, from, end)) return invalid;
    this.#remaining -= end - from;
    if (this.#remaining === 0) {
      if (this.#state === at.chunkData) this.#state = at.chunkEnd;
      else this.#complete();
    }
    return end;
  }

  #take(bytes: Buffer, from: number, to: number): boolean {
    if (!this.#keep) {
      this.sink?.(bytes, from, to);
      return true;
    }
    const length = this.#length;
    if (length >= 0 && length <= uncountedBytes) {
      this.content ??= Buffer.allocUnsafe(length);
      copyInto(this.content, this.#filledCount, bytes, from, to);
      this.#filledCount += to - from;
      return true;
    }
    this.#filledCount += to - from;
    if (this.#filledCount > maxKeptBytes) {
      this.clear();
      return this.#giveUp(
        'response_too_large',
        `body longer than ${maxKeptBytes} bytes; responseType 'none' discards such bodies`,
      );
    }
    if (length < 0 && this.content === null && this.#buffer === null && to - from <= uncountedBytes) {
      // Mostly the only one.
      this.content = Buffer.allocUnsafe(to - from);
      copyInto(this.content, 0, bytes, from, to);
      return true;
    }
    return this.#append(bytes, from, to);
  }

  #append(bytes: Buffer, from: number, to: number): boolean {
    this.#buffer ??= new BodyBuffer(this.#memory, Math.min(this.#length, mostTrustedBytes));
    const first = this.content;
    this.content = null;
    const isKept =
      (first === null || this.#buffer.append(first, 0, first.length)) && this.#buffer.append(bytes, from, to);
    if (isKept) return true;
    this.clear();
    return this.#giveUp(memoryExceeded, memoryExceededText(this.#memory));
  }

  #giveUp(code: string, reason: string): false {
    this.failureCode = code;
    this.failure = reason;
    return false;
  }

  #readChunkSize(bytes: Buffer, from: number, to: number): number {
    let pos = from;
    let size = 0;
    while (pos < to) {
      const digit = hexValue[bytes[pos]!]!;
      if (digit === 255) break;
      size = size * 16 + digit;
      pos++;
    }
    if (pos - from > maxChunkSizeDigits) return this.#fail('chunk size too large');
    if (pos < to) {
      if (pos === from) return this.#fail('invalid chunk size');
      if (bytes[pos] !== CR) {
        pos = this.#skipExtensions(bytes, pos, to);
        if (pos === invalid) return invalid;
      }
    }
    if (pos + 1 >= to) {
      if (pos < to && bytes[pos] !== CR) return this.#fail('invalid chunk size');
      return this.#wait(from, to, maxChunkLineBytes, 'chunk size line');
    }
    if (bytes[pos] !== CR || bytes[pos + 1] !== LF) return this.#fail('invalid chunk size');
    this.#remaining = size;
    this.#state = size === 0 ? at.trailers : at.chunkData;
    return pos + 2;
  }

  /** Extensions mean nothing to us, but what is none may be read in some other way by whoever sent it. */
  #skipExtensions(bytes: Buffer, from: number, to: number): number {
    const first = bytes[from];
    if (first !== SEMICOLON && first !== SPACE && first !== TAB) return this.#fail('invalid chunk size');
    let pos = from;
    while (pos < to && valueByte[bytes[pos]!] === 1) pos++;
    if (pos - from > maxChunkLineBytes) {
      return this.#fail(`chunk extensions longer than ${maxChunkLineBytes} bytes`);
    }
    if (pos < to && !chunkExtensions.test(bytes.toString('latin1', from, pos))) {
      return this.#fail('invalid chunk extension');
    }
    return pos;
  }

  #readChunkEnd(bytes: Buffer, from: number, to: number): number {
    if (to > from && bytes[from] !== CR) return this.#fail('missing line end after a chunk');
    if (to - from < 2) return this.#wait(from, to, 2, 'chunk end');
    if (bytes[from + 1] !== LF) return this.#fail('missing line end after a chunk');
    this.#state = at.chunkSize;
    return from + 2;
  }

  /** Trailer fields are checked for form and dropped; none of them may frame the message. */
  #readTrailer(bytes: Buffer, from: number, to: number): number {
    if (from < to && bytes[from] === LF) return this.#endTrailers(from + 1);
    if (to - from >= 2 && bytes[from] === CR) {
      if (bytes[from + 1] !== LF) return this.#fail('a carriage return without a line feed');
      return this.#endTrailers(from + 2);
    }
    const end = lineEnd(bytes, from, to);
    if (end === needMore) return this.#wait(from, to, maxTrailerBytes, 'trailer line');
    const isFirst = this.#trailerByteCount === 0;
    this.#trailerByteCount += end - from;
    if (this.#trailerByteCount > maxTrailerBytes) {
      return this.#fail(`trailers longer than ${maxTrailerBytes} bytes`);
    }
    const text = bytes.toString('latin1', from, end - 1);
    if (!trailerLine.test(text) || (isFirst && (text.startsWith(' ') || text.startsWith('\t')))) {
      return this.#fail('invalid trailer line');
    }
    const value = text.endsWith('\r') ? text.slice(0, -1) : text;
    if (value.includes('\0') || value.includes('\r')) return this.#fail('invalid byte in a trailer');
    return end;
  }

  #endTrailers(next: number): number {
    this.#complete();
    return next;
  }

  #complete(): void {
    if (this.#buffer !== null) {
      this.content = this.#buffer.content();
      this.#buffer = null;
    }
    this.#state = at.complete;
  }
}

function copyInto(target: Buffer, at: number, source: Buffer, from: number, to: number): void {
  if (to - from > loopedBytes) source.copy(target, at, from, to);
  else for (let i = from; i < to; i++) target[at + i - from] = source[i]!;
}
