// One virtual user's part of every protocol of its worker. What few users need is made at its first use: ten thousand users
// who never open a WebSocket keep no client for it. open-protocols.ts makes one for each user.

import type { HttpError } from '../model/context.ts';
import type { OpenProtocol, ProtocolUser, UserClient } from './protocol.ts';

/** What user code calls before there is a client: a function that all users of the worker share, bound to their clients. */
export type FirstUse = (this: UserClients, ...given: never[]) => unknown;

interface Connecting {
  connect(...given: never[]): unknown;
}

/** The `connect` of the client at `index`, which makes the client when it is called for the first time. */
export function firstUseOf(index: number): FirstUse {
  return function (this: UserClients, ...given: never[]) {
    return (this.use(index).client as Connecting).connect(...given);
  };
}

export class UserClients {
  readonly #protocols: readonly OpenProtocol[];
  readonly #user: ProtocolUser;
  /** In the order of `protocols`; `null` where nothing was used yet. */
  readonly #made: (UserClient | null)[];
  #isClosed = false;

  constructor(protocols: readonly OpenProtocol[], user: ProtocolUser) {
    this.#protocols = protocols;
    this.#user = user;
    this.#made = new Array<UserClient | null>(protocols.length).fill(null);
    for (let i = 0; i < protocols.length; i++) if (protocols[i]!.atFirstUse !== true) this.#make(i);
  }

  /** The client at `index`. */
  use(index: number): UserClient {
    return this.#made[index] ?? this.#make(index);
  }

  #make(index: number): UserClient {
    const made = this.#protocols[index]!.connect(this.#user, this.#made);
    this.#made[index] = made;
    if (this.#isClosed) made.close();
    return made;
  }

  /** One of them waits for messages, which have no end of their own. */
  get listens(): boolean {
    return this.#made.some((client) => client?.listens === true);
  }

  /** The user has ended: at the end of the run, or because of `cause`. Ends its clients, the last of the registry first. */
  close(cause?: HttpError): void {
    this.#isClosed = true;
    for (let i = this.#made.length - 1; i >= 0; i--) this.#made[i]?.close(cause);
  }
}
