// The connections of one virtual user. Called by user-http.ts, once per request.

import { Connection } from './connection.ts';
import type { HttpExchange } from './exchange.ts';
import { Http2Negotiation, hasChoice } from './http2/negotiation.ts';
import type { Origin } from './target.ts';
import type { ConnectionHost, ConnectionOwner, Transport } from './transport.ts';

export class ConnectionPool {
  readonly #host: ConnectionHost;
  readonly #owner: ConnectionOwner;
  /** Most connections to one origin at a time. */
  readonly #limit: number;
  readonly #connections: Transport[] = [];

  constructor(host: ConnectionHost, owner: ConnectionOwner, limit: number) {
    this.#host = host;
    this.#owner = owner;
    this.#limit = limit;
  }

  /** An idle connection to the origin, else a new one; `null` when the origin has all it may. */
  take(origin: Origin, nowMs: number): Transport | null {
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
      if (!connection.leaving) toOriginCount++;
    }
    return toOriginCount < this.#limit ? this.connect(origin) : null;
  }

  /** A new connection, whatever the limit: in place of one that is gone. */
  connect(origin: Origin): Transport {
    const host = this.#host;
    const connection = hasChoice(origin, host.version)
      ? new Http2Negotiation(origin, host, this.#owner, (from, to) => this.#replace(from, to))
      : new Connection(origin, host, this.#owner);
    this.#connections.push(connection);
    return connection;
  }

  #replace(from: Transport, to: Transport): void {
    const index = this.#connections.indexOf(from);
    if (index >= 0) this.#connections[index] = to;
  }

  forget(connection: Transport): void {
    const index = this.#connections.indexOf(connection);
    if (index >= 0) this.#connections.splice(index, 1);
  }

  /** Ends all connections; returns the requests that they carried. */
  close(): HttpExchange[] {
    return this.#connections.splice(0).flatMap((connection) => connection.close());
  }
}
