// A server that answers request `/n` with response n of a fuzz run: damaged or sound, in pieces, on time or late.

import net from 'node:net';
import { createRandom } from '../../src/stats/random.ts';
import { maxResponseBytes, mutate, responses, tokenOf, writeResponse } from './mutations.ts';
import { readResponse } from './reference-parser.ts';

/** What was sent as the answer to one request. */
export interface SentResponse {
  readonly damaged: boolean;
  readonly bytes: Buffer;
  /** Sound, and so was all that was sent on this connection before. */
  readonly onSoundConnection: boolean;
}

export interface DamagingServer {
  readonly url: string;
  /** By request number; what was sent last when a request came twice. */
  readonly sent: ReadonlyMap<number, SentResponse>;
  /** Numbers of the requests that came on a connection whose last response forbade another. */
  readonly unsafeRequests: readonly number[];
  readonly openSockets: number;
  close(): Promise<void>;
}

const damagedRatio = 0.6;
const scratch = Buffer.alloc(maxResponseBytes);

/** The response to request `number`: the same for the same seed, whatever the order of the requests. */
function makeResponse(seed: number, number: number): { damaged: boolean; bytes: Buffer } {
  const random = createRandom(seed, 'response', number);
  const template = responses[Math.floor(random() * responses.length)]!;
  const length = writeResponse(template, tokenOf(number), scratch);
  const damaged = random() < damagedRatio;
  const end = damaged ? mutate(scratch, length, random) : length;
  return { damaged, bytes: Buffer.from(scratch.subarray(0, end)) };
}

export async function startDamagingServer(seed: number): Promise<DamagingServer> {
  const sent = new Map<number, SentResponse>();
  const unsafeRequests: number[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    serve(socket, seed, sent, unsafeRequests);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 1024, resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    sent,
    unsafeRequests,
    get openSockets() {
      // A socket that is reset after it was ended may never emit "close".
      return [...sockets].filter((socket) => !socket.destroyed).length;
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function serve(
  socket: net.Socket,
  seed: number,
  sent: Map<number, SentResponse>,
  unsafeRequests: number[],
): void {
  let received = '';
  let sound = true;
  let reusable = true;
  socket.on('data', (data: Buffer) => {
    received += data.toString('latin1');
    for (let end = received.indexOf('\r\n\r\n'); end >= 0; end = received.indexOf('\r\n\r\n')) {
      const number = Number(/^GET \/(\d+) /.exec(received)?.[1]);
      received = received.slice(end + 4);
      if (!reusable) unsafeRequests.push(number);
      const { damaged, bytes } = makeResponse(seed, number);
      if (damaged) sound = false;
      sent.set(number, { damaged, bytes, onSoundConnection: sound });
      const random = createRandom(seed, 'delivery', number);
      const pieces = cut(bytes, damaged, random);
      reusable = allowsAnother(bytes, pieces.length === 1);
      void send(socket, pieces, damaged, random);
    }
  });
}

/**
 * May another request follow? Not after what is no response, nor after one that closes the connection, nor when
 * bytes are left over that the client has seen: those that come later, it cannot have.
 */
function allowsAnother(bytes: Buffer, inOnePiece: boolean): boolean {
  const response = readResponse(bytes.toString('latin1'), false);
  if (response === null || !response.keepAlive) return false;
  return response.byteCount === bytes.length || !inOnePiece;
}

async function send(
  socket: net.Socket,
  pieces: readonly Buffer[],
  damaged: boolean,
  random: () => number,
): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return;
    socket.write(piece);
    if (random() < 0.3) await new Promise((resolve) => setTimeout(resolve, random() * 3));
    else await new Promise((resolve) => setImmediate(resolve));
  }
  if (damaged && random() < 0.5) socket.end();
  else if (damaged && random() < 0.1) socket.resetAndDestroy();
}

/**
 * Damage may make two whole responses of one. When the second arrives after the client has sent its next request,
 * nothing in HTTP/1.1 tells it from the answer to that; so what may be such a pair goes out in one piece, where
 * the client must notice it.
 */
function cut(bytes: Buffer, damaged: boolean, random: () => number): Buffer[] {
  if (damaged && bytes.indexOf('HTTP/1.', 1, 'latin1') >= 0) return [bytes];
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const count = random() < 0.3 ? bytes.length : 1 + Math.floor(random() * 80);
    pieces.push(bytes.subarray(at, at + count));
    at += count;
  }
  return pieces;
}
