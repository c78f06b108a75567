// The TCP client of one virtual user: opens connections, and closes what is left when the user ends.

import type { HttpError } from '../../model/context.ts';
import { StoppedError } from '../../model/errors.ts';
import { type Destination, directTo } from '../../network/destination.ts';
import type { Dialer } from '../../network/dialer.ts';
import { monotonicMs } from '../../time/clock.ts';
import { cancelTimer, startTimer } from '../../time/timer.ts';
import { sizeLimit, waitMs } from '../held-connections.ts';
import type { OpenOptions, ProtocolUser } from '../protocol.ts';
import { OpenConnection } from './connection.ts';
import { recordCutOff, recordEnded, type TcpOperation } from './recording.ts';
import type { TcpClient, TcpConnection, TcpConnectOptions, TcpError, TcpPlan } from './tcp.ts';

const defaultConnectMs = 10_000;
const defaultTimeoutMs = 60_000;
const defaultAnswerBytes = 16_000_000;
/** Connects after the end are refused this often; further ones never settle. */
const maxRefusals = 10;

export interface UserTcpDeps extends Pick<OpenOptions, 'onFailure'> {
  readonly dialer: Dialer;
  readonly user: ProtocolUser;
  /** Of connections that do not say otherwise; absent where the suite says nothing. */
  readonly defaults: TcpPlan | undefined;
  /** The user has ended, and its last connection is closed. */
  readonly onEnded: () => void;
}

interface Attempt {
  readonly operation: TcpOperation;
  readonly giveUp: AbortController;
  readonly reject: (reason: Error) => void;
}

export class UserTcp implements TcpClient {
  /** It waits for answers only, which have a time limit. */
  readonly listens = false;
  readonly client: TcpClient = this;
  /** Resolves when the user has ended and its last connection is closed. */
  readonly drained: Promise<void>;
  readonly #deps: UserTcpDeps;
  readonly #open = new Set<OpenConnection>();
  readonly #attempts = new Set<Attempt>();
  #closed = false;
  #refusedCount = 0;
  #whenDrained!: () => void;

  constructor(deps: UserTcpDeps) {
    this.#deps = deps;
    this.drained = new Promise((resolve) => {
      this.#whenDrained = resolve;
    });
  }

  async connect(address: string, options: TcpConnectOptions = {}): Promise<TcpConnection> {
    if (this.#closed) return await this.#refuse();
    const { user, dialer, defaults = {}, onFailure } = this.#deps;
    const destination = destinationOf(address);
    const connectMs = waitMs(options.connectTimeout) ?? defaults.connectTimeoutMs ?? defaultConnectMs;
    const settings = {
      name: options.name ?? address,
      timeoutMs: waitMs(options.timeout) ?? defaults.timeoutMs ?? defaultTimeoutMs,
      maxAnswerBytes: sizeLimit(options.maxAnswerSize, defaults.maxAnswerBytes ?? defaultAnswerBytes),
      scope: () => (options.tags === undefined ? user.scope : user.scope.with(options.tags)),
    };
    const operation: TcpOperation = {
      kind: 'connection',
      scope: settings.scope().with({ name: settings.name }),
      scheduledAtMs: user.takeScheduledAtMs(),
      startedAtMs: monotonicMs(),
      sent: true,
    };
    const giveUp = new AbortController();
    return await new Promise((resolve, reject) => {
      const attempt = { operation, giveUp, reject };
      this.#attempts.add(attempt);
      let isLate = false;
      const timer = startTimer(() => {
        isLate = true;
        giveUp.abort();
      }, connectMs);
      dialer.connect(destination, {}, giveUp.signal).then(
        (socket) => {
          cancelTimer(timer);
          if (!this.#attempts.delete(attempt)) {
            socket.destroy();
            return;
          }
          recordEnded(operation, monotonicMs(), null);
          const connection = new OpenConnection(socket, {
            ...settings,
            takeScheduledAtMs: () => user.takeScheduledAtMs(),
            onFailure,
            onClosed: (closed) => this.#forget(closed),
            refusal: () => (this.#closed ? this.#refuse() : null),
          });
          this.#open.add(connection);
          resolve(connection);
        },
        (thrown: NodeJS.ErrnoException) => {
          cancelTimer(timer);
          if (!this.#attempts.delete(attempt)) return;
          const error = isLate
            ? { code: 'timeout', message: `not connected within ${connectMs} ms` }
            : { code: thrown.code ?? 'connect_failed', message: thrown.message };
          recordEnded(operation, monotonicMs(), error);
          onFailure(operation.scope.tags, error.code, error.message);
          resolve(failedConnection(error));
        },
      );
    });
  }

  close(cause?: HttpError): void {
    if (this.#closed) return;
    this.#closed = true;
    const nowMs = monotonicMs();
    for (const { operation, giveUp, reject } of this.#attempts) {
      if (cause === undefined) recordCutOff(operation, nowMs);
      else recordEnded(operation, nowMs, cause);
      const { code, message } = cause ?? { code: 'aborted', message: 'cut off at the end of the run' };
      this.#deps.onFailure(operation.scope.tags, code, message);
      reject(new StoppedError());
      giveUp.abort();
    }
    this.#attempts.clear();
    for (const connection of this.#open) connection.stop(cause);
    this.#finish();
  }

  #forget(connection: OpenConnection): void {
    this.#open.delete(connection);
    this.#finish();
  }

  #finish(): void {
    if (!this.#closed || this.#open.size > 0) return;
    this.#deps.onEnded();
    this.#whenDrained();
  }

  /** Code that tries for ever after its end must not keep the event loop for itself. */
  #refuse(): Promise<never> {
    if (this.#refusedCount++ < maxRefusals) return Promise.reject(new StoppedError());
    return new Promise(() => {});
  }
}

/** `host:port`, `[::1]:port`. Throws a `TypeError` for anything else. */
function destinationOf(address: string): Destination {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(address) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw new TypeError('connect expects an address such as "127.0.0.1:7000"');
  }
  return directTo(host, Number(port));
}

function failedConnection(error: TcpError): TcpConnection {
  const answer = { bytes: Buffer.alloc(0), error, ok: false, text: () => '' };
  return {
    ok: false,
    error,
    closed: true,
    write: () => false,
    read: () => Promise.resolve(answer),
    request: () => Promise.resolve(answer),
    close() {},
  };
}
