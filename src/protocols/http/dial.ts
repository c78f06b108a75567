// Opens the socket of a connection: to the origin, a local socket or a proxy, with TLS where asked, and takes
// the time of each part. Called by connection.ts and http2/negotiation.ts.

import net from 'node:net';
import tls from 'node:tls';
import { PlimsollError } from '../../model/errors.ts';
import { authorityOf, type Destination } from '../../network/destination.ts';
import {
  type Dial,
  type Dialer,
  hearNothing,
  type DialEvents as OpeningEvents,
} from '../../network/dialer.ts';
import { explainTlsError } from '../../network/tls-failures.ts';
import { namesOf } from '../../network/tls-names.ts';
import { type TlsSessions, type TlsSettings, tlsVersionTag } from '../../network/tls-settings.ts';
import { monotonicMs } from '../../time/clock.ts';
import type { Tunnel } from './route.ts';
import type { Origin } from './target.ts';
import { openTunnel } from './tunnel.ts';
import { plainWire, type Wire, wireOf } from './wire.ts';

/** How a socket is to be opened: what its worker and its virtual user have settled. */
export interface DialSettings {
  /** Every socket of the worker reads into it; its bytes are used up before the next read. */
  readonly readBuffer: Buffer;
  readonly dialer: Dialer;
  readonly tls: TlsSettings;
  /** Sessions to resume; `null` when each connection makes its own. */
  readonly tlsSessions: TlsSessions | null;
  readonly localAddress: string | undefined;
  /** Protocols offered in the TLS handshake (ALPN, RFC 7301), the preferred one first; none when absent. */
  readonly alpn?: readonly string[] | undefined;
}

/** Who the socket belongs to. */
export interface DialEvents {
  /** Connected, with TLS where it was asked for. */
  ready(): void;
  /** The first `size` bytes were received. Returns false when no more are wanted for now. */
  received(bytes: Buffer, size: number): boolean;
  /** The peer closed its side. */
  ended(): void;
  /** The proxy refused. */
  refused(code: string, message: string): void;
  socketClosed(): void;
}

/** Where a socket to the origin is to be connected: to its host, its proxy or its local socket. */
export function destinationOf({ hostname, port, route }: Origin): Destination {
  const { socketPath, host, port: ownPort } = route;
  return {
    name: hostname,
    port,
    place: socketPath === null ? { host, port: ownPort } : { path: socketPath },
    byProxy: route.tunnel !== null || route.absoluteForm,
  };
}

/** No connection was made: where it was to be one to a proxy, that is told, since the target is not to blame. */
export function namingProxy(error: NodeJS.ErrnoException, { route }: Origin): NodeJS.ErrnoException {
  const byProxy = route.tunnel !== null || route.absoluteForm;
  if (!byProxy || error instanceof PlimsollError) return error;
  const message = `the proxy at ${authorityOf(route.host, route.port)} cannot be reached: ${error.message}`;
  return Object.assign(new Error(message), { code: error.code });
}

/** A socket and what its opening took; the parts are final once `ready`. */
export class Dialed implements OpeningEvents {
  /** Process clock at which the opening began. */
  readonly startedAtMs = monotonicMs();
  lookupMs = 0;
  connectMs = 0;
  tlsMs = 0;
  wire: Wire = plainWire;
  /** The peer chose HTTP/2. */
  http2 = false;
  /** What went wrong with the socket, if anything. */
  error: NodeJS.ErrnoException | null = null;

  readonly #origin: Origin;
  readonly #settings: DialSettings;
  /** Until connected. */
  #dial: Dial | null;
  /** Since connected; then TLS inside a tunnel. */
  #socket: net.Socket | null = null;
  #events: DialEvents;
  #isReady = false;

  /** Opens a socket as a worker and one of its virtual users have settled it. */
  static for(
    origin: Origin,
    { readBuffer, dialer, tls }: Pick<DialSettings, 'readBuffer' | 'dialer' | 'tls'>,
    { tlsSessions, localAddress }: Pick<DialSettings, 'tlsSessions' | 'localAddress'>,
    events: DialEvents,
    alpn?: readonly string[],
  ): Dialed {
    return new Dialed(origin, { readBuffer, dialer, tls, tlsSessions, localAddress, alpn }, events);
  }

  constructor(origin: Origin, settings: DialSettings, events: DialEvents) {
    this.#origin = origin;
    this.#settings = settings;
    this.#events = events;
    const { localAddress, dialer } = settings;
    const options = origin.route.tunnel === null ? { localAddress, open: this.#opener() } : { localAddress };
    this.#dial = dialer.dial(destinationOf(origin), options, this);
  }

  lookedUp(): void {
    this.lookupMs = monotonicMs() - this.startedAtMs;
  }

  connected(socket: net.Socket): void {
    this.#socket = socket;
    this.#dial = null;
    const { secure, route } = this.#origin;
    if (route.tunnel !== null) {
      this.#through(route.tunnel, socket);
      return;
    }
    this.#connected();
    this.#watch(socket);
    if (!secure) this.#nowReady();
  }

  closed(error: NodeJS.ErrnoException | null): void {
    this.error = error === null ? null : namingProxy(error, this.#origin);
    this.#events.socketClosed();
  }

  /** Until connected it stands for the attempts that are made: destroying it gives them up. */
  get socket(): net.Socket {
    return this.#socket ?? this.#dial!.socket;
  }

  /** From now on the socket is somebody else's. */
  handTo(events: DialEvents): void {
    this.#events = events;
  }

  /** Why the socket closed: its error when it had one, else `otherwise`. */
  failure(otherwise: string): { readonly code: string; readonly message: string } {
    const { error } = this;
    if (error === null) return { code: 'connection_closed', message: otherwise };
    const explained = this.#origin.secure ? explainTlsError(error, this.#origin.hostHeader) : undefined;
    return explained ?? { code: error.code ?? 'connection_closed', message: error.message };
  }

  /** Makes sockets that read into the one buffer of the worker. */
  #opener(): (options: net.NetConnectOpts) => net.Socket {
    const { readBuffer } = this.#settings;
    const reading: { readonly onread: net.OnReadOpts } = {
      onread: { buffer: readBuffer, callback: (size) => this.#events.received(readBuffer, size) },
    };
    return this.#origin.secure
      ? (options) => this.#secure({ ...options, ...reading })
      : (options) => net.connect({ ...options, ...reading });
  }

  /** Has the proxy connect to the origin, and speaks TLS with that. */
  #through(tunnel: Tunnel, raw: net.Socket): void {
    openTunnel(raw, tunnel, {
      failed: (code, message) => this.#events.refused(code, message),
      closed: (error) => {
        this.error = error;
        this.#events.socketClosed();
      },
      opened: () => {
        // What goes wrong is told by the TLS socket over it.
        raw.on('error', hearNothing);
        this.#connected();
        const socket = this.#secure({ socket: raw });
        this.#socket = socket;
        socket.once('secureConnect', () => {
          socket.on('data', (chunk) => {
            if (!this.#events.received(chunk, chunk.length)) socket.pause();
          });
        });
        this.#watch(socket);
      },
    });
  }

  #secure(options: tls.ConnectionOptions): tls.TLSSocket {
    const { hostname, key } = this.#origin;
    const { tls: settings, tlsSessions, alpn } = this.#settings;
    const session = tlsSessions?.get(key);
    const socket = tls.connect({
      ...settings.options,
      ...options,
      ...namesOf(settings.servername ?? hostname),
      ...(session === undefined ? {} : { session }),
      ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
    });
    if (tlsSessions !== null) socket.on('session', (made) => tlsSessions.set(key, made));
    socket.on('secureConnect', () => {
      this.tlsMs = monotonicMs() - this.startedAtMs - this.lookupMs - this.connectMs;
      this.http2 = socket.alpnProtocol === 'h2';
      this.wire = wireOf(this.http2 ? 'HTTP/2.0' : 'HTTP/1.1', tlsVersionTag(socket));
      this.#nowReady();
    });
    return socket;
  }

  #nowReady(): void {
    this.#isReady = true;
    this.#events.ready();
  }

  #connected(): void {
    this.connectMs = monotonicMs() - this.startedAtMs - this.lookupMs;
  }

  #watch(socket: net.Socket): void {
    // During the handshake the socket itself says that it was broken off.
    socket.on('end', () => {
      if (this.#isReady) this.#events.ended();
    });
    socket.on('error', (error) => {
      this.error = error;
    });
    socket.on('close', () => this.#events.socketClosed());
  }
}
