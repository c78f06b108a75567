// A server that behaves oddly, one way per path, and counts what it receives. Used by the end-to-end tests.

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
    const answer = answers[path];
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
