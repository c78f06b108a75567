// Opens a connection to an origin through an HTTP proxy (CONNECT). Called by connection.ts for secure origins.

import net from 'node:net';
import type { Tunnel } from './route.ts';

export interface TunnelEvents {
  lookedUp(): void;
  /** The proxy has connected: the socket now reaches the origin. No other event follows. */
  opened(socket: net.Socket): void;
  /** The proxy refused; the socket is of no use. */
  failed(code: string, message: string): void;
  closed(error: NodeJS.ErrnoException | null): void;
}

const maxHeadBytes = 16 * 1024;

export function openTunnel(
  { authority, authorization }: Tunnel,
  options: net.NetConnectOpts,
  events: TunnelEvents,
): net.Socket {
  const socket = net.connect(options);
  let head = '';
  let failure: NodeJS.ErrnoException | null = null;
  socket.on('lookup', events.lookedUp);
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('close', () => events.closed(failure));
  socket.on('connect', () => {
    const credentials = authorization === '' ? '' : `proxy-authorization: ${authorization}\r\n`;
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${credentials}\r\n`);
  });
  socket.on('data', (chunk) => {
    head += chunk.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end < 0 && head.length < maxHeadBytes) return;
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0);
    // The origin speaks only after our handshake has begun, so bytes behind the head are nobody's.
    if (end >= 0 && status >= 200 && status < 300 && end + 4 === head.length) {
      socket.removeAllListeners();
      events.opened(socket);
    } else if (status === 407) {
      events.failed('proxy_authentication_required', 'the proxy wants credentials: put them into http.proxy');
    } else {
      const line = head.slice(0, Math.max(0, head.indexOf('\r\n')) || 80);
      events.failed('proxy_refused', `the proxy did not connect to ${authority}: ${JSON.stringify(line)}`);
    }
  });
  return socket;
}
