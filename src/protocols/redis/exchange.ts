// What is sent in one go, a command, a pipeline or a transaction, on its way through a connection, and what came of it.

import type { Command } from 'ioredis';
import { monotonicMs } from '../../time/clock.ts';
import { cancelTimer, startTimer, type Timer } from '../../time/timer.ts';
import type { RedisEndpoint } from './command-series.ts';
import type { RedisConnection } from './connection.ts';
import { failureOfReply, type RedisFailure } from './failure.ts';
import type { RedisArgument } from './redis.ts';

export interface Line {
  /** In lower case. */
  readonly name: string;
  readonly args: readonly RedisArgument[];
  readonly endpoint: RedisEndpoint;
}

export type ExchangeKind = 'command' | 'pipeline' | 'transaction';

export interface ExchangeCall {
  readonly kind: ExchangeKind;
  readonly lines: readonly Line[];
  /** Where its duration and bytes belong: that of the only command, or of pipelines or transactions. */
  readonly endpoint: RedisEndpoint;
  readonly buffers: boolean;
  readonly timeoutMs: number;
  /** When user code asked for it, process clock. */
  readonly startedAtMs: number;
  /** When it was due, process clock; -1 unless it opens an arrival-rate iteration. */
  readonly scheduledAtMs: number;
}

export interface ExchangeOwner {
  /** It has ended by itself: every line has a reply or a failure. */
  ended(exchange: Exchange): void;
  /** Its connection is free again, or of no use any more. */
  gaveBack(connection: RedisConnection): void;
}

export class Exchange implements ExchangeCall {
  readonly kind: ExchangeKind;
  readonly lines: readonly Line[];
  readonly endpoint: RedisEndpoint;
  readonly buffers: boolean;
  readonly timeoutMs: number;
  readonly startedAtMs: number;
  readonly scheduledAtMs: number;
  /** By the library, in the order of the lines. */
  readonly commands: Command[] = [];
  readonly replies: unknown[] = [];
  readonly failures: (RedisFailure | undefined)[] = [];
  /** `aborted`: cut off by the end of the run. */
  outcome: 'pending' | 'ended' | 'aborted' = 'pending';
  sent = false;
  sentAtMs = 0;
  endedAtMs = 0;
  sentByteCount = 0;
  receivedByteCount = 0;
  resolve: (exchange: Exchange) => void = () => {};
  reject: (error: Error) => void = () => {};

  readonly #owner: ExchangeOwner;
  #connection: RedisConnection | null = null;
  #timer: Timer | undefined;
  #leftCount: number;

  constructor(call: ExchangeCall, owner: ExchangeOwner) {
    this.kind = call.kind;
    this.lines = call.lines;
    this.endpoint = call.endpoint;
    this.buffers = call.buffers;
    this.timeoutMs = call.timeoutMs;
    this.startedAtMs = call.startedAtMs;
    this.scheduledAtMs = call.scheduledAtMs;
    this.#owner = owner;
    this.#leftCount = call.lines.length;
  }

  /** Waiting for the server; of one that failed before it could be sent, its whole time. */
  get serviceMs(): number {
    return this.endedAtMs - (this.sent ? this.sentAtMs : this.startedAtMs);
  }

  /** From the call to the sending. */
  get waitedMs(): number {
    return (this.sent ? this.sentAtMs : this.endedAtMs) - this.startedAtMs;
  }

  /** Still in search of a connection? */
  get seeking(): boolean {
    return this.outcome === 'pending' && !this.sent;
  }

  /** There is a usable connection for it. */
  connected(connection: RedisConnection): void {
    this.#connection = connection;
    this.sent = true;
    this.sentAtMs = monotonicMs();
    this.#timer = startTimer(() => this.#timeOut(), this.timeoutMs);
    connection.send(this);
  }

  /** No connection can be had. */
  unconnected(failure: RedisFailure): void {
    this.#end(failure);
  }

  answered(line: number, reply: unknown): void {
    this.replies[line] = reply;
    this.#settled();
  }

  refused(line: number, failure: RedisFailure): void {
    this.failures[line] ??= failure;
    this.#settled();
  }

  #settled(): void {
    this.#leftCount--;
    if (this.#leftCount > 0) return;
    this.#finish();
    this.#leave();
  }

  #timeOut(): void {
    const message = `no complete answer within ${this.timeoutMs} ms`;
    // What comes late must not be taken for the answer to something else, so nobody else gets this connection.
    this.#connection?.leave();
    this.#end({ code: 'timeout', message });
    this.#leave();
  }

  /** Ends it with this failure for all lines that have neither reply nor failure. */
  #end(failure: RedisFailure): void {
    for (let i = 0; i < this.lines.length; i++) {
      if (!(i in this.replies)) this.failures[i] ??= failure;
    }
    this.#finish();
  }

  #finish(): void {
    if (this.outcome !== 'pending') return;
    this.outcome = 'ended';
    this.endedAtMs = monotonicMs();
    if (this.kind === 'transaction') this.#shareOut();
    this.#takeBytes();
    this.#owner.ended(this);
  }

  /** The answer to EXEC has the answers of all commands before it. */
  #shareOut(): void {
    const last = this.lines.length - 1;
    const results = this.replies[last];
    const failure = this.failures[last];
    for (let i = 1; i < last; i++) {
      const result: unknown = Array.isArray(results) ? results[i - 1] : undefined;
      if (failure !== undefined) this.failures[i] ??= failure;
      else if (result instanceof Error) this.failures[i] = failureOfReply(result.message);
      else if (result === undefined) delete this.replies[i];
      else {
        // What EXEC hands over is raw: the shape of a reply is that of its own command.
        this.replies[i] = this.commands[i]!.transformReply(result as Buffer);
      }
    }
  }

  /** Its user has ended. Without `failure` it is the end of the run: what was sent counts, but measures nothing. */
  cutOff(failure?: RedisFailure): void {
    if (this.outcome !== 'pending') return;
    if (failure !== undefined) {
      this.#end(failure);
      return;
    }
    this.outcome = 'aborted';
    this.endedAtMs = monotonicMs();
    this.#takeBytes();
  }

  #takeBytes(): void {
    if (this.#connection === null) return;
    const { sent, received } = this.#connection.takeBytes();
    this.sentByteCount = sent;
    this.receivedByteCount = received;
  }

  #leave(): void {
    cancelTimer(this.#timer);
    const connection = this.#connection;
    if (connection === null) return;
    this.#connection = null;
    connection.release();
    this.#owner.gaveBack(connection);
  }
}
