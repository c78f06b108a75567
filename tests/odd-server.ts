// A server that behaves oddly, one way per first segment of the path, and counts what it receives. Used by the
// end-to-end tests.

import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface OddServer {
  readonly url: string;
  /** Requests received so far, in all and by path without query. */
  readonly count: number;
  readonly byPath: ReadonlyMap<string, number>;
  /** Sockets open now. */
  readonly openSockets: number;
  close(): Promise<void>;
}

/** Bytes as they are, past the server's own framing. */
const raw = (request: http.IncomingMessage, bytes: string): void =>
  void request.socket.write(bytes, 'latin1');

/** Writes `piece` again and again, as fast as it is taken, until the other side is gone. */
function pour(socket: http.IncomingMessage['socket'], piece: string): void {
  const write = (): void => {
    while (!socket.destroyed && socket.write(piece));
    if (!socket.destroyed) socket.once('drain', write);
  };
  write();
}

/** Writes one byte a second. */
function drip(socket: http.IncomingMessage['socket'], bytes: string): void {
  let sent = 0;
  const timer = setInterval(() => {
    if (socket.destroyed || sent === bytes.length) clearInterval(timer);
    else socket.write(bytes[sent++]!);
  }, 1000);
}

const answers: Readonly<
  Record<string, (request: http.IncomingMessage, response: http.ServerResponse) => void>
> = {
  '/hang': () => {},
  '/slow': (_request, response) => void setTimeout(() => response.end('ok'), 50),
  /** Keeps the connection alive, then closes it without a word. */
  '/idle-close'(request, response) {
    response.setHeader('connection', 'keep-alive');
    response.end('ok');
    setTimeout(() => request.socket.destroy(), 20);
  },
  /** Closes a connection that has been idle for 600 ms, whether or not a request is on its way just then. */
  '/reuse'(request, response) {
    const { socket } = request;
    response.setHeader('connection', 'keep-alive');
    response.end('ok', () => {
      const timer = setTimeout(() => socket.destroy(), 600);
      socket.once('data', () => clearTimeout(timer));
    });
  },
  '/reset': (request) => void request.socket.resetAndDestroy(),
  /** A body that never ends. */
  '/endless'(_request, response) {
    const piece = Buffer.alloc(256 * 1024, 'x');
    const write = (): void => {
      while (!response.destroyed && response.write(piece));
      if (!response.destroyed) response.once('drain', write);
    };
    write();
  },
  '/endless-headers'(request) {
    raw(request, 'HTTP/1.1 200 OK\r\n');
    pour(request.socket, `x-more: ${'x'.repeat(1000)}\r\n`);
  },
  '/garbage': (request) => raw(request, 'SSH-2.0-OpenSSH_9.6\r\n'),
  '/reset-in-body'(request) {
    raw(request, 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
    setTimeout(() => request.socket.resetAndDestroy(), 30);
  },
  /** Says more than it sends, and closes. */
  '/too-short': (request) => void request.socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'),
  /** Sends more than it said, the rest a little later when asked to. */
  '/too-long'(request) {
    const late = request.url!.includes('late');
    raw(request, `HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nreal${late ? '' : ' and more'}`);
    if (late) setTimeout(() => raw(request, ' and more'), 20);
  },
  '/drip'(request) {
    raw(request, 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n');
    drip(request.socket, 'x'.repeat(100));
  },
  '/drip-head': (request) => drip(request.socket, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
  '/redirect': (_request, response) => void response.writeHead(302, { location: '/' }).end(),
  '/login': (_request, response) => void response.setHeader('set-cookie', 'id=7; Path=/').end('ok'),
  '/cookie': (request, response) => void response.end(request.headers.cookie ?? ''),
  '/empty': (_request, response) => void response.writeHead(204).end(),
  '/same': (_request, response) => void response.writeHead(304, { 'content-length': '500' }).end(),
  '/large': (_request, response) => void response.end(Buffer.alloc(20 * 1024 * 1024, 'x')),
  '/upload'(request, response) {
    let byteCount = 0;
    request.on('data', (chunk: Buffer) => {
      byteCount += chunk.length;
    });
    request.on('end', () => response.end(String(byteCount)));
  },
  /** Refuses an upload at once, without reading it. */
  '/too-large'(request, response) {
    response.writeHead(413, { connection: 'close' }).end('no');
    setTimeout(() => request.socket.destroy(), 50);
  },
};

export async function startOddServer(): Promise<OddServer> {
  let count = 0;
  const byPath = new Map<string, number>();
  const sockets = new Set<unknown>();
  const server = http.createServer((request, response) => {
    count++;
    const path = request.url!.split('?')[0]!;
    byPath.set(path, (byPath.get(path) ?? 0) + 1);
    const answer = answers[`/${path.split('/')[1]}`];
    if (answer === undefined) request.resume();
    if (answer === undefined) response.end('ok');
    else answer(request, response);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 1024, resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get count() {
      return count;
    },
    byPath,
    get openSockets() {
      return sockets.size;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
