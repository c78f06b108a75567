// One direction of one connection through a proxy: bytes wait here for as long as the faults that are on say, and are
// passed on in order. tcp-proxy.ts makes two for each connection.

import type { Socket } from 'node:net';
import { monotonicMs } from '../time/clock.ts';
import { cancelTimer, startTimer, type Timer } from '../time/timer.ts';

/** What the faults that are on make of the traffic. */
export interface LinkRules {
  /** How long what arrives now waits, ms. */
  delayMs(): number;
  /** Bytes per second; infinite without a limit. */
  bytesPerSec(): number;
  /** Nothing passes. */
  isHeld(): boolean;
  /** Bytes came in. */
  took(bytes: number): void;
  /** Bytes were passed on, so long after they came. */
  passed(waitedMs: number): void;
}

/** Beyond this, the sender waits: the proxy must not become a store that hides a slow way. */
const mostWaitingBytes = 256 * 1024;
/** A limited way passes bytes on in slices of so much time. */
const sliceMs = 20;

interface Piece {
  bytes: Buffer;
  readonly cameMs: number;
  readonly dueMs: number;
}

export class ProxyLink {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #rules: LinkRules;
  #waiting: Piece[] = [];
  #waitingBytes = 0;
  #timer: Timer | undefined;
  #ended = false;
  #gone = false;
  /** When a limited way is free again. */
  #freeMs = 0;

  constructor(from: Socket, to: Socket, rules: LinkRules) {
    this.#from = from;
    this.#to = to;
    this.#rules = rules;
    from.on('data', (bytes: Buffer) => this.#take(bytes));
    from.once('end', () => {
      this.#ended = true;
      this.flush();
    });
    // What has come is passed on, however late, when the sender is gone.
    from.once('close', () => {
      this.#gone = true;
      this.flush();
    });
    to.on('drain', () => this.flush());
    // The other direction ends this one's sender, when it has passed on what came.
    to.once('close', () => this.#drop());
  }

  #take(bytes: Buffer): void {
    const cameMs = monotonicMs();
    const last = this.#waiting.at(-1)?.dueMs ?? 0;
    this.#rules.took(bytes.length);
    this.#waiting.push({ bytes, cameMs, dueMs: Math.max(last, cameMs + this.#rules.delayMs()) });
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > mostWaitingBytes) this.#from.pause();
    this.flush();
  }

  /** Passes on what is due, and comes back for the rest; call it when the rules have changed. */
  flush(): void {
    cancelTimer(this.#timer);
    this.#timer = undefined;
    while (this.#waiting.length > 0 && !this.#rules.isHeld()) {
      const [piece] = this.#waiting as [Piece];
      const nowMs = monotonicMs();
      const perSec = this.#rules.bytesPerSec();
      const dueMs = Math.max(piece.dueMs, Number.isFinite(perSec) ? this.#freeMs : 0);
      // Timers of whole milliseconds may be a little early.
      if (dueMs > nowMs + 0.5) {
        this.#timer = startTimer(() => this.flush(), dueMs - nowMs);
        break;
      }
      if (this.#to.writableNeedDrain) break;
      this.#pass(piece, perSec, nowMs);
    }
    if (this.#waiting.length === 0 && this.#gone) this.#to.destroySoon();
    else if (this.#waiting.length === 0 && this.#ended && this.#to.writable) this.#to.end();
    if (this.#waitingBytes <= mostWaitingBytes && this.#from.isPaused()) this.#from.resume();
  }

  #pass(piece: Piece, perSec: number, nowMs: number): void {
    const slice = Number.isFinite(perSec)
      ? Math.max(1, Math.floor((perSec * sliceMs) / 1000))
      : piece.bytes.length;
    const part = piece.bytes.subarray(0, slice);
    if (Number.isFinite(perSec)) this.#freeMs = Math.max(this.#freeMs, nowMs) + (part.length / perSec) * 1000;
    this.#waitingBytes -= part.length;
    if (part.length === piece.bytes.length) this.#waiting.shift();
    else piece.bytes = piece.bytes.subarray(part.length);
    this.#rules.passed(nowMs - piece.cameMs);
    if (this.#to.writable) this.#to.write(part);
  }

  #drop(): void {
    cancelTimer(this.#timer);
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
