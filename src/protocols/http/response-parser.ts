// Reads HTTP/1.x responses from the bytes of one connection. Strict: whatever RFC 9112 forbids is an error,
// since a lenient reader would hand the body of one response to another request. Where Node's own parser reads
// more than this one, the cases in response-refusals.test.ts say so and why. Called by connection.ts.

import { BodyReader, type BodySink } from './body-reader.ts';
import { HeadCache, type KnownHead } from './head-cache.ts';
import { MessageFraming } from './message-framing.ts';
import { COLON, CR, invalid, LF, needMore, SPACE, TAB, tokenLowerCase, valueByte, ZERO } from './octets.ts';
import { PendingLine } from './pending-line.ts';

export { invalid } from './octets.ts';

const maxHeadBytes = 64 * 1024;
const maxInformationalCount = 16;
/** Where the parser stands within a message. */
const at = { statusLine: 0, headers: 1, body: 2, complete: 3 } as const;

export class ResponseParser {
  status = 0;
  /** The header lines as received, `name: value\r\n` each, without status line and final empty line. */
  rawHeaders = '';
  failure = '';
  /** True once any byte of the current response has arrived. */
  started = false;

  #state: number = at.statusLine;
  #isHead = false;
  #keepBody = true;
  #headByteCount = 0;
  #informationalCount = 0;
  readonly #framing = new MessageFraming();
  readonly #body = new BodyReader();
  readonly #heads: HeadCache;
  /** Where the head starts in the piece being read; -1 when it does not lie in one piece. */
  #headStart = -1;
  #pieceLength = 0;
  /** Start of the line that the last bytes broke off in. */
  #unreadFrom = 0;
  #pending: PendingLine | null = null;

  /** `heads` is shared by all parsers of a worker. */
  constructor(heads: HeadCache = new HeadCache()) {
    this.#heads = heads;
  }

  /** May the connection carry another request after this response? */
  get keepAlive(): boolean {
    return this.#framing.keepAlive;
  }
  set keepAlive(may: boolean) {
    this.#framing.keepAlive = may;
  }

  get hasSetCookie(): boolean {
    return this.#framing.hasSetCookie;
  }

  get hasContentEncoding(): boolean {
    return this.#framing.hasContentEncoding;
  }

  /** The body as received (content encoding not undone); `null` when there is none or it is discarded. */
  get body(): Buffer | null {
    return this.#body.content;
  }

  /** Where the body goes when it is not kept; it is called after the head is whole. */
  set sink(sink: BodySink | null) {
    this.#body.sink = sink;
  }

  /** Status and headers of the final response are there. */
  get headComplete(): boolean {
    return this.#state >= at.body;
  }

  get complete(): boolean {
    return this.#state === at.complete;
  }

  /** Prepares for the response to one request. `keepBody: false` reads and discards the body. */
  begin(isHead: boolean, keepBody: boolean): void {
    this.#isHead = isHead;
    this.#keepBody = keepBody;
    this.#informationalCount = 0;
    this.started = false;
    this.failure = '';
    this.#body.clear();
    this.#pending = null;
    this.#beginHead();
  }

  #beginHead(): void {
    this.#state = at.statusLine;
    this.#headByteCount = 0;
    this.#framing.reset();
    this.rawHeaders = '';
  }

  /**
   * Reads `bytes[from, to)`. Returns the offset after the last byte used (less than `to` only when the
   * response is complete before the bytes end), or `invalid`. Nothing of `bytes` is kept.
   */
  execute(bytes: Buffer, from: number, to: number): number {
    this.started = true;
    const pending = this.#pending;
    if (pending === null) {
      if (this.#state !== at.statusLine || this.#informationalCount > 0) return this.#run(bytes, from, to);
      const known = this.#heads.find(bytes, from, to);
      if (known !== undefined) return this.#run(bytes, this.#recognise(known, from), to);
      this.#headStart = from;
      this.#pieceLength = to - from;
      return this.#run(bytes, from, to);
    }
    const before = pending.count;
    if (!pending.append(bytes, from, to)) return to;
    this.#pending = null;
    const used = this.#run(pending.bytes, 0, pending.count);
    return used < 0 ? used : used - before + from;
  }

  /** Takes over what is known of a head; returns where the body starts. */
  #recognise(known: KnownHead, from: number): number {
    this.status = known.status;
    this.rawHeaders = known.rawHeaders;
    this.#framing.recognise(known);
    return this.#endOfHeaders(from + known.bytes.length);
  }

  /** Keeps a final head that lies in one piece, up to and with its empty line. */
  #remember(bytes: Buffer, to: number): void {
    const from = this.#headStart;
    this.#headStart = -1;
    if (from < 0 || this.status < 200 || !this.#heads.wants(to - from)) return;
    const { status, rawHeaders } = this;
    const head = Buffer.from(bytes.subarray(from, to));
    this.#heads.store({ ...this.#framing.facts(), status, rawHeaders, bytes: head }, this.#pieceLength);
  }

  /** The peer closed its side. True when that completes the response; else `failure` says what is missing. */
  finish(): boolean {
    if (this.#state === at.body && this.#body.finish()) {
      this.#state = at.complete;
      return true;
    }
    this.failure = this.started
      ? 'the connection was closed in the middle of the response'
      : 'the connection was closed before any response';
    return false;
  }

  #run(bytes: Buffer, from: number, to: number): number {
    let pos = from;
    while (true) {
      let next: number;
      switch (this.#state) {
        case at.statusLine:
          next = this.#readStatusLine(bytes, pos, to);
          break;
        case at.headers:
          next = this.#readHeaders(bytes, pos, to);
          break;
        case at.body:
          next = this.#readBody(bytes, pos, to);
          break;
        default:
          return pos;
      }
      if (next === invalid) return invalid;
      if (next === needMore) {
        this.#headStart = -1;
        if (to > this.#unreadFrom) this.#pending = new PendingLine(bytes, this.#unreadFrom, to);
        return to;
      }
      pos = next;
    }
  }

  #fail(reason: string): number {
    this.failure = reason;
    return invalid;
  }

  /** The line that starts at `lineStart` goes on in the next bytes. */
  #wait(lineStart: number): number {
    this.#unreadFrom = lineStart;
    return needMore;
  }

  #readStatusLine(bytes: Buffer, from: number, to: number): number {
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
    if (bytes[from + 5] !== 49 || bytes[from + 6] !== 46 || (minor !== 0 && minor !== 1)) {
      return this.#fail('unsupported HTTP version');
    }
    const hundreds = bytes[from + 9]! - ZERO;
    const tens = bytes[from + 10]! - ZERO;
    const units = bytes[from + 11]! - ZERO;
    if (
      bytes[from + 8] !== SPACE ||
      hundreds < 1 ||
      hundreds > 9 ||
      tens < 0 ||
      tens > 9 ||
      units < 0 ||
      units > 9
    ) {
      return this.#fail('invalid status code');
    }
    let pos = from + 12;
    // RFC 9112 section 4 asks for a space even before an empty reason; many servers leave it out.
    if (bytes[pos] !== CR && bytes[pos] !== SPACE) return this.#fail('invalid status code');
    while (pos < to && valueByte[bytes[pos]!] === 1) pos++;
    if (pos + 1 >= to && (pos >= to || bytes[pos] === CR)) return this.#waitForStatusLine(from, to);
    if (bytes[pos] !== CR || bytes[pos + 1] !== LF) return this.#fail('invalid byte in the status line');
    this.status = hundreds * 100 + tens * 10 + units;
    this.#framing.beginVersion(minor === 0);
    this.#headByteCount += pos + 2 - from;
    this.#state = at.headers;
    return pos + 2;
  }

  #waitForStatusLine(from: number, to: number): number {
    if (to - from > maxHeadBytes) return this.#fail(`status line longer than ${maxHeadBytes} bytes`);
    return this.#wait(from);
  }

  #readHeaders(bytes: Buffer, from: number, to: number): number {
    let lineStart = from;
    while (true) {
      if (lineStart >= to) return this.#waitInHeaders(bytes, from, lineStart, to);
      const first = bytes[lineStart]!;
      if (first === CR) {
        if (lineStart + 1 >= to) return this.#waitInHeaders(bytes, from, lineStart, to);
        if (bytes[lineStart + 1] !== LF) return this.#fail('a carriage return without a line feed');
        if (this.#headByteCount + lineStart - from > maxHeadBytes) return this.#failHeadLength();
        this.rawHeaders += bytes.toString('latin1', from, lineStart);
        this.#remember(bytes, lineStart + 2);
        return this.#endOfHeaders(lineStart + 2);
      }
      const next = this.#readHeaderLine(bytes, lineStart, to);
      if (next === invalid) return invalid;
      if (next === needMore) return this.#waitInHeaders(bytes, from, lineStart, to);
      lineStart = next;
    }
  }

  #waitInHeaders(bytes: Buffer, from: number, lineStart: number, to: number): number {
    this.rawHeaders += bytes.toString('latin1', from, lineStart);
    this.#headByteCount += lineStart - from;
    if (this.#headByteCount + to - lineStart > maxHeadBytes) return this.#failHeadLength();
    return this.#wait(lineStart);
  }

  #failHeadLength(): number {
    return this.#fail(`response head longer than ${maxHeadBytes} bytes`);
  }

  /** Reads one `name: value` line. Returns the start of the next line, `needMore`, or `invalid`. */
  #readHeaderLine(bytes: Buffer, from: number, to: number): number {
    let pos = from;
    while (pos < to && tokenLowerCase[bytes[pos]!] !== 0) pos++;
    if (pos >= to) return needMore;
    if (bytes[pos] !== COLON || pos === from) {
      const byte = bytes[from];
      if (byte === SPACE || byte === TAB) return this.#fail('folded header line');
      return this.#fail('invalid byte in a header name');
    }
    const nameEnd = pos;
    pos++;
    while (pos < to && (bytes[pos] === SPACE || bytes[pos] === TAB)) pos++;
    const valueStart = pos;
    while (pos < to && valueByte[bytes[pos]!] === 1) pos++;
    if (pos + 1 >= to && (pos >= to || bytes[pos] === CR)) return needMore;
    if (bytes[pos] !== CR || bytes[pos + 1] !== LF) return this.#fail('invalid byte in a header value');
    if (this.#framing.readHeader(bytes, from, nameEnd, valueStart, pos)) return pos + 2;
    return this.#fail(this.#framing.failure);
  }

  /** Decides how the body is framed: RFC 9112 section 6.3. */
  #endOfHeaders(next: number): number {
    const framing = this.#framing;
    const { chunked, contentLength } = framing;
    if (chunked && contentLength >= 0) {
      return this.#fail('content-length together with transfer-encoding');
    }
    const status = this.status;
    if (status < 200) {
      if (status === 101) return this.#fail('unexpected switch of protocols (101)');
      if (++this.#informationalCount > maxInformationalCount) {
        return this.#fail('too many informational responses');
      }
      this.#beginHead();
      return next;
    }
    if (this.#isHead || status === 204 || status === 304 || (!chunked && contentLength === 0)) {
      this.#state = at.complete;
      return next;
    }
    // Chunks did not exist in HTTP/1.0: whoever sends them may frame the next message wrongly (section 6.1).
    if (chunked ? framing.http10 : contentLength < 0) framing.keepAlive = false;
    this.#body.begin(chunked, contentLength, this.#keepBody);
    this.#state = at.body;
    return next;
  }

  #readBody(bytes: Buffer, from: number, to: number): number {
    const body = this.#body;
    const next = body.read(bytes, from, to);
    if (next === invalid) return this.#fail(body.failure);
    if (next === needMore) return this.#wait(body.unreadFrom);
    if (body.complete) this.#state = at.complete;
    return next;
  }
}
