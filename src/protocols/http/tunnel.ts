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
  const end = (): void => {
    socket.off('data', onData);
    socket.off('error', onError);
    socket.off('close', onClose);
  };
  const fail = (code: string, message: string): void => {
    end();
    // Whatever it still says, nobody hears.
    socket.on('error', () => {});
    socket.on('close', () => events.closed(null));
    events.failed(code, message);
  };
  let failure: NodeJS.ErrnoException | null = null;
  const onError = (error: Error): void => {
    failure = error;
  };
  const onClose = (): void => {
    if (failure === null) events.failed('proxy_refused', `the proxy hung up when asked for ${authority}`);
    events.closed(failure);
  };
  const onData = (chunk: Buffer): void => {
    head += chunk.toString('latin1');
    const answer = readAnswer(head);
    if (answer === undefined) return;
    if (typeof answer === 'string') {
      fail('proxy_refused', `the proxy did not connect to ${authority}: ${answer}`);
    } else if (answer.status >= 200 && answer.status < 300) {
      // The origin speaks only after our handshake has begun, so bytes behind the head are nobody's.
      if (answer.rest !== '')
        fail('proxy_refused', `the proxy sent more than its answer: ${shown(answer.rest)}`);
      else {
        end();
        events.opened();
      }
    } else if (answer.status === 407) {
      fail('proxy_authentication_required', authenticationMessage(answer.head, authorization !== ''));
    } else {
      fail('proxy_refused', `the proxy did not connect to ${authority}: ${shown(answer.line)}`);
    }
  };
  socket.on('error', onError);
  socket.on('close', onClose);
  socket.on('data', onData);
  const credentials = authorization === '' ? '' : `proxy-authorization: ${authorization}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${credentials}\r\n`);
}

interface Answer {
  readonly status: number;
  readonly line: string;
  readonly head: string;
  /** What came behind the head. */
  readonly rest: string;
}

/** The final answer in these bytes, a reason why there is none, or `undefined` while it is not complete. */
function readAnswer(text: string): Answer | string | undefined {
  // Empty lines before it, and lines that end in LF alone, are let pass (RFC 9112 section 2.2).
  const start = text.replace(/^[\r\n]+/, '');
  if (!'HTTP/'.startsWith(start.slice(0, 5))) return `it does not speak HTTP: ${shown(start)}`;
  const blank = /\r?\n\r?\n/.exec(start);
  if (blank === null) {
    return start.length < maxHeadBytes ? undefined : `its answer is longer than ${maxHeadBytes} bytes`;
  }
  const head = start.slice(0, blank.index);
  const rest = start.slice(blank.index + blank[0].length);
  const line = head.split(/\r?\n/, 1)[0]!;
  const status = Number(/^HTTP\/1\.[01] +(\d{3})(?: |$)/.exec(line)?.[1] ?? 0);
  if (status === 0) return `it answers ${shown(line)}`;
  // Interim answers come before the final one (RFC 9110 section 15.2).
  return status < 200 ? readAnswer(rest) : { status, line, head, rest };
}

function authenticationMessage(head: string, hadCredentials: boolean): string {
  const schemes = [...head.matchAll(/^proxy-authenticate:[ \t]*([\w-]+)/gim)].map(([, scheme]) => scheme!);
  if (schemes.length > 0 && !schemes.some((scheme) => scheme.toLowerCase() === 'basic')) {
    return `the proxy requires ${schemes.join(' or ')} credentials, and only Basic is supported`;
  }
  return hadCredentials
    ? 'the proxy does not accept the user and password in its URL: check http.proxy'
    : 'the proxy requires credentials: add them to the URL in http.proxy, as http://user:password@host:port';
}

function shown(text: string): string {
  return JSON.stringify(text.split(/\r?\n/, 1)[0]!.slice(0, 80));
}
