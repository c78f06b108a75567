// Arrays in a result: text becomes nested lists, each element read as a single value of its type is. Called by rows.ts.
// Source of the format: PostgreSQL 18, section 8.15.6.

/** Throws an `Error` for a text that is no array. `delimiter` is a comma but for `box`. */
export function parseArray(text: string, element: (text: string) => unknown, delimiter = ','): unknown[] {
  // Bounds other than from 1, as in `[0:1]={1,2}`, are not kept.
  const start = text.startsWith('[') ? text.indexOf('=') + 1 : 0;
  const reader = new ArrayReader(text, start, element, delimiter);
  const values = reader.list();
  if (reader.at !== text.length) throw new Error(`"${text.slice(0, 60)}" is not an array`);
  return values;
}

class ArrayReader {
  at: number;
  readonly #text: string;
  readonly #element: (text: string) => unknown;
  readonly #delimiter: string;

  constructor(text: string, at: number, element: (text: string) => unknown, delimiter: string) {
    this.#text = text;
    this.at = at;
    this.#element = element;
    this.#delimiter = delimiter;
  }

  /** PostgreSQL has at most six dimensions, so the depth is bounded. */
  list(): unknown[] {
    const values: unknown[] = [];
    if (this.#text[this.at++] !== '{') throw new Error(`"${this.#text.slice(0, 60)}" is not an array`);
    while (this.at < this.#text.length) {
      const next = this.#text[this.at]!;
      if (next === '}') {
        this.at++;
        return values;
      }
      if (next === this.#delimiter) this.at++;
      else values.push(next === '{' ? this.list() : next === '"' ? this.#quoted() : this.#bare());
    }
    throw new Error(`"${this.#text.slice(0, 60)}" is not a complete array`);
  }

  #quoted(): unknown {
    let value = '';
    for (let from = ++this.at; ; this.at++) {
      const next = this.#text[this.at];
      if (next !== '"' && next !== '\\' && next !== undefined) continue;
      value += this.#text.slice(from, this.at);
      if (next !== '\\') break;
      from = ++this.at;
    }
    this.at++;
    return this.#element(value);
  }

  #bare(): unknown {
    const from = this.at;
    while (this.at < this.#text.length) {
      const next = this.#text[this.at]!;
      if (next === this.#delimiter || next === '}') break;
      this.at++;
    }
    const value = this.#text.slice(from, this.at);
    return value === 'NULL' ? null : this.#element(value);
  }
}
