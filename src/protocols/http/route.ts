// Where the connections of an origin go: its own address, the one that `hosts` names, a unix socket, or a proxy.
// Decided once per origin, by target.ts.

import type { HttpSecrets } from '../../model/http-secrets.ts';
import type { HttpPlan } from '../../model/http-settings.ts';

/** A proxy that carries the connection of a secure origin (CONNECT, RFC 9110 section 9.3.6). */
export interface Tunnel {
  /** `host:port` of the origin. */
  readonly authority: string;
  /** Value of `proxy-authorization`; empty without credentials. */
  readonly authorization: string;
}

export interface Route {
  /** Path of a unix socket, in place of host and port. */
  readonly socketPath: string | null;
  readonly host: string;
  readonly port: number;
  readonly tunnel: Tunnel | null;
  /** Through a proxy without a tunnel: the request line holds the whole URL. */
  readonly absoluteForm: boolean;
  /** Header lines for the proxy that reads the request. */
  readonly proxyLines: string;
}

export class Routes {
  readonly #socketPath: string | null;
  readonly #hosts: Readonly<Record<string, string>>;
  readonly #proxies: NonNullable<HttpSecrets['proxies']>;

  constructor(plan: Pick<HttpPlan, 'socketPath' | 'hosts'> = {}, secrets: HttpSecrets = {}) {
    this.#socketPath = plan.socketPath ?? null;
    this.#hosts = plan.hosts ?? {};
    this.#proxies = secrets.proxies ?? {};
  }

  /** `socketPath`: the one that the URL itself names. */
  routeTo(secure: boolean, hostname: string, port: number, socketPath: string | null): Route {
    const direct: Route = {
      socketPath: socketPath ?? this.#socketPath,
      ...this.#addressOf(hostname, port),
      tunnel: null,
      absoluteForm: false,
      proxyLines: '',
    };
    const proxy = secure ? this.#proxies.https : this.#proxies.http;
    if (proxy === undefined || direct.socketPath !== null || this.#isExcepted(hostname, port)) return direct;
    const url = new URL(proxy);
    const authorization = basicAuthorization(url);
    const authority = `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
    return {
      ...direct,
      host: url.hostname.replaceAll(/[[\]]/g, ''),
      port: url.port === '' ? 80 : Number(url.port),
      tunnel: secure ? { authority, authorization } : null,
      absoluteForm: !secure,
      proxyLines: secure || authorization === '' ? '' : `proxy-authorization: ${authorization}\r\n`,
    };
  }

  #addressOf(hostname: string, port: number): { host: string; port: number } {
    const given = this.#hosts[`${hostname}:${port}`] ?? this.#hosts[hostname];
    if (given === undefined) return { host: hostname, port };
    const parts = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(given);
    // More than one colon and no brackets: an IPv6 address alone.
    if (parts === null) return { host: given, port };
    return { host: parts[1] ?? parts[2]!, port: parts[3] === undefined ? port : Number(parts[3]) };
  }

  #isExcepted(hostname: string, port: number): boolean {
    const host = hostname.toLowerCase();
    return (this.#proxies.except ?? []).some((entry) => {
      if (entry === '*') return true;
      const [name, onlyPort] = entry
        .toLowerCase()
        .replace(/^\*?\./, '')
        .split(':');
      if (onlyPort !== undefined && Number(onlyPort) !== port) return false;
      return host === name || host.endsWith(`.${name}`);
    });
  }
}

function basicAuthorization(url: URL): string {
  if (url.username === '' && url.password === '') return '';
  const account = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${Buffer.from(account).toString('base64')}`;
}
