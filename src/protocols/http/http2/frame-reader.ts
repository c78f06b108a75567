// Takes the bytes of a connection apart into frames (RFC 9113 section 4), however they come. Called by link.ts.

import { Http2Failure } from './failure.ts';
import { frameFlags, frameHeadBytes, frameTypes, usualFrameBytes } from './frames.ts';
import { maxHeadBytes } from './response-head.ts';

/** Who is told of frames. The bytes are to be used before the call returns. */
export interface FrameEvents {
  /** A whole head in `bytes[from, to)`; it took `wireBytes`. */
  headed(
    streamId: number,
    endsStream: boolean,
    bytes: Buffer,
    from: number,
    to: number,
    wireBytes: number,
  ): void;
  /** A frame of a body begins, which takes `windowBytes` of the windows. */
  dataBegan(streamId: number, windowBytes: number): void;
  data(streamId: number, bytes: Buffer, from: number, to: number): void;
  dataEnded(streamId: number, endsStream: boolean): void;
  /** Any other frame, whole. */
  frame(type: number, flags: number, streamId: number, bytes: Buffer, from: number, to: number): void;
}

/** A head of the longest kind in the smallest pieces that make sense. */
const maxPieces = 128;

/** A head whose end has not come. */
interface OpenHead {
  readonly streamId: number;
  readonly endsStream: boolean;
  readonly pieces: Buffer[];
  byteCount: number;
  wireBytes: number;
}

export class FrameReader {
  /** Set by whoever wants no more frames, also in the middle of what was received. */
  stopped = false;
  readonly #events: FrameEvents;
  /** A frame whose end has not come, as far as it has. */
  #held: Buffer | null = null;
  #heldLength = 0;
  #open: OpenHead | null = null;
  #isFirst = true;

  // A frame of a body, which is handed on as it comes.
  #inData = false;
  #dataStream = 0;
  #dataLeft = 0;
  #paddingLeft = 0;
  #endsStream = false;
  #awaitsPadding = false;

  constructor(events: FrameEvents) {
    this.#events = events;
  }

  /** Reads the first `size` bytes. Throws an `Http2Failure` for what no server may send. */
  read(bytes: Buffer, size: number): void {
    let at = 0;
    while (at < size && !this.stopped) {
      if (this.#inData) at = this.#readData(bytes, at, size);
      else if (this.#held !== null) at = this.#fill(this.#held, bytes, at, size);
      else if (size - at < frameHeadBytes) at = this.#hold(bytes, at, size, frameHeadBytes);
      else at = this.#readFrame(bytes, at, size);
    }
  }

  #readFrame(bytes: Buffer, at: number, size: number): number {
    const length = this.#checkHead(bytes, at);
    if (bytes[at + 3] === frameTypes.data) {
      this.#beginData(bytes, at, length);
      return at + frameHeadBytes;
    }
    const end = at + frameHeadBytes + length;
    if (end > size) return this.#hold(bytes, at, size, frameHeadBytes + length);
    this.#dispatch(bytes, at, end);
    return end;
  }

  /** Length of the payload of a frame that may come now. */
  #checkHead(bytes: Buffer, at: number): number {
    const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    const type = bytes[at + 3]!;
    if (this.#isFirst && (type !== frameTypes.settings || (bytes[at + 4]! & frameFlags.ack) !== 0)) {
      throw new Http2Failure('protocol', 'the first frame is not that of its settings');
    }
    if (length > usualFrameBytes) {
      throw new Http2Failure('frameSize', `a frame of ${length} bytes, and ${usualFrameBytes} are allowed`);
    }
    this.#isFirst = false;
    const open = this.#open;
    const continues = type === frameTypes.continuation;
    if (open === null ? continues : !continues || streamIdAt(bytes, at) !== open.streamId) {
      throw new Http2Failure('protocol', 'a head whose pieces do not follow one another');
    }
    return length;
  }

  #hold(bytes: Buffer, at: number, size: number, wanted: number): number {
    this.#held = Buffer.allocUnsafe(wanted);
    this.#heldLength = bytes.copy(this.#held, 0, at, size);
    return size;
  }

  #fill(held: Buffer, bytes: Buffer, at: number, size: number): number {
    const used = bytes.copy(held, this.#heldLength, at, size);
    this.#heldLength += used;
    if (this.#heldLength < held.length) return size;
    this.#held = null;
    if (held.length > frameHeadBytes) {
      this.#dispatch(held, 0, held.length);
      return at + used;
    }
    const length = this.#checkHead(held, 0);
    if (held[3] === frameTypes.data) this.#beginData(held, 0, length);
    else if (length === 0) this.#dispatch(held, 0, held.length);
    else this.#hold(held, 0, frameHeadBytes, frameHeadBytes + length);
    return at + used;
  }

  #dispatch(bytes: Buffer, at: number, end: number): void {
    const type = bytes[at + 3]!;
    const flags = bytes[at + 4]!;
    const streamId = streamIdAt(bytes, at);
    const from = at + frameHeadBytes;
    if (type === frameTypes.headers) this.#readHead(flags, streamId, bytes, from, end);
    else if (type === frameTypes.continuation) this.#continueHead(flags, bytes, from, end);
    else this.#events.frame(type, flags, streamId, bytes, from, end);
  }

  #readHead(flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    let from = start;
    let to = end;
    if ((flags & frameFlags.padded) !== 0) {
      if (from >= to) throw new Http2Failure('frameSize', 'a head too short for its padding');
      to -= bytes[from++]!;
    }
    if ((flags & frameFlags.priority) !== 0) from += 5;
    if (from > to) throw new Http2Failure('protocol', 'a head that is shorter than its padding');
    const endsStream = (flags & frameFlags.endStream) !== 0;
    const wireBytes = frameHeadBytes + end - start;
    if ((flags & frameFlags.endHeaders) !== 0) {
      this.#events.headed(streamId, endsStream, bytes, from, to, wireBytes);
      return;
    }
    const piece = Buffer.from(bytes.subarray(from, to));
    this.#open = { streamId, endsStream, pieces: [piece], byteCount: piece.length, wireBytes };
  }

  #continueHead(flags: number, bytes: Buffer, from: number, to: number): void {
    const open = this.#open!;
    open.pieces.push(Buffer.from(bytes.subarray(from, to)));
    open.byteCount += to - from;
    open.wireBytes += frameHeadBytes + to - from;
    if (open.byteCount > maxHeadBytes || open.pieces.length > maxPieces) {
      throw new Http2Failure('calm', `a head of more than ${maxHeadBytes} bytes or ${maxPieces} frames`);
    }
    if ((flags & frameFlags.endHeaders) === 0) return;
    this.#open = null;
    const block = Buffer.concat(open.pieces);
    this.#events.headed(open.streamId, open.endsStream, block, 0, block.length, open.wireBytes);
  }

  #beginData(bytes: Buffer, at: number, length: number): void {
    const flags = bytes[at + 4]!;
    this.#dataStream = streamIdAt(bytes, at);
    this.#dataLeft = length;
    this.#paddingLeft = 0;
    this.#endsStream = (flags & frameFlags.endStream) !== 0;
    this.#awaitsPadding = (flags & frameFlags.padded) !== 0;
    if (this.#awaitsPadding && length === 0) {
      throw new Http2Failure('frameSize', 'a frame of a body too short for its padding');
    }
    this.#inData = true;
    this.#events.dataBegan(this.#dataStream, length);
    if (length === 0) this.#endData();
  }

  #readData(bytes: Buffer, start: number, size: number): number {
    let at = start;
    if (this.#awaitsPadding) {
      this.#awaitsPadding = false;
      this.#paddingLeft = bytes[at++]!;
      this.#dataLeft -= 1 + this.#paddingLeft;
      if (this.#dataLeft < 0) throw new Http2Failure('protocol', 'padding longer than its frame');
    }
    const dataEnd = Math.min(size, at + this.#dataLeft);
    if (dataEnd > at) this.#events.data(this.#dataStream, bytes, at, dataEnd);
    this.#dataLeft -= dataEnd - at;
    const end = Math.min(size, dataEnd + this.#paddingLeft);
    if (this.#dataLeft === 0) {
      this.#paddingLeft -= end - dataEnd;
      if (this.#paddingLeft === 0) this.#endData();
      return end;
    }
    return dataEnd;
  }

  #endData(): void {
    this.#inData = false;
    this.#events.dataEnded(this.#dataStream, this.#endsStream);
  }
}

function streamIdAt(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at + 5) & 0x7fffffff;
}
