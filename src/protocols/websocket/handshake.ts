// Opens one WebSocket: socket, upgrade request, answer, each within its limit. Called by user-websockets.ts.

import type net from 'node:net';
import type { WebSocket } from 'ws';
import { messageOf } from '../../model/errors.ts';
import { monotonicMs } from '../../time/clock.ts';
import { cancelTimer, startTimer, type Timer } from '../../time/timer.ts';
import type { Target } from '../http/target.ts';
import { explainRefusal, takeProtocol } from './agreement.ts';
import { SocketDial, type SocketSettings } from './dial.ts';
import { failureOf } from './failure.ts';

/** Ms; infinite without a limit. */
export interface HandshakeLimits {
  readonly connectMs: number;
  readonly responseMs: number;
  readonly totalMs: number;
}

export interface HandshakeRequest {
  readonly target: Target;
  readonly headers: Readonly<Record<string, string>>;
  readonly protocols: readonly string[];
  readonly maxMessageBytes: number;
  readonly limits: HandshakeLimits;
  readonly dial: SocketSettings;
}

export interface HandshakeEvents {
  /** Status and header lines of the server's answer, whatever it is. */
  answered(status: number, rawHeaders: string): void;
  /** The session is open. Who wants its first message must listen before returning. */
  opened(socket: WebSocket): void;
  failed(code: string, message: string): void;
}

/** How long the closing of a session may take. */
export const closeLimitMs = 5000;
/** How long what was sent may take to reach the server when the user has ended. */
export const lingerMs = 1000;
/** As long as that of any other answer. */
const mostHeadBytes = 64 * 1024;
/** What the library counts messages in: 32 bits with a sign. */
const mostMessageBytes = 2 ** 31 - 1;

export class Handshake {
  /** The subprotocol that the server chose; empty for none. */
  protocol = '';
  /** What carries the session, once connected. */
  socket: net.Socket | null = null;
  readonly #events: HandshakeEvents;
  readonly #limits: HandshakeLimits;
  readonly #startedAtMs = monotonicMs();
  readonly #webSocket: WebSocket;
  #dial: SocketDial | null = null;
  #timer: Timer | undefined;
  #isOver = false;

  constructor(library: typeof WebSocket, request: HandshakeRequest, events: HandshakeEvents) {
    this.#events = events;
    this.#limits = request.limits;
    const { origin, path } = request.target;
    const webSocket = new library(
      `${origin.secure ? 'wss' : 'ws'}://${origin.hostHeader}${path}`,
      // It refuses servers that choose none: the subprotocols are offered, and what was chosen is looked at, by us.
      [],
      {
        // The host is not to be told from the URL: hosts, proxies and unix sockets say where to connect.
        createConnection: ((_options: unknown, give: (error: Error | null, socket?: net.Socket) => void) => {
          this.#dial = new SocketDial(origin, request.dial, {
            ready: (socket) => {
              this.socket = socket;
              this.#limit(request.limits.responseMs, 'response_timeout', 'no answer to the upgrade');
              give(null, socket);
            },
            failed: (code, message) => {
              this.#fail(code, message);
              give(new Error(message));
            },
          });
        }) as never,
        headers: { host: origin.hostHeader, ...request.headers, ...offerOf(request.protocols) },
        // Folded lines and line feeds alone are read as RFC 9112 says, as in answers to requests; so is a long head.
        insecureHTTPParser: true,
        maxHeaderSize: mostHeadBytes,
        perMessageDeflate: false,
        maxPayload: Math.min(request.maxMessageBytes, mostMessageBytes),
        closeTimeout: closeLimitMs,
      } as ConstructorParameters<typeof WebSocket>[2],
    );
    this.#webSocket = webSocket;
    this.#listen(webSocket, request.protocols);
    this.#limit(request.limits.connectMs, 'connect_timeout', 'no connection');
  }

  /** The upgrade request was handed to a connected socket: the server may have seen it. */
  get sent(): boolean {
    return this.socket !== null;
  }

  #listen(webSocket: WebSocket, offered: readonly string[]): void {
    webSocket.on('error', (error) => {
      const { code, message } = failureOf(error, 'the handshake');
      this.#fail(code, message);
    });
    webSocket.on('upgrade', (answer) => {
      if (this.#isOver) return;
      this.#events.answered(101, headerLines(answer.rawHeaders));
      try {
        this.protocol = takeProtocol(answer.headers, offered);
      } catch (thrown) {
        this.#fail('ws_protocol_error', `the handshake: ${messageOf(thrown)}`);
        webSocket.terminate();
      }
    });
    webSocket.on('unexpected-response', (request, answer) => {
      const status = answer.statusCode ?? 0;
      if (!this.#isOver) this.#events.answered(status, headerLines(answer.rawHeaders));
      const code = status === 101 ? 'ws_protocol_error' : `ws_http_${status}`;
      this.#fail(code, explainRefusal(status, answer.headers));
      request.destroy();
    });
    webSocket.on('open', () => {
      if (this.#isOver) {
        webSocket.terminate();
        return;
      }
      this.#end();
      webSocket.removeAllListeners('error');
      this.#events.opened(webSocket);
    });
  }

  /** Ends the phase that runs with its own limit or the one for all, whichever comes first. */
  #limit(ms: number, code: string, what: string): void {
    cancelTimer(this.#timer);
    const leftMs = this.#limits.totalMs - (monotonicMs() - this.#startedAtMs);
    const [waitMs, ownCode, limitMs] =
      ms < leftMs ? [ms, code, ms] : [Math.max(0, leftMs), 'timeout', this.#limits.totalMs];
    if (waitMs === Number.POSITIVE_INFINITY) return;
    this.#timer = startTimer(() => {
      this.#fail(ownCode, `${what} within ${limitMs} ms`);
      this.#drop();
    }, waitMs);
  }

  #fail(code: string, message: string): void {
    if (this.#isOver) return;
    this.#end();
    this.#events.failed(code, message);
  }

  #end(): void {
    this.#isOver = true;
    cancelTimer(this.#timer);
  }

  #drop(): void {
    this.#dial?.cancel();
    this.#webSocket.terminate();
  }

  /**
   * Gives up; no event follows. A request on its way is left to reach the server, so that what we count as sent is
   * what it receives: our side is closed in order. `done` is called when the socket is gone.
   */
  cancel(done: () => void): void {
    this.#end();
    const { socket } = this;
    if (socket === null || socket.closed) {
      this.#drop();
      done();
      return;
    }
    const timer = startTimer(() => socket.destroy(), lingerMs);
    socket.once('close', () => {
      cancelTimer(timer);
      done();
    });
    socket.end();
  }
}

function offerOf(protocols: readonly string[]): Readonly<Record<string, string>> {
  return protocols.length === 0 ? {} : { 'sec-websocket-protocol': protocols.join(', ') };
}

function headerLines(rawHeaders: readonly string[]): string {
  let lines = '';
  for (let i = 0; i < rawHeaders.length; i += 2) lines += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`;
  return lines;
}
