// Gathers what is written to a connection within one turn, so that the requests of many share a write. Called by
// link.ts.

import type { Socket } from 'node:net';

/** A connection with so much before it takes no more of bodies until that is out. */
const backlogBytes = 256 * 1024;
/** Answers that it takes all the same: it may be full of bodies, which is no fault of whoever asks. */
const maxAnswers = 1000;

export class Outbox {
  readonly #socket: Socket;
  readonly #whenWritten: (error?: Error | null) => void;
  #chunks: Buffer[] = [];
  #gatheredBytes = 0;
  #closed = false;
  /** Since it was not full. */
  #answerCount = 0;

  /** `whenOut` is called after each write: 'drain' does not come for all that was too much. */
  constructor(socket: Socket, whenOut: () => void) {
    this.#socket = socket;
    this.#whenWritten = (error) => {
      if (error === undefined || error === null) whenOut();
    };
  }

  /** Too much waits already: what can wait, shall. */
  get isFull(): boolean {
    return this.#gatheredBytes + this.#socket.writableLength >= backlogBytes;
  }

  /** Counts an answer that is to be put; false when too many wait already. */
  takesAnswer(): boolean {
    this.#answerCount = this.isFull ? this.#answerCount + 1 : 0;
    return this.#answerCount <= maxAnswers;
  }

  put(bytes: Buffer): void {
    if (this.#closed) return;
    this.#gatheredBytes += bytes.length;
    if (this.#chunks.push(bytes) === 1) queueMicrotask(this.#flush);
  }

  readonly #flush = (): void => {
    const chunks = this.#chunks;
    if (chunks.length === 0) return;
    this.#chunks = [];
    this.#gatheredBytes = 0;
    // The error of a write that fails is told by the socket when it closes.
    this.#socket.write(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks), this.#whenWritten);
  };

  /** Writes what there is, and closes our side when it is out. */
  end(): void {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    this.#socket.end();
  }
}
