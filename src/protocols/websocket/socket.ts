// A WebSocket of one virtual user, from its opening to its end: messages in and out, and what is recorded of them.

import type net from 'node:net';
import type { WebSocket } from 'ws';
import type { HttpError, HttpHeaders } from '../../model/context.ts';
import { StoppedError } from '../../model/errors.ts';
import { monotonicMs } from '../../time/clock.ts';
import { cancelTimer, startTimer } from '../../time/timer.ts';
import type { WaitOptions } from '../connection-types.ts';
import { type HeldRuntime, waitMs } from '../held-connections.ts';
import { Inbox } from '../inbox.ts';
import { failureOf, failureOfClose } from './failure.ts';
import { closeLimitMs, lingerMs } from './handshake.ts';
import { ReceivedMessage } from './message.ts';
import { Pings } from './pings.ts';
import type { SocketSeries } from './socket-series.ts';
import type { WebSocketConnection, WebSocketMessage } from './websocket.ts';

export interface SocketSetup {
  readonly url: string;
  readonly status: number;
  readonly headers: HttpHeaders;
  /** Process clock at which connecting began. */
  readonly startedAtMs: number;
  readonly series: SocketSeries;
  readonly runtime: HeldRuntime;
  readonly maxUnread: number;
  readonly isUserGone: () => boolean;
  /** Told when nothing more will happen. */
  readonly onClosed: (socket: UserSocket) => void;
}

export class UserSocket implements WebSocketConnection {
  readonly url: string;
  readonly status: number;
  readonly headers: HttpHeaders;
  error: HttpError | null = null;
  protocol = '';
  closeCode = 0;
  closeReason = '';

  readonly #setup: SocketSetup;
  readonly #inbox: Inbox<WebSocketMessage>;
  readonly #pings: Pings;
  #webSocket: WebSocket | null = null;
  #raw: net.Socket | null = null;
  /** What went wrong with the connection under the session; the library keeps it to itself. */
  #rawError: Error | null = null;
  #state: 'open' | 'closing' | 'closed' = 'closed';
  #closeAskedAtMs = 0;
  #hasReceived = false;
  #isRecorded = false;
  /** The end of the run has ended it, and nothing that it did. */
  #isCutOff = false;
  /** The bytes already counted. */
  #bytesRead = 0;
  #bytesWritten = 0;
  /** Who waits for the end: `close` of user code. */
  readonly #closers = new Set<(stopped: boolean) => void>();

  constructor(setup: SocketSetup) {
    this.#setup = setup;
    this.url = setup.url;
    this.status = setup.status;
    this.headers = setup.headers;
    this.#inbox = new Inbox(setup.maxUnread, () => setup.runtime.dropped(setup.url), setup.isUserGone);
    this.#pings = new Pings(setup.series);
  }

  /** One that could not be opened. */
  static failed(setup: SocketSetup, error: HttpError): UserSocket {
    const socket = new UserSocket(setup);
    socket.error = error;
    socket.closeCode = 1006;
    socket.#inbox.end();
    return socket;
  }

  /** Takes over a session that has just opened; nothing of it was read yet. */
  attach(webSocket: WebSocket, raw: net.Socket, protocol: string): void {
    this.protocol = protocol;
    this.#webSocket = webSocket;
    this.#raw = raw;
    this.#state = 'open';
    raw.on('error', (error) => {
      this.#rawError = error;
    });
    webSocket.on('message', (data, isBinary) => this.#received(data as Buffer, isBinary));
    webSocket.on('pong', (data) => this.#pings.answered(data.toString('latin1')));
    webSocket.on('error', (error) => this.#broken(error));
    webSocket.on('close', (code, reason) => this.#closed(code, reason.toString('utf8')));
    this.#countBytes();
  }

  get listens(): boolean {
    return this.#inbox.waitedFor;
  }
  get ok(): boolean {
    return this.#webSocket !== null;
  }
  get closed(): boolean {
    return this.#state === 'closed' || this.error !== null;
  }

  send(data: string | Uint8Array): boolean {
    if (typeof data !== 'string' && !(data instanceof Uint8Array)) {
      throw new TypeError(`a message is text or bytes, got ${data === null ? 'null' : typeof data}`);
    }
    const webSocket = this.#webSocket;
    if (webSocket === null || this.#state !== 'open' || webSocket.readyState !== webSocket.OPEN) return false;
    webSocket.send(data, this.#onSent);
    return true;
  }

  /** Counted once the system has taken it: what is still in our own queue when a session breaks never went out. */
  readonly #onSent = (error?: Error | null): void => {
    if (error) return;
    this.#setup.series.sent.add(1);
    this.#countBytes();
  };

  receive(options: WaitOptions = {}): Promise<WebSocketMessage | null> {
    return this.#inbox.take(waitMs(options.timeout));
  }

  async request(
    data: string | Uint8Array,
    match: (message: WebSocketMessage) => boolean = acceptAny,
    options: WaitOptions = {},
  ): Promise<WebSocketMessage | null> {
    const { series, runtime } = this.#setup;
    const timeoutMs = waitMs(options.timeout) ?? runtime.http.defaults.timeoutMs;
    const startedAtMs = monotonicMs();
    if (!this.send(data)) return this.#inbox.nothing();
    const answer = await this.#inbox.watch(match, timeoutMs).catch((thrown: unknown) => {
      if (this.#isCutOff) series.cutOff('ws_request_duration', monotonicMs() - startedAtMs);
      throw thrown;
    });
    const tookMs = monotonicMs() - startedAtMs;
    if (answer !== null) {
      series.answered(tookMs);
      return answer;
    }
    const isLate = this.#state === 'open';
    const code = isLate ? 'ws_request_timeout' : 'ws_request_closed';
    const message = isLate
      ? `no answer within ${timeoutMs} ms`
      : 'the session was closed before the answer came';
    series.unanswered(tookMs, code);
    runtime.onFailure(series.tags, code, message);
    return null;
  }

  ping(options: WaitOptions = {}): Promise<number | null> {
    const timeoutMs = waitMs(options.timeout) ?? this.#setup.runtime.http.defaults.timeoutMs;
    const webSocket = this.#webSocket;
    if (webSocket === null || this.#state !== 'open' || webSocket.readyState !== webSocket.OPEN) {
      return this.#inbox.nothing();
    }
    return this.#pings.send(webSocket, timeoutMs);
  }

  close(code = 1000, reason = ''): Promise<void> {
    if (this.#webSocket === null || this.#state === 'closed') return Promise.resolve();
    this.#webSocket.close(code, reason);
    if (this.#state === 'open') {
      this.#state = 'closing';
      this.#closeAskedAtMs = monotonicMs();
    }
    return new Promise((resolve, reject) => {
      this.#closers.add((stopped) => (stopped ? reject(new StoppedError()) : resolve()));
    });
  }

  [Symbol.asyncIterator](): AsyncGenerator<WebSocketMessage, void, undefined> {
    return this.#inbox[Symbol.asyncIterator]();
  }

  #received(data: Buffer, isBinary: boolean): void {
    const { series, startedAtMs } = this.#setup;
    if (!this.#hasReceived) {
      this.#hasReceived = true;
      series.firstMessage.add(monotonicMs() - startedAtMs);
    }
    series.received.add(1);
    this.#countBytes();
    this.#inbox.put(new ReceivedMessage(data, isBinary));
  }

  /** The socket failed, or the server said what it must not. The library tells it so; we wait no longer than that. */
  #broken(error: Error): void {
    if (this.#isRecorded) return;
    this.error = failureOf(error, 'the session broke');
    this.#state = 'closing';
    this.#conclude(this.error);
    this.#inbox.end();
    this.#pings.end();
    this.#destroyLater();
  }

  #closed(code: number, reason: string): void {
    if (!this.#isRecorded) {
      const failure =
        this.#closeAskedAtMs > 0
          ? this.#failureOfOwnClose(code)
          : code === 1006 && this.#rawError !== null
            ? failureOf(this.#rawError, 'the session broke')
            : failureOfClose(code, reason);
      this.error = failure;
      this.#conclude(failure);
    }
    this.#state = 'closed';
    this.closeCode = code;
    this.closeReason = reason;
    this.#countBytes();
    this.#inbox.end();
    this.#pings.end();
    for (const wake of this.#closers) wake(false);
    this.#closers.clear();
    this.#setup.onClosed(this);
  }

  /** A server that drops the connection in place of a close frame has understood; one that stays silent has not. */
  #failureOfOwnClose(code: number): HttpError | null {
    if (code !== 1006 || monotonicMs() - this.#closeAskedAtMs < closeLimitMs) return null;
    return { code: 'ws_close_timeout', message: `the server did not close within ${closeLimitMs} ms` };
  }

  /**
   * The user has ended, at the end of the run or because of `cause`: the session is closed with 1001 (going away)
   * and lingers, so that the server gets what was sent. User code that waits for something is woken with a
   * `StoppedError`, and the session is then told as `aborted`.
   */
  end(cause?: HttpError): void {
    const { series, startedAtMs } = this.#setup;
    this.#isCutOff = cause === undefined;
    if (this.#isCutOff && this.#inbox.waitedFor && !this.#hasReceived && this.#state === 'open') {
      series.cutOff('ws_time_to_first_message', monotonicMs() - startedAtMs);
    }
    const isWaitedFor = this.#inbox.waitedFor || this.#pings.waitedFor || this.#closers.size > 0;
    this.#inbox.stop();
    this.#pings.stop();
    for (const wake of this.#closers) wake(true);
    this.#closers.clear();
    if (this.#webSocket === null || this.#state === 'closed') return;
    if (!this.#isRecorded) {
      if (cause === undefined && isWaitedFor) {
        this.#setup.runtime.onFailure(this.#setup.series.tags, 'aborted', 'cut off at the end of the run');
      }
      this.#conclude(isWaitedFor ? (cause ?? null) : null);
    }
    this.#state = 'closing';
    this.#webSocket.close(1001);
    this.#destroyLater();
  }

  #destroyLater(): void {
    const timer = startTimer(() => this.#webSocket!.terminate(), lingerMs);
    this.#webSocket!.once('close', () => cancelTimer(timer));
  }

  /** Records the session, once. */
  #conclude(failure: HttpError | null): void {
    this.#isRecorded = true;
    const { series, runtime, startedAtMs } = this.#setup;
    series.ended(monotonicMs() - startedAtMs, failure?.code);
    if (failure !== null) runtime.onFailure(series.tags, failure.code, failure.message);
  }

  #countBytes(): void {
    const { bytesRead, bytesWritten } = this.#raw!;
    const { series } = this.#setup;
    if (bytesRead > this.#bytesRead) series.receivedBytes.add(bytesRead - this.#bytesRead);
    if (bytesWritten > this.#bytesWritten) series.sentBytes.add(bytesWritten - this.#bytesWritten);
    this.#bytesRead = Math.max(bytesRead, this.#bytesRead);
    this.#bytesWritten = Math.max(bytesWritten, this.#bytesWritten);
  }
}

function acceptAny(): boolean {
  return true;
}
