// The HTTP client of one virtual user: its connections, its cookies, redirects, and the recording of what
// each request cost. This is the hot path: nothing here allocates or awaits without need.

import type { BatchRequest, HttpClient, HttpError, HttpOptions, HttpResponse } from '../../model/context.ts';
import { HttpRequestError, StoppedError } from '../../model/errors.ts';
import { monotonicMs } from '../../time/clock.ts';
import type { Scope } from '../scope.ts';
import type { Connection, ConnectionOwner } from './connection.ts';
import { ConnectionPool } from './connection-pool.ts';
import { decodeBody, decodeFailure, decodersFor } from './content-encoding.ts';
import type { Cookies } from './cookies.ts';
import { answerDigest, type DigestChallenge, readDigestChallenge } from './digest.ts';
import { HttpExchange } from './exchange.ts';
import { metClosing, retryDelayMs } from './follow-ups.ts';
import type { HttpEndpoint } from './http-series.ts';
import { recordAborted, recordEnded } from './recording.ts';
import {
  encodeMultipart,
  type PreparedRequest,
  prepareAuthorized,
  prepareRedirect,
  prepareRequest,
  type RequestBody,
  withParams,
} from './request.ts';
import { headerValues } from './response-headers.ts';
import { decodedStream, ResponseStream, type StreamSource } from './response-stream.ts';
import type { HttpRuntime } from './runtime.ts';
import type { Origin } from './target.ts';
import type { TlsSessions } from './tls-settings.ts';

/** What the client reads of the virtual user it belongs to, at the moment a request starts. */
export interface SessionUser {
  /** Where samples belong right now. */
  readonly scope: Scope;
  /** Process clock time at which the running iteration was due, or -1; taken by its first request. */
  takeScheduledAtMs(): number;
}

const redirectStatuses = new Set([301, 302, 303, 307, 308]);
/** No body may unpack to more, whatever limit it has on the wire. */
const mostDecodedBytes = 256 * 1024 * 1024;

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

export class HttpSession implements HttpClient, ConnectionOwner {
  readonly localAddress: string | undefined;
  readonly #runtime: HttpRuntime;
  readonly #user: SessionUser;
  readonly #cookies: Cookies;
  readonly #pool: ConnectionPool;
  #queue: HttpExchange[] | null = null;
  #tlsSessions: TlsSessions | null | undefined;
  #challenges: Map<Origin, DigestChallenge> | null = null;
  /** Ended attempts that are to be repeated after a while. */
  #waiting: Map<HttpExchange, NodeJS.Timeout> | null = null;
  #hasCookies = false;
  #closed = false;
  #refusedCount = 0;

  constructor(runtime: HttpRuntime, user: SessionUser, cookies: Cookies) {
    this.#runtime = runtime;
    this.#user = user;
    this.#cookies = cookies;
    this.#hasCookies = cookies.any;
    this.localAddress = runtime.nextLocalAddress();
    this.#pool = new ConnectionPool(runtime, this, runtime.connectionsPerHost);
  }

  get(url: string, options?: HttpOptions): Answer {
    if (options === undefined && !this.#hasCookies) {
      const request = this.#runtime.plainGet(url);
      return this.#start(request, this.#user.scope.endpoint('GET', request.target.name));
    }
    return this.request('GET', url, options);
  }
  head(url: string, options?: HttpOptions): Answer {
    return this.request('HEAD', url, options);
  }
  post(url: string, options?: HttpOptions): Answer {
    return this.request('POST', url, options);
  }
  put(url: string, options?: HttpOptions): Answer {
    return this.request('PUT', url, options);
  }
  patch(url: string, options?: HttpOptions): Answer {
    return this.request('PATCH', url, options);
  }
  del(url: string, options?: HttpOptions): Answer {
    return this.request('DELETE', url, options);
  }

  request(method: string, url: string, options?: HttpOptions): Answer {
    if (options?.multipart !== undefined) {
      return encodeMultipart(options.multipart).then((body) =>
        this.#prepareAndStart(method, url, options, body),
      );
    }
    return this.#prepareAndStart(method, url, options);
  }

  batch(requests: readonly BatchRequest[]): Promise<HttpResponse[]> {
    return Promise.all(
      requests.map((entry) =>
        typeof entry === 'string'
          ? this.get(entry)
          : this.request(entry.method?.toUpperCase() ?? 'GET', entry.url, entry.options),
      ),
    );
  }

  #prepareAndStart(
    method: string,
    url: string,
    options: HttpOptions | undefined,
    multipart?: RequestBody,
  ): Answer {
    const runtime = this.#runtime;
    const target = runtime.resolve(options?.params === undefined ? url : withParams(url, options.params));
    const cookie = this.#hasCookies ? this.#cookies.header(target.href) : '';
    let request = prepareRequest(method, target, options, runtime.defaults, cookie, multipart);
    if (request.digest !== null) request = this.#authorize(request);
    let { scope } = this.#user;
    if (options?.tags !== undefined) scope = scope.with(options.tags);
    return this.#start(request, scope.endpoint(method, options?.name ?? target.name));
  }

  #start(request: PreparedRequest, endpoint: HttpEndpoint): Answer {
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

  /** Gives the exchange to an idle connection, a new one, or the queue when the host has all it may. */
  #dispatch(exchange: HttpExchange, nowMs: number): void {
    if (this.#closed) {
      if (this.#refusedCount++ < maxRefusals) exchange.reject(new StoppedError());
      return;
    }
    const connection = this.#pool.take(exchange.request.target.origin, nowMs);
    if (connection === null) {
      this.#queue ??= [];
      this.#queue.push(exchange);
    } else {
      connection.send(exchange, nowMs);
    }
  }

  get tlsSessions(): TlsSessions | null {
    if (this.#tlsSessions === undefined) this.#tlsSessions = this.#runtime.createTlsSessions();
    return this.#tlsSessions;
  }

  /** A connection is free or gone: the longest-waiting request that can go now goes. */
  #serveQueue(): void {
    const queue = this.#queue;
    if (queue === null || queue.length === 0) return;
    const next = queue.shift()!;
    if (monotonicMs() >= next.deadlineAtMs) {
      this.#endFailed(next, 'timeout', `no free connection within ${next.request.timeoutMs} ms`);
      this.#serveQueue();
      return;
    }
    this.#dispatch(next, monotonicMs());
  }

  answered(exchange: HttpExchange, connection: Connection): void {
    if (!connection.usable) this.#pool.forget(connection);
    exchange.outcome = 'answered';
    if (exchange.hasSetCookie) {
      this.#cookies.store(exchange.rawHeaders, exchange.request.target.href);
      this.#hasCookies = true;
    }
    if (exchange.hasContentEncoding && exchange.rawBody !== null) this.#decode(exchange);
    else this.#endAnswered(exchange);
    if (this.#queue !== null) this.#serveQueue();
  }

  failed(exchange: HttpExchange, connection: Connection, code: string, message: string): void {
    this.#pool.forget(connection);
    if (!this.#closed && metClosing(exchange, connection, code)) {
      exchange.retried = true;
      exchange.sent = false;
      this.#pool.connect(connection.origin).send(exchange, monotonicMs());
      return;
    }
    this.#endFailed(exchange, code, message);
    this.#serveQueue();
  }

  #decode(exchange: HttpExchange): void {
    const succeed = (body: Buffer): void => {
      exchange.rawBody = body;
      this.#endAnswered(exchange);
    };
    const fail = (thrown: unknown): void => {
      const { code, message } = decodeFailure(thrown, exchange.request.maxResponseBytes);
      this.#endFailed(exchange, code, message);
    };
    try {
      const mostBytes = Math.min(exchange.request.maxResponseBytes, mostDecodedBytes);
      const decoded = decodeBody(exchange.rawHeaders, exchange.rawBody!, mostBytes);
      if (decoded instanceof Promise) decoded.then(succeed, fail);
      else succeed(decoded);
    } catch (thrown) {
      fail(thrown);
    }
  }

  #endAnswered(exchange: HttpExchange): void {
    const { status } = exchange;
    if (status === 401 && exchange.request.digest !== null && this.#answerChallenge(exchange)) return;
    const { ok } = exchange;
    recordEnded(exchange, ok);
    if (!ok) this.#runtime.onFailure(exchange, `http_${status}`, `unexpected status ${status}`);
    if (status >= 300) {
      if (status < 400 && exchange.request.maxRedirects > 0 && this.#redirect(exchange)) return;
      if (exchange.request.retries !== null && this.#retry(exchange, status)) return;
    }
    exchange.resolve(exchange);
  }

  announced(exchange: HttpExchange, source: StreamSource): void {
    const { status, request } = exchange;
    const follows =
      (request.maxRedirects > 0 && redirectStatuses.has(status)) ||
      (status === 401 && request.digest !== null && !request.digest.challenged);
    if (follows) return;
    exchange.stream = new ResponseStream(source);
    exchange.bodyStream = decodedStream(exchange.stream, decodersFor(exchange.rawHeaders));
    exchange.resolve(exchange);
  }

  /** Another attempt after a failure, when there is one left. */
  #retry(exchange: HttpExchange, reason: number | string): boolean {
    const delayMs = retryDelayMs(exchange, reason);
    if (delayMs === undefined || this.#closed) return false;
    const { request, attempt } = exchange;
    const timer = setTimeout(() => {
      this.#waiting?.delete(exchange);
      this.#sendAgain(exchange, request).attempt = attempt + 1;
    }, delayMs);
    this.#waiting ??= new Map();
    this.#waiting.set(exchange, timer);
    return true;
  }

  /** Starts a request that goes on where `exchange` ended; user code waits for the last one. */
  #sendAgain(
    exchange: HttpExchange,
    request: PreparedRequest,
    deadlineAtMs = monotonicMs() + request.timeoutMs,
  ): HttpExchange {
    const { endpoint, resolve, reject } = exchange;
    const next = new HttpExchange(request, endpoint, monotonicMs(), -1, deadlineAtMs, resolve, reject);
    next.attempt = exchange.attempt;
    this.#dispatch(next, monotonicMs());
    return next;
  }

  /** The request with an answer to the challenge that its origin sent last, if any. */
  #authorize(request: PreparedRequest): PreparedRequest {
    const { target, method } = request;
    const digest = request.digest!;
    const challenge = this.#challenges?.get(target.origin);
    if (challenge === undefined) return request;
    const cookie = this.#hasCookies ? this.#cookies.header(target.href) : '';
    return prepareAuthorized(request, answerDigest(challenge, digest, method, target.path), digest, cookie);
  }

  /** Sends the request again with the digest that a 401 asks for. The 401 was to be expected, so it is no failure. */
  #answerChallenge(exchange: HttpExchange): boolean {
    const { request } = exchange;
    const digest = request.digest!;
    const challenge = digest.challenged ? undefined : readDigestChallenge(exchange.rawHeaders);
    if (challenge === undefined) return false;
    recordEnded(exchange, true);
    this.#challenges ??= new Map();
    this.#challenges.set(request.target.origin, challenge);
    const next = this.#authorize({ ...request, digest: { ...digest, challenged: true } });
    this.#sendAgain(exchange, next, exchange.deadlineAtMs);
    return true;
  }

  /** Follows a redirect when there is one to follow. */
  #redirect(exchange: HttpExchange): boolean {
    const { status, request } = exchange;
    if (!redirectStatuses.has(status)) return false;
    const location = headerValues(exchange.rawHeaders, 'location')[0];
    if (location === undefined) return false;
    let next: PreparedRequest;
    try {
      const target = this.#runtime.resolve(new URL(location, request.target.href).href);
      const cookie = this.#hasCookies ? this.#cookies.header(target.href) : '';
      next = prepareRedirect(request, status, target, cookie);
      if (next.digest !== null) next = this.#authorize(next);
    } catch {
      // A location that is no URL: the redirect itself is the answer.
      return false;
    }
    this.#sendAgain(exchange, next, exchange.deadlineAtMs);
    return true;
  }

  #endFailed(exchange: HttpExchange, code: string, message: string): void {
    exchange.outcome = 'failed';
    exchange.status = 0;
    exchange.endedAtMs = monotonicMs();
    exchange.error = { code, message };
    recordEnded(exchange, false);
    this.#runtime.onFailure(exchange, code, message);
    if (exchange.request.retries !== null && this.#retry(exchange, code)) return;
    exchange.stream?.destroy(new HttpRequestError(code, message));
    if (exchange.request.throws) {
      const { method, target } = exchange.request;
      exchange.reject(new HttpRequestError(code, `${method} ${target.href}: ${message}`));
    } else {
      exchange.resolve(exchange);
    }
  }

  /**
   * Ends the session. At the end of the run a request already sent is counted as `aborted`, and one that was
   * not sent yet was never made and counts nowhere. With `cause` the target was too slow: every open request
   * has failed of it. Their promises reject with a `StoppedError`.
   */
  close(cause?: HttpError): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const exchange of this.#queue ?? []) this.#cutOff(exchange, cause);
    this.#queue = null;
    for (const [exchange, timer] of this.#waiting ?? []) {
      clearTimeout(timer);
      exchange.reject(new StoppedError());
    }
    this.#waiting = null;
    for (const connection of this.#pool.empty()) {
      const exchange = connection.close();
      if (exchange !== null) this.#cutOff(exchange, cause);
    }
  }

  #cutOff(exchange: HttpExchange, cause: HttpError | undefined): void {
    exchange.endedAtMs = monotonicMs();
    if (cause !== undefined) {
      exchange.outcome = 'failed';
      exchange.error = cause;
      recordEnded(exchange, false);
      this.#runtime.onFailure(exchange, cause.code, cause.message);
    } else if (exchange.sent) {
      exchange.outcome = 'aborted';
      recordAborted(exchange);
      this.#runtime.onFailure(exchange, 'aborted', 'cut off at the end of the run');
    }
    exchange.stream?.destroy(new StoppedError());
    exchange.reject(new StoppedError());
  }
}
