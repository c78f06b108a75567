// Opens the socket of a connection, and asks for TLS where it is wanted. Called by connection.ts.

import net from 'node:net';
import tls from 'node:tls';
import { monotonicMs } from '../../time/clock.ts';
import { cancelTimer, startTimer } from '../../time/timer.ts';
import type { Database } from './database-url.ts';
import { MessageWriter } from './wire-writer.ts';

export interface DialSettings {
  readonly database: Database;
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
  socket: net.Socket;
  readonly startedAtMs = monotonicMs();
  readonly #settings: DialSettings;
  readonly #events: DialEvents;
  #error: NodeJS.ErrnoException | null = null;

  constructor(settings: DialSettings, events: DialEvents) {
    this.#settings = settings;
    this.#events = events;
    const { database, readBuffer } = settings;
    const onread: net.OnReadOpts = {
      buffer: readBuffer,
      callback: (size) => {
        events.received(readBuffer, size);
        return true;
      },
    };
    const place = addressOf(database);
    this.socket = net.connect({ ...place, noDelay: true, ...(settings.tls === null ? { onread } : {}) });
    this.socket.on('connect', () => {
      if (settings.tls === null) events.dialed();
      else this.#askForTls();
    });
    this.#watch(this.socket);
  }

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

  #askForTls(): void {
    const raw = this.socket;
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
    const servername = net.isIP(database.host) === 0 ? { servername: database.host } : {};
    const socket = tls.connect({ host: database.host, ...servername, ...options, socket: raw });
    this.socket = socket;
    socket.on('secureConnect', () => this.#events.dialed());
    socket.on('data', (bytes: Buffer) => this.#events.received(bytes, bytes.length));
    this.#watch(socket);
  }
}

const notSpoken =
  'it does not speak TLS; set ssl=on there, or do without sql.tls, and sslmode in the database URL';

function addressOf({ socketPath, host, port }: Database): net.NetConnectOpts {
  return socketPath === null ? { host, port } : { path: socketPath };
}

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
