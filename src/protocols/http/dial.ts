// Opens the socket of a connection: to the origin, a local socket or a proxy, with TLS where asked, and takes
// the time of each part. Called by connection.ts and http2-negotiation.ts.

import net from 'node:net';
import tls from 'node:tls';
import { monotonicMs } from '../../time/clock.ts';
import type { Tunnel } from './route.ts';
import type { Origin } from './target.ts';
import { explainTlsError, type TlsSessions, type TlsSettings, tlsVersionTag } from './tls-settings.ts';
import { openTunnel } from './tunnel.ts';
import { plainWire, type Wire, wireOf } from './wire.ts';

/** How a socket is to be opened: what its worker and its virtual user have settled. */
export interface DialSettings {
  /** Every socket of the worker reads into it; its bytes are used up before the next read. */
  readonly readBuffer: Buffer;
  readonly lookup: net.LookupFunction;
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

/** Where a socket to the origin is to be connected, and how: to its host, its proxy or its local socket. */
export function connectOptions(
  { route }: Origin,
  { localAddress, lookup }: Pick<DialSettings, 'localAddress' | 'lookup'>,
): net.NetConnectOpts {
  return {
    ...(route.socketPath === null ? { host: route.host, port: route.port } : { path: route.socketPath }),
    ...(localAddress === undefined ? {} : { localAddress }),
    noDelay: true,
    lookup,
  } as net.NetConnectOpts;
}

/** A socket and what its opening took; the parts are final once `ready`. */
export class Dialed {
  socket: net.Socket;
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
  #events: DialEvents;

  /** Opens a socket as a worker and one of its virtual users have settled it. */
  static for(
    origin: Origin,
    { readBuffer, lookup, tls }: Pick<DialSettings, 'readBuffer' | 'lookup' | 'tls'>,
    { tlsSessions, localAddress }: Pick<DialSettings, 'tlsSessions' | 'localAddress'>,
    events: DialEvents,
    alpn?: readonly string[],
  ): Dialed {
    return new Dialed(origin, { readBuffer, lookup, tls, tlsSessions, localAddress, alpn }, events);
  }

  constructor(origin: Origin, settings: DialSettings, events: DialEvents) {
    this.#origin = origin;
    this.#settings = settings;
    this.#events = events;
    const { route } = origin;
    const options = connectOptions(origin, settings);
    this.socket = route.tunnel === null ? this.#direct(options) : this.#through(route.tunnel, options);
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

  #direct(options: net.NetConnectOpts): net.Socket {
    const { readBuffer } = this.#settings;
    const onread: net.OnReadOpts = {
      buffer: readBuffer,
      callback: (size) => this.#events.received(readBuffer, size),
    };
    const direct = { ...options, onread } as net.NetConnectOpts;
    const { secure } = this.#origin;
    const socket = secure ? this.#secure(direct) : net.connect(direct);
    socket.on('lookup', () => this.#lookedUp());
    socket.on('connect', () => {
      this.#connected();
      if (!secure) this.#events.ready();
    });
    this.#watch(socket);
    return socket;
  }

  /** Connects to a proxy, has it connect to the origin, and speaks TLS with that. */
  #through(tunnel: Tunnel, options: net.NetConnectOpts): net.Socket {
    return openTunnel(tunnel, options, {
      lookedUp: () => this.#lookedUp(),
      failed: (code, message) => this.#events.refused(code, message),
      closed: (error) => {
        this.error = error;
        this.#events.socketClosed();
      },
      opened: (raw) => {
        this.#connected();
        const socket = this.#secure({ socket: raw });
        this.socket = socket;
        socket.once('secureConnect', () => {
          // An HTTP/2 session reads its socket by itself.
          if (this.http2) return;
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
    const servername = settings.servername ?? (net.isIP(hostname) ? undefined : hostname);
    const socket = tls.connect({
      ...settings.options,
      ...options,
      ...(servername === undefined ? {} : { servername }),
      ...(session === undefined ? {} : { session }),
      ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
    });
    if (tlsSessions !== null) socket.on('session', (made) => tlsSessions.set(key, made));
    socket.on('secureConnect', () => {
      this.tlsMs = monotonicMs() - this.startedAtMs - this.lookupMs - this.connectMs;
      this.http2 = socket.alpnProtocol === 'h2';
      this.wire = wireOf(this.http2 ? 'HTTP/2.0' : 'HTTP/1.1', tlsVersionTag(socket));
      this.#events.ready();
    });
    return socket;
  }

  #lookedUp(): void {
    this.lookupMs = monotonicMs() - this.startedAtMs;
  }

  #connected(): void {
    this.connectMs = monotonicMs() - this.startedAtMs - this.lookupMs;
  }

  #watch(socket: net.Socket): void {
    socket.on('end', () => this.#events.ended());
    socket.on('error', (error) => {
      this.error = error;
    });
    socket.on('close', () => this.#events.socketClosed());
  }
}
