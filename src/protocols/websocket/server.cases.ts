// WebSocket servers of the tests, good and bad.

import { createHash } from 'node:crypto';
import http from 'node:http';
import type net from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { atEnd, listen } from '../http/keeping-client.cases.ts';

export interface TestServer {
  /** With `ws:`. */
  readonly url: string;
  readonly port: number;
  /** Text of all messages received, in order of arrival. */
  readonly received: string[];
  /** Codes of the close frames received; 1006 for none. */
  readonly closeCodes: number[];
  readonly requests: http.IncomingMessage[];
}

/** A real server that counts what it gets; `behave` decides what it does with a connection. */
export async function serveSockets(
  behave: (socket: WebSocket, request: http.IncomingMessage) => void = echo,
  options: ConstructorParameters<typeof WebSocketServer>[0] = {},
  server: net.Server = http.createServer(),
): Promise<TestServer> {
  const received: string[] = [];
  const closeCodes: number[] = [];
  const requests: http.IncomingMessage[] = [];
  const sockets = new WebSocketServer({ server: server as http.Server, ...options });
  sockets.on('connection', (socket, request) => {
    requests.push(request);
    socket.on('message', (data) => received.push(data.toString()));
    socket.on('close', (code) => closeCodes.push(code));
    socket.on('error', () => {});
    behave(socket, request);
  });
  atEnd(() => sockets.close());
  const port = await listen(server);
  return { url: `ws://127.0.0.1:${port}`, port, received, closeCodes, requests };
}

export function echo(socket: WebSocket): void {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
}

/** Answers the upgrade as it must, then does as it likes with the bare connection. */
export async function serveRaw(
  behave: (socket: net.Socket) => void,
  answer = (key: string): string =>
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${acceptOf(key)}\r\n\r\n`,
): Promise<string> {
  const server = http.createServer();
  server.on('upgrade', (request, socket) => {
    socket.write(answer(request.headers['sec-websocket-key']!));
    behave(socket as net.Socket);
  });
  return `ws://127.0.0.1:${await listen(server)}`;
}

export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
