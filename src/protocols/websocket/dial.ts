// Opens the socket of a WebSocket the way that HTTP connections are opened: along the same route, with the same
// names, addresses and TLS. Called by handshake.ts.

import net from 'node:net';
import tls from 'node:tls';
import { connectOptions, type DialSettings } from '../http/dial.ts';
import type { Route, Tunnel } from '../http/route.ts';
import type { Origin } from '../http/target.ts';
import { explainTlsError } from '../http/tls-settings.ts';
import { openTunnel } from '../http/tunnel.ts';

/** What a socket is opened with. */
export type SocketSettings = Pick<DialSettings, 'lookup' | 'tls' | 'tlsSessions' | 'localAddress'>;

export interface SocketEvents {
  /** Connected, with TLS where it was asked for. */
  ready(socket: net.Socket): void;
  failed(code: string, message: string): void;
}

export class SocketDial {
  readonly #origin: Origin;
  readonly #settings: SocketSettings;
  readonly #events: SocketEvents;
  #socket: net.Socket;
  #isOver = false;

  constructor(origin: Origin, settings: SocketSettings, events: SocketEvents) {
    this.#origin = origin;
    this.#settings = settings;
    this.#events = events;
    const options = connectOptions(origin, settings);
    const tunnel = tunnelOf(origin);
    if (tunnel === null) {
      const socket = net.connect(options);
      this.#socket = socket;
      socket.once('connect', () => this.#connected(socket));
      this.#watch(socket);
    } else {
      this.#socket = openTunnel(tunnel, options, {
        lookedUp() {},
        opened: (socket) => {
          this.#socket = socket;
          this.#watch(socket);
          this.#connected(socket);
        },
        failed: (code, message) => this.#fail(code, message),
        closed: (error) => this.#failBy(error),
      });
    }
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
    const servername = settings.servername ?? (net.isIP(hostname) ? undefined : hostname);
    const socket = tls.connect({
      ...settings.options,
      // A server that may choose would choose HTTP/2, over which there is no upgrade.
      ALPNProtocols: ['http/1.1'],
      socket: raw,
      host: hostname,
      ...(servername === undefined ? {} : { servername }),
      ...(session === undefined ? {} : { session }),
    });
    this.#socket = socket;
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
