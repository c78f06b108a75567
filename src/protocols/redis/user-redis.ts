// Redis of one virtual user as its tasks call it.

import { waitMs } from '../held-connections.ts';
import type { Scope } from '../scope.ts';
import { NamedCommands } from './commands.ts';
import type { Exchange } from './exchange.ts';
import type { RedisFailure } from './failure.ts';
import type {
  RedisArgument,
  RedisBatchOptions,
  RedisClient,
  RedisCommandLine,
  RedisOptions,
  RedisReply,
  RedisSubscribeOptions,
  RedisSubscription,
} from './redis.ts';
import { RedisError } from './redis-error.ts';
import type { UserSubscriptions } from './subscriptions.ts';
import type { PlainLine, SendOptions, UserCommands } from './user-commands.ts';

/** They change what a connection is, or end it: answers would not belong to commands any more. */
const refused: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['subscribe', 'psubscribe', 'ssubscribe', 'unsubscribe', 'punsubscribe', 'sunsubscribe'].map((name) => [
      name,
      'use redis.subscribe',
    ]),
  ),
  ...Object.fromEntries(['multi', 'exec', 'discard'].map((name) => [name, 'use redis.multi'])),
  ...Object.fromEntries(
    ['hello', 'auth', 'select', 'quit', 'reset', 'monitor', 'sync', 'psync'].map((name) => [
      name,
      'the settings of redis say how connections are made',
    ]),
  ),
};

const noOptions: RedisOptions = {};

export class UserRedis extends NamedCommands implements RedisClient {
  readonly #session: UserCommands;
  readonly #subscriptions: UserSubscriptions;
  readonly #options: RedisOptions;
  readonly #timeoutMs: number | undefined;

  constructor(session: UserCommands, subscriptions: UserSubscriptions, options: RedisOptions = noOptions) {
    super();
    this.#session = session;
    this.#subscriptions = subscriptions;
    this.#options = options;
    this.#timeoutMs = waitMs(options.timeout);
  }

  protected send(name: string, args: readonly RedisArgument[]): Promise<RedisReply> {
    return this.#sendOne(name, args);
  }

  async #sendOne(name: string, args: readonly RedisArgument[]): Promise<RedisReply> {
    const line = { name, args: args.map((arg, i) => checked(name, arg, i)) };
    const { replies, failures } = await this.#session.run('command', [line], this.#sendOptions());
    if (failures[0] !== undefined) throw errorOf(name, failures[0]);
    return replies[0];
  }

  async command<Reply>(name: string, ...args: RedisArgument[]): Promise<Reply> {
    return this.#sendOne(this.#nameOf(name, args), args);
  }

  async pipeline<Replies extends readonly RedisReply[]>(
    commands: readonly RedisCommandLine[],
    options: RedisBatchOptions = {},
  ): Promise<Replies> {
    if (commands.length === 0) return [] as RedisReply[] as unknown as Replies;
    const lines = commands.map((command) => this.#lineOf(command));
    const exchange = await this.#session.run('pipeline', lines, this.#sendOptions());
    return resultsOf(exchange, 0, lines.length, options) as unknown as Replies;
  }

  async multi<Replies extends readonly RedisReply[]>(
    commands: readonly RedisCommandLine[],
    options: RedisBatchOptions = {},
  ): Promise<Replies | null> {
    const lines = commands.map((command) => this.#lineOf(command));
    const all = [{ name: 'multi', args: [] }, ...lines, { name: 'exec', args: [] }];
    const exchange = await this.#session.run('transaction', all, this.#sendOptions());
    const last = all.length - 1;
    const refusal = exchange.failures[last];
    if (refusal !== undefined) {
      // EXECABORT says less than what the server said of the command that was at fault.
      const fault = exchange.failures.find((one) => one !== undefined && one !== refusal);
      throw errorOf('multi', fault ?? refusal);
    }
    if (exchange.replies[last] === null) return null;
    return resultsOf(exchange, 1, last, options) as unknown as Replies;
  }

  async subscribe(
    channels: string | readonly string[],
    options: RedisSubscribeOptions = {},
  ): Promise<RedisSubscription> {
    const names = typeof channels === 'string' ? [channels] : [...channels];
    if (names.length === 0) throw new TypeError('subscribe needs at least one channel');
    return this.#subscriptions.subscribe(names, options, this.#sendOptions());
  }

  with(options: RedisOptions): RedisClient {
    const { tags } = this.#options;
    const merged = { ...this.#options, ...options, ...(tags && { tags: { ...tags, ...options.tags } }) };
    return new UserRedis(this.#session, this.#subscriptions, merged);
  }

  #sendOptions(): SendOptions {
    return { scope: this.#scope(), buffers: this.#options.buffers === true, timeoutMs: this.#timeoutMs };
  }

  #scope(): Scope {
    const { name, tags } = this.#options;
    let { scope } = this.#session.user;
    if (tags !== undefined) scope = scope.with(tags);
    return name === undefined ? scope : scope.with({ name });
  }

  #lineOf([name, ...args]: RedisCommandLine): PlainLine {
    const lower = this.#nameOf(name, args);
    return { name: lower, args: args.map((arg, i) => checked(lower, arg, i)) };
  }

  /** In lower case. Throws a `TypeError` for what must not be sent. */
  #nameOf(name: string, args: readonly RedisArgument[]): string {
    if (typeof name !== 'string' || !/^[a-z][\w.-]*$/i.test(name)) {
      throw new TypeError(`${JSON.stringify(name)} is not the name of a command such as "get"`);
    }
    const lower = name.toLowerCase();
    if (Object.hasOwn(refused, lower)) throw new TypeError(`${lower} cannot be sent: ${refused[lower]}`);
    if ((lower === 'watch' || lower === 'unwatch') && this.#session.runtime.pool !== null) {
      throw new TypeError(`${lower} needs connections "per-vu": each command may get another one of a pool`);
    }
    if (lower === 'client' && /^reply$/i.test(String(args[0]))) {
      throw new TypeError('client reply cannot be sent: every command needs its answer');
    }
    return lower;
  }
}

/** What the library would turn into text without a word. */
function checked(command: string, arg: RedisArgument, index: number): RedisArgument {
  if (typeof arg === 'string' || typeof arg === 'bigint') return arg;
  if (typeof arg === 'number' && Number.isFinite(arg)) return arg;
  if (arg instanceof Uint8Array) {
    return Buffer.isBuffer(arg) ? arg : Buffer.from(arg.buffer, arg.byteOffset, arg.byteLength);
  }
  const found = typeof arg === 'object' ? JSON.stringify(arg) : String(arg);
  throw new TypeError(`${command}: argument ${index + 1} must be text, a number or bytes, got ${found}`);
}

function errorOf(command: string, { code, message }: RedisFailure): RedisError {
  return new RedisError(code, `${command}: ${message}`);
}

function resultsOf(
  { lines, replies, failures }: Exchange,
  from: number,
  to: number,
  options: RedisBatchOptions,
): RedisReply[] {
  const results: RedisReply[] = [];
  for (let i = from; i < to; i++) {
    const failure = failures[i];
    const error = failure === undefined ? undefined : errorOf(lines[i]!.name, failure);
    if (error !== undefined && options.throw !== false) throw error;
    results.push(error ?? replies[i]);
  }
  return results;
}
