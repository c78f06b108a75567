// Has the server cancel what one connection is doing, by way of another. Made by connection.ts.

import { type DialSettings, requestCancel } from './dial.ts';
import type { Operation } from './operation.ts';

/** How long a statement that was told to end may take to do so before its connection is given up. */
const graceMs = 1000;

export class Canceller {
  /** A request is under way: it must not meet the next statement. */
  underWay = false;
  readonly #settings: DialSettings;
  readonly #onDone: () => void;
  /** Of the server's process, as it was announced; a pooler announces what it likes. 0 before. */
  processId = 0;
  #key: Buffer = Buffer.alloc(0);
  #lateSinceMs = 0;

  /** `onDone` is called when a request is no longer under way. */
  constructor(settings: DialSettings, onDone: () => void) {
    this.#settings = settings;
    this.#onDone = onDone;
  }

  /** Takes in BackendKeyData: by what the server knows the session. */
  keyData(bytes: Buffer, from: number, to: number): void {
    this.processId = bytes.readInt32BE(from);
    this.#key = Buffer.from(bytes.subarray(from + 4, to));
  }

  cancel(): void {
    if (this.underWay) return;
    this.underWay = true;
    void requestCancel(this.#settings, this.processId, this.#key).then(() => {
      this.underWay = false;
      this.#onDone();
    });
  }

  /** The statement has taken too long. Returns true when cancelling it was in vain. */
  endLate(operation: Operation, nowMs: number): boolean {
    if (operation.timedOut) return nowMs - this.#lateSinceMs >= graceMs;
    operation.timedOut = true;
    this.#lateSinceMs = nowMs;
    this.cancel();
    return false;
  }
}
