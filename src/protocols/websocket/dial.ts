// Opens the socket of a WebSocket the way that HTTP connections are opened: along the same route, with the same
// names, addresses and TLS. Called by handshake.ts.

import type net from 'node:net';
import tls from 'node:tls';
import type { Dial } from '../../network/dialer.ts';
import { explainTlsError } from '../../network/tls-failures.ts';
import { namesOf } from '../../network/tls-names.ts';
import { type DialSettings, destinationOf, namingProxy } from '../http/dial.ts';
import type { Route, Tunnel } from '../http/route.ts';
import type { Origin } from '../http/target.ts';
import { openTunnel } from '../http/tunnel.ts';

/** What a socket is opened with. */
export type SocketSettings = Pick<DialSettings, 'dialer' | 'tls' | 'tlsSessions' | 'localAddress'>;

export interface SocketEvents {
  /** Connected, with TLS where it was asked for. */
  ready(socket: net.Socket): void;
  failed(code: string, message: string): void;
}

export class SocketDial {
  readonly #origin: Origin;
  readonly #settings: SocketSettings;
  readonly #events: SocketEvents;
  readonly #dial: Dial;
  /** TLS, once it has begun. */
  #inner: net.Socket | null = null;
  #isOver = false;

  constructor(origin: Origin, settings: SocketSettings, events: SocketEvents) {
    this.#origin = origin;
    this.#settings = settings;
    this.#events = events;
    const { dialer, localAddress } = settings;
    const tunnel = tunnelOf(origin);
    this.#dial = dialer.dial(
      destinationOf(origin),
      { localAddress },
      {
        connected: (socket) => {
          if (tunnel === null) {
            this.#watch(socket);
            this.#connected(socket);
          } else {
            this.#through(tunnel, socket);
          }
        },
        closed: (error) => this.#failBy(error === null ? null : namingProxy(error, origin)),
      },
    );
  }

  get #socket(): net.Socket {
    return this.#inner ?? this.#dial.socket;
  }

  #through(tunnel: Tunnel, socket: net.Socket): void {
    openTunnel(socket, tunnel, {
      opened: () => {
        this.#watch(socket);
        this.#connected(socket);
      },
      failed: (code, message) => this.#fail(code, message),
      closed: (error) => this.#failBy(error),
    });
  }

  /** Gives up; no event follows. */
  cancel(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  #connected(raw: net.Socket): void {
    if (this.#isOver) return;
    if (this.#origin.secure) this.#secure(raw);
    else this.#ready(raw);
  }

  #secure(raw: net.Socket): void {
    const { hostname, key } = this.#origin;
    const { tls: settings, tlsSessions } = this.#settings;
    const session = tlsSessions?.get(key);
    const socket = tls.connect({
      ...settings.options,
      // A server that may choose would choose HTTP/2, over which there is no upgrade.
      ALPNProtocols: ['http/1.1'],
      socket: raw,
      ...namesOf(settings.servername ?? hostname),
      ...(session === undefined ? {} : { session }),
    });
    this.#inner = socket;
    if (tlsSessions !== null) socket.on('session', (made) => tlsSessions.set(key, made));
    socket.once('secureConnect', () => this.#ready(socket));
    this.#watch(socket);
  }

  #ready(socket: net.Socket): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.ready(socket);
  }

  #watch(socket: net.Socket): void {
    let failure: NodeJS.ErrnoException | null = null;
    socket.on('error', (error) => {
      failure = error;
    });
    // The bare socket under a TLS one closes first, but does not know why.
    socket.on('close', () => {
      if (this.#socket === socket) this.#failBy(failure);
    });
  }

  #failBy(error: NodeJS.ErrnoException | null): void {
    const { secure, hostHeader } = this.#origin;
    const explained = error !== null && secure ? explainTlsError(error, hostHeader) : undefined;
    this.#fail(
      explained?.code ?? error?.code ?? 'connection_closed',
      explained?.message ?? (error?.message || error?.code) ?? 'the connection was closed',
    );
  }

  #fail(code: string, message: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.destroy();
    this.#events.failed(code, message);
  }
}

/** A proxy carries a WebSocket in a tunnel, a plain one too (RFC 6455 section 4.1). */
function tunnelOf({ route, hostname, port }: Origin): Tunnel | null {
  if (route.tunnel !== null || !route.absoluteForm) return route.tunnel;
  const authority = `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
  return { authority, authorization: credentialsOf(route) };
}

function credentialsOf(route: Route): string {
  return /^proxy-authorization: ([^\r]*)/.exec(route.proxyLines)?.[1] ?? '';
}
