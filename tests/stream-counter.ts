// An HTTP/2 server that counts the streams it receives: the truth that runs over HTTP/2 are checked against.

import http2 from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { makeCertificate } from '../src/protocols/http/certificates.cases.ts';
import type { CountingServer } from './counting-server.ts';

const certificate = makeCertificate({ name: 'loopback', hosts: ['127.0.0.1'] });

export interface StreamCounter extends CountingServer {
  readonly sessionCount: number;
  readonly openSockets: number;
}

const largestId = 2 ** 31 - 1;

/** Admits three streams at a time. A session ends after `streamsPerSession`, as those of busy servers do. */
export async function startStreamCounter(
  streamsPerSession: number,
  delayMs: () => number,
  { isGraceful = false }: { readonly isGraceful?: boolean } = {},
): Promise<StreamCounter> {
  const byPath = new Map<string, number>();
  const sockets = new Set<Socket>();
  let sessionCount = 0;
  let count = 0;
  const server = http2.createSecureServer({ ...certificate, settings: { maxConcurrentStreams: 3 } });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('sessionError', () => {});
  server.on('session', (session) => {
    sessionCount++;
    let streamCount = 0;
    let lastId = Number.POSITIVE_INFINITY;
    session.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      // What came with the last one, and was said not to be looked at.
      if (stream.id! > lastId) return;
      count++;
      stream.resume();
      const path = headers[':path']!;
      byPath.set(path, (byPath.get(path) ?? 0) + 1);
      setTimeout(() => {
        if (stream.destroyed) return;
        stream.respond({ ':status': 200 });
        stream.end('ok');
      }, delayMs());
      if (++streamCount < streamsPerSession) return;
      // The client ends the session: a server that does so at once may lose what it has said to a reset.
      // Gracefully, what is on its way is looked at as well: RFC 9113 section 6.8.
      lastId = isGraceful ? largestId : stream.id!;
      session.goaway(http2.constants.NGHTTP2_NO_ERROR, lastId);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    byPath,
    get count() {
      return count;
    },
    get sessionCount() {
      return sessionCount;
    },
    get openSockets() {
      return sockets.size;
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
