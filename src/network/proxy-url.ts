// What the address of a proxy says, written in a suite or in an environment variable. Used by suite/ to find mistakes, by
// plan/ and by the HTTP client.

import { canonicalHost } from './host-name.ts';

export interface ProxyAddress {
  readonly host: string;
  readonly port: number;
  /** Value of `proxy-authorization`; empty without credentials. */
  readonly authorization: string;
}

/** What is expected in place of it, for a message. Holds nothing of the address, which may have a password in it. */
export interface ProxyMistake {
  readonly expected: string;
}

export const aProxy = 'the URL of an HTTP proxy such as "http://127.0.0.1:3128"';

const defaultPort = 80;
const scheme = /^([a-z][a-z0-9+.-]*):\/\//i;

/**
 * Reads `http://user:password@proxy:3128`, or the same without its scheme, which is then `http`, as curl and Go have it.
 * In user and password, `%` and two digits stand for a byte, and any other `%` for itself.
 */
export function parseProxy(text: string): ProxyAddress | ProxyMistake {
  const given = text.trim();
  const named = scheme.exec(given)?.[1]?.toLowerCase() ?? 'http';
  if (/^socks/.test(named)) return { expected: `${aProxy}: SOCKS proxies (${named}://) are not supported` };
  if (named === 'https') {
    return { expected: `${aProxy}: proxies that require TLS (https://) are not supported` };
  }
  if (named !== 'http') return { expected: `${aProxy}, not one of ${named}://` };
  const url = given.replace(scheme, '').replace(/^\/\//, '');
  if (!URL.canParse(`http://${url}`)) {
    return {
      expected: `${aProxy}, with @ / # ? : and % in user and password as %40 %2F %23 %3F %3A and %25`,
    };
  }
  const { hostname, port, username, password } = new URL(`http://${url}`);
  if (port === '0') return { expected: `${aProxy}, with a port from 1 to 65535` };
  return {
    host: canonicalHost(hostname),
    port: port === '' ? defaultPort : Number(port),
    authorization: username === '' && password === '' ? '' : basic(decode(username), decode(password)),
  };
}

function basic(user: Buffer, password: Buffer): string {
  return `Basic ${Buffer.concat([user, Buffer.from(':'), password]).toString('base64')}`;
}

/** The bytes of a part of a URL. */
function decode(part: string): Buffer {
  const pieces = part.split(/(%[0-9a-f]{2})/i);
  return Buffer.concat(
    pieces.map((piece, i) => (i % 2 === 1 ? Buffer.from(piece.slice(1), 'hex') : Buffer.from(piece))),
  );
}
