// Opens every connection that goes out: looks the name up, asks the guard, and connects to whichever address answers
// first (RFC 8305). The protocols, monitors and outputs call it; nothing else in src/ opens a socket to a host that a
// user named.

import net from 'node:net';
import { cancelTimer, startTimer, type Timer } from '../time/timer.ts';
import { byFamilyInTurn, ofFamily } from './address-order.ts';
import type { Destination } from './destination.ts';
import { addressFamily } from './host-name.ts';
import { type Address, type NameLookup, systemLookup } from './name-lookup.ts';

/** Says whether a connection may be made. The answer is `undefined`, or the error that the connection fails with. */
export interface Guard {
  /** Before anything is sent, a look-up included. */
  refuseName(destination: Destination): Error | undefined;
  /** When the addresses are known, before one is connected to. */
  refuseAddresses(destination: Destination, addresses: readonly Address[]): Error | undefined;
}

export interface DialerOptions {
  readonly lookup?: NameLookup;
  readonly guard?: Guard | undefined;
}

/** Makes a socket that connects as the options say: `net.connect`, or `tls.connect` with settings of its own. */
export type OpenSocket = (options: net.NetConnectOpts) => net.Socket;

/** Exactly one of `connected` and `closed` is called, each after `dial` has returned. */
export interface DialEvents {
  /** The addresses of the name are known. Not called for what needs no look-up. */
  lookedUp?(): void;
  /**
   * The socket of the dial is connected, and the caller's from now on: nobody else listens to it any more, so the caller
   * hears its errors before this returns.
   */
  connected(socket: net.Socket): void;
  /** No connection was made; `null` when the caller destroyed the socket. */
  closed(error: NodeJS.ErrnoException | null): void;
}

export interface DialOptions {
  readonly localAddress?: string | undefined;
  readonly open?: OpenSocket;
}

/** How long one address has to itself before the next one is tried beside it (RFC 8305 section 5). */
const attemptDelayMs = 250;

export class Dialer {
  readonly #lookup: NameLookup;
  readonly #guard: Guard | undefined;

  constructor({ lookup = systemLookup, guard }: DialerOptions = {}) {
    this.#lookup = lookup;
    this.#guard = guard;
  }

  /** Never throws: what goes wrong is told to `events.closed`. */
  dial(destination: Destination, options: DialOptions, events: DialEvents): Dial {
    return new Dial(destination, options, events, this.#lookup, this.#guard);
  }

  /** A connected socket. Rejects with the error of the first address that failed. */
  connect(destination: Destination, options: DialOptions = {}, signal?: AbortSignal): Promise<net.Socket> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => void dial.socket.destroy();
      const dial = this.dial(destination, options, {
        connected(socket) {
          signal?.removeEventListener('abort', giveUp);
          // Whoever awaits it listens a little later.
          socket.on('error', hearNothing);
          resolve(socket);
        },
        closed(error) {
          signal?.removeEventListener('abort', giveUp);
          reject(error ?? new Error('the connection attempt was cancelled'));
        },
      });
      if (signal?.aborted) giveUp();
      else signal?.addEventListener('abort', giveUp);
    });
  }
}

/** What listens to a socket while it is being connected. */
interface Attempt {
  readonly onError: (error: NodeJS.ErrnoException) => void;
  readonly onClose: () => void;
}

/** An error that nobody listens for would end the process. */
export function hearNothing(): void {}

/** A connection on its way. */
export class Dial {
  /**
   * Stands for the whole dial: destroying it gives up all attempts. While several addresses are tried it may become
   * another one; once connected it is the one that is.
   */
  socket: net.Socket;
  readonly #destination: Destination;
  readonly #options: DialOptions;
  readonly #events: DialEvents;
  readonly #guard: Guard | undefined;
  /** Still to be tried, in this order. */
  #untried: Address[] = [];
  readonly #attempts = new Map<net.Socket, Attempt>();
  #firstError: NodeJS.ErrnoException | null = null;
  #timer: Timer | undefined;
  #over = false;

  constructor(
    destination: Destination,
    options: DialOptions,
    events: DialEvents,
    lookup: NameLookup,
    guard: Guard | undefined,
  ) {
    this.#destination = destination;
    this.#options = options;
    this.#events = events;
    this.#guard = guard;
    const { place } = destination;
    const refusal = guard?.refuseName(destination);
    if (refusal !== undefined) this.socket = this.#fail(refusal);
    else if (place.path !== undefined) this.socket = this.#attempt({ path: place.path });
    else this.socket = this.#toHost(place.host, place.port, lookup);
  }

  #toHost(host: string, port: number, lookup: NameLookup): net.Socket {
    const family = addressFamily(host);
    if (family !== 0) {
      const own = [{ address: host, family }];
      const trouble = this.#troubleWith(host, ofFamily(own, this.#options.localAddress));
      return trouble === undefined ? this.#attempt({ host, port }) : this.#fail(trouble);
    }
    return this.#attempt({
      host,
      port,
      // Node's own way with several addresses gives each of them up after 250 ms.
      autoSelectFamily: false,
      lookup: (name, _options, answer) => {
        lookup(name, (error, found) => {
          if (this.#over) return;
          this.#events.lookedUp?.();
          const addresses = ofFamily(byFamilyInTurn(found), this.#options.localAddress);
          const trouble = error ?? this.#troubleWith(host, addresses);
          if (trouble !== undefined) {
            answer(trouble, '', 0);
            return;
          }
          const [first, ...others] = addresses as [Address, ...Address[]];
          this.#untried = others;
          answer(null, first.address, first.family);
          this.#waitForNext();
        });
      },
    });
  }

  #troubleWith(host: string, addresses: readonly Address[]): NodeJS.ErrnoException | undefined {
    if (addresses.length > 0) return this.#guard?.refuseAddresses(this.#destination, addresses);
    const { localAddress } = this.#options;
    const reason = localAddress === undefined ? '' : ` of the family of ${localAddress}, the local address`;
    return Object.assign(new Error(`${host} has no address${reason}`), { code: 'ENOTFOUND' });
  }

  /** A socket that was never connected, and is destroyed. */
  #fail(error: Error): net.Socket {
    const socket = new net.Socket();
    this.#watch(socket);
    return socket.destroy(error);
  }

  #attempt(where: net.NetConnectOpts): net.Socket {
    const { localAddress, open = net.connect } = this.#options;
    const socket = open({
      ...where,
      ...(localAddress !== undefined && !('path' in where) && { localAddress }),
      noDelay: true,
    });
    this.#watch(socket);
    return socket;
  }

  #watch(socket: net.Socket): void {
    let failure: NodeJS.ErrnoException | null = null;
    const attempt: Attempt = {
      onError: (error) => {
        failure = error;
        // Some attempts fail before their socket is closed; the next address need not wait for that.
        this.#firstError ??= error;
      },
      onClose: () => this.#ended(socket, failure),
    };
    this.#attempts.set(socket, attempt);
    socket.once('connect', () => this.#connected(socket, attempt));
    socket.on('error', attempt.onError);
    socket.on('close', attempt.onClose);
  }

  #connected(socket: net.Socket, { onError, onClose }: Attempt): void {
    if (this.#over) {
      socket.destroy();
      return;
    }
    this.#end(socket);
    this.socket = socket;
    // A connection may live long, and a dial ends here: the socket holds on to nothing of it.
    socket.off('error', onError);
    socket.off('close', onClose);
    this.#events.connected(socket);
  }

  #ended(socket: net.Socket, failure: Error | null): void {
    this.#attempts.delete(socket);
    if (this.#over) return;
    if (failure === null) {
      // Destroyed from outside: nobody wants a connection any more.
      this.#end();
      this.#events.closed(null);
    } else if (this.#untried.length > 0) {
      this.#tryNext();
    } else if (this.#attempts.size === 0) {
      this.#end();
      this.#events.closed(this.#firstError);
    } else if (this.socket === socket) {
      // Whoever gives up the dial must meet one that is still under way.
      this.socket = this.#attempts.keys().next().value!;
    }
  }

  #waitForNext(): void {
    if (this.#untried.length === 0) return;
    this.#timer = startTimer(() => this.#tryNext(), attemptDelayMs);
  }

  #tryNext(): void {
    cancelTimer(this.#timer);
    const next = this.#untried.shift()!;
    const { place } = this.#destination;
    if (place.path !== undefined) return;
    this.socket = this.#attempt({
      host: place.host,
      port: place.port,
      autoSelectFamily: false,
      lookup: (_name, _options, answer) => answer(null, next.address, next.family),
    });
    this.#waitForNext();
  }

  /** Ends all attempts but the one that has won. */
  #end(winner?: net.Socket): void {
    this.#over = true;
    cancelTimer(this.#timer);
    for (const socket of this.#attempts.keys()) if (socket !== winner) socket.destroy();
    this.#attempts.clear();
  }
}
