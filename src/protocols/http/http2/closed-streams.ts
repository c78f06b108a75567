// The streams that we ended before the server did: what it had sent until it knew may still come, and is nothing wrong.
// Called by link.ts.

/** What came before the oldest of so many is forgotten, and passes for one of them. */
const mostKept = 1024;

export class ClosedStreams {
  /** In the order in which they were ended. */
  readonly #ids = new Set<number>();
  /** All up to here may be one of them. */
  #forgottenId = 0;

  add(streamId: number): void {
    this.#ids.add(streamId);
    if (this.#ids.size <= mostKept) return;
    const [oldest = 0] = this.#ids;
    this.#ids.delete(oldest);
    this.#forgottenId = Math.max(this.#forgottenId, oldest);
  }

  has(streamId: number): boolean {
    return streamId <= this.#forgottenId || this.#ids.has(streamId);
  }
}
