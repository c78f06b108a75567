// The commands of one virtual user: sends them, records them, and cuts off what is left when the user ends.

import type { HttpError } from '../../model/context.ts';
import { StoppedError } from '../../model/errors.ts';
import { monotonicMs } from '../../time/clock.ts';
import type { ConnectingUser } from '../held-connections.ts';
import type { Scope } from '../scope.ts';
import type { RedisConnection } from './connection.ts';
import { Exchange, type ExchangeKind, type ExchangeOwner, type Line } from './exchange.ts';
import { recordCutOff, recordEnded } from './recording.ts';
import type { RedisRuntime } from './runtime.ts';
import { type ConnectionSource, OwnConnection } from './sources.ts';

/** Commands after the end are refused this often; further ones never settle. */
const maxRefusals = 10;

export interface SendOptions {
  readonly scope: Scope;
  readonly buffers: boolean;
  readonly timeoutMs: number | undefined;
}

/** A command before it is known where its samples go. */
export type PlainLine = Omit<Line, 'endpoint'>;

export class UserCommands implements ExchangeOwner {
  readonly runtime: RedisRuntime;
  readonly user: ConnectingUser;
  readonly #source: ConnectionSource;
  readonly #own: OwnConnection | null;
  readonly #running = new Set<Exchange>();
  closed = false;
  #refusedCount = 0;

  constructor(runtime: RedisRuntime, user: ConnectingUser) {
    this.runtime = runtime;
    this.user = user;
    this.#own = runtime.pool === null ? new OwnConnection(runtime.dial) : null;
    this.#source = this.#own ?? runtime.pool!;
  }

  /** Resolves when every line has a reply or a failure. Rejects with a `StoppedError` when the user has ended. */
  run(kind: ExchangeKind, lines: readonly PlainLine[], options: SendOptions): Promise<Exchange> {
    if (this.closed) return this.refuse();
    const { runtime, user } = this;
    const { scope, buffers, timeoutMs = runtime.plan.commandTimeoutMs } = options;
    const placed = lines.map(({ name, args }) => ({
      name,
      args,
      endpoint: runtime.endpoints.get(scope, name),
    }));
    const endpoint = kind === 'command' ? placed[0]!.endpoint : runtime.endpoints.get(scope, kind);
    const exchange = new Exchange(
      {
        kind,
        lines: placed,
        endpoint,
        buffers,
        timeoutMs,
        startedAtMs: monotonicMs(),
        scheduledAtMs: user.takeScheduledAtMs(),
      },
      this,
    );
    return new Promise((resolve, reject) => {
      exchange.resolve = resolve;
      exchange.reject = reject;
      this.#running.add(exchange);
      this.#source.seek(exchange);
    });
  }

  ended(exchange: Exchange): void {
    this.#running.delete(exchange);
    recordEnded(exchange, this.#own === null);
    exchange.lines.forEach(({ endpoint }, i) => {
      const failure = exchange.failures[i];
      if (failure !== undefined) this.runtime.onFailure(endpoint.tags, failure.code, failure.message);
    });
    if (this.closed) exchange.reject(new StoppedError());
    else exchange.resolve(exchange);
  }

  gaveBack(connection: RedisConnection): void {
    this.#source.gaveBack(connection);
  }

  refuse(): Promise<never> {
    return new Promise((_resolve, reject) => {
      if (this.#refusedCount++ < maxRefusals) reject(new StoppedError());
    });
  }

  /** The user has ended, at the end of the run or because of `cause`. */
  close(cause?: HttpError): void {
    if (this.closed) return;
    this.closed = true;
    for (const exchange of [...this.#running]) {
      exchange.cutOff(cause);
      if (exchange.outcome !== 'aborted') continue;
      recordCutOff(exchange);
      if (exchange.sent) {
        this.runtime.onFailure(exchange.endpoint.tags, 'aborted', 'cut off at the end of the run');
      }
      exchange.reject(new StoppedError());
    }
    this.#running.clear();
    this.#own?.close();
  }
}
