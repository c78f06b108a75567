// Shares the bytes of one HTTP/2 session among its requests. Bodies are known request by request; what frames them,
// compressed headers and the session's own frames is not, so whoever ends takes what has come up since the last did.

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
