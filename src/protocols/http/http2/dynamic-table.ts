// The dynamic table of an HPACK decoder: RFC 7541 section 2.3.2. Called by hpack-decoder.ts.

import type { HeadField } from './field.ts';

const firstRoom = 8;

export class DynamicTable {
  /** Changes with whatever changes what an index means. */
  epoch = 0;
  /** A ring whose length is a power of two; the newest field is at `#newest`. */
  #ring: (HeadField | undefined)[] = [];
  #newest = 0;
  #count = 0;
  #size = 0;
  #limit: number;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  /** The field with an index of its own, from 0 for the newest; `undefined` where there is none. */
  at(index: number): HeadField | undefined {
    if (index >= this.#count) return undefined;
    return this.#ring[(this.#newest - index) & (this.#ring.length - 1)];
  }

  /** Section 4.4: a field that is larger than the table empties it. */
  insert(field: HeadField): void {
    this.epoch++;
    this.#evict(this.#limit - field.size);
    if (field.size > this.#limit) return;
    if (this.#count === this.#ring.length) this.#grow();
    this.#newest = (this.#newest + 1) & (this.#ring.length - 1);
    this.#ring[this.#newest] = field;
    this.#count++;
    this.#size += field.size;
  }

  resize(limitBytes: number): void {
    this.epoch++;
    this.#limit = limitBytes;
    this.#evict(limitBytes);
  }

  /** Drops the oldest until the rest takes no more than `bytes`. */
  #evict(bytes: number): void {
    while (this.#count > 0 && this.#size > bytes) {
      const at = (this.#newest - --this.#count) & (this.#ring.length - 1);
      this.#size -= this.#ring[at]!.size;
      this.#ring[at] = undefined;
    }
  }

  #grow(): void {
    const fields = Array.from({ length: this.#count }, (_, index) => this.at(this.#count - 1 - index));
    const room = Math.max(firstRoom, this.#ring.length * 2);
    this.#ring = [...fields, ...new Array<undefined>(room - fields.length).fill(undefined)];
    this.#newest = Math.max(0, fields.length - 1);
  }
}
