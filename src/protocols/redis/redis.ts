// Redis as user code sees it.

import type { Tags } from '../../model/metric.ts';
import type { Bytes } from '../../model/platform-types.ts';
import type { WaitOptions } from '../connection-types.ts';

/** What a command may be given; numbers are sent as text, bytes as they are. */
export type RedisArgument = string | number | bigint | Uint8Array;

/**
 * An answer: texts (bytes with `buffers`), integers (bigints beyond 2^53, whatever the types below say), `null` for what
 * is not there, and lists of these.
 */
// biome-ignore lint/suspicious/noExplicitAny: an answer is what the command of the server gives
export type RedisReply = any;

/** A command as data: its name, then its arguments. */
export type RedisCommandLine = readonly [name: string, ...args: RedisArgument[]];

/** What the commands of one `with` have in common. */
export interface RedisOptions {
  /** Tag `name` of their samples, beside `command`. */
  readonly name?: string;
  readonly tags?: Tags;
  /** Longest time in place of `redis.commandTimeout`: ms, or a duration such as `"5s"`. */
  readonly timeout?: number | string;
  /** Answers are bytes (`Buffer`) in place of texts. */
  readonly buffers?: boolean;
}

export interface RedisSetOptions {
  /** Seconds until it expires; at most one of the four. */
  readonly ex?: number;
  /** Ms until it expires. */
  readonly px?: number;
  /** Unix time at which it expires, in seconds. */
  readonly exat?: number;
  readonly keepttl?: boolean;
  /** Only if it does not exist; the answer is `null` when it does. */
  readonly nx?: boolean;
  /** Only if it exists. */
  readonly xx?: boolean;
  /** Answer with the value before. */
  readonly get?: boolean;
}

export interface RedisBatchOptions {
  /** False: a failing command's `RedisError` stands in its place among the answers; nothing is thrown. */
  readonly throw?: boolean;
}

/**
 * The usual commands by name; `command` sends any. Each resolves with the server's answer. A command that fails rejects
 * with a `RedisError`, which makes the iteration fail unless user code catches it.
 */
export interface RedisCommands {
  ping(): Promise<string>;
  get(key: RedisArgument): Promise<string | null>;
  set(key: RedisArgument, value: RedisArgument, options?: RedisSetOptions): Promise<string | null>;
  getdel(key: RedisArgument): Promise<string | null>;
  mget(...keys: RedisArgument[]): Promise<(string | null)[]>;
  mset(values: Readonly<Record<string, RedisArgument>>): Promise<string>;
  del(...keys: RedisArgument[]): Promise<number>;
  exists(...keys: RedisArgument[]): Promise<number>;
  expire(key: RedisArgument, seconds: number): Promise<number>;
  pexpire(key: RedisArgument, ms: number): Promise<number>;
  ttl(key: RedisArgument): Promise<number>;
  incr(key: RedisArgument): Promise<number>;
  incrby(key: RedisArgument, amount: number): Promise<number>;
  decr(key: RedisArgument): Promise<number>;
  append(key: RedisArgument, value: RedisArgument): Promise<number>;
  hget(key: RedisArgument, field: RedisArgument): Promise<string | null>;
  hset(key: RedisArgument, fields: Readonly<Record<string, RedisArgument>>): Promise<number>;
  hmget(key: RedisArgument, ...fields: RedisArgument[]): Promise<(string | null)[]>;
  hgetall(key: RedisArgument): Promise<Record<string, string>>;
  hdel(key: RedisArgument, ...fields: RedisArgument[]): Promise<number>;
  hincrby(key: RedisArgument, field: RedisArgument, amount: number): Promise<number>;
  lpush(key: RedisArgument, ...values: RedisArgument[]): Promise<number>;
  rpush(key: RedisArgument, ...values: RedisArgument[]): Promise<number>;
  lpop(key: RedisArgument): Promise<string | null>;
  rpop(key: RedisArgument): Promise<string | null>;
  llen(key: RedisArgument): Promise<number>;
  lrange(key: RedisArgument, from: number, to: number): Promise<string[]>;
  sadd(key: RedisArgument, ...members: RedisArgument[]): Promise<number>;
  srem(key: RedisArgument, ...members: RedisArgument[]): Promise<number>;
  sismember(key: RedisArgument, member: RedisArgument): Promise<number>;
  smembers(key: RedisArgument): Promise<string[]>;
  scard(key: RedisArgument): Promise<number>;
  zadd(key: RedisArgument, score: number, member: RedisArgument): Promise<number>;
  zincrby(key: RedisArgument, amount: number, member: RedisArgument): Promise<string>;
  zscore(key: RedisArgument, member: RedisArgument): Promise<string | null>;
  zrange(key: RedisArgument, from: number, to: number): Promise<string[]>;
  zrem(key: RedisArgument, ...members: RedisArgument[]): Promise<number>;
  publish(channel: string, message: RedisArgument): Promise<number>;
}

export interface RedisClient extends RedisCommands {
  /** Any command, such as `command('xadd', 'events', '*', 'kind', 'view')`. */
  command<Reply = RedisReply>(name: string, ...args: RedisArgument[]): Promise<Reply>;
  /** Sends all commands in one go; resolves with their answers in order when the last is there. */
  pipeline<Replies extends readonly RedisReply[] = RedisReply[]>(
    commands: readonly RedisCommandLine[],
    options?: RedisBatchOptions,
  ): Promise<Replies>;
  /** The same between MULTI and EXEC; `null` when a watched key has changed. */
  multi<Replies extends readonly RedisReply[] = RedisReply[]>(
    commands: readonly RedisCommandLine[],
    options?: RedisBatchOptions,
  ): Promise<Replies | null>;
  /** Listens to channels, or to those that fit a pattern, on a connection of its own for each virtual user. */
  subscribe(
    channels: string | readonly string[],
    options?: RedisSubscribeOptions,
  ): Promise<RedisSubscription>;
  /** The same client with other settings for what is called on it. */
  with(options: RedisOptions): RedisClient;
}

export interface RedisSubscribeOptions {
  /** The channels are patterns such as `news.*`. */
  readonly pattern?: boolean;
  /** What nobody has read yet is kept up to this many messages, 1000 when absent. */
  readonly maxUnread?: number;
}

export interface RedisMessage {
  readonly channel: string;
  /** The pattern that fits the channel, when the subscription has patterns. */
  readonly pattern: string | undefined;
  /** Bytes when the subscription was made with `buffers`. */
  readonly message: string | Bytes;
}

/** Lives until it is closed, its connection breaks, or its user ends. Iterating over it gives messages until then. */
export interface RedisSubscription extends AsyncIterable<RedisMessage> {
  readonly closed: boolean;
  /** Why the connection broke. */
  readonly error: { readonly code: string; readonly message: string } | null;
  /** The next message; `null` when it is closed, or when none comes in time (without `timeout`: waits). */
  next(options?: WaitOptions): Promise<RedisMessage | null>;
  /** Unsubscribes. */
  close(): Promise<void>;
}
