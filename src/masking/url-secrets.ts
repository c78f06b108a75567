// A URL taken apart into what may be shown and what may not. Used for the addresses of outputs and of monitors.

import { mask, percentDecoded } from './known-secrets.ts';
import { isSecretParameter } from './secret-names.ts';

export interface UrlParts {
  /** Without user info and fragment. */
  readonly url: URL;
  /** From the URL's user info; absent when it has none. */
  readonly user?: { readonly name: string; readonly password: string };
  /** The URL without its user info, and with `***` in place of each secret parameter. */
  readonly shown: string;
  /** The password, or else the user, and the values of secret parameters. */
  readonly secrets: readonly string[];
}

export function splitUrl(whole: URL): UrlParts {
  const url = withoutUser(whole);
  url.hash = '';
  const user =
    whole.username === '' && whole.password === ''
      ? undefined
      : { name: percentDecoded(whole.username), password: percentDecoded(whole.password) };
  const secrets = user === undefined ? [] : [user.password === '' ? user.name : user.password];
  const shown = new URL(url);
  for (const [name, value] of url.searchParams) {
    if (!isSecretParameter(name)) continue;
    secrets.push(value);
    shown.searchParams.set(name, mask);
  }
  return { url, ...(user === undefined ? {} : { user }), shown: shown.href, secrets };
}

/** A URL as plans and records have it: without user, password and secret parameters. Throws when `text` is no URL. */
export function publicUrl(text: string): string {
  const url = withoutUser(new URL(text));
  for (const name of [...url.searchParams.keys()]) {
    if (isSecretParameter(name)) url.searchParams.delete(name);
  }
  return url.href;
}

function withoutUser(url: URL): URL {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare;
}
