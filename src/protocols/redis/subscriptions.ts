// What one virtual user listens to: a connection of its own, opened with the first subscription, and closed with the
// user. A broken one is not opened again by itself: what was published meanwhile is lost, and the suite must know.

import type { HttpError } from '../../model/context.ts';
import { StoppedError } from '../../model/errors.ts';
import { monotonicMs } from '../../time/clock.ts';
import type { WaitOptions } from '../connection-types.ts';
import { unreadLimit, waitMs } from '../held-connections.ts';
import { Inbox } from '../inbox.ts';
import type { RedisEndpoint } from './command-series.ts';
import type { RedisConnection } from './connection.ts';
import { Exchange, type ExchangeOwner } from './exchange.ts';
import type { RedisFailure } from './failure.ts';
import { recordCutOff, recordEnded } from './recording.ts';
import type { RedisMessage, RedisSubscribeOptions, RedisSubscription } from './redis.ts';
import { RedisError } from './redis-error.ts';
import { OwnConnection } from './sources.ts';
import type { SendOptions, UserCommands } from './user-commands.ts';

type Verb = 'subscribe' | 'psubscribe' | 'unsubscribe' | 'punsubscribe';

/** The subscriptions of one user and their connection. */
export class UserSubscriptions implements ExchangeOwner {
  readonly #session: UserCommands;
  readonly #source: OwnConnection;
  readonly #open = new Set<OpenSubscription>();
  readonly #running = new Set<Exchange>();

  constructor(session: UserCommands) {
    this.#session = session;
    this.#source = new OwnConnection((delayMs, events) =>
      session.runtime.dial(delayMs, {
        ready: (connection) => {
          this.#listen(connection);
          events.ready(connection);
        },
        closed: (connection, failure) => {
          events.closed(connection, failure);
          for (const one of [...this.#open]) one.broke(failure);
        },
      }),
    );
  }

  async subscribe(
    channels: readonly string[],
    options: RedisSubscribeOptions,
    sending: SendOptions,
  ): Promise<RedisSubscription> {
    const isPattern = options.pattern === true;
    const endpoint = this.#session.runtime.endpoints.get(
      sending.scope,
      isPattern ? 'psubscribe' : 'subscribe',
    );
    const subscription = new OpenSubscription(channels, isPattern, sending.buffers, endpoint, {
      limit: unreadLimit(options.maxUnread),
      onDropped: () => this.#session.runtime.dropped(channels[0]!),
      isUserGone: () => this.#session.closed,
      onFailure: (failure) => this.#session.runtime.onFailure(endpoint.tags, failure.code, failure.message),
      leave: (one) => this.#leave(one, sending),
    });
    // Before the server knows: its first message may come together with the answer.
    this.#open.add(subscription);
    try {
      await this.#send(isPattern ? 'psubscribe' : 'subscribe', channels, sending);
    } catch (thrown) {
      this.#open.delete(subscription);
      throw thrown;
    }
    return subscription;
  }

  async #leave(subscription: OpenSubscription, sending: SendOptions): Promise<void> {
    this.#open.delete(subscription);
    if (this.#session.closed || subscription.error !== null) return;
    const { isPattern } = subscription;
    const others = [...this.#open].filter((one) => one.isPattern === isPattern);
    const unheard = subscription.channels.filter((name) =>
      others.every((one) => !one.channels.includes(name)),
    );
    if (unheard.length > 0) await this.#send(isPattern ? 'punsubscribe' : 'unsubscribe', unheard, sending);
  }

  async #send(verb: Verb, channels: readonly string[], options: SendOptions): Promise<void> {
    const session = this.#session;
    if (session.closed) return session.refuse();
    const { runtime } = session;
    const { scope, timeoutMs = runtime.plan.commandTimeoutMs } = options;
    const endpoint = runtime.endpoints.get(scope, verb);
    const scheduledAtMs = session.user.takeScheduledAtMs();
    const lines = [{ name: verb, args: channels, endpoint }];
    const startedAtMs = monotonicMs();
    const call = {
      kind: 'command',
      lines,
      endpoint,
      buffers: false,
      timeoutMs,
      startedAtMs,
      scheduledAtMs,
    } as const;
    const exchange = new Exchange(call, this);
    await new Promise<Exchange>((resolve, reject) => {
      exchange.resolve = resolve;
      exchange.reject = reject;
      this.#running.add(exchange);
      this.#source.seek(exchange);
    });
    const failure = exchange.failures[0];
    if (failure !== undefined) throw new RedisError(failure.code, `${verb}: ${failure.message}`);
  }

  ended(exchange: Exchange): void {
    this.#running.delete(exchange);
    recordEnded(exchange, false);
    const failure = exchange.failures[0];
    if (failure !== undefined) {
      this.#session.runtime.onFailure(exchange.endpoint.tags, failure.code, failure.message);
    }
    if (this.#session.closed) exchange.reject(new StoppedError());
    else exchange.resolve(exchange);
  }

  gaveBack(): void {}

  get listens(): boolean {
    return this.#open.size > 0;
  }

  #listen({ redis }: RedisConnection): void {
    redis.on('messageBuffer', (channel: Buffer, message: Buffer) => {
      const name = channel.toString();
      for (const one of this.#open) {
        if (!one.isPattern && one.channels.includes(name)) one.put(name, undefined, message);
      }
    });
    redis.on('pmessageBuffer', (pattern: string | Buffer, channel: Buffer, message: Buffer) => {
      const own = pattern.toString();
      for (const one of this.#open) {
        if (one.isPattern && one.channels.includes(own)) one.put(channel.toString(), own, message);
      }
    });
  }

  /** The user has ended. */
  close(cause?: HttpError): void {
    for (const exchange of [...this.#running]) {
      exchange.cutOff(cause);
      if (exchange.outcome !== 'aborted') continue;
      recordCutOff(exchange);
      exchange.reject(new StoppedError());
    }
    this.#running.clear();
    for (const one of [...this.#open]) one.stop();
    this.#open.clear();
    this.#source.close();
  }
}

interface Surroundings {
  readonly limit: number;
  readonly onDropped: () => void;
  readonly isUserGone: () => boolean;
  readonly onFailure: (failure: RedisFailure) => void;
  readonly leave: (subscription: OpenSubscription) => Promise<void>;
}

class OpenSubscription implements RedisSubscription {
  readonly channels: readonly string[];
  readonly isPattern: boolean;
  closed = false;
  error: RedisFailure | null = null;
  readonly #buffers: boolean;
  readonly #endpoint: RedisEndpoint;
  readonly #around: Surroundings;
  readonly #inbox: Inbox<RedisMessage>;

  constructor(
    channels: readonly string[],
    isPattern: boolean,
    buffers: boolean,
    endpoint: RedisEndpoint,
    around: Surroundings,
  ) {
    this.channels = channels;
    this.isPattern = isPattern;
    this.#buffers = buffers;
    this.#endpoint = endpoint;
    this.#around = around;
    this.#inbox = new Inbox(around.limit, around.onDropped, around.isUserGone);
  }

  put(channel: string, pattern: string | undefined, message: Buffer): void {
    this.#endpoint.scope.counter('redis_msgs_received').add(1);
    this.#inbox.put({ channel, pattern, message: this.#buffers ? message : message.toString() });
  }

  next(options: WaitOptions = {}): Promise<RedisMessage | null> {
    return this.#inbox.take(waitMs(options.timeout));
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.#inbox.end();
    await this.#around.leave(this);
  }

  broke(failure: RedisFailure): void {
    if (this.closed) return;
    this.error = failure;
    this.#around.onFailure(failure);
    void this.close();
  }

  stop(): void {
    this.closed = true;
    this.#inbox.stop();
  }

  [Symbol.asyncIterator](): AsyncIterator<RedisMessage> {
    return this.#inbox[Symbol.asyncIterator]();
  }
}
