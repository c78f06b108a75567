// Pings on their way, told apart by their payload. Called by socket.ts.

import type { WebSocket } from 'ws';
import { StoppedError } from '../../model/errors.ts';
import { monotonicMs } from '../../time/clock.ts';
import { cancelTimer, startTimer, type Timer } from '../../time/timer.ts';
import type { SocketSeries } from './socket-series.ts';

interface Pending {
  readonly startedAtMs: number;
  readonly timer: Timer;
  readonly resolve: (ms: number | null) => void;
  readonly reject: (error: Error) => void;
}

export class Pings {
  readonly #series: SocketSeries;
  readonly #pending = new Map<string, Pending>();
  #sentCount = 0;

  constructor(series: SocketSeries) {
    this.#series = series;
  }

  get waitedFor(): boolean {
    return this.#pending.size > 0;
  }

  /** The ms until the pong; `null` when none comes in time. */
  send(webSocket: WebSocket, timeoutMs: number): Promise<number | null> {
    return new Promise((resolve, reject) => {
      const payload = String(++this.#sentCount);
      const timer = startTimer(() => this.#settle(payload, null), timeoutMs);
      this.#pending.set(payload, { startedAtMs: monotonicMs(), timer, resolve, reject });
      webSocket.ping(payload);
    });
  }

  /** A pong that answers no ping of ours is a heartbeat of the server, and means nothing (RFC 6455 section 5.5.3). */
  answered(payload: string): void {
    const pending = this.#pending.get(payload);
    if (pending === undefined) return;
    const tookMs = monotonicMs() - pending.startedAtMs;
    this.#series.ping.add(tookMs);
    this.#settle(payload, tookMs);
  }

  #settle(payload: string, ms: number | null): void {
    const pending = this.#pending.get(payload);
    cancelTimer(pending?.timer);
    this.#pending.delete(payload);
    pending?.resolve(ms);
  }

  /** The session is closed: no pong will come. */
  end(): void {
    for (const payload of [...this.#pending.keys()]) this.#settle(payload, null);
  }

  /** The user has ended. */
  stop(): void {
    for (const { timer, reject } of this.#pending.values()) {
      cancelTimer(timer);
      reject(new StoppedError());
    }
    this.#pending.clear();
  }
}
