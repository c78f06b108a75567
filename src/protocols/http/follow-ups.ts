// Decides whether a request that has ended is to be followed by another attempt. Called by session.ts.

import type { Connection } from './connection.ts';
import type { HttpExchange } from './exchange.ts';

/** Methods that may be sent again when a kept-alive connection turned out closed (RFC 9110 section 9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']);
/** A connection idle for less was hardly being closed by its server; a request that fails on it has failed. */
const minIdleMs = 500;

/**
 * Did the request meet a kept-alive connection that its server was just closing? Then it was never seen, and is
 * sent again on a new connection (RFC 9112 section 9.3.1). Told by what is known here: the connection had
 * been idle for a while, it ended without a byte of an answer, and sending twice does no harm.
 */
export function metClosing(exchange: HttpExchange, connection: Connection, code: string): boolean {
  return (
    exchange.sent &&
    !exchange.retried &&
    connection.servedCount > 0 &&
    connection.unanswered &&
    exchange.sendStartAtMs - connection.idleSinceMs >= minIdleMs &&
    !code.endsWith('timeout') &&
    idempotent.has(exchange.request.method)
  );
}

/** Ms to wait before the next attempt that `retries` asks for; `undefined` when there is none. */
export function retryDelayMs(exchange: HttpExchange, reason: number | string): number | undefined {
  const { retries } = exchange.request;
  if (retries === null || exchange.attempt >= retries.count || exchange.stream !== null) return undefined;
  const listed = retries.on.includes(reason) || (typeof reason === 'string' && retries.on.includes('error'));
  return listed ? retries.backoffMs * 2 ** exchange.attempt : undefined;
}
