// What a connection has received and nobody has read yet, and the search for the end of an answer in it.

/** Where an answer ends. */
export type AnswerEnd = { readonly until: Buffer } | { readonly length: number };

const leastBytes = 1024;

export class AnswerBuffer {
  #bytes = Buffer.alloc(0);
  #from = 0;
  #to = 0;
  /** Up to here a delimiter was searched for in vain. */
  #searched = 0;

  get length(): number {
    return this.#to - this.#from;
  }

  add(bytes: Buffer): void {
    if (this.#to + bytes.length > this.#bytes.length) this.#makeRoom(bytes.length);
    bytes.copy(this.#bytes, this.#to);
    this.#to += bytes.length;
  }

  /** Takes an answer out, its delimiter included; `null` while it is not complete. */
  take(end: AnswerEnd): Buffer | null {
    const length = 'length' in end ? end.length : this.#lengthUntil(end.until);
    if (length < 0 || length > this.length) return null;
    const answer = Buffer.from(this.#bytes.subarray(this.#from, this.#from + length));
    this.#from += length;
    this.#searched = this.#from;
    return answer;
  }

  #lengthUntil(delimiter: Buffer): number {
    const from = Math.max(this.#from, this.#searched - delimiter.length + 1);
    const found = this.#bytes.subarray(0, this.#to).indexOf(delimiter, from);
    this.#searched = this.#to;
    return found < 0 ? -1 : found + delimiter.length - this.#from;
  }

  /** Lets all go: where the next answer begins is not known. */
  clear(): void {
    this.#from = this.#to;
    this.#searched = this.#to;
  }

  /** A search for another delimiter begins anew. */
  rewind(): void {
    this.#searched = this.#from;
  }

  #makeRoom(more: number): void {
    const { length } = this;
    const grown = Buffer.allocUnsafe(Math.max(leastBytes, 2 * (length + more)));
    this.#bytes.copy(grown, 0, this.#from, this.#to);
    this.#searched -= this.#from;
    this.#bytes = grown;
    this.#from = 0;
    this.#to = length;
  }
}
