// Credentials as they go out: those of `auth`, and the user and password of a URL. Called by request.ts and target.ts.

import { knownSecrets } from '../../masking/known-secrets.ts';
import type { HttpOptions } from '../../model/context.ts';
import { headerValue } from '../../model/header-fields.ts';
import type { DigestCredentials } from './digest.ts';

type Auth = NonNullable<HttpOptions['auth']>;

// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 7617 section 2 forbids them in both parts
const controlCharacter = /[\x00-\x1f\x7f]/;

/** Throws a `TypeError` for `auth` that is no object; what is in it is checked where it is written. */
function checkAuth(auth: unknown): void {
  if (typeof auth === 'object' && auth !== null) return;
  const found = auth === null ? 'null' : typeof auth;
  throw new TypeError(`auth is ${found}; expected { username, password } or { bearer }`);
}

/** The value of `authorization`. Throws a `TypeError` for credentials that no header can hold. */
export function authorizationOf(auth: Auth): string {
  if ('bearer' in auth) return `Bearer ${headerValue('auth.bearer', auth.bearer)}`;
  checkAccount(auth.username, auth.password);
  return basic(Buffer.from(`${auth.username}:${auth.password}`));
}

export function digestCredentials(auth: HttpOptions['auth']): DigestCredentials | null {
  if (auth === undefined) return null;
  checkAuth(auth);
  if (!('scheme' in auth) || auth.scheme !== 'digest') return null;
  checkAccount(auth.username, auth.password);
  knownSecrets.learn(auth.password);
  return { username: auth.username, password: auth.password, challenged: false };
}

/** The names only are shown: the values may be secrets. */
function checkAccount(username: unknown, password: unknown): void {
  for (const [name, value] of [
    ['auth.username', username],
    ['auth.password', password],
  ] as const) {
    if (typeof value !== 'string') throw new TypeError(`${name} is ${typeof value}; expected a text`);
    const at = value.search(controlCharacter);
    if (at < 0) continue;
    const code = value.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
    throw new TypeError(`${name} has a control character (U+${code}) as character ${at + 1}; trim it?`);
  }
  if (String(username).includes(':')) {
    throw new TypeError('auth.username has a colon, which ends the name in these credentials (RFC 7617)');
  }
}

/**
 * User and password of a URL as Basic credentials, as curl and Go send them; `null` when it has neither. Their octets
 * are percent-decoded.
 */
export function authorizationOfUrl(url: Pick<URL, 'username' | 'password'>): string | null {
  if (url.username === '' && url.password === '') return null;
  return basic(Buffer.concat([percentDecoded(url.username), Buffer.from(':'), percentDecoded(url.password)]));
}

function basic(account: Buffer): string {
  return `Basic ${account.toString('base64')}`;
}

/** A percent sign without two hexadecimal digits stands for itself, as in browsers. */
function percentDecoded(text: string): Buffer {
  const octets = Buffer.from(text).toString('latin1');
  return Buffer.from(
    octets.replaceAll(/%([0-9A-Fa-f]{2})/g, (_whole, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    'latin1',
  );
}
