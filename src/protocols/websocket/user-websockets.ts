// The WebSockets of one virtual user: opens them, and closes what is left when the user ends.

import type { HttpError, HttpHeaders } from '../../model/context.ts';
import { HttpRequestError, StoppedError } from '../../model/errors.ts';
import { monotonicMs } from '../../time/clock.ts';
import { type ConnectingUser, type HeldRuntime, sizeLimit, unreadLimit } from '../held-connections.ts';
import { type Cookies, mergeCookies } from '../http/cookies.ts';
import type { DialSettings } from '../http/dial.ts';
import { withParams } from '../http/query.ts';
import { normaliseHeaders } from '../http/request.ts';
import { parseHeaders } from '../http/response-headers.ts';
import { parseTimeouts } from '../http/setting-values.ts';
import type { Target } from '../http/target.ts';
import { countsFrom } from '../scheduled-start.ts';
import { offeredProtocols } from './agreement.ts';
import { Handshake, type HandshakeLimits, type HandshakeRequest } from './handshake.ts';
import { UserSocket } from './socket.ts';
import { SocketSeries } from './socket-series.ts';
import type { WebSocketClient, WebSocketConnection, WebSocketOptions } from './websocket.ts';

type Library = typeof import('ws')['WebSocket'];

/** Connects after the end are refused this often; further ones never settle. */
const maxRefusals = 10;

export interface WebSocketClientDeps {
  readonly runtime: HeldRuntime;
  readonly user: ConnectingUser;
  /** Where its connections come from, and its TLS sessions. */
  readonly session: Pick<DialSettings, 'tlsSessions' | 'localAddress'>;
  readonly cookies: Cookies;
}

interface Attempt {
  readonly handshake: Handshake;
  readonly series: SocketSeries;
  /** Process clock from which `ws_connecting` counts. */
  readonly countsFromMs: number;
  readonly reject: (error: Error) => void;
}

export class UserWebSockets implements WebSocketClient {
  readonly client: WebSocketClient = this;
  readonly #deps: WebSocketClientDeps;
  readonly #sockets = new Set<UserSocket>();
  readonly #attempts = new Set<Attempt>();
  #closed = false;
  #refusedCount = 0;

  constructor(deps: WebSocketClientDeps) {
    this.#deps = deps;
  }

  async connect(url: string, options: WebSocketOptions = {}): Promise<WebSocketConnection> {
    const { user } = this.#deps;
    const scope = options.tags === undefined ? user.scope : user.scope.with(options.tags);
    const scheduledAtMs = user.takeScheduledAtMs();
    const request = this.#prepare(url, options);
    const series = new SocketSeries(scope.with({ name: options.name ?? request.target.name }));
    const maxUnread = unreadLimit(options.maxUnread);
    // Loaded on first use: suites without WebSockets do not pay for it.
    const { WebSocket } = await import('ws');
    if (this.#closed) return this.#refuse();
    const socket = await this.#open(WebSocket, request, { series, maxUnread, scheduledAtMs });
    if (socket.error !== null && !socket.ok && options.throw === true) {
      throw new HttpRequestError(socket.error.code, `${socket.url}: ${socket.error.message}`);
    }
    return socket;
  }

  #prepare(url: string, options: WebSocketOptions): HandshakeRequest {
    const { runtime, session, cookies } = this.#deps;
    const { http } = runtime;
    const target = http.resolve(asHttp(options.params === undefined ? url : withParams(url, options.params)));
    const own = options.headers === undefined ? {} : normaliseHeaders(options.headers);
    const headers: Record<string, string> = { ...http.defaults.headers, ...own };
    if (target.authorization !== null) headers.authorization ??= target.authorization;
    const cookie = mergeCookies(headers.cookie ?? '', cookies.header(target));
    if (cookie !== '') headers.cookie = cookie;
    const protocols = offeredProtocols(options.protocols ?? [], own['sec-websocket-protocol']);
    return {
      target,
      headers,
      protocols,
      maxMessageBytes: sizeLimit(options.maxMessageSize, http.defaults.maxResponseBytes),
      limits: this.#limits(options.timeout),
      dial: {
        dialer: http.dialer,
        tls: http.tls,
        tlsSessions: target.origin.secure ? session.tlsSessions : null,
        localAddress: session.localAddress,
      },
    };
  }

  #limits(timeout: WebSocketOptions['timeout']): HandshakeLimits {
    const { timeoutMs, phases } = this.#deps.runtime.http.defaults;
    const own = timeout === undefined ? undefined : parseTimeouts(timeout);
    const none = Number.POSITIVE_INFINITY;
    return {
      connectMs: own?.connectMs ?? phases?.connectMs ?? none,
      responseMs: own?.responseMs ?? phases?.responseMs ?? none,
      totalMs: own?.totalMs ?? timeoutMs,
    };
  }

  #open(
    library: Library,
    request: HandshakeRequest,
    { series, maxUnread, scheduledAtMs }: { series: SocketSeries; maxUnread: number; scheduledAtMs: number },
  ): Promise<UserSocket> {
    const { runtime, cookies } = this.#deps;
    const { target } = request;
    const url = asWs(target);
    const startedAtMs = monotonicMs();
    // Like the first request of an arrival-rate iteration: measured from when it was due.
    const countsFromMs = countsFrom(scheduledAtMs, startedAtMs);
    let status = 0;
    let headers: HttpHeaders = {};
    const setup = () => {
      const onClosed = (socket: UserSocket): void => this.#forget(socket);
      const isUserGone = (): boolean => this.#closed;
      return { url, status, headers, startedAtMs, series, runtime, maxUnread, isUserGone, onClosed };
    };
    return new Promise((resolve, reject) => {
      const handshake = new Handshake(library, request, {
        answered(answered, rawHeaders) {
          status = answered;
          headers = parseHeaders(rawHeaders);
          if (headers['set-cookie'] !== undefined) cookies.store(rawHeaders, target);
        },
        opened: (webSocket) => {
          this.#attempts.delete(attempt);
          series.opened(monotonicMs() - countsFromMs);
          const socket = new UserSocket(setup());
          socket.attach(webSocket, handshake.socket!, handshake.protocol);
          this.#sockets.add(socket);
          runtime.opened(socket);
          resolve(socket);
        },
        failed: (code, message) => {
          this.#attempts.delete(attempt);
          // 101 is for sessions; whoever answered it and broke the handshake has not opened one.
          if (status === 101) status = 0;
          series.refused(status, code);
          countBytes(handshake, series);
          runtime.onFailure(series.tags, code, message);
          resolve(UserSocket.failed(setup(), { code, message }));
        },
      });
      const attempt: Attempt = { handshake, series, countsFromMs, reject };
      this.#attempts.add(attempt);
    });
  }

  #forget(socket: UserSocket): void {
    this.#sockets.delete(socket);
    this.#deps.runtime.closed(socket);
  }

  #refuse(): Promise<never> {
    return new Promise((_resolve, reject) => {
      if (this.#refusedCount++ < maxRefusals) reject(new StoppedError());
    });
  }

  /** User code waits for a message of an open session. */
  get listens(): boolean {
    return [...this.#sockets].some((socket) => socket.listens);
  }

  /** The user has ended, at the end of the run or because of `cause`. */
  close(cause?: HttpError): void {
    if (this.#closed) return;
    this.#closed = true;
    const { runtime } = this.#deps;
    for (const attempt of this.#attempts) {
      const { handshake, series, countsFromMs, reject } = attempt;
      if (cause !== undefined) {
        series.refused(0, cause.code);
        runtime.onFailure(series.tags, cause.code, cause.message);
      } else {
        series.aborted(monotonicMs() - countsFromMs, handshake.sent);
        if (handshake.sent) {
          runtime.onFailure(series.tags, 'aborted', 'cut off at the end of the run');
        }
      }
      runtime.opened(attempt);
      handshake.cancel(() => runtime.closed(attempt));
      countBytes(handshake, series);
      reject(new StoppedError());
    }
    this.#attempts.clear();
    for (const socket of [...this.#sockets]) socket.end(cause);
  }
}

function countBytes({ socket }: Handshake, series: SocketSeries): void {
  if (socket === null) return;
  if (socket.bytesWritten > 0) series.sentBytes.add(socket.bytesWritten);
  if (socket.bytesRead > 0) series.receivedBytes.add(socket.bytesRead);
}

/** `ws:` as `http:` and `wss:` as `https:`; everything else about them is the same. */
function asHttp(url: string): string {
  if (typeof url !== 'string') throw new TypeError(`a URL must be text, got ${typeof url}`);
  return url.replace(/^ws(?=s?:|\+unix:)/i, 'http');
}

function asWs({ href }: Target): string {
  return href.replace(/^http/, 'ws');
}
