// Opens the socket of a connection, and asks for TLS where it is wanted. Called by connection.ts.

import net from 'node:net';
import tls from 'node:tls';
import { directTo, unixSocket } from '../../network/destination.ts';
import type { Dial, Dialer } from '../../network/dialer.ts';
import { namesOf } from '../../network/tls-names.ts';
import { monotonicMs } from '../../time/clock.ts';
import { cancelTimer, startTimer } from '../../time/timer.ts';

import type { Database } from './database-url.ts';
import { MessageWriter } from './wire-writer.ts';

export interface DialSettings {
  readonly database: Database;
  readonly dialer: Dialer;
  /** `null` without TLS. */
  readonly tls: tls.ConnectionOptions | null;
  /** Every plain socket of the worker reads into it; its bytes are used up before the next read. */
  readonly readBuffer: Buffer;
}

export interface DialEvents {
  /** Connected, with TLS where it was asked for. */
  dialed(): void;
  received(bytes: Buffer, size: number): void;
  refused(code: string, message: string): void;
  /** Both sides are closed, or it could not be opened; the reason when there is one. */
  socketClosed(error: NodeJS.ErrnoException | null): void;
}

export class Dialed {
  readonly startedAtMs = monotonicMs();
  readonly #settings: DialSettings;
  readonly #events: DialEvents;
  readonly #dial: Dial;
  #secured: net.Socket | null = null;
  #error: NodeJS.ErrnoException | null = null;

  constructor(settings: DialSettings, events: DialEvents) {
    this.#settings = settings;
    this.#events = events;
    const { database, dialer } = settings;
    const { socketPath, host, port } = database;
    this.#dial = dialer.dial(
      socketPath === null ? directTo(host, port) : unixSocket(socketPath),
      { open: this.#open },
      {
        connected: (socket) => {
          this.#watch(socket);
          if (settings.tls === null) events.dialed();
          else this.#askForTls(socket);
        },
        closed: (error) => events.socketClosed(error),
      },
    );
  }

  /** Until connected it stands for the attempts that are made: destroying it gives them up. */
  get socket(): net.Socket {
    return this.#secured ?? this.#dial.socket;
  }

  readonly #open = (options: net.NetConnectOpts): net.Socket => {
    const { readBuffer, tls: secure } = this.#settings;
    if (secure !== null) return net.connect(options);
    const onread: net.OnReadOpts = {
      buffer: readBuffer,
      callback: (size) => {
        this.#events.received(readBuffer, size);
        return true;
      },
    };
    return net.connect({ ...options, onread });
  };

  #watch(socket: net.Socket): void {
    // The server has closed its side: there is nothing more to wait for on ours.
    socket.on('end', () => socket.destroy());
    socket.on('error', (error) => {
      this.#error ??= error;
    });
    socket.on('close', () => {
      if (socket === this.socket) this.#events.socketClosed(this.#error);
    });
  }

  #askForTls(raw: net.Socket): void {
    const writer = new MessageWriter();
    writer.sslRequest();
    raw.write(writer.take());
    raw.once('data', (answer: Buffer) => {
      // Anything behind the one byte would not be protected, and is not to be trusted.
      if (answer.length === 1 && answer[0] === 83) this.#secure(raw);
      else this.#events.refused('tls_not_spoken', notSpoken);
    });
  }

  #secure(raw: net.Socket): void {
    const { tls: options, database } = this.#settings;
    const socket = tls.connect({ ...namesOf(database.host), ...options, socket: raw });
    this.#secured = socket;
    socket.on('secureConnect', () => this.#events.dialed());
    socket.on('data', (bytes: Buffer) => this.#events.received(bytes, bytes.length));
    this.#watch(socket);
  }
}

const notSpoken =
  'it does not speak TLS; set ssl=on there, or do without sql.tls, and sslmode in the database URL';

/**
 * Asks the server to cancel what a session is doing, by TLS where the session has it; resolves when the server has taken
 * note, or cannot be asked.
 */
export function requestCancel(settings: DialSettings, processId: number, key: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const writer = new MessageWriter();
    writer.cancelRequest(processId, key);
    const dialed = new Dialed(settings, {
      dialed: () => dialed.socket.write(writer.take()),
      // Its answer, if any, says nothing.
      received() {},
      refused: () => dialed.socket.destroy(),
      // The server closes it once the signal is sent.
      socketClosed() {
        cancelTimer(timer);
        resolve();
      },
    });
    const timer = startTimer(() => dialed.socket.destroy(), cancelLimitMs);
  });
}

const cancelLimitMs = 2000;
