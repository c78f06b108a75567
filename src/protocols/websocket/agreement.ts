// What both sides of a WebSocket agree on in the handshake (RFC 6455 sections 4.1 and 4.2.2). Called by user-websockets.ts and
// handshake.ts.

import type { IncomingHttpHeaders } from 'node:http';
import { headerNameFault } from '../../model/header-fields.ts';

/**
 * The subprotocols that a request offers: its `protocols`, and those of a header of its own. Throws a `TypeError` for
 * what is no subprotocol, and for one that occurs twice.
 */
export function offeredProtocols(
  protocols: string | readonly string[],
  ownHeader: string | undefined,
): readonly string[] {
  const offered = [...(typeof protocols === 'string' ? [protocols] : protocols), ...splitList(ownHeader)];
  for (const [i, name] of offered.entries()) {
    // A token, as the name of a header is.
    if (typeof name !== 'string' || headerNameFault(name) !== undefined) {
      throw new TypeError(`${JSON.stringify(name)} is not a subprotocol such as "v1"`);
    }
    if (offered.indexOf(name) !== i) throw new TypeError(`the subprotocol "${name}" is offered twice`);
  }
  return offered;
}

function splitList(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/**
 * The subprotocol of an answer; empty when the server chose none, which is its right. Throws an `Error` for one that was
 * not offered. The library sees neither: it would take a server that chose none for a broken one.
 */
export function takeProtocol(headers: IncomingHttpHeaders, offered: readonly string[]): string {
  const chosen = headers['sec-websocket-protocol']?.trim() ?? '';
  delete headers['sec-websocket-protocol'];
  if (chosen === '' || offered.includes(chosen)) return chosen;
  const what = offered.length === 0 ? 'none was offered' : `offered were ${offered.join(', ')}`;
  throw new Error(`the server chose the subprotocol ${JSON.stringify(chosen)}; ${what}`);
}

/** Why there is no session, for a status other than 101. */
export function explainRefusal(status: number, headers: IncomingHttpHeaders): string {
  const said = `the upgrade was answered with status ${status}`;
  if (status === 101) {
    return 'the handshake: status 101 came without the headers Upgrade and Connection: Upgrade';
  }
  if (status === 401 || status === 407) {
    const scheme = /^[\w-]+/.exec(headers[status === 401 ? 'www-authenticate' : 'proxy-authenticate'] ?? '');
    return `${said}: the server requires credentials${scheme === null ? '' : ` (${scheme[0]})`}`;
  }
  const { location } = headers;
  if (status < 300 || status > 399 || location === undefined) return said;
  // The query may hold secrets, and so may the account.
  const place = location.replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//');
  const to = JSON.stringify(place.slice(0, 200));
  return `${said}, a redirect to ${to}, which WebSockets do not follow: connect to where it leads`;
}
