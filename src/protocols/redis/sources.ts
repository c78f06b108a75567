// Where commands get their connections: one of the user's own, or one of a pool that all users of a worker share.

import { monotonicMs } from '../../time/clock.ts';
import { cancelTimer, startTimer, type Timer } from '../../time/timer.ts';
import type { RedisEndpoint } from './command-series.ts';
import type { ConnectionEvents, RedisConnection } from './connection.ts';
import type { RedisFailure } from './failure.ts';

/** Something that needs a connection. Exactly one of its two functions is called, unless it stops seeking. */
export interface Seeker {
  readonly seeking: boolean;
  /** Whose command opens a connection, if one must be opened. */
  readonly endpoint: RedisEndpoint;
  connected(connection: RedisConnection): void;
  unconnected(failure: RedisFailure): void;
}

export interface ConnectionSource {
  seek(seeker: Seeker): void;
  gaveBack(connection: RedisConnection): void;
}

/** Opens a connection after so many ms. */
export type Dial = (delayMs: number, events: ConnectionEvents) => RedisConnection;

const firstPauseMs = 50;
const longestPauseMs = 1000;

/**
 * Opens connections, after a pause when the last one could not be opened: a server that is gone is not to be asked as
 * fast as users fail.
 */
class Dialler {
  readonly #dial: Dial;
  #failedCount = 0;

  constructor(dial: Dial) {
    this.#dial = dial;
  }

  open({ ready, closed }: ConnectionEvents): RedisConnection {
    const pauseMs =
      this.#failedCount === 0 ? 0 : Math.min(firstPauseMs * 2 ** (this.#failedCount - 1), longestPauseMs);
    return this.#dial(pauseMs, {
      ready: (connection) => {
        this.#failedCount = 0;
        ready(connection);
      },
      closed: (connection, failure) => {
        if (!connection.wasReady) this.#failedCount++;
        closed(connection, failure);
      },
    });
  }
}

function recordConnecting({ endpoint }: Seeker, connection: RedisConnection): void {
  endpoint.scope.trend('redis_connecting').add(monotonicMs() - connection.startedAtMs);
}

/** One connection, which carries whatever its user sends at the same time one after the other. */
export class OwnConnection implements ConnectionSource {
  readonly #dialler: Dialler;
  /** The one for what comes next. */
  #connection: RedisConnection | null = null;
  /** With those that still wait for an answer, and take no more. */
  readonly #open = new Set<RedisConnection>();
  #seekers: Seeker[] = [];

  constructor(dial: Dial) {
    this.#dialler = new Dialler(dial);
  }

  seek(seeker: Seeker): void {
    const connection = this.#connection;
    if (connection?.usable) {
      seeker.connected(connection);
      return;
    }
    this.#seekers.push(seeker);
    if (connection?.state === 'connecting') return;
    this.#connection = this.#dialler.open({
      ready: (ready) => {
        recordConnecting(seeker, ready);
        for (const waiting of this.#takeSeekers()) waiting.connected(ready);
      },
      closed: (closed, failure) => {
        this.#open.delete(closed);
        if (this.#connection !== closed) return;
        this.#connection = null;
        for (const waiting of this.#takeSeekers()) waiting.unconnected(failure);
      },
    });
    this.#open.add(this.#connection);
  }

  #takeSeekers(): Seeker[] {
    const seekers = this.#seekers.filter(({ seeking }) => seeking);
    this.#seekers = [];
    return seekers;
  }

  gaveBack(): void {}

  close(): void {
    for (const connection of this.#open) connection.end();
  }
}

interface Waiting {
  readonly seeker: Seeker;
  readonly timer: Timer;
}

/** So many connections at the most, each with one exchange at a time; who finds none free waits in line. */
export class ConnectionPool implements ConnectionSource {
  readonly #size: number;
  readonly #timeoutMs: number;
  readonly #dialler: Dialler;
  /** The last one used is the first to be used again. */
  readonly #free: RedisConnection[] = [];
  /** Those that are there, being opened or being closed. */
  readonly #all = new Set<RedisConnection>();
  readonly #line = new Set<Waiting>();

  constructor(size: number, timeoutMs: number, dial: Dial) {
    this.#size = size;
    this.#timeoutMs = timeoutMs;
    this.#dialler = new Dialler(dial);
  }

  seek(seeker: Seeker): void {
    for (let free = this.#free.pop(); free !== undefined; free = this.#free.pop()) {
      if (!free.usable) continue;
      seeker.connected(free);
      return;
    }
    if (this.#all.size < this.#size) this.#open(seeker);
    else this.#wait(seeker);
  }

  #open(seeker: Seeker): void {
    const connection = this.#dialler.open({
      ready: (ready) => {
        recordConnecting(seeker, ready);
        if (seeker.seeking) seeker.connected(ready);
        else this.gaveBack(ready);
      },
      closed: (closed, failure) => {
        this.#all.delete(closed);
        const index = this.#free.indexOf(closed);
        if (index >= 0) this.#free.splice(index, 1);
        if (seeker.seeking) seeker.unconnected(failure);
        const next = this.#next();
        if (next !== undefined) this.seek(next);
      },
    });
    this.#all.add(connection);
  }

  #wait(seeker: Seeker): void {
    const message = `none of ${this.#size} connections was free within ${this.#timeoutMs} ms`;
    const timer = startTimer(() => {
      this.#line.delete(waiting);
      if (seeker.seeking) seeker.unconnected({ code: 'redis_pool_timeout', message });
    }, this.#timeoutMs);
    const waiting: Waiting = { seeker, timer };
    this.#line.add(waiting);
  }

  /** Takes out who has waited longest and still waits. */
  #next(): Seeker | undefined {
    for (const waiting of this.#line) {
      this.#line.delete(waiting);
      cancelTimer(waiting.timer);
      if (waiting.seeker.seeking) return waiting.seeker;
    }
    return undefined;
  }

  gaveBack(connection: RedisConnection): void {
    // Told again when it is closed, and there is room for another.
    if (!connection.usable) return;
    const next = this.#next();
    if (next === undefined) this.#free.push(connection);
    else next.connected(connection);
  }

  close(): void {
    for (const { timer } of this.#line) cancelTimer(timer);
    this.#line.clear();
    for (const connection of this.#all) connection.leave();
  }
}
