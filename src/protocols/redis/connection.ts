// One connection to the server, held by the client library: what is sent on it, and how it ends. Made by runtime.ts; a
// broken one is never mended, since the next command opens another.

import type { AbstractConnector, Command, Redis, RedisOptions } from 'ioredis';
import { monotonicMs } from '../../time/clock.ts';
import { cancelTimer, startTimer, type Timer } from '../../time/timer.ts';
import { connectionClosed, failureOfConnection, failureOfReply, type RedisFailure } from './failure.ts';
import type { RedisArgument } from './redis.ts';
import { type CommandMaker, commandMaker } from './replies.ts';
import { unaskedMessage, watchUnasked } from './unasked.ts';

/** As the library's constructor takes them. */
export type LibraryOptions = Omit<RedisOptions, 'replyMapping'>;

export interface Library {
  readonly Redis: typeof Redis;
  /** Made by `loadLibrary`. */
  readonly OwnCommand: CommandMaker;
  readonly AbstractConnector: typeof AbstractConnector;
}

/** Suites without Redis do not pay for it. */
export async function loadLibrary(): Promise<Library> {
  const { Redis, Command, AbstractConnector } = await import('ioredis');
  return { Redis, AbstractConnector, OwnCommand: commandMaker(Command) };
}

/** What is sent in one go. */
export interface Cargo {
  readonly lines: readonly { readonly name: string; readonly args: readonly RedisArgument[] }[];
  readonly buffers: boolean;
  /** Filled in: the library's commands, in the order of the lines. */
  readonly commands: Command[];
  answered(line: number, reply: unknown): void;
  refused(line: number, failure: RedisFailure): void;
}

export interface ConnectionEvents {
  /** It is ready for commands. */
  ready(connection: RedisConnection): void;
  /** Nothing more comes. Told once, also when it never was ready. */
  closed(connection: RedisConnection, failure: RedisFailure): void;
}

export class RedisConnection {
  readonly redis: Redis;
  /** When it began to connect, process clock. */
  startedAtMs = 0;
  state: 'connecting' | 'ready' | 'leaving' | 'closed' = 'connecting';
  /** It has been ready once. */
  wasReady = false;
  /** Why it broke, as the library says. */
  trouble: RedisFailure | null = null;
  /** The exchanges that it carries. */
  #liveCount = 0;
  readonly #OwnCommand: CommandMaker;
  readonly #connectLimitMs: number;
  readonly #events: ConnectionEvents;
  #timer: Timer | undefined;
  #countedSentBytes = 0;
  #countedReceivedBytes = 0;

  /** It begins to connect after `delayMs`. */
  constructor(
    library: Library,
    options: LibraryOptions,
    { connectLimitMs, delayMs }: { readonly connectLimitMs: number; readonly delayMs: number },
    events: ConnectionEvents,
  ) {
    this.#OwnCommand = library.OwnCommand;
    this.#connectLimitMs = connectLimitMs;
    this.#events = events;
    const redis = new library.Redis(options);
    this.redis = redis;
    watchUnasked(
      redis,
      () => new library.OwnCommand('ping', [], true),
      () => {
        this.trouble ??= failureOfConnection(new Error(unaskedMessage));
        this.#cutOff();
      },
    );
    redis.on('error', (error: Error) => {
      this.trouble ??= failureOfConnection(error);
    });
    redis.once('end', () => {
      cancelTimer(this.#timer);
      this.state = 'closed';
      events.closed(this, this.trouble ?? connectionClosed);
    });
    if (delayMs === 0) this.#connect();
    else this.#timer = startTimer(() => this.#connect(), delayMs);
  }

  #connect(): void {
    this.startedAtMs = monotonicMs();
    const limitMs = this.#connectLimitMs;
    this.#timer = startTimer(() => {
      this.trouble ??= { code: 'connect_timeout', message: `not ready within ${limitMs} ms` };
      this.#cutOff();
    }, limitMs);
    this.redis.connect().then(
      () => this.#connected(),
      // `end` follows, and says the same.
      () => {},
    );
  }

  #connected(): void {
    cancelTimer(this.#timer);
    if (this.state !== 'connecting') return;
    // A database that cannot be selected is told as an error; what follows would go to another one.
    if (this.trouble !== null) {
      this.end();
      return;
    }
    this.state = 'ready';
    this.wasReady = true;
    this.#events.ready(this);
  }

  get usable(): boolean {
    return this.state === 'ready' && this.redis.status === 'ready' && this.redis.stream.writable;
  }

  /** The connection must be usable. */
  send(cargo: Cargo): void {
    this.#liveCount++;
    const { lines, buffers } = cargo;
    const { stream } = this.redis;
    if (lines.length > 1) stream.cork();
    for (let i = 0; i < lines.length; i++) {
      const { name, args } = lines[i]!;
      const command = new this.#OwnCommand(name, args, buffers);
      cargo.commands.push(command);
      void this.redis.sendCommand(command);
      command.promise.then(
        (reply) => cargo.answered(i, reply),
        (error: Error) => cargo.refused(i, this.#failureOf(error)),
      );
    }
    if (lines.length > 1) stream.uncork();
  }

  #failureOf(error: Error): RedisFailure {
    return error.name === 'ReplyError' ? failureOfReply(error.message) : (this.trouble ?? connectionClosed);
  }

  /** The exchange has all its answers, or does not wait for them any longer. */
  release(): void {
    this.#liveCount--;
    if (this.state === 'leaving' && this.#liveCount === 0) this.end();
  }

  /** Takes no more exchanges, and ends with the last that it carries. */
  leave(): void {
    if (this.state === 'ready') this.state = 'leaving';
    if (this.#liveCount === 0) this.end();
  }

  /** Bytes since it was asked last. */
  takeBytes(): { readonly sent: number; readonly received: number } {
    const { bytesWritten, bytesRead } = this.redis.stream;
    const sent = bytesWritten - this.#countedSentBytes;
    const received = bytesRead - this.#countedReceivedBytes;
    this.#countedSentBytes = bytesWritten;
    this.#countedReceivedBytes = bytesRead;
    return { sent, received };
  }

  /** Closes it in order: the server gets what was sent. */
  end(): void {
    if (this.state === 'closed') return;
    cancelTimer(this.#timer);
    this.state = 'leaving';
    this.redis.disconnect();
  }

  #cutOff(): void {
    // There is none while a connection is being made, which ends at once when it is no longer wanted.
    const stream = this.redis.stream as Redis['stream'] | undefined;
    if (stream === undefined) this.redis.disconnect();
    else stream.destroy();
  }
}
