// Carries batches to a receiver: a bounded queue, one attempt at a time, again after a failure that may pass. Every
// output that sends something has one.

import { messageOf } from '../model/errors.ts';
import type { OutputTally } from '../model/output.ts';
import { monotonicMs } from '../time/clock.ts';
import { cancelTimer, startTimer } from '../time/timer.ts';

export interface Batch {
  readonly body: Uint8Array;
  /** How many points are given up when it is. */
  readonly points: number;
}

/** How an attempt ended, if not well. */
export interface Failure {
  readonly reason: string;
  /** `later`: may work later. `answered`: likewise, and the receiver is there. `never`: it is pointless. */
  readonly again: 'later' | 'answered' | 'never';
  /** What the receiver asks for. */
  readonly retryAfterMs?: number;
}

/**
 * Sends a batch once. Resolves with `undefined` when the receiver has it. Ends soon after `signal` aborts; what it
 * throws counts as a failure that may pass.
 */
export type Attempt = (batch: Batch, signal: AbortSignal) => Promise<Failure | undefined>;

interface DeliveryOptions {
  readonly attempt: Attempt;
  /** Longest time for one attempt. */
  readonly timeoutMs?: number;
  readonly maxBatches?: number;
  readonly maxBytes?: number;
  /** Wait after a first failure; twice as long after each that follows, up to `maxBackoffMs`. */
  readonly backoffMs?: number;
  readonly maxBackoffMs?: number;
  /** 0..1, for the jitter. */
  readonly random?: () => number;
}

const defaults = {
  timeoutMs: 10_000,
  maxBatches: 1000,
  maxBytes: 8 * 1024 * 1024,
  backoffMs: 500,
  maxBackoffMs: 30_000,
};
/** A receiver that asks for a longer wait is asked again after this. */
const longestRetryAfterMs = 5 * 60_000;
/** The first wait while closing, when time is short. */
const closingBackoffMs = 100;

/** The queue of one receiver. `add` returns at once and never throws; `sent` + `lost` + waiting is all that came in. */
export class Delivery {
  readonly #options: Required<DeliveryOptions>;
  readonly #queue: Batch[] = [];
  #queuedBytes = 0;
  /** The batch in an attempt: it cannot be dropped. */
  #inFlight: Batch | undefined;
  #attempting: AbortController | undefined;
  #worker: Promise<void> | undefined;
  #endWait: (() => void) | undefined;
  #failuresInARow = 0;
  /** On the monotonic clock; set by `close`. */
  #closeAtMs = Number.POSITIVE_INFINITY;
  #closing = false;
  #graceOver = false;
  #sent = 0;
  #lost = 0;
  #failures = 0;
  #lastError: string | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = { ...defaults, random: Math.random, ...options };
  }

  add(batch: Batch): void {
    if (this.#closing) {
      this.#lost += batch.points;
      return;
    }
    this.#queue.push(batch);
    this.#queuedBytes += batch.body.length;
    this.#makeRoom();
    this.#worker ??= this.#work();
  }

  /** Points that never became a batch; with a reason when something failed. */
  lose(points: number, reason?: string): void {
    this.#lost += points;
    if (reason === undefined) return;
    this.#failures++;
    this.#lastError = reason;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /**
   * Tries what is left once more, within `graceMs`; a receiver that answers is asked again as long as time is left.
   * What remains is lost.
   */
  async close(graceMs: number): Promise<Pick<OutputTally, 'sent' | 'lost' | 'failures' | 'lastError'>> {
    this.#closing = true;
    this.#closeAtMs = monotonicMs() + graceMs;
    this.#failuresInARow = 0;
    const end = startTimer(() => {
      this.#graceOver = true;
      this.#attempting?.abort();
      this.#endWait?.();
    }, graceMs);
    this.#endWait?.();
    await this.#worker;
    cancelTimer(end);
    for (const { points } of this.#queue.splice(0)) this.#lost += points;
    this.#queuedBytes = 0;
    return {
      sent: this.#sent,
      lost: this.#lost,
      failures: this.#failures,
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
    };
  }

  #makeRoom(): void {
    const { maxBatches, maxBytes } = this.#options;
    while (this.#queue.length > maxBatches || this.#queuedBytes > maxBytes) {
      const oldest = this.#queue[0] === this.#inFlight ? 1 : 0;
      const [dropped] = this.#queue.splice(oldest, 1);
      if (dropped === undefined) return;
      this.#queuedBytes -= dropped.body.length;
      this.#lost += dropped.points;
    }
  }

  async #work(): Promise<void> {
    // In a turn of its own, so that whoever adds a batch never waits for an attempt's beginning.
    await new Promise(setImmediate);
    for (let batch = this.#queue[0]; batch !== undefined; batch = this.#queue[0]) {
      if (this.#graceOver) break;
      this.#inFlight = batch;
      const failure = await this.#try(batch);
      this.#inFlight = undefined;
      if (failure === undefined || failure.again === 'never') {
        this.#queue.shift();
        this.#queuedBytes -= batch.body.length;
      }
      if (failure === undefined) {
        this.#sent += batch.points;
        this.#failuresInARow = 0;
        continue;
      }
      this.#failures++;
      this.#lastError = failure.reason;
      if (failure.again === 'never') {
        this.#lost += batch.points;
        continue;
      }
      const waitMs = this.#waitAfter(failure);
      if (this.#closing && (failure.again !== 'answered' || monotonicMs() + waitMs >= this.#closeAtMs)) break;
      await this.#wait(waitMs);
    }
    this.#worker = undefined;
  }

  async #try(batch: Batch): Promise<Failure | undefined> {
    const controller = new AbortController();
    this.#attempting = controller;
    const { timeoutMs, attempt } = this.#options;
    const timer = startTimer(() => controller.abort(), timeoutMs).unref();
    const aborted = new Promise<Failure>((resolve) => {
      controller.signal.addEventListener('abort', () => {
        const reason = this.#closing
          ? 'no answer before the run ended'
          : `no answer within ${timeoutMs / 1000} s`;
        resolve({ reason, again: 'later' });
      });
    });
    try {
      // The race holds also for an attempt that does not mind its signal.
      return await Promise.race([attempt(batch, controller.signal), aborted]);
    } catch (thrown) {
      return { reason: messageOf(thrown), again: 'later' };
    } finally {
      cancelTimer(timer);
      this.#attempting = undefined;
    }
  }

  #waitAfter(failure: Failure): number {
    if (failure.retryAfterMs !== undefined) return Math.min(failure.retryAfterMs, longestRetryAfterMs);
    const { backoffMs, maxBackoffMs, random } = this.#options;
    const firstMs = this.#closing ? Math.min(backoffMs, closingBackoffMs) : backoffMs;
    const wholeMs = Math.min(maxBackoffMs, firstMs * 2 ** Math.min(20, this.#failuresInARow++));
    // Between half and all of it: receivers that come back are not asked by everybody at the same moment.
    return wholeMs * (0.5 + random() / 2);
  }

  #wait(ms: number): Promise<void> {
    return new Promise<void>((resolve) => {
      const timer = startTimer(resolve, ms);
      // While the run goes on it is not this that keeps the process alive; while closing somebody waits for it.
      if (!this.#closing) timer.unref();
      this.#endWait = () => {
        cancelTimer(timer);
        resolve();
      };
    }).then(() => {
      this.#endWait = undefined;
    });
  }
}
