// Decides whether a request that has ended is to be followed by another: a redirect, an answer to a challenge,
// another attempt. Called by user-http.ts.

import type { HttpError } from '../../model/context.ts';
import { StoppedError } from '../../model/errors.ts';
import { cancelTimer, startTimer, type Timer } from '../../time/timer.ts';
import { answerDigest, type DigestChallenge, readDigestChallenge } from './digest.ts';
import type { HttpExchange } from './exchange.ts';
import { recordEnded } from './recording.ts';
import { isRedirect, prepareRedirect, redirectTarget } from './redirect.ts';
import { isResendable, type PreparedRequest, prepareAuthorized } from './request.ts';
import type { HttpRuntime } from './runtime.ts';
import type { Origin, Target } from './target.ts';

/** Methods that may be sent again when a kept-alive connection turned out closed (RFC 9110 section 9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']);

/** What is known of a connection on which a request has failed. */
export interface LostConnection {
  /** Responses received in full before. */
  readonly servedCount: number;
  /** No byte of an answer to the request has come. */
  readonly unanswered: boolean;
  /** Not one byte of the request has gone out. */
  readonly unwritten: boolean;
}

/**
 * Did the request meet a kept-alive connection that its server was closing? Servers may do so at any time and without a
 * word (RFC 9112 section 9.5), so it goes out once more on a new connection (section 9.3.1): when sending twice does no
 * harm, or when nothing was sent. A connection that never served anything had no reason to close: that is a failure.
 */
export function metClosing(exchange: HttpExchange, connection: LostConnection, code: string): boolean {
  return (
    !exchange.retried &&
    connection.servedCount > 0 &&
    connection.unanswered &&
    !code.endsWith('timeout') &&
    (connection.unwritten || (exchange.sent && idempotent.has(exchange.request.method))) &&
    isResendable(exchange.request)
  );
}

/** Is it uncertain yet, or out of the question, that the response is the last one? Told from its head. */
export function isFollowed(exchange: HttpExchange): boolean {
  const { status, request } = exchange;
  return isRedirect(exchange) || (status === 401 && request.digest !== null && !request.digest.challenged);
}

/** The session that sends what follows. */
export interface Follower {
  cookieFor(target: Target): string;
  /**
   * Starts a request that goes on where `exchange` ended; user code waits for the last one. Its deadline on the
   * process clock is a new one unless given.
   */
  sendAgain(exchange: HttpExchange, request: PreparedRequest, deadlineAtMs?: number): HttpExchange;
}

/** What one virtual user has to send after requests that have ended. */
export class FollowUps {
  readonly #runtime: HttpRuntime;
  readonly #follower: Follower;
  readonly #challenges = new Map<Origin, DigestChallenge>();
  /** Ended attempts that are to be repeated after a while. */
  readonly #waiting = new Map<HttpExchange, Timer>();

  constructor(runtime: HttpRuntime, follower: Follower) {
    this.#runtime = runtime;
    this.#follower = follower;
  }

  /** Another attempt after a failure, when `retries` has one left. */
  retry(exchange: HttpExchange, reason: number | string): boolean {
    const delayMs = retryDelayMs(exchange, reason);
    if (delayMs === undefined) return false;
    const timer = startTimer(() => {
      this.#waiting.delete(exchange);
      this.#follower.sendAgain(exchange, exchange.request).attempt = exchange.attempt + 1;
    }, delayMs);
    this.#waiting.set(exchange, timer);
    return true;
  }

  /** The request with an answer to the challenge that its origin sent last, if any. */
  authorize(request: PreparedRequest): PreparedRequest {
    const { target, method } = request;
    const digest = request.digest!;
    const challenge = this.#challenges.get(target.origin);
    if (challenge === undefined) return request;
    const value = answerDigest(challenge, digest, method, target.path);
    return prepareAuthorized(request, value, digest, this.#follower.cookieFor(target));
  }

  /** Sends the request again with the digest that a 401 asks for. The 401 was to be expected, so it is no failure. */
  answerChallenge(exchange: HttpExchange): boolean {
    const { request } = exchange;
    const digest = request.digest!;
    const challenge = digest.challenged ? undefined : readDigestChallenge(exchange.rawHeaders);
    if (challenge === undefined || !isResendable(request)) return false;
    recordEnded(exchange, true);
    this.#challenges.set(request.target.origin, challenge);
    const next = this.authorize({ ...request, digest: { ...digest, challenged: true } });
    this.#follower.sendAgain(exchange, next, exchange.deadlineAtMs);
    return true;
  }

  /**
   * Follows a redirect. It is no answer to the request, so whatever `expect` says it is no failure. Returns why it cannot
   * be followed when it cannot; `null` when it is on its way.
   */
  redirect(exchange: HttpExchange): HttpError | null {
    const target = redirectTarget(exchange, this.#runtime);
    if ('code' in target) return target;
    const cookie = this.#follower.cookieFor(target);
    let next = prepareRedirect(exchange, target, cookie, this.#runtime.redirectHeaders);
    if ('code' in next) return next;
    if (next.digest !== null) next = this.authorize(next);
    recordEnded(exchange, true);
    this.#follower.sendAgain(exchange, next, exchange.deadlineAtMs).redirectCount++;
    return null;
  }

  /** Gives up what waits to be sent again. */
  stop(): void {
    for (const [exchange, timer] of this.#waiting) {
      cancelTimer(timer);
      exchange.reject(new StoppedError());
    }
    this.#waiting.clear();
  }
}

/** Ms to wait before the next attempt that `retries` asks for; `undefined` when there is none. */
function retryDelayMs(exchange: HttpExchange, reason: number | string): number | undefined {
  const { retries } = exchange.request;
  if (retries === null || exchange.attempt >= retries.count || exchange.stream !== null) return undefined;
  // An answer that the request names is the one it is after.
  if (exchange.isNamed && exchange.ok) return undefined;
  if (!isResendable(exchange.request)) return undefined;
  // What is wrong with a redirect is wrong the next time, too.
  const isError = typeof reason === 'string' && exchange.outcome === 'failed';
  const listed = retries.on.includes(reason) || (isError && retries.on.includes('error'));
  return listed ? retries.backoffMs * 2 ** exchange.attempt : undefined;
}
