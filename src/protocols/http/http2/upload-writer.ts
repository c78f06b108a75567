// What ../upload.ts writes the pieces of a body to that is made while it is sent: each is taken when the one before is out.
// Called by stream.ts.

import { Writable } from 'node:stream';
import { usualFrameBytes } from './frames.ts';

/** Sends a piece of the body, the last one or not, and calls back when it was handed over. */
export type SendPiece = (bytes: Uint8Array, isLast: boolean, done: () => void) => void;

export class UploadWriter extends Writable {
  readonly #send: SendPiece;

  constructor(send: SendPiece) {
    super({ highWaterMark: 4 * usualFrameBytes, autoDestroy: false });
    this.#send = send;
  }

  override _write(piece: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#send(piece, false, done);
  }

  override _final(done: () => void): void {
    this.#send(new Uint8Array(0), true, done);
  }
}
