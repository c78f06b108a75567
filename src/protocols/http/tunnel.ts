// Has an HTTP proxy connect to an origin (CONNECT, RFC 9110 section 9.3.6). Called by dial.ts for secure origins, and for
// every WebSocket.

import type net from 'node:net';
import type { Tunnel } from './route.ts';

export interface TunnelEvents {
  /** The proxy has connected: the socket now reaches the origin. No other event follows. */
  opened(): void;
  /** The proxy refused; the socket is of no use. */
  failed(code: string, message: string): void;
  closed(error: NodeJS.ErrnoException | null): void;
}

const maxHeadBytes = 16 * 1024;

/** The socket is connected to the proxy, and nothing was sent on it. */
export function openTunnel(
  socket: net.Socket,
  { authority, authorization }: Tunnel,
  events: TunnelEvents,
): void {
  let head = '';
  let failure: NodeJS.ErrnoException | null = null;
  const onError = (error: Error): void => {
    failure = error;
  };
  const onClose = (): void => events.closed(failure);
  socket.on('error', onError);
  socket.on('close', onClose);
  const credentials = authorization === '' ? '' : `proxy-authorization: ${authorization}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${credentials}\r\n`);
  socket.on('data', (chunk) => {
    head += chunk.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end < 0 && head.length < maxHeadBytes) return;
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0);
    // The origin speaks only after our handshake has begun, so bytes behind the head are nobody's.
    if (end >= 0 && status >= 200 && status < 300 && end + 4 === head.length) {
      socket.removeAllListeners();
      events.opened();
    } else if (status === 407) {
      events.failed('proxy_authentication_required', 'the proxy wants credentials: put them into http.proxy');
    } else {
      const line = head.slice(0, Math.max(0, head.indexOf('\r\n')) || 80);
      events.failed('proxy_refused', `the proxy did not connect to ${authority}: ${JSON.stringify(line)}`);
    }
  });
}
