// Writes a request that may not be in the kernel when the write returns: a large body, or one that is made while it
// goes out. Called by connection.ts, one for each such request.

import type net from 'node:net';
import { Writable } from 'node:stream';

/** Node's writers hand over what they have queued with this mark; the types do not know it. */
type Queued = { chunk: unknown; encoding: BufferEncoding }[];

export class BodyWriter extends Writable {
  readonly #socket: net.Socket;
  readonly #failed: (error: Error) => void;

  /**
   * Goes straight to the socket's own writers. The stream's queue in front of them would destroy the socket when a
   * write fails, and with it an answer that a server gave before it closed: RFC 9112 section 9.5.
   */
  constructor(socket: net.Socket, failed: (error: Error) => void) {
    super({ decodeStrings: false, autoDestroy: false, highWaterMark: socket.writableHighWaterMark });
    this.#socket = socket;
    this.#failed = failed;
  }

  /** Something of what was written is not with the system yet, or failed. */
  get unfinished(): boolean {
    return this.writableLength > 0;
  }

  override _write(chunk: unknown, encoding: BufferEncoding, done: () => void): void {
    const socket = this.#socket;
    // What the request before left in the socket's queue must be out first: a TLS socket tells of it a turn late.
    if (socket.writableLength > 0) socket.write(chunk as Uint8Array, encoding, this.#settle(done));
    else socket._write(chunk, encoding, this.#settle(done));
  }

  override _writev(chunks: Queued, done: () => void): void {
    const socket = this.#socket;
    if (socket.writableLength === 0) {
      socket._writev!(chunks, this.#settle(done));
      return;
    }
    const last = chunks.length - 1;
    socket.cork();
    for (const [index, { chunk, encoding }] of chunks.entries()) {
      socket.write(chunk as Uint8Array, encoding, index === last ? this.#settle(done) : undefined);
    }
    socket.uncork();
  }

  /** After a failure nothing more is written. */
  #settle(done: () => void): (error?: Error | null) => void {
    return (error) => {
      if (error) this.#failed(error);
      else done();
    };
  }
}
