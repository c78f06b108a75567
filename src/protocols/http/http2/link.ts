// A connection of HTTP/2 as its frames see it: streams, windows and settings, and what the server may not do. Knows nothing of
// users, time and sending again. Called by session.ts.

import type { Socket } from 'node:net';
import type { HttpExchange } from '../exchange.ts';
import { ClosedStreams } from './closed-streams.ts';
import { codes } from './codes.ts';
import { Http2Failure } from './failure.ts';
import { type FrameEvents, FrameReader } from './frame-reader.ts';
import {
  firstWindowBytes,
  frameFlags,
  frameHeadBytes,
  frameTypes,
  goawayFrame,
  headFrames,
  openingBytes,
  pingAnswer,
  resetFrame,
  sessionWindowBytes,
  settingsAnswer,
  windowFrame,
} from './frames.ts';
import type { HeadBlocks } from './head-block.ts';
import { HpackDecoder } from './hpack-decoder.ts';
import type { KnownHeads } from './known-heads.ts';
import { Outbox } from './outbox.ts';
import { maxHeadBytes } from './response-head.ts';
import { largestWindow, ServerSettings } from './server-settings.ts';
import { RequestStream, type StreamEvents, type StreamLink } from './stream.ts';

export interface LinkEvents extends StreamEvents {
  /** The server has told of its settings. */
  settled(): void;
  /** The server takes no more requests; of those beyond `lastStreamId` it has looked at none. */
  saidGoodbye(code: number, lastStreamId: number): void;
}

/** What the connections of a worker share of heads. */
export interface SharedHeads {
  readonly known: KnownHeads;
  readonly blocks: HeadBlocks;
}

const opening = openingBytes(maxHeadBytes);
/** Frames one after the other that get no request on: more are an attack, or a mistake that costs as much. */
const maxVainFrames = 10_000;
/** Of one body at a time, so that the others get on, too. */
const framesPerTurn = 16;
const lastStreamId = 2 ** 31 - 1;

export class Http2Link implements FrameEvents, StreamLink {
  readonly streams = new Map<number, RequestStream>();
  readonly settings = new ServerSettings();
  readonly #events: LinkEvents;
  readonly #blocks: HeadBlocks;
  readonly #outbox: Outbox;
  readonly #reader = new FrameReader(this);
  readonly #decoder: HpackDecoder;
  readonly #closed = new ClosedStreams();
  /** Streams with a body that could not be sent on yet. */
  readonly #blocked = new Set<RequestStream>();
  #nextId = 1;
  #sendWindow = firstWindowBytes;
  #receiveWindow = sessionWindowBytes;
  #usedBytes = 0;
  #vainCount = 0;
  /** Of the frame of a body that is being read. */
  #dataWindowBytes = 0;
  /** Of frames that belong to no request, since the last request that ended. */
  #ownSentBytes = 0;
  #ownReceivedBytes = 0;

  /** Greets the server at once. */
  constructor(socket: Socket, heads: SharedHeads, events: LinkEvents) {
    this.#events = events;
    this.#blocks = heads.blocks;
    this.#decoder = new HpackDecoder(heads.known);
    this.#outbox = new Outbox(socket, () => this.#pumpAll());
    this.#putOwn(opening);
  }

  get openedCount(): number {
    return (this.#nextId - 1) / 2;
  }

  /** Stream ids are used once (RFC 9113 section 5.1.1). */
  get isUsedUp(): boolean {
    return this.#nextId > lastStreamId;
  }

  /** Sends a request on a stream of its own. */
  open(exchange: HttpExchange): RequestStream {
    const { request } = exchange;
    const { streamWindow, maxFrameBytes } = this.settings;
    const stream = new RequestStream(this.#nextId, exchange, streamWindow, this, this.#events);
    this.#nextId += 2;
    this.streams.set(stream.id, stream);
    this.#vainCount = 0;
    this.#put(stream, headFrames(stream.id, this.#blocks.of(request), request.body === null, maxFrameBytes));
    return stream;
  }

  #put(stream: RequestStream, frames: Buffer): void {
    stream.sentBytes += frames.length;
    this.#outbox.put(frames);
  }

  #putOwn(frames: Buffer): void {
    this.#ownSentBytes += frames.length;
    this.#outbox.put(frames);
  }

  pump(stream: RequestStream): void {
    const { outgoing } = stream;
    for (let count = 0; outgoing.hasMore; count++) {
      const mostBytes = Math.min(this.settings.maxFrameBytes, this.#sendWindow, outgoing.window);
      if ((outgoing.leftBytes > 0 && mostBytes <= 0) || this.#outbox.isFull || count === framesPerTurn) {
        this.#blocked.add(stream);
        if (count === framesPerTurn) setImmediate(() => this.#pumpAll());
        return;
      }
      const before = outgoing.leftBytes;
      const made = outgoing.next(Math.max(0, mostBytes));
      this.#sendWindow -= before - outgoing.leftBytes;
      this.#put(stream, made);
      outgoing.tell();
    }
  }

  #pumpAll(): void {
    if (this.#blocked.size === 0) return;
    // Whoever was sent from goes to the end of the line, so that each gets its turn.
    for (const stream of [...this.#blocked]) {
      if (this.#outbox.isFull) return;
      if (this.#blocked.delete(stream)) this.pump(stream);
    }
  }

  reset(stream: RequestStream, code: number): void {
    if (!this.streams.has(stream.id)) return;
    this.#closed.add(stream.id);
    this.#put(stream, resetFrame(stream.id, code));
  }

  grant(stream: RequestStream, byteCount: number): void {
    this.#put(stream, windowFrame(stream.id, byteCount));
  }

  /** The stream has ended for us. Its frames are counted, and with them those that were nobody's so far. */
  leave(stream: RequestStream): void {
    this.streams.delete(stream.id);
    this.#blocked.delete(stream);
    const { exchange } = stream;
    // Beyond what HTTP/1.1 would have sent, which is counted with every request.
    exchange.uploadedByteCount = stream.sentBytes + this.#ownSentBytes - exchange.request.byteCount;
    exchange.receivedByteCount += stream.receivedBytes + this.#ownReceivedBytes;
    this.#ownSentBytes = 0;
    this.#ownReceivedBytes = 0;
  }

  /** Reads the first `size` bytes. Throws an `Http2Failure` for what no server may send. */
  receive(bytes: Buffer, size: number): void {
    this.#reader.read(bytes, size);
  }

  headed(
    streamId: number,
    endsStream: boolean,
    bytes: Buffer,
    from: number,
    to: number,
    wireBytes: number,
  ): void {
    const stream = this.streams.get(streamId);
    // Read in any case: it may change what the next one means.
    const head = this.#decoder.read(bytes, from, to);
    if (stream === undefined) {
      this.#ownReceivedBytes += wireBytes;
      this.#checkLate(streamId, 'a head');
      return;
    }
    this.#vainCount = 0;
    stream.receivedBytes += wireBytes;
    stream.headed(head, endsStream);
  }

  dataBegan(streamId: number, windowBytes: number): void {
    this.#dataWindowBytes = windowBytes;
    this.#receiveWindow -= windowBytes;
    if (this.#receiveWindow < 0)
      throw new Http2Failure('flowControl', 'more bytes than the window of the connection');
    const stream = this.streams.get(streamId);
    const wireBytes = frameHeadBytes + windowBytes;
    if (stream === undefined) {
      this.#ownReceivedBytes += wireBytes;
      this.#checkLate(streamId, 'a body');
      return;
    }
    stream.receivedBytes += wireBytes;
    if (windowBytes === 0) this.#countVain();
    else this.#vainCount = 0;
    if (stream.takes(windowBytes)) return;
    const message = 'the server breaks the protocol: it sent more bytes than the window of the stream';
    stream.fail('http2_flow_control_error', message, codes.flowControl);
  }

  data(streamId: number, bytes: Buffer, from: number, to: number): void {
    this.streams.get(streamId)?.data(bytes, from, to);
  }

  dataEnded(streamId: number, endsStream: boolean): void {
    const windowBytes = this.#dataWindowBytes;
    this.#usedBytes += windowBytes;
    // In few steps: one update for each frame would cost more than the frame.
    if (this.#usedBytes >= sessionWindowBytes / 4) {
      this.#putOwn(windowFrame(0, this.#usedBytes));
      this.#receiveWindow += this.#usedBytes;
      this.#usedBytes = 0;
    }
    this.streams.get(streamId)?.dataEnded(windowBytes, endsStream);
  }

  /** A frame for a stream that is none of ours, or no longer one. */
  #checkLate(streamId: number, what: string): void {
    this.#checkOpened(streamId, what);
    this.#countVain();
    // After the end of a stream no more may come on it, unless we ended it and the server could not know yet.
    if (this.#closed.has(streamId)) return;
    throw new Http2Failure('streamClosed', `${what} on stream ${streamId}, which had ended`);
  }

  #checkOpened(streamId: number, what: string): void {
    if (streamId % 2 === 1 && streamId < this.#nextId) return;
    throw new Http2Failure('protocol', `${what} on stream ${streamId}, which was never opened`);
  }

  #countVain(): void {
    if (++this.#vainCount > maxVainFrames) {
      throw new Http2Failure('calm', `${maxVainFrames} frames one after the other that get no request on`);
    }
  }

  frame(type: number, flags: number, streamId: number, bytes: Buffer, from: number, to: number): void {
    this.#countVain();
    this.#ownReceivedBytes += frameHeadBytes + to - from;
    switch (type) {
      case frameTypes.settings:
        this.#onSettings(flags, streamId, bytes, from, to);
        break;
      case frameTypes.ping:
        checkLength('a ping', to - from, 8);
        checkConnection('a ping', streamId);
        if ((flags & frameFlags.ack) === 0) this.#answer(pingAnswer(bytes, from));
        break;
      case frameTypes.goaway:
        if (to - from < 8) throw new Http2Failure('frameSize', `a goodbye of ${to - from} bytes`);
        checkConnection('a goodbye', streamId);
        this.#events.saidGoodbye(bytes.readUInt32BE(from + 4), bytes.readUInt32BE(from) & lastStreamId);
        break;
      case frameTypes.windowUpdate:
        checkLength('an update of a window', to - from, 4);
        this.#onWindow(streamId, bytes.readUInt32BE(from) & lastStreamId);
        break;
      case frameTypes.reset:
        checkLength('the end of a stream', to - from, 4);
        this.#checkOpened(streamId, 'an end');
        this.streams.get(streamId)?.resetBy(bytes.readUInt32BE(from));
        break;
      case frameTypes.priority:
        checkLength('a priority', to - from, 5);
        if (streamId === 0) throw new Http2Failure('protocol', 'a priority of the connection');
        break;
      case frameTypes.push:
        throw new Http2Failure('protocol', 'a pushed response, which was refused from the start');
      default:
      // Unknown types are to be ignored: RFC 9113 section 4.1.
    }
  }

  #onSettings(flags: number, streamId: number, bytes: Buffer, from: number, to: number): void {
    checkConnection('settings', streamId);
    if ((flags & frameFlags.ack) !== 0) {
      checkLength('an acknowledgement of settings', to - from, 0);
      return;
    }
    const change = this.settings.apply(bytes, from, to);
    if (change !== 0) {
      for (const { outgoing } of this.streams.values()) {
        outgoing.window += change;
        if (outgoing.window > largestWindow) throw new Http2Failure('flowControl', 'a window that overflows');
      }
    }
    this.#answer(settingsAnswer);
    this.#pumpAll();
    this.#events.settled();
  }

  #onWindow(streamId: number, byteCount: number): void {
    if (streamId === 0) {
      if (byteCount === 0) throw new Http2Failure('protocol', 'an update of a window by nothing');
      this.#sendWindow += byteCount;
      if (this.#sendWindow > largestWindow) throw new Http2Failure('flowControl', 'a window that overflows');
      this.#pumpAll();
      return;
    }
    this.#checkOpened(streamId, 'an update of a window');
    const stream = this.streams.get(streamId);
    if (stream === undefined) return;
    if (byteCount === 0) {
      const message = 'the server breaks the protocol: an update of a window by nothing';
      stream.fail('http2_protocol_error', message, codes.protocol);
      return;
    }
    stream.outgoing.window += byteCount;
    if (stream.outgoing.window > largestWindow) {
      const message = 'the server breaks the protocol: a window that overflows';
      stream.fail('http2_flow_control_error', message, codes.flowControl);
    } else if (this.#blocked.delete(stream)) {
      this.pump(stream);
    }
  }

  /** A server that asks for answers and does not read them shall not fill the memory. */
  #answer(bytes: Buffer): void {
    if (!this.#outbox.takesAnswer()) throw new Http2Failure('calm', 'questions without reading the answers');
    this.#putOwn(bytes);
  }

  /** Says goodbye, and closes our side when all is out. Nothing more is read. */
  close(code: number): void {
    this.#reader.stopped = true;
    this.#outbox.put(goawayFrame(code));
    this.#outbox.end();
  }
}

function checkLength(what: string, length: number, expected: number): void {
  if (length !== expected)
    throw new Http2Failure('frameSize', `${what} of ${length} bytes, and not ${expected}`);
}

function checkConnection(what: string, streamId: number): void {
  if (streamId !== 0) throw new Http2Failure('protocol', `${what} on stream ${streamId}`);
}
