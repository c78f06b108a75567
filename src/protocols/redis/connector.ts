// Lets the library have its sockets from our dialer. Made by runtime.ts, and by those who watch a Redis.

import type net from 'node:net';
import tls from 'node:tls';
import type { AbstractConnector, RedisOptions } from 'ioredis';
import { directTo } from '../../network/destination.ts';
import { type Dial, type Dialer, hearNothing } from '../../network/dialer.ts';
import { namesOf } from '../../network/tls-names.ts';

import type { RedisPlace } from './redis-url.ts';

export interface ConnectorSettings {
  readonly dialer: Dialer;
  readonly place: Pick<RedisPlace, 'host' | 'port'>;
  /** `null` without TLS. */
  readonly tls: tls.ConnectionOptions | null;
}

/**
 * The library as a plain carrier of commands: it queues nothing, repeats nothing, reconnects never, waits without a limit of
 * its own, and sends nothing but what makes a connection (AUTH, SELECT, CLIENT SETNAME).
 */
export const plainCarrier = {
  lazyConnect: true,
  protocol: 2,
  disableClientInfo: true,
  enableReadyCheck: false,
  enableOfflineQueue: false,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  retryStrategy: null,
  connectTimeout: 0,
} as const satisfies RedisOptions;

/** What the library says of a connection that was not made because nobody wants it any more. */
const closedMessage = 'Connection is closed.';

/** The library's option of that name. `Base` is its own class, which ends sockets in order. */
export function connectorOf(
  Base: typeof AbstractConnector,
  { dialer, place, tls: secure }: ConnectorSettings,
): NonNullable<RedisOptions['Connector']> {
  return class extends Base {
    #dial: Dial | null = null;

    constructor(options: unknown) {
      super((options as { disconnectTimeout: number }).disconnectTimeout);
    }

    connect(): Promise<net.Socket> {
      return new Promise((resolve, reject) => {
        const open = (options: net.NetConnectOpts): net.Socket =>
          tls.connect({ ...namesOf(place.host), ...secure, ...options });
        const ready = (socket: net.Socket): void => {
          this.#dial = null;
          this.stream = socket;
          resolve(socket);
        };
        this.#dial = dialer.dial(directTo(place.host, place.port), secure === null ? {} : { open }, {
          connected(socket) {
            // The library listens a little later.
            socket.on('error', hearNothing);
            if (secure === null) {
              ready(socket);
              return;
            }
            const failed = (error?: Error): void => reject(error ?? new Error(closedMessage));
            socket.once('error', failed);
            socket.once('close', failed);
            socket.once('secureConnect', () => {
              socket.off('error', failed);
              socket.off('close', failed);
              ready(socket);
            });
          },
          closed: (error) => reject(error ?? new Error(closedMessage)),
        });
      });
    }

    override disconnect(): void {
      if (this.#dial === null) super.disconnect();
      else this.#dial.socket.destroy();
    }
  };
}
