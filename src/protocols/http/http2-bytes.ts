// Shares the bytes of one HTTP/2 session among its requests. Bodies are known request by request; what frames them,
// compressed headers and the session's own frames is not, so whoever ends takes what has come up since the last did.

import type { Socket } from 'node:net';
import type { HttpExchange } from './exchange.ts';

export class ByteShares {
  /** All that was given to requests so far. */
  #givenBytes = 0;

  /** Bytes of a body, which its own request counts. */
  body(byteCount: number): void {
    this.#givenBytes += byteCount;
  }

  /**
   * What a request that ends takes besides its body of `bodyBytes`, of the `totalBytes` that the session has moved so
   * far. While others are open it takes at most `mostBytes`: what was read may hold their frames already.
   */
  take(totalBytes: number, bodyBytes: number, mostBytes: number): number {
    const left = totalBytes - this.#givenBytes;
    return this.#give(Math.floor(Math.min(mostBytes, Math.max(0, left))), bodyBytes);
  }

  /** The same when no other is open: now all bytes are known, and what was given too much is taken back. */
  takeRest(totalBytes: number, bodyBytes: number): number {
    return this.#give(totalBytes - this.#givenBytes, bodyBytes);
  }

  #give(byteCount: number, bodyBytes: number): number {
    const given = Math.max(byteCount, -bodyBytes);
    this.#givenBytes += given;
    return given;
  }
}

/** What a request that has ended knows of its bytes. */
interface EndedRequest {
  readonly exchange: HttpExchange;
  readonly uploadedByteCount: number;
  readonly mostOverheadBytes: number;
}

/** Gives a request that has ended its bytes. `alone`: no other is open on the session. */
export function bookBytes(
  request: EndedRequest,
  socket: Socket,
  sent: ByteShares,
  received: ByteShares,
  alone: boolean,
): void {
  const { exchange, uploadedByteCount: bodyBytes, mostOverheadBytes } = request;
  const sentBeside = alone
    ? sent.takeRest(socket.bytesWritten, bodyBytes)
    : sent.take(socket.bytesWritten, bodyBytes, Number.POSITIVE_INFINITY);
  // Beyond what HTTP/1.1 would have sent, which is counted with every request.
  exchange.uploadedByteCount = bodyBytes + sentBeside - exchange.request.byteCount;
  const answerBytes = exchange.receivedByteCount;
  exchange.receivedByteCount += alone
    ? received.takeRest(socket.bytesRead, answerBytes)
    : received.take(socket.bytesRead, answerBytes, mostOverheadBytes);
}
