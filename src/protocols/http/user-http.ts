// The HTTP client of one virtual user: its connections, its cookies, redirects, and the recording of what
// each request cost. This is the hot path: nothing here allocates or awaits without need.

import type { BatchRequest, HttpClient, HttpError, HttpOptions, HttpResponse } from '../../model/context.ts';
import { HttpRequestError, StoppedError } from '../../model/errors.ts';
import { normaliseMethod } from '../../model/request-method.ts';
import type { TlsSessions } from '../../network/tls-settings.ts';
import { monotonicMs } from '../../time/clock.ts';
import type { Scope } from '../scope.ts';
import { ConnectionPool } from './connection-pool.ts';
import type { Cookies } from './cookies.ts';
import { Decoding, type DecodingOwner } from './decoding.ts';
import { HttpExchange } from './exchange.ts';
import { type Follower, FollowUps, isFollowed, metClosing } from './follow-ups.ts';
import { withParams } from './query.ts';
import { recordCutOff, recordEnded, recordResent } from './recording.ts';
import { isRedirect } from './redirect.ts';
import { type PreparedRequest, prepareRequest } from './request.ts';
import type { HttpEndpoint } from './request-series.ts';
import { decodedStream, ResponseStream, type StreamSource } from './response-stream.ts';
import type { HttpRuntime, WaitingClient } from './runtime.ts';
import type { Origin, Target } from './target.ts';
import type { ConnectionOwner, Transport } from './transport.ts';
import { dropSource, guardSource } from './upload.ts';
import { WaitingLine } from './waiting-line.ts';

/** What the client reads of the virtual user it belongs to, at the moment a request starts. */
export interface SessionUser {
  /** Where samples belong right now. */
  readonly scope: Scope;
  /** Process clock time at which the running iteration was due, or -1; taken by its first request. */
  takeScheduledAtMs(): number;
}

/**
 * Requests after the end are refused this often; further ones never settle. A task that catches whatever comes
 * and tries again, for ever, would otherwise keep the event loop for itself.
 */
const maxRefusals = 10;

/** A response whose body fits every `responseType`: which one it is, the options say. */
type Answer = Promise<HttpResponse<never>>;

// A promise's two functions, handed out without a new closure for every request.
let resolveNext!: (response: HttpResponse) => void;
let rejectNext!: (error: Error) => void;
function captureSettlers(resolve: (response: HttpResponse) => void, reject: (error: Error) => void): void {
  resolveNext = resolve;
  rejectNext = reject;
}

export class UserHttp implements HttpClient, ConnectionOwner, DecodingOwner, Follower, WaitingClient {
  readonly localAddress: string | undefined;
  readonly #runtime: HttpRuntime;
  readonly #user: SessionUser;
  readonly #cookies: Cookies;
  readonly #pool: ConnectionPool;
  #line: WaitingLine | null = null;
  #tlsSessions: TlsSessions | null | undefined;
  #followUps: FollowUps | null = null;
  #decoding: Decoding | null = null;
  #closed = false;
  #refusedCount = 0;

  constructor(runtime: HttpRuntime, user: SessionUser, cookies: Cookies) {
    this.#runtime = runtime;
    this.#user = user;
    this.#cookies = cookies;
    this.localAddress = runtime.nextLocalAddress();
    this.#pool = new ConnectionPool(runtime, this, runtime.connectionsPerHost);
  }

  get(url: string, options?: HttpOptions): Answer {
    if (options === undefined && !this.#cookies.any) {
      const request = this.#runtime.plainGet(url);
      return this.#start(request, this.#user.scope.endpoint('GET', request.target.name));
    }
    return this.#prepareAndStart('GET', url, options);
  }
  head(url: string, options?: HttpOptions): Answer {
    return this.#prepareAndStart('HEAD', url, options);
  }
  post(url: string, options?: HttpOptions): Answer {
    return this.#prepareAndStart('POST', url, options);
  }
  put(url: string, options?: HttpOptions): Answer {
    return this.#prepareAndStart('PUT', url, options);
  }
  patch(url: string, options?: HttpOptions): Answer {
    return this.#prepareAndStart('PATCH', url, options);
  }
  del(url: string, options?: HttpOptions): Answer {
    return this.#prepareAndStart('DELETE', url, options);
  }

  request(method: string, url: string, options?: HttpOptions): Answer {
    return this.#prepareAndStart(normaliseMethod(method), url, options);
  }

  batch(requests: readonly BatchRequest[]): Promise<HttpResponse[]> {
    return Promise.all(
      requests.map((entry) =>
        typeof entry === 'string'
          ? this.get(entry)
          : this.request(entry.method ?? 'GET', entry.url, entry.options),
      ),
    );
  }

  #prepareAndStart(method: string, url: string, options: HttpOptions | undefined): Answer {
    const runtime = this.#runtime;
    const target = runtime.resolve(options?.params === undefined ? url : withParams(url, options.params));
    let request = prepareRequest(method, target, options, runtime.defaults, this.cookieFor(target));
    if (request.digest !== null) request = this.#next.authorize(request);
    let { scope } = this.#user;
    if (options?.tags !== undefined) scope = scope.with(options.tags);
    return this.#start(request, scope.endpoint(method, options?.name ?? target.name));
  }

  #start(request: PreparedRequest, endpoint: HttpEndpoint): Answer {
    if (request.upload !== null) guardSource(request.upload.source);
    const promise = new Promise<HttpResponse>(captureSettlers);
    const nowMs = monotonicMs();
    const scheduledAtMs = this.#user.takeScheduledAtMs();
    const deadlineAtMs = nowMs + request.timeoutMs;
    this.#dispatch(
      new HttpExchange(request, endpoint, nowMs, scheduledAtMs, deadlineAtMs, resolveNext, rejectNext),
      nowMs,
    );
    return promise as Answer;
  }

  /** Gives the exchange to an idle connection or a new one; it waits in line when the host has all it may. */
  #dispatch(exchange: HttpExchange, nowMs: number): void {
    if (this.#closed) {
      if (this.#refusedCount++ < maxRefusals) exchange.reject(new StoppedError());
      return;
    }
    const connection = this.#pool.take(exchange.request.target.origin, nowMs);
    if (connection === null) {
      this.#line ??= new WaitingLine();
      this.#line.add(exchange);
      this.#runtime.waits(this);
    } else {
      connection.send(exchange, nowMs);
    }
  }

  get tlsSessions(): TlsSessions | null {
    if (this.#tlsSessions === undefined) this.#tlsSessions = this.#runtime.createTlsSessions();
    return this.#tlsSessions;
  }

  /** A connection to the origin is free or gone: the request that has waited longest for one takes it. */
  #serveLine(origin: Origin): void {
    const line = this.#line;
    if (line === null || line.isEmpty) return;
    const nowMs = monotonicMs();
    this.#endLate(line, nowMs);
    if (!line.holds(origin)) return;
    this.#pool.take(origin, nowMs)?.send(line.take(origin)!, nowMs);
  }

  #endLate(line: WaitingLine, nowMs: number): void {
    for (const late of line.takeLate(nowMs)) {
      this.#endFailed(late, 'timeout', `no free connection within ${late.request.timeoutMs} ms`);
    }
  }

  sweep(nowMs: number): boolean {
    const line = this.#line;
    if (line === null || line.isEmpty) return false;
    this.#endLate(line, nowMs);
    return !line.isEmpty;
  }

  answered(exchange: HttpExchange, connection: Transport): void {
    if (connection.closed) this.#pool.forget(connection);
    exchange.outcome = 'answered';
    // Those of a response whose body is streamed are known since its head came.
    if (exchange.hasSetCookie && exchange.stream === null) this.#storeCookies(exchange);
    if (exchange.hasContentEncoding && exchange.rawBody !== null) {
      this.#decoding ??= new Decoding(this.#runtime.decoder, this);
      this.#decoding.start(exchange);
    } else {
      this.#endAnswered(exchange);
    }
    if (this.#line !== null) this.#serveLine(connection.origin);
  }

  failed(exchange: HttpExchange, connection: Transport, code: string, message: string): void {
    if (connection.closed) this.#pool.forget(connection);
    if (!this.#closed && metClosing(exchange, connection, code)) {
      recordResent(exchange, code);
      this.#pool.connect(connection.origin).send(exchange, monotonicMs());
      return;
    }
    this.#endFailed(exchange, code, message);
    if (this.#line !== null) this.#serveLine(connection.origin);
  }

  returned(exchange: HttpExchange): void {
    this.#dispatch(exchange, monotonicMs());
  }

  decoded(exchange: HttpExchange): void {
    this.#endAnswered(exchange);
  }

  undecodable(exchange: HttpExchange, code: string, message: string): void {
    if (!isFollowed(exchange)) {
      this.#endFailed(exchange, code, message);
      return;
    }
    // Nobody reads the body of a redirect or a challenge, and it is answered without.
    exchange.rawBody = null;
    this.#endAnswered(exchange);
  }

  #endAnswered(exchange: HttpExchange): void {
    const { status } = exchange;
    if (status === 401 && exchange.request.digest !== null && this.#next.answerChallenge(exchange)) return;
    if (status >= 300 && isRedirect(exchange) && this.#endRedirect(exchange)) return;
    const { ok, error } = exchange;
    recordEnded(exchange, ok);
    if (!ok) {
      const { code, message } = error ?? { code: `http_${status}`, message: `unexpected status ${status}` };
      this.#runtime.onFailure(exchange, code, message);
    }
    if (status >= 300 && this.#retry(exchange, error?.code ?? status)) return;
    this.#settle(exchange);
  }

  /**
   * Follows a redirect, and returns true; else the redirect is the answer, which has failed unless `expect` names its
   * status: a page that asks for another one, without end or to nowhere, is not what was asked for.
   */
  #endRedirect(exchange: HttpExchange): boolean {
    const fault = this.#next.redirect(exchange);
    if (fault === null) return true;
    if (fault.code === 'too_many_redirects' || !exchange.isNamed) exchange.error = fault;
    return false;
  }

  #settle(exchange: HttpExchange): void {
    const { error, request } = exchange;
    if (error !== null && request.throws) {
      exchange.reject(
        new HttpRequestError(error.code, `${request.method} ${request.target.href}: ${error.message}`),
      );
    } else {
      exchange.resolve(exchange);
    }
  }

  announced(exchange: HttpExchange, source: StreamSource): void {
    if (isFollowed(exchange)) return;
    if (exchange.hasSetCookie) this.#storeCookies(exchange);
    exchange.stream = new ResponseStream(source);
    exchange.bodyStream = decodedStream(exchange.stream, exchange.rawHeaders);
    exchange.resolve(exchange);
  }

  #storeCookies(exchange: HttpExchange): void {
    this.#cookies.store(exchange.rawHeaders, exchange.request.target);
  }

  /** What to send after a request that has ended; most virtual users never need it. */
  get #next(): FollowUps {
    this.#followUps ??= new FollowUps(this.#runtime, this);
    return this.#followUps;
  }

  #retry(exchange: HttpExchange, reason: number | string): boolean {
    return exchange.request.retries !== null && !this.#closed && this.#next.retry(exchange, reason);
  }

  cookieFor(target: Target): string {
    return this.#cookies.any ? this.#cookies.header(target) : '';
  }

  sendAgain(
    exchange: HttpExchange,
    request: PreparedRequest,
    deadlineAtMs = monotonicMs() + request.timeoutMs,
  ): HttpExchange {
    const { endpoint, resolve, reject } = exchange;
    const next = new HttpExchange(request, endpoint, monotonicMs(), -1, deadlineAtMs, resolve, reject);
    next.attempt = exchange.attempt;
    next.redirectCount = exchange.redirectCount;
    this.#dispatch(next, monotonicMs());
    return next;
  }

  #endFailed(exchange: HttpExchange, code: string, message: string): void {
    exchange.outcome = 'failed';
    exchange.status = 0;
    exchange.endedAtMs = monotonicMs();
    exchange.error = { code, message };
    recordEnded(exchange, false);
    this.#runtime.onFailure(exchange, code, message);
    if (this.#retry(exchange, code)) return;
    if (exchange.request.upload !== null) dropSource(exchange.request.upload);
    exchange.stream?.destroy(new HttpRequestError(code, message));
    this.#settle(exchange);
  }

  /** As a user's part of the protocol it is its own client. */
  get client(): HttpClient {
    return this;
  }

  /**
   * Ends the session. At the end of the run a request already sent is counted as `aborted`, and one that was
   * not sent yet was never made and counts nowhere. With `cause` the target was too slow: every open request
   * has failed of it. Their promises reject with a `StoppedError`.
   */
  close(cause?: HttpError): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const exchange of this.#line?.empty() ?? []) this.#cutOff(exchange, cause);
    this.#followUps?.stop();
    for (const exchange of this.#pool.close()) this.#cutOff(exchange, cause);
    for (const exchange of this.#decoding?.giveUp() ?? []) this.#cutOff(exchange, cause);
  }

  #cutOff(exchange: HttpExchange, cause: HttpError | undefined): void {
    exchange.endedAtMs = monotonicMs();
    if (cause !== undefined) {
      exchange.outcome = 'failed';
      exchange.error = cause;
      recordEnded(exchange, false);
      this.#runtime.onFailure(exchange, cause.code, cause.message);
    } else {
      recordCutOff(exchange);
      if (exchange.sent) {
        exchange.outcome = 'aborted';
        this.#runtime.onFailure(exchange, 'aborted', 'cut off at the end of the run');
      }
    }
    if (exchange.request.upload !== null) dropSource(exchange.request.upload);
    exchange.stream?.destroy(new StoppedError());
    exchange.reject(new StoppedError());
  }
}
