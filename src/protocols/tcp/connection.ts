// One TCP connection of a virtual user: writes, and reads answers that end in a delimiter or have a length.

import type net from 'node:net';
import { StoppedError } from '../../model/errors.ts';
import type { Tags } from '../../model/metric.ts';
import { monotonicMs } from '../../time/clock.ts';
import { cancelTimer, startTimer, type Timer } from '../../time/timer.ts';
import { waitMs } from '../held-connections.ts';
import type { Scope } from '../scope.ts';
import { AnswerBuffer, type AnswerEnd } from './answer-buffer.ts';
import { recordCutOff, recordEnded, type TcpOperation } from './recording.ts';
import type { TcpAnswer, TcpConnection, TcpError, TcpReadOptions } from './tcp.ts';

export interface ConnectionOptions {
  /** Of the user, as it stands when an operation starts, with the connection's tags. */
  readonly scope: () => Scope;
  readonly name: string;
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  readonly takeScheduledAtMs: () => number;
  readonly onFailure: (tags: Tags, code: string, message: string) => void;
  readonly onClosed: (connection: OpenConnection) => void;
  /** The answer to whoever still asks when the user has ended; `null` before. */
  readonly refusal: () => Promise<never> | null;
}

/** A read that waits for the end of its answer. */
interface Waiting extends TcpOperation {
  readonly end: AnswerEnd;
  readonly timer: Timer;
  readonly resolve: (answer: TcpAnswer) => void;
  readonly reject: (reason: Error) => void;
}

export class OpenConnection implements TcpConnection {
  readonly ok = true;
  error: TcpError | null = null;
  closed = false;
  readonly #socket: net.Socket;
  readonly #options: ConnectionOptions;
  readonly #received = new AnswerBuffer();
  #waiting: Waiting | null = null;
  #broken: TcpError = { code: 'connection_closed', message: 'the connection is closed' };

  constructor(socket: net.Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      this.#fail({ code: error.code ?? 'socket_error', message: error.message }),
    );
    socket.on('end', () =>
      this.#fail({ code: 'connection_closed', message: 'the other side closed the connection' }),
    );
    socket.on('close', () => options.onClosed(this));
  }

  write(data: string | Uint8Array): boolean {
    if (this.closed) return false;
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    this.#socket.write(bytes);
    this.#named().counter('data_sent').add(bytes.length);
    return true;
  }

  async read(options: TcpReadOptions): Promise<TcpAnswer> {
    return await this.#wait(options, null);
  }

  async request(data: string | Uint8Array, options: TcpReadOptions): Promise<TcpAnswer> {
    return await this.#wait(options, data);
  }

  close(): void {
    if (this.closed) return;
    this.#broken = { code: 'connection_closed', message: 'the connection was closed by the suite' };
    this.#fail(this.#broken);
    this.error = null;
  }

  /** Its user has ended: at the end of the run, or because of `cause`. */
  stop(cause: TcpError | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting !== null) {
      cancelTimer(waiting.timer);
      const nowMs = monotonicMs();
      if (cause === undefined) recordCutOff(waiting, nowMs);
      else recordEnded(waiting, nowMs, cause);
      const { code, message } = cause ?? { code: 'aborted', message: 'cut off at the end of the run' };
      if (cause !== undefined || waiting.sent) this.#options.onFailure(waiting.scope.tags, code, message);
      waiting.reject(new StoppedError());
    }
    this.closed = true;
    this.#socket.destroy();
  }

  #named(name = this.#options.name): Scope {
    return this.#options.scope().with({ name });
  }

  #wait(options: TcpReadOptions, data: string | Uint8Array | null): Promise<TcpAnswer> {
    const refusal = this.#options.refusal();
    if (refusal !== null) return refusal;
    if (this.#waiting !== null)
      throw new TypeError('a read of this connection is still waiting: await it first');
    const end = answerEnd(options);
    const timeoutMs = waitMs(options.timeout) ?? this.#options.timeoutMs;
    const scheduledAtMs = this.#options.takeScheduledAtMs();
    const startedAtMs = monotonicMs();
    const scope = this.#named(options.name);
    if (data !== null) this.write(data);
    return new Promise((resolve, reject) => {
      const timer = startTimer(() => this.#late(timeoutMs), timeoutMs);
      this.#waiting = {
        ...{ kind: 'request', scope, scheduledAtMs, startedAtMs, sent: !this.closed },
        ...{ end, timer, resolve, reject },
      };
      this.#received.rewind();
      this.#look();
      if (this.closed) this.#answer(null, this.error ?? this.#broken);
    });
  }

  #late(timeoutMs: number): void {
    this.#fail({ code: 'timeout', message: `no complete answer within ${timeoutMs} ms` });
  }

  #receive(bytes: Buffer): void {
    this.#named().counter('data_received').add(bytes.length);
    this.#received.add(bytes);
    this.#look();
    if (this.#received.length <= this.#options.maxAnswerBytes) return;
    const limit = `${this.#options.maxAnswerBytes} bytes`;
    this.#fail({
      code: 'tcp_answer_too_large',
      message: `more than ${limit} came without the end of an answer`,
    });
  }

  #look(): void {
    const bytes = this.#waiting === null ? null : this.#received.take(this.#waiting.end);
    if (bytes !== null) this.#answer(bytes, null);
  }

  /** What is broken stays so: where the next answer begins is not known any more. */
  #fail(error: TcpError): void {
    if (this.closed) return;
    this.closed = true;
    this.error = error;
    this.#socket.destroy();
    this.#answer(null, error);
  }

  #answer(bytes: Buffer | null, error: TcpError | null): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    this.#waiting = null;
    cancelTimer(waiting.timer);
    recordEnded(waiting, monotonicMs(), error);
    if (error !== null) {
      this.#received.clear();
      this.#options.onFailure(waiting.scope.tags, error.code, error.message);
    }
    const answer = bytes ?? Buffer.alloc(0);
    waiting.resolve({ bytes: answer, error, ok: error === null, text: () => answer.toString('utf8') });
  }
}

/** Throws a `TypeError` for what is no end of an answer. */
function answerEnd({ until, length }: TcpReadOptions): AnswerEnd {
  if ((until === undefined) === (length === undefined)) {
    throw new TypeError('an answer ends by `until` or has a `length`: give one of the two');
  }
  if (length !== undefined) {
    if (Number.isInteger(length) && length >= 0) return { length };
    throw new TypeError(`length is a count of bytes, got ${length}`);
  }
  const delimiter = Buffer.from(until as string);
  if (delimiter.length === 0) throw new TypeError('`until` is empty');
  return { until: delimiter };
}
