// Which cookies are kept, and which are sent back where (RFC 6265 sections 5.3 and 5.4, as browsers do it). One jar per
// virtual user; cookies.ts makes it when a server first sets a cookie.

import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import { parseSetCookie, type SetCookie } from './set-cookie.ts';

const require = createRequire(import.meta.url);

/** Where a response came from, or a request goes to. */
export interface CookiePlace {
  readonly origin: { readonly hostname: string; readonly secure: boolean };
  /** With its query. */
  readonly path: string;
}

interface Cookie extends SetCookie {
  /** For no other host than `domain`. */
  readonly hostOnly: boolean;
  /** Order of creation; a cookie that is set anew keeps its place. */
  readonly number: number;
}

/** As many as Chromium keeps: of one domain, and in all. */
const maxPerDomain = 180;
const maxCount = 3000;

export class CookieJar {
  readonly #byDomain = new Map<string, Map<string, Cookie>>();
  #count = 0;
  #nextNumber = 0;

  /** Keeps the cookie of a `set-cookie` header, or deletes the one that it ends; one that the place may not set is ignored. */
  store(header: string, place: CookiePlace, nowEpochMs: number): void {
    const parsed = parseSetCookie(header, nowEpochMs);
    if (parsed === null) return;
    const host = canonicalHost(place.origin.hostname);
    const scope = scopeOf(parsed.domain, host);
    if (scope === null) return;
    const isTrusted = place.origin.secure || isLoopback(host);
    if (parsed.secure && !isTrusted) return;
    const path = parsed.path === '' ? defaultPath(place.path) : parsed.path;
    if (!keepsPrefix(parsed, scope.hostOnly, path)) return;
    this.#put({ ...parsed, ...scope, path, number: this.#nextNumber++ }, isTrusted, nowEpochMs);
  }

  #put(cookie: Cookie, isTrusted: boolean, nowEpochMs: number): void {
    const key = `${cookie.name}\n${cookie.path}`;
    let cookies = this.#byDomain.get(cookie.domain);
    const before = cookies?.get(key);
    // What was set over TLS is not to be replaced without it (RFC 6265bis section 5.7).
    if (before?.secure === true && !isTrusted) return;
    if (cookies !== undefined && before !== undefined) this.#delete(cookies, key);
    if (cookie.expiresEpochMs <= nowEpochMs) return;
    if (cookies === undefined) {
      cookies = new Map();
      this.#byDomain.set(cookie.domain, cookies);
    }
    cookies.set(key, before === undefined ? cookie : { ...cookie, number: before.number });
    this.#count++;
    if (cookies.size > maxPerDomain || this.#count > maxCount) this.#makeRoom(cookies, nowEpochMs);
  }

  #delete(cookies: Map<string, Cookie>, key: string): void {
    if (cookies.delete(key)) this.#count--;
  }

  /** What has expired goes first, then what was set longest ago. */
  #makeRoom(cookies: Map<string, Cookie>, nowEpochMs: number): void {
    for (const one of this.#byDomain.values()) this.#dropExpired(one, nowEpochMs);
    while (cookies.size > maxPerDomain) this.#delete(cookies, firstKey(cookies));
    while (this.#count > maxCount) {
      const [domain, oldest] = this.#byDomain.entries().next().value!;
      if (oldest.size > 0) this.#delete(oldest, firstKey(oldest));
      if (oldest.size === 0) this.#byDomain.delete(domain);
    }
  }

  #dropExpired(cookies: Map<string, Cookie>, nowEpochMs: number): void {
    for (const [key, cookie] of cookies) if (cookie.expiresEpochMs <= nowEpochMs) this.#delete(cookies, key);
  }

  /** The value of the `cookie` header for a request; empty when there is none to send. */
  header({ origin, path }: CookiePlace, nowEpochMs: number): string {
    const host = canonicalHost(origin.hostname);
    const requestPath = withoutQuery(path);
    const isTrusted = origin.secure || isLoopback(host);
    const sent: Cookie[] = [];
    for (const domain of domainsOf(host)) {
      const cookies = this.#byDomain.get(domain);
      if (cookies === undefined) continue;
      this.#dropExpired(cookies, nowEpochMs);
      for (const cookie of cookies.values()) {
        if (cookie.hostOnly && domain !== host) continue;
        if (cookie.secure && !isTrusted) continue;
        if (pathMatches(requestPath, cookie.path)) sent.push(cookie);
      }
    }
    sent.sort((a, b) => b.path.length - a.path.length || a.number - b.number);
    return sent.map(({ name, value }) => (name === '' ? value : `${name}=${value}`)).join('; ');
  }
}

/** As it is compared: a final dot says that a name is whole, and is no part of it. */
function canonicalHost(hostname: string): string {
  return hostname.toLowerCase().replace(/\.$/, '');
}

/** Whom a cookie is for; `null` when the host may not set it. */
function scopeOf(
  domain: string,
  host: string,
): { readonly domain: string; readonly hostOnly: boolean } | null {
  if (domain === '' || domain === host)
    return { domain: host, hostOnly: domain === '' || isPublicSuffix(host) };
  if (isIP(host) !== 0 || !host.endsWith(`.${domain}`) || isPublicSuffix(domain)) return null;
  return { domain, hostOnly: false };
}

/** A name under which anybody may have one of their own, such as `co.uk`; each name without a dot is taken for one. */
function isPublicSuffix(domain: string): boolean {
  if (isIP(domain) !== 0 || !domain.includes('.')) return true;
  // The list is large, and needed only where a cookie names a domain.
  const { getPublicSuffix } = require('tldts') as typeof import('tldts');
  return getPublicSuffix(domain, { allowPrivateDomains: true }) === domain;
}

/** Browsers trust the machine that they run on as they trust TLS. */
function isLoopback(host: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|::1)$/.test(host);
}

/** Names that begin so promise how the cookie was set (RFC 6265bis section 4.1.3). */
function keepsPrefix({ name, value, secure, domain }: SetCookie, hostOnly: boolean, path: string): boolean {
  // Without a name it is sent as its value, which must not pass for one of these.
  const start = name === '' ? value : name;
  const prefix = /^__(secure|host)-/i.exec(start)?.[1]?.toLowerCase();
  if (prefix === undefined) return true;
  if (name === '' || !secure) return false;
  return prefix === 'secure' || (hostOnly && domain === '' && path === '/');
}

/** The folder of the request's path (RFC 6265 section 5.1.4). */
function defaultPath(path: string): string {
  const end = withoutQuery(path).lastIndexOf('/');
  return end <= 0 ? '/' : path.slice(0, end);
}

function withoutQuery(path: string): string {
  const question = path.indexOf('?');
  return question < 0 ? path : path.slice(0, question);
}

function pathMatches(requestPath: string, cookiePath: string): boolean {
  if (!requestPath.startsWith(cookiePath)) return false;
  return (
    requestPath.length === cookiePath.length ||
    cookiePath.endsWith('/') ||
    requestPath[cookiePath.length] === '/'
  );
}

/** The host and every domain above it. */
function domainsOf(host: string): string[] {
  const domains = [host];
  if (isIP(host) !== 0) return domains;
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1))
    domains.push(host.slice(dot + 1));
  return domains;
}

function firstKey(cookies: Map<string, Cookie>): string {
  return cookies.keys().next().value!;
}
