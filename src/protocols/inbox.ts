// What a server has sent and user code has not read yet. Used by sockets and event streams.

import { StoppedError } from '../model/errors.ts';
import { cancelTimer, startTimer, type Timer } from '../time/timer.ts';

interface Waiter<Item> {
  readonly match: ((item: Item) => boolean) | null;
  readonly resolve: (item: Item | null) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: Timer | undefined;
}

/**
 * Reads after the end of the user are refused this often; further ones never settle. A task that catches whatever
 * comes and tries again, for ever, would otherwise keep the event loop for itself.
 */
const maxRefusals = 10;

/** Items in order of arrival, at most `limit` of them: of what nobody reads the oldest is let go. */
export class Inbox<Item> {
  readonly #limit: number;
  readonly #onDropped: () => void;
  readonly #isUserGone: () => boolean;
  readonly #unread: Item[] = [];
  #waiters: Waiter<Item>[] = [];
  #state: 'open' | 'ended' | 'stopped' = 'open';
  #refusedCount = 0;

  constructor(limit: number, onDropped: () => void, isUserGone: () => boolean) {
    this.#limit = limit;
    this.#onDropped = onDropped;
    this.#isUserGone = isUserGone;
  }

  /** Does user code wait for an item right now? */
  get waitedFor(): boolean {
    return this.#waiters.length > 0;
  }

  put(item: Item): void {
    if (this.#state === 'stopped') return;
    const waiter = this.#waiterFor(item);
    if (waiter !== undefined) {
      this.#remove(waiter);
      waiter.resolve(item);
      return;
    }
    this.#unread.push(item);
    if (this.#unread.length > this.#limit) {
      this.#unread.shift();
      this.#onDropped();
    }
  }

  /** Who asked for this very item, else who waits for any. */
  #waiterFor(item: Item): Waiter<Item> | undefined {
    for (const waiter of [...this.#waiters]) {
      if (waiter.match === null) continue;
      try {
        if (waiter.match(item)) return waiter;
      } catch (thrown) {
        this.#remove(waiter);
        waiter.reject(thrown);
      }
    }
    return this.#waiters.find(({ match }) => match === null);
  }

  /** The oldest unread item, or the next; `null` when there is none to come, or none within `timeoutMs`. */
  take(timeoutMs?: number): Promise<Item | null> {
    if (this.#state !== 'stopped' && this.#unread.length > 0) return Promise.resolve(this.#unread.shift()!);
    return this.#wait(null, timeoutMs);
  }

  /** The next item to come that `match` accepts; what is unread already does not count. */
  watch(match: (item: Item) => boolean, timeoutMs: number): Promise<Item | null> {
    return this.#wait(match, timeoutMs);
  }

  /** What there is for who asks too late: `null`, or a `StoppedError` when the user has ended. */
  nothing(): Promise<null> {
    return this.#wait(null, 0) as Promise<null>;
  }

  #wait(match: Waiter<Item>['match'], timeoutMs: number | undefined): Promise<Item | null> {
    return new Promise((resolve, reject) => {
      if (this.#state === 'stopped' || this.#isUserGone()) {
        if (this.#refusedCount++ < maxRefusals) reject(new StoppedError());
      } else if (this.#state === 'ended' || timeoutMs === 0) {
        // Not at once: a loop that goes on after the end must leave the event loop its turns.
        setImmediate(resolve, null);
      } else {
        const timer = timeoutMs === undefined ? undefined : startTimer(() => this.#giveUp(waiter), timeoutMs);
        const waiter: Waiter<Item> = { match, resolve, reject, timer };
        this.#waiters.push(waiter);
      }
    });
  }

  #giveUp(waiter: Waiter<Item>): void {
    this.#remove(waiter);
    waiter.resolve(null);
  }

  #remove(waiter: Waiter<Item>): void {
    cancelTimer(waiter.timer);
    this.#waiters = this.#waiters.filter((one) => one !== waiter);
  }

  /** Nothing more comes. What is unread can still be read. */
  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    for (const waiter of this.#waiters) this.#giveUp(waiter);
  }

  /** The user has ended: who waits is woken with a `StoppedError`, and nothing can be read any more. */
  stop(): void {
    if (this.#state === 'stopped') return;
    this.#state = 'stopped';
    this.#unread.length = 0;
    for (const waiter of this.#waiters) {
      this.#remove(waiter);
      waiter.reject(new StoppedError());
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for (let item = await this.take(); item !== null; item = await this.take()) yield item;
  }
}
