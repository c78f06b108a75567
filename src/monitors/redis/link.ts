// One connection to the Redis server that is watched: how it is opened, asked, given up and closed. Called by ../redis.ts;
// one that broke is never mended, the next reading opens another.

import type net from 'node:net';
import type { Redis } from 'ioredis';
import type { Dialer } from '../../network/dialer.ts';
import { connectorOf, plainCarrier } from '../../protocols/redis/connector.ts';
import {
  connectionClosed,
  failureOfConnection,
  failureOfReply,
  type LibraryError,
  type RedisFailure,
} from '../../protocols/redis/failure.ts';
import { placeOf, type RedisPlace } from '../../protocols/redis/redis-url.ts';
import { unaskedMessage, watchUnasked } from '../../protocols/redis/unasked.ts';
import { tooMuch, unlessAborted, unlessTooMuch } from '../give-up.ts';

/** A connection that is closed in order and not by the other side is cut off after this. */
const farewellMs = 300;

/** A reply of the server, or its refusal. */
export type Answer = { readonly reply: unknown } | { readonly refusal: string };

export class RedisLink {
  readonly #redis: Redis;
  readonly #place: string;
  #trouble: RedisFailure | null = null;
  #alive = true;
  /** It has answered a question of ours. */
  #answered = false;

  private constructor(redis: Redis, place: string) {
    this.#redis = redis;
    this.#place = place;
    redis.on('error', (error: LibraryError) => {
      this.#trouble ??= failureOfConnection(error);
    });
    redis.on('end', () => {
      this.#alive = false;
    });
  }

  /** Rejects with an `Error` that says what failed, without user and password. */
  static async open(
    place: RedisPlace,
    password: string | undefined,
    signal: AbortSignal,
    dialer: Dialer,
  ): Promise<RedisLink> {
    // The library is loaded by those who watch a Redis.
    const { AbstractConnector, Command, Redis } = await import('ioredis');
    const redis = new Redis({
      host: place.host,
      port: place.port,
      ...(place.username !== undefined && { username: place.username }),
      ...(password !== undefined && { password }),
      Connector: connectorOf(AbstractConnector, { dialer, place, tls: place.secure ? {} : null }),
      ...(place.secure && { tls: {} }),
      connectionName: 'plimsoll-monitor',
      ...plainCarrier,
      disconnectTimeout: farewellMs,
    });
    watchUnasked(
      redis,
      () => new Command('ping', []),
      () => redis.stream.destroy(new Error(unaskedMessage)),
    );
    const link = new RedisLink(redis, placeOf(place));
    await link.#run(signal, () => redis.connect(), 'let us in');
    return link;
  }

  get alive(): boolean {
    return this.#alive && this.#redis.status === 'ready' && this.#redis.stream.writable;
  }

  /** Sends commands in one go, and resolves with an answer to each. Rejects as `open`. */
  async ask(commands: readonly (readonly string[])[], signal: AbortSignal): Promise<readonly Answer[]> {
    const pipeline = this.#redis.pipeline(commands.map((words) => ['call', ...words]));
    const results = (await this.#run(signal, () => pipeline.exec(), 'answer')) ?? [];
    const answers = results.map(([error, reply]) => {
      if (error === null) return { reply };
      // Anything else than the server's own words means that the connection broke on the way.
      if (error.name === 'ReplyError') return { refusal: error.message };
      throw this.#failed(error);
    });
    this.#answered = true;
    return answers;
  }

  async #run<T>(signal: AbortSignal, work: () => Promise<T>, verb: string): Promise<T> {
    const reason = () => `Redis at ${this.#place} did not ${verb} in the time that a reading may take`;
    try {
      // There is none while the library connects.
      const socket = this.#redis.stream as Redis['stream'] | undefined;
      const bounded = () =>
        unlessTooMuch(socket as net.Socket | undefined, work, () => {
          this.#trouble ??= { code: 'answer_too_large', message: tooMuch };
          this.drop();
        });
      return await unlessAborted(signal, bounded, () => this.drop(), reason);
    } catch (error) {
      throw signal.aborted ? error : this.#failed(error as LibraryError);
    }
  }

  #failed(error: LibraryError): Error {
    this.drop();
    const closed = error.name === 'Error' && error.message === 'Connection is closed.';
    const { code, message } = this.#trouble ?? (closed ? connectionClosed : failureOfConnection(error));
    const reason = why(code, message);
    // A server that is full says so and hangs up, which often is noticed before its words are read.
    const hungUp = !this.#answered && ['ECONNRESET', 'EPIPE', 'connection_closed'].includes(code);
    const hint = hungUp ? '; it hung up at once, as a server does that has maxclients already' : '';
    return new Error(`Redis at ${this.#place} cannot be read: ${reason}${hint}`, { cause: error });
  }

  /** Cuts the connection off. What waits for an answer rejects. */
  drop(): void {
    this.#alive = false;
    // The library makes its stream a turn after it was told to connect.
    const stream = this.#redis.stream as Redis['stream'] | undefined;
    this.#redis.disconnect();
    stream?.destroy();
  }

  /** The error of a refusal that leaves nothing to read. */
  refused(refusal: string): Error {
    this.drop();
    const { code, message } = failureOfReply(refusal);
    return new Error(`Redis at ${this.#place} cannot be read: ${why(code, message)}`);
  }
}

function why(code: string, message: string): string {
  const plain = message.replace(/\s+/g, ' ').trim();
  if (code === 'WRONGPASS' || code === 'NOAUTH') return `user or password is wrong or missing (${code})`;
  if (/max number of clients/.test(plain)) return 'too many clients: maxclients are there already';
  return plain.includes(code) ? plain : `${plain} (${code})`;
}
