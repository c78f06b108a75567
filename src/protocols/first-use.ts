// Clients that connect when user code says so, and that most users never need: what they consist of is made at the first
// `connect`. The protocols of held connections use it.

import type { HttpError } from '../model/context.ts';
import type { UserClient } from './protocol.ts';

/** A client with one function, `connect`. */
interface Connecting {
  connect(...given: never[]): unknown;
  readonly listens: boolean;
  close(cause?: HttpError): void;
}

/** The part of a virtual user; `make` is called once, and only if it connects. */
export function firstUse(make: () => Connecting): UserClient {
  return new FirstUse(make);
}

class FirstUse implements UserClient {
  readonly client: object = { connect: (...given: never[]) => this.#made().connect(...given) };
  readonly #make: () => Connecting;
  #own: Connecting | null = null;
  #isClosed = false;

  constructor(make: () => Connecting) {
    this.#make = make;
  }

  get listens(): boolean {
    return this.#own?.listens === true;
  }

  close(cause?: HttpError): void {
    this.#isClosed = true;
    this.#own?.close(cause);
  }

  #made(): Connecting {
    if (this.#own === null) {
      this.#own = this.#make();
      if (this.#isClosed) this.#own.close();
    }
    return this.#own;
  }
}
