// The cookies of one virtual user, as its requests and sockets need them. The jar is made once a server sets a cookie.

import { knownSecrets } from '../../masking/known-secrets.ts';
import { monotonicMs, wallClock } from '../../time/clock.ts';
import { CookieJar } from './cookie-jar.ts';
import { headerValues } from './response-headers.ts';
import type { Target } from './target.ts';

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

  /** Stores the `set-cookie` headers of a response from `target`; cookies it may not set are dropped. */
  store(rawHeaders: string, target: Target): void {
    this.#jar ??= new CookieJar();
    const nowEpochMs = wallClock().getTime();
    for (const value of headerValues(rawHeaders, 'set-cookie')) {
      this.#jar.store(value, target, nowEpochMs);
      knownSecrets.learnHeader('set-cookie', value.split(';', 1)[0]!);
    }
    this.#cache = null;
  }

  /** The value of the `cookie` header for a request to `target`; empty when there is none to send. */
  header(target: Target): string {
    if (this.#jar === undefined) return '';
    const nowMs = monotonicMs();
    if (this.#cache === null || nowMs - this.#cachedAtMs > cacheMs || this.#cache.size > 100) {
      this.#cache = new Map();
      this.#cachedAtMs = nowMs;
    }
    let value = this.#cache.get(target.href);
    if (value === undefined) {
      value = this.#jar.header(target, wallClock().getTime());
      this.#cache.set(target.href, value);
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
