// The requests of one virtual user that wait for a connection, because their hosts have all they may. Called
// by user-http.ts.

import type { HttpExchange } from './exchange.ts';
import type { Origin } from './target.ts';

export class WaitingLine {
  #exchanges: HttpExchange[] = [];

  get isEmpty(): boolean {
    return this.#exchanges.length === 0;
  }

  add(exchange: HttpExchange): void {
    this.#exchanges.push(exchange);
  }

  holds(origin: Origin): boolean {
    return this.#exchanges.some(({ request }) => request.target.origin === origin);
  }

  /** Takes out the request to `origin` that has waited longest. */
  take(origin: Origin): HttpExchange | undefined {
    const index = this.#exchanges.findIndex(({ request }) => request.target.origin === origin);
    return index < 0 ? undefined : this.#exchanges.splice(index, 1)[0];
  }

  /** Takes out those whose time is over. */
  takeLate(nowMs: number): HttpExchange[] {
    const late = this.#exchanges.filter(({ deadlineAtMs }) => nowMs >= deadlineAtMs);
    if (late.length > 0) {
      this.#exchanges = this.#exchanges.filter(({ deadlineAtMs }) => nowMs < deadlineAtMs);
    }
    return late;
  }

  /** Takes out all. */
  empty(): HttpExchange[] {
    return this.#exchanges.splice(0);
  }
}
