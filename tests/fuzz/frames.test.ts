// A million damaged sequences of HTTP/2 frames. Whatever the damage, the connection ends by a named failure or goes on, each
// request ends once at most, and the same bytes mean the same in any pieces. PLIMSOLL_FUZZ_SEED and PLIMSOLL_FUZZ_COUNT
// change what is tried.

import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { BodyMemory } from '../../src/protocols/http/body-memory.ts';
import { HttpExchange } from '../../src/protocols/http/exchange.ts';
import { Http2Failure } from '../../src/protocols/http/http2/failure.ts';
import { HeadBlocks } from '../../src/protocols/http/http2/head-block.ts';
import { KnownHeads } from '../../src/protocols/http/http2/known-heads.ts';
import { Http2Link, type LinkEvents } from '../../src/protocols/http/http2/link.ts';
import type { RequestStream } from '../../src/protocols/http/http2/stream.ts';
import { prepareRequest } from '../../src/protocols/http/request.ts';
import type { HttpEndpoint } from '../../src/protocols/http/request-series.ts';
import { TargetResolver } from '../../src/protocols/http/target.ts';
import { createRandom } from '../../src/stats/random.ts';
import { answers, maxSequenceBytes, mutateFrames } from './frame-mutations.ts';
import { fuzzCount, fuzzSeed } from './mutations.ts';

const bodies = new BodyMemory();
const target = new TargetResolver('http://127.0.0.1:1').resolve('/');
const request = prepareRequest(
  'GET',
  target,
  {},
  {
    headers: {},
    timeoutMs: 1000,
    phases: null,
    redirects: { most: 0, sameOrigin: false },
    maxResponseBytes: 1_000_000,
    retries: null,
  },
  '',
);
// Nothing is recorded here.
const endpoint = null as unknown as HttpEndpoint;
/** Takes all that is written, and keeps none of it. */
const nowhere = { on() {}, write: () => true, end() {}, writableLength: 0 } as unknown as Socket;

/** What a client makes of the bytes, as one text. */
class Reading implements LinkEvents {
  readonly bodies = bodies;
  readonly lines: string[] = [];
  readonly #link: Http2Link;
  readonly #ended = new Set<RequestStream>();

  constructor(heads: { known: KnownHeads; blocks: HeadBlocks }) {
    this.#link = new Http2Link(nowhere, heads, this);
    for (let i = 0; i < 2; i++) {
      this.#link.open(new HttpExchange(request, endpoint, 0, -1, 1000, ignore, ignore));
    }
  }

  /** Returns whether the connection is still of use. */
  feed(bytes: Buffer, length: number, readBuffer: Buffer, pieceBytes: () => number): boolean {
    for (let at = 0; at < length; ) {
      const count = Math.min(length - at, pieceBytes());
      bytes.copy(readBuffer, 0, at, at + count);
      try {
        this.#link.receive(readBuffer, count);
      } catch (thrown) {
        if (!(thrown instanceof Http2Failure)) throw thrown;
        if (!/^http2_[a-z_1]+$/.test(thrown.code) || thrown.message === '')
          throw new Error('a failure without a name');
        this.lines.push(`broken ${thrown.code} ${thrown.message}`);
        return false;
      }
      at += count;
    }
    return true;
  }

  #note(stream: RequestStream, what: string): void {
    if (this.#ended.has(stream)) throw new Error('a request that ends twice');
    this.#ended.add(stream);
    this.#link.leave(stream);
    this.lines.push(what);
  }
  answered(stream: RequestStream): void {
    const { status, rawHeaders, rawBody } = stream.exchange;
    if (status < 200 || status > 999) throw new Error(`answered with status ${status}`);
    if (/\r\n\r\n|\0/.test(rawHeaders)) throw new Error('a head that ends in its middle');
    this.#note(stream, `${stream.id} ${status} ${rawHeaders} ${rawBody?.toString('latin1')}`);
    if (stream.exchange.receivedByteCount < 9) throw new Error('an answer without bytes');
  }
  failed(stream: RequestStream, code: string, message: string): void {
    this.#note(stream, `${stream.id} ${code} ${message}`);
  }
  unprocessed(stream: RequestStream, code: string, message: string): void {
    this.#note(stream, `${stream.id} not processed, ${code} ${message}`);
  }
  saidGoodbye(code: number, lastStreamId: number): void {
    this.lines.push(`goodbye ${code} ${lastStreamId}`);
  }
  announced(): void {}
  settled(): void {}
}

function ignore(): void {}

test(`${fuzzCount} damaged sequences of frames`, { timeout: 300_000 }, async () => {
  const random = createRandom(fuzzSeed, 'frames');
  const heads = { known: new KnownHeads(), blocks: new HeadBlocks() };
  const bytes = Buffer.alloc(maxSequenceBytes);
  const readBuffer = Buffer.alloc(maxSequenceBytes);
  const allAtOnce = (): number => maxSequenceBytes;
  const inPieces = (): number => 1 + Math.floor(random() ** 3 * 120);
  let usableCount = 0;

  for (let number = 0; number < fuzzCount; number++) {
    const template = answers[Math.floor(random() * answers.length)]!;
    const length = mutateFrames(bytes, template.copy(bytes), random);
    try {
      // Heads that were read before, by whoever, must not change what is read.
      const whole = new Reading(heads);
      if (whole.feed(bytes, length, readBuffer, allAtOnce)) usableCount++;
      if (number % 4 === 0) {
        const cut = new Reading({ known: new KnownHeads(), blocks: heads.blocks });
        cut.feed(bytes, length, readBuffer, inPieces);
        if (cut.lines.join('\n') !== whole.lines.join('\n')) throw new Error('read differently in pieces');
      }
    } catch (cause) {
      throw new Error(`seed ${fuzzSeed}, sequence ${number}: ${bytes.toString('hex', 0, length)}`, { cause });
    }
    // Lets what would be written go.
    if (number % 1000 === 0) await Promise.resolve();
  }
  // Neither all refused nor all read: the damage is of the size that finds mistakes.
  expect(usableCount).toBeGreaterThan(fuzzCount * 0.1);
  expect(usableCount).toBeLessThan(fuzzCount * 0.9);
});
