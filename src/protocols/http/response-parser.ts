// Reads HTTP/1.x responses from the bytes of one connection. What RFC 9112 tells a user agent to refuse is an error,
// since a reader that guesses would hand the body of one response to another request; where it says how to go on, as
// with folded lines, that is done. What is refused and what is read: response-refusals.test.ts and
// response-leniency.test.ts. Called by connection.ts.

import type { BodyMemory } from './body-memory.ts';
import { BodyReader, type BodySink } from './body-reader.ts';
import { HeadCache, type KnownHead } from './head-cache.ts';
import { HeadReader } from './head-reader.ts';
import { invalid, needMore } from './octets.ts';
import { PendingLine } from './pending-line.ts';

export { invalid } from './octets.ts';

/** Servers may send any number of them (RFC 9110 section 15.2); one that does nothing else never answers. */
const maxInformationalCount = 1000;
/** Where the parser stands within a message. */
const at = { head: 0, body: 1, complete: 2 } as const;

export class ResponseParser {
  failure = '';
  /** What the failure is called as a code of failed requests. */
  failureCode = 'protocol_error';
  /** True once any byte of the current response has arrived. */
  started = false;
  /** An informational response was read in full since this was last set to false. */
  interim = false;

  #state: number = at.head;
  #isHead = false;
  #keepBody = true;
  #informationalCount = 0;
  readonly #head = new HeadReader();
  readonly #framing = this.#head.framing;
  readonly #body: BodyReader;
  readonly #heads: HeadCache;
  /** Where the head starts in the piece being read; -1 when it does not lie in one piece. */
  #headStart = -1;
  #pieceLength = 0;
  /** Start of the line that the last bytes broke off in. */
  #unreadFrom = 0;
  #pending: PendingLine | null = null;
  /** No byte of the next head has been read. */
  #betweenHeads = true;

  /** `heads` and `memory` are shared by all parsers of a worker. */
  constructor(heads: HeadCache = new HeadCache(), memory?: BodyMemory) {
    this.#heads = heads;
    this.#body = new BodyReader(memory);
  }

  get status(): number {
    return this.#head.status;
  }
  /** The header lines, `name: value\r\n` each, without status line and final empty line. */
  get rawHeaders(): string {
    return this.#head.rawHeaders;
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

  /** Nothing has come of a response, or nothing since the last informational one. */
  get betweenHeads(): boolean {
    return this.#state === at.head && this.#betweenHeads;
  }

  /** Prepares for the response to one request. `keepBody: false` reads and discards the body. */
  begin(isHead: boolean, keepBody: boolean): void {
    this.#isHead = isHead;
    this.#keepBody = keepBody;
    this.#informationalCount = 0;
    this.started = false;
    this.interim = false;
    this.failure = '';
    this.#body.clear();
    this.#pending = null;
    this.#beginHead();
  }

  /** Gives up what was received of a body. */
  drop(): void {
    this.#body.clear();
  }

  #beginHead(): void {
    this.#state = at.head;
    this.#betweenHeads = true;
    this.#head.reset();
  }

  /**
   * Reads `bytes[from, to)`. Returns the offset after the last byte used (less than `to` only when the
   * response is complete before the bytes end), or `invalid`. Nothing of `bytes` is kept.
   */
  execute(bytes: Buffer, from: number, to: number): number {
    this.started = true;
    const pending = this.#pending;
    if (pending === null) {
      if (this.#state !== at.head || !this.#betweenHeads || this.#informationalCount > 0) {
        return this.#run(bytes, from, to);
      }
      const known = this.#heads.find(bytes, from, to);
      if (known !== undefined) {
        const next = this.#recognise(known, from);
        return next === invalid ? invalid : this.#run(bytes, next, to);
      }
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
    this.#head.status = known.status;
    this.#head.rawHeaders = known.rawHeaders;
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
    if (this.#state === at.body && this.#pending === null && this.#body.finish()) {
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
        case at.head:
          next = this.#readHead(bytes, pos, to);
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

  #readHead(bytes: Buffer, from: number, to: number): number {
    if (from < to) this.#betweenHeads = false;
    const head = this.#head;
    const next = head.read(bytes, from, to);
    if (next === invalid) return this.#fail(head.failure);
    if (next === needMore) return this.#wait(head.unreadFrom);
    this.#remember(bytes, next);
    return this.#endOfHeaders(next);
  }

  /** Decides how the body is framed: RFC 9112 section 6.3. */
  #endOfHeaders(next: number): number {
    const framing = this.#framing;
    const { chunked, contentLength } = framing;
    const status = this.status;
    if (status < 200) {
      if (status === 101) return this.#fail('unexpected switch of protocols (101)');
      if (++this.#informationalCount > maxInformationalCount) {
        return this.#fail('too many informational responses');
      }
      this.interim = true;
      this.#beginHead();
      return next;
    }
    if (this.#isHead || status === 204 || status === 304) {
      this.#state = at.complete;
      return next;
    }
    if (framing.coded) {
      // Its own framing wins over a length, which somebody may have read in place of it; and chunks did not exist in
      // HTTP/1.0: whoever sends such may frame the next message wrongly (section 6.1).
      if (!chunked || framing.http10 || framing.hasLength) framing.keepAlive = false;
    } else if (framing.lengthFault !== '') {
      return this.#fail(framing.lengthFault);
    } else if (contentLength === 0) {
      this.#state = at.complete;
      return next;
    } else if (contentLength < 0) {
      framing.keepAlive = false;
    }
    this.#body.begin(chunked, framing.coded ? -1 : contentLength, this.#keepBody);
    this.#state = at.body;
    return next;
  }

  #readBody(bytes: Buffer, from: number, to: number): number {
    const body = this.#body;
    const next = body.read(bytes, from, to);
    if (next === invalid) {
      this.failureCode = body.failureCode;
      return this.#fail(body.failure);
    }
    if (next === needMore) return this.#wait(body.unreadFrom);
    if (body.complete) this.#state = at.complete;
    return next;
  }
}
