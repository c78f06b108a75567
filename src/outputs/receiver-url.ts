// The address of a receiver: what is sent to it, and what may be shown of it.

import { UsageError } from '../model/errors.ts';

export interface ReceiverUrl {
  /** Without user info and fragment. */
  readonly url: URL;
  /** From the URL's user info; absent when it has none. */
  readonly user?: { readonly name: string; readonly password: string };
  /** Without secrets. */
  readonly shown: string;
  /** Texts that must not be shown, longest first. */
  readonly secrets: readonly string[];
}

const secretQueryName = /^(p|u|pwd|sig)$|pass|token|secret|key|auth|signature/i;
/** Shorter texts are too likely to be part of something else. */
const shortestSecret = 4;

/**
 * Takes a URL apart. Throws a `UsageError` when it is none, or its scheme is not among `schemes`. With `secretPath`
 * nothing beyond the origin is shown: paths of webhooks are passwords.
 */
export function parseReceiverUrl(
  text: string,
  schemes: readonly string[],
  { secretPath = false }: { readonly secretPath?: boolean } = {},
): ReceiverUrl {
  const wanted = schemes.map((scheme) => `${scheme}://`).join(', ');
  if (!URL.canParse(text)) throw new UsageError(`${withoutUser(text)} is not a URL (${wanted})`);
  const url = new URL(text);
  if (!schemes.includes(url.protocol.slice(0, -1)) || url.hostname === '') {
    throw new UsageError(`${withoutUser(text)} must begin with ${wanted} and a host`);
  }
  const user =
    url.username === '' && url.password === ''
      ? undefined
      : { name: decode(url.username), password: decode(url.password) };
  url.username = '';
  url.password = '';
  url.hash = '';
  const secrets = user === undefined ? [] : [user.password === '' ? user.name : user.password];
  const shown = new URL(url);
  for (const [name, value] of url.searchParams) {
    if (!secretQueryName.test(name)) continue;
    secrets.push(value);
    shown.searchParams.set(name, '***');
  }
  if (secretPath && url.pathname !== '/') secrets.push(url.pathname + url.search);
  return {
    url,
    ...(user === undefined ? {} : { user }),
    shown: secretPath ? `${url.protocol}//${url.host}${url.pathname === '/' ? '' : '/...'}` : shown.href,
    secrets: secrets.filter((secret) => secret.length >= shortestSecret).sort((a, b) => b.length - a.length),
  };
}

/** The value of an `Authorization` header; `undefined` without user info. */
export function basicAuth({ user }: ReceiverUrl): string | undefined {
  if (user === undefined) return undefined;
  return `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`;
}

/** Puts `***` in the place of secrets. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  let hidden = text;
  for (const secret of secrets) if (secret !== '') hidden = hidden.replaceAll(secret, '***');
  return hidden;
}

/** For messages about addresses that are no URLs. */
function withoutUser(text: string): string {
  return text.replace(/\/\/[^/@]*@/, '//***@');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
