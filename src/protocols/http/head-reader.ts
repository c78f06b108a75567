// Reads the head of one HTTP/1.x response: status line and header lines, line by line as they arrive. Called by
// response-parser.ts.

import { emptyLineLength, foldedEnd, lineEnd, readFieldLine, readStatusLine } from './loose-lines.ts';
import { MessageFraming } from './message-framing.ts';
import {
  COLON,
  CR,
  invalid,
  irregular,
  LF,
  needMore,
  SPACE,
  TAB,
  tokenLowerCase,
  valueByte,
  ZERO,
} from './octets.ts';

const maxHeadBytes = 64 * 1024;

export class HeadReader {
  status = 0;
  /** The header lines, `name: value\r\n` each, without status line and final empty line. */
  rawHeaders = '';
  failure = '';
  /** The empty line has been read. */
  complete = false;
  /** After `needMore`: start of the line that is not whole yet. */
  unreadFrom = 0;
  readonly framing = new MessageFraming();
  #inHeaders = false;
  #byteCount = 0;

  reset(): void {
    this.complete = false;
    this.rawHeaders = '';
    this.framing.reset();
    this.#inHeaders = false;
    this.#byteCount = 0;
  }

  /** Reads from `bytes[from, to)`; returns the next position, `needMore`, or `invalid`. */
  read(bytes: Buffer, from: number, to: number): number {
    let pos = from;
    while (!this.#inHeaders) {
      pos = this.#readStatusLine(bytes, pos, to);
      if (pos < 0) return pos;
    }
    return this.#readHeaders(bytes, pos, to);
  }

  #fail(reason: string): number {
    this.failure = reason;
    return invalid;
  }

  /** The line that starts at `lineStart` goes on in the next bytes. */
  #wait(lineStart: number): number {
    this.unreadFrom = lineStart;
    return needMore;
  }

  #readStatusLine(bytes: Buffer, from: number, to: number): number {
    if (from >= to) return this.#wait(from);
    if (bytes[from] === CR || bytes[from] === LF) return this.#skipEmptyLine(bytes, from, to);
    // "HTTP/1.x SSS" and at least CR LF: 14 bytes.
    if (to - from < 14) {
      for (let i = 0; i < Math.min(5, to - from); i++) {
        if (bytes[from + i] !== 'HTTP/'.charCodeAt(i)) return this.#fail('not an HTTP response');
      }
      return this.#waitForStatusLine(from, to);
    }
    if (
      bytes[from] !== 72 ||
      bytes[from + 1] !== 84 ||
      bytes[from + 2] !== 84 ||
      bytes[from + 3] !== 80 ||
      bytes[from + 4] !== 47
    ) {
      return this.#fail('not an HTTP response');
    }
    const minor = bytes[from + 7]! - ZERO;
    const hundreds = bytes[from + 9]! - ZERO;
    const tens = bytes[from + 10]! - ZERO;
    const units = bytes[from + 11]! - ZERO;
    let pos = from + 12;
    if (
      bytes[from + 5] !== 49 ||
      bytes[from + 6] !== 46 ||
      (minor !== 0 && minor !== 1) ||
      bytes[from + 8] !== SPACE ||
      hundreds < 1 ||
      hundreds > 9 ||
      tens < 0 ||
      tens > 9 ||
      units < 0 ||
      units > 9 ||
      // RFC 9112 section 4 asks for a space even before an empty reason; many servers leave it out.
      (bytes[pos] !== CR && bytes[pos] !== SPACE)
    ) {
      return this.#readLooseStatusLine(bytes, from, to);
    }
    while (pos < to && valueByte[bytes[pos]!] === 1) pos++;
    if (pos + 1 >= to && (pos >= to || bytes[pos] === CR)) return this.#waitForStatusLine(from, to);
    if (bytes[pos] !== CR || bytes[pos + 1] !== LF) return this.#readLooseStatusLine(bytes, from, to);
    return this.#beginHeaders(hundreds * 100 + tens * 10 + units, minor === 0, from, pos + 2);
  }

  #beginHeaders(status: number, http10: boolean, from: number, next: number): number {
    this.status = status;
    this.framing.beginVersion(http10);
    this.#byteCount += next - from;
    this.#inHeaders = true;
    return next;
  }

  #readLooseStatusLine(bytes: Buffer, from: number, to: number): number {
    const end = lineEnd(bytes, from, to);
    if (end === needMore) return this.#waitForStatusLine(from, to);
    const read = readStatusLine(bytes, from, end);
    if (typeof read === 'string') return this.#fail(read);
    return this.#beginHeaders(read.status, read.http10, from, end);
  }

  /** Left over from something else, or sent by servers that end a body with it. */
  #skipEmptyLine(bytes: Buffer, from: number, to: number): number {
    const length = emptyLineLength(bytes, from, to);
    if (length === needMore) return this.#wait(from);
    if (length === invalid) return this.#fail('not an HTTP response');
    this.#byteCount += length;
    return this.#byteCount > maxHeadBytes ? this.#failHeadLength() : from + length;
  }

  #waitForStatusLine(from: number, to: number): number {
    if (to - from > maxHeadBytes) return this.#fail(`status line longer than ${maxHeadBytes} bytes`);
    return this.#wait(from);
  }

  #readHeaders(bytes: Buffer, from: number, to: number): number {
    let lineStart = from;
    /** Where the lines start that are not in `rawHeaders` yet. */
    let keptFrom = from;
    while (true) {
      if (lineStart >= to) return this.#waitInHeaders(bytes, from, keptFrom, lineStart, to);
      const first = bytes[lineStart]!;
      if (first === CR || first === LF) {
        if (first === CR && lineStart + 1 >= to) {
          return this.#waitInHeaders(bytes, from, keptFrom, lineStart, to);
        }
        if (first === CR && bytes[lineStart + 1] !== LF) {
          return this.#fail('a carriage return without a line feed');
        }
        if (this.#byteCount + lineStart - from > maxHeadBytes) return this.#failHeadLength();
        this.rawHeaders += bytes.toString('latin1', keptFrom, lineStart);
        const next = lineStart + (first === CR ? 2 : 1);
        this.complete = true;
        return next;
      }
      let next = this.#readHeaderLine(bytes, lineStart, to);
      if (next === irregular) {
        this.rawHeaders += bytes.toString('latin1', keptFrom, lineStart);
        keptFrom = lineStart;
        next = this.#readLooseLine(bytes, lineStart, to);
        if (next > 0) keptFrom = next;
      }
      if (next === invalid) return invalid;
      if (next === needMore) return this.#waitInHeaders(bytes, from, keptFrom, lineStart, to);
      lineStart = next;
    }
  }

  #waitInHeaders(bytes: Buffer, from: number, keptFrom: number, lineStart: number, to: number): number {
    this.rawHeaders += bytes.toString('latin1', keptFrom, lineStart);
    this.#byteCount += lineStart - from;
    if (this.#byteCount + to - lineStart > maxHeadBytes) return this.#failHeadLength();
    return this.#wait(lineStart);
  }

  #failHeadLength(): number {
    return this.#fail(`response head longer than ${maxHeadBytes} bytes`);
  }

  /**
   * Reads one `name: value` line. Returns the start of the next line, `needMore`, `invalid`, or `irregular`. The byte
   * after the line must be there: a space would fold the next line into this one.
   */
  #readHeaderLine(bytes: Buffer, from: number, to: number): number {
    let pos = from;
    while (pos < to && tokenLowerCase[bytes[pos]!] !== 0) pos++;
    if (pos >= to) return needMore;
    if (bytes[pos] !== COLON || pos === from) return irregular;
    const nameEnd = pos;
    pos++;
    while (pos < to && (bytes[pos] === SPACE || bytes[pos] === TAB)) pos++;
    const valueStart = pos;
    while (pos < to && valueByte[bytes[pos]!] === 1) pos++;
    if (pos + 2 >= to && (pos >= to || bytes[pos] === CR)) return needMore;
    if (bytes[pos] !== CR || bytes[pos + 1] !== LF) return irregular;
    if (bytes[pos + 2] === SPACE || bytes[pos + 2] === TAB) return irregular;
    if (this.framing.readHeader(bytes, from, nameEnd, valueStart, pos)) return pos + 2;
    return this.#fail(this.framing.failure);
  }

  /** The same for a line that is not as it should be; puts what it means into `rawHeaders`. */
  #readLooseLine(bytes: Buffer, from: number, to: number): number {
    if (bytes[from] === SPACE || bytes[from] === TAB) {
      // Before any field, since after one it would have been folded into that: passed over (RFC 9112 section 2.2).
      return lineEnd(bytes, from, to);
    }
    const end = foldedEnd(bytes, from, to);
    if (end === needMore) return needMore;
    const read = readFieldLine(bytes, from, end);
    if (typeof read === 'string') return this.#fail(read);
    const { line, nameLength } = read;
    this.rawHeaders += line.toString('latin1');
    const valueEnd = line.length - 2;
    return this.framing.readHeader(line, 0, nameLength, nameLength + 2, valueEnd)
      ? end
      : this.#fail(this.framing.failure);
  }
}
