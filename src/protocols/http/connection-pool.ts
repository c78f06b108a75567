// The connections of one virtual user. Called by session.ts, once per request.

import { Connection, type ConnectionHost, type ConnectionOwner } from './connection.ts';
import type { Origin } from './target.ts';

export class ConnectionPool {
  readonly #host: ConnectionHost;
  readonly #owner: ConnectionOwner;
  /** Most connections to one origin at a time. */
  readonly #limit: number;
  readonly #connections: Connection[] = [];

  constructor(host: ConnectionHost, owner: ConnectionOwner, limit: number) {
    this.#host = host;
    this.#owner = owner;
    this.#limit = limit;
  }

  /** An idle connection to the origin, else a new one; `null` when the origin has all it may. */
  take(origin: Origin, nowMs: number): Connection | null {
    const connections = this.#connections;
    let toOriginCount = 0;
    for (let i = 0; i < connections.length; i++) {
      const connection = connections[i]!;
      if (connection.origin !== origin) continue;
      if (connection.usable) {
        if (nowMs - connection.idleSinceMs < connection.idleLimitMs) return connection;
        connection.close();
      }
      if (connection.closed) {
        // Too old to be trusted, or closed by the server while no request was there to tell of it.
        connections.splice(i, 1);
        i--;
        continue;
      }
      toOriginCount++;
    }
    return toOriginCount < this.#limit ? this.connect(origin) : null;
  }

  /** A new connection, whatever the limit: in place of one that is gone. */
  connect(origin: Origin): Connection {
    const connection = new Connection(origin, this.#host, this.#owner);
    this.#connections.push(connection);
    return connection;
  }

  forget(connection: Connection): void {
    const index = this.#connections.indexOf(connection);
    if (index >= 0) this.#connections.splice(index, 1);
  }

  /** All connections; the pool forgets them. */
  empty(): Connection[] {
    return this.#connections.splice(0);
  }
}
