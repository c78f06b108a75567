// The cookies of one virtual user. The library is loaded only once a server sets a cookie.

import { createRequire } from 'node:module';
import type { CookieJar } from 'tough-cookie';
import { knownSecrets } from '../../masking/known-secrets.ts';
import { monotonicMs } from '../../time/clock.ts';
import { headerValues } from './response-headers.ts';

const require = createRequire(import.meta.url);
/** Matching cookies are looked up anew this often, so that expiry is noticed. */
const cacheMs = 1000;

export class Cookies {
  #jar: CookieJar | undefined;
  #cache: Map<string, string> | null = null;
  #cachedAtMs = 0;

  /** Has any server set a cookie yet? */
  get any(): boolean {
    return this.#jar !== undefined;
  }

  /** Stores the `set-cookie` headers of a response from `url`; cookies it may not set are dropped. */
  store(rawHeaders: string, url: string): void {
    this.#jar ??= new (require('tough-cookie') as typeof import('tough-cookie')).CookieJar();
    for (const value of headerValues(rawHeaders, 'set-cookie')) {
      this.#jar.setCookieSync(value, url, { ignoreError: true });
      knownSecrets.learnHeader('set-cookie', value.split(';', 1)[0]!);
    }
    this.#cache = null;
  }

  /** The value of the `cookie` header for `url`; empty when there is none to send. */
  header(url: string): string {
    if (this.#jar === undefined) return '';
    const nowMs = monotonicMs();
    if (this.#cache === null || nowMs - this.#cachedAtMs > cacheMs || this.#cache.size > 100) {
      this.#cache = new Map();
      this.#cachedAtMs = nowMs;
    }
    let value = this.#cache.get(url);
    if (value === undefined) {
      value = this.#jar.getCookieStringSync(url);
      this.#cache.set(url, value);
    }
    return value;
  }
}

/** The cookies of a request's own header with those of the jar; its own go before those of the same name. */
export function mergeCookies(own: string, jar: string): string {
  if (jar === '' || own === '') return own === '' ? jar : own;
  const names = new Set(own.split(';').map(nameOfPair));
  const rest = jar.split('; ').filter((pair) => !names.has(nameOfPair(pair)));
  return [own, ...rest].join('; ');
}

function nameOfPair(pair: string): string {
  return pair.split('=', 1)[0]!.trim();
}
