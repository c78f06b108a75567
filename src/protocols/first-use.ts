// Clients that connect when user code says so, and that most users never need: what they consist of is made at the first
// `connect`. The protocols of held connections use it.

import type { HttpError } from '../model/context.ts';
import type { ProtocolUser, UserClient } from './protocol.ts';

/** A client with one function, `connect`. */
interface Connecting {
  connect(...given: never[]): unknown;
  readonly listens: boolean;
  close(cause?: HttpError): void;
}

/** One function for all users of a protocol: ten thousand of them keep no closure each. `earlier` as in `connect`. */
export type MakeClient = (user: ProtocolUser, earlier: readonly UserClient[]) => Connecting;

/** The part of a virtual user; `make` is called once, and only if it connects. */
export function firstUse(make: MakeClient, user: ProtocolUser, earlier: readonly UserClient[]): UserClient {
  return new FirstUse(make, user, earlier);
}

class FirstUse implements UserClient {
  readonly client: object = { connect: (...given: never[]) => this.#made().connect(...given) };
  readonly #make: MakeClient;
  readonly #user: ProtocolUser;
  readonly #earlier: readonly UserClient[];
  #own: Connecting | null = null;
  #isClosed = false;

  constructor(make: MakeClient, user: ProtocolUser, earlier: readonly UserClient[]) {
    this.#make = make;
    this.#user = user;
    this.#earlier = earlier;
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
      this.#own = this.#make(this.#user, this.#earlier);
      if (this.#isClosed) this.#own.close();
    }
    return this.#own;
  }
}
