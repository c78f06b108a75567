// HTTP/2 servers on loopback for the tests of the client's HTTP/2 side, with and without TLS.

import http2 from 'node:http2';
import net from 'node:net';
import type { HttpSecrets } from '../../../model/http-secrets.ts';
import { makeCertificate } from '../certificates.cases.ts';
import { listen } from '../keeping-client.cases.ts';

const authority = makeCertificate({ name: 'Test Authority', isAuthority: true });
export const loopback = makeCertificate({
  name: 'loopback',
  hosts: ['127.0.0.1', 'localhost', 'shop.example'],
  issuer: authority,
});
export const trusting: HttpSecrets = { tls: { ca: [authority.cert] } };
export const testAuthority = authority;

type Handler = (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => void;

interface Http2Server {
  readonly url: string;
  readonly port: number;
  /** Paths of the streams received so far. */
  readonly paths: string[];
  readonly sessions: http2.ServerHttp2Session[];
  readonly sockets: net.Socket[];
}

async function start(
  server: http2.Http2Server | http2.Http2SecureServer,
  scheme: string,
  handler: Handler,
): Promise<Http2Server> {
  const paths: string[] = [];
  const sessions: http2.ServerHttp2Session[] = [];
  const sockets: net.Socket[] = [];
  server.on('connection', (socket: net.Socket) => sockets.push(socket));
  server.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => {});
  });
  server.on('sessionError', () => {});
  server.on('stream', (stream: http2.ServerHttp2Stream, headers) => {
    paths.push(headers[':path']!);
    stream.on('error', () => {});
    handler(stream, headers);
  });
  const port = await listen(server as unknown as net.Server);
  return { url: `${scheme}://127.0.0.1:${port}`, port, paths, sessions, sockets };
}

/** Speaks HTTP/2 only, over TLS; with `allowHTTP1` also HTTP/1.1. */
export function serveSecure(handler: Handler, options: http2.SecureServerOptions = {}): Promise<Http2Server> {
  return start(http2.createSecureServer({ ...loopback, ...options }), 'https', handler);
}

/** Speaks HTTP/2 without TLS. */
export function serveClear(handler: Handler, options: http2.ServerOptions = {}): Promise<Http2Server> {
  return start(http2.createServer(options), 'http', handler);
}

interface RawPeer {
  readonly url: string;
  readonly sockets: net.Socket[];
}

/** Answers each connection with these bytes, once it has read the client's first ones. */
export async function serveBytes(answer: (socket: net.Socket) => void): Promise<RawPeer> {
  const sockets: net.Socket[] = [];
  const port = await listen(
    net.createServer((socket) => {
      sockets.push(socket);
      socket.once('data', () => answer(socket));
      socket.resume();
    }),
  );
  return { url: `http://127.0.0.1:${port}`, sockets };
}

/** A frame of HTTP/2: RFC 9113 section 4.1. */
export function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}
