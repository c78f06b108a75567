// The address of a receiver: what is sent to it, and what may be shown of it.

import { maskText } from '../masking/mask.ts';
import { splitUrl, type UrlParts } from '../masking/url-secrets.ts';
import { UsageError } from '../model/errors.ts';

export interface ReceiverUrl extends UrlParts {
  /** Texts that must not be shown, longest first. */
  readonly secrets: readonly string[];
}

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
  if (!URL.canParse(text)) throw new UsageError(`${maskText(text)} is not a URL (${wanted})`);
  const url = new URL(text);
  if (!schemes.includes(url.protocol.slice(0, -1)) || url.hostname === '') {
    throw new UsageError(`${maskText(text)} must begin with ${wanted} and a host`);
  }
  const parts = splitUrl(url);
  const { pathname, search } = parts.url;
  const all = secretPath && pathname !== '/' ? [...parts.secrets, pathname + search] : parts.secrets;
  return {
    ...parts,
    ...(secretPath && { shown: `${url.protocol}//${url.host}${pathname === '/' ? '' : '/...'}` }),
    secrets: all.filter((secret) => secret.length >= shortestSecret).sort((a, b) => b.length - a.length),
  };
}

/** The value of an `Authorization` header; `undefined` without user info. */
export function basicAuth({ user }: ReceiverUrl): string | undefined {
  if (user === undefined) return undefined;
  return `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`;
}
