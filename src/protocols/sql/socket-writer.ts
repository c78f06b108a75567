// Writes the bytes of one connection to its socket, and says when they have left. Made by connection.ts.

import type { Dialed } from './dial.ts';

/** What a socket's writer calls a chunk that is no text; the types know text encodings only. */
const bytesAsTheyAre = 'buffer' as BufferEncoding;

export class SocketWriter {
  /** Whether the connection carries statements: before and after, the socket's queue is good enough. */
  ready = false;
  readonly #dialed: Dialed;
  readonly #isPlain: boolean;
  #writing = false;
  readonly #backlog: Buffer[] = [];
  readonly #onDrained: (() => void)[] = [];

  /** `isPlain` without TLS. The bytes of `dialed` must not be written by others. */
  constructor(dialed: Dialed, isPlain: boolean) {
    this.#dialed = dialed;
    this.#isPlain = isPlain;
  }

  write(bytes: Buffer): void {
    const { socket } = this.#dialed;
    // Straight to the socket's own writer, as for HTTP, unless something stands in its queue, or TLS is between.
    if (this.#isPlain && socket.writableLength === 0 && this.ready) this.#writeDirectly(bytes);
    else socket.write(bytes, this.#onWritten);
  }

  readonly #onWritten = (error?: Error | null): void => {
    if (error) this.#dialed.socket.destroy(error);
  };

  /** The socket's writer takes one write at a time; what comes meanwhile is sent behind it. */
  #writeDirectly(bytes: Buffer): void {
    if (this.#writing) {
      this.#backlog.push(bytes);
      return;
    }
    this.#writing = true;
    this.#dialed.socket._write(bytes, bytesAsTheyAre, this.#onWrittenDirectly);
  }

  readonly #onWrittenDirectly = (error?: Error | null): void => {
    this.#writing = false;
    if (error) this.#dialed.socket.destroy(error);
    else if (this.#backlog.length > 0) this.#writeDirectly(Buffer.concat(this.#backlog.splice(0)));
    if (!this.#writing) this.wake();
  };

  /** Resolves when what was written has left, or the connection carries nothing any more. */
  drained(): Promise<void> {
    const { socket } = this.#dialed;
    if (!this.ready || (!this.#writing && !socket.writableNeedDrain)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onDrained.push(resolve);
      if (!this.#writing) socket.once('drain', resolve);
    });
  }

  /** The connection carries nothing any more. */
  end(): void {
    this.ready = false;
    this.wake();
  }

  /** Lets go of those that wait until it has drained. */
  wake(): void {
    for (const wake of this.#onDrained.splice(0)) wake();
  }
}
