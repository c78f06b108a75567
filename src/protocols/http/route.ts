// Where the connections of an origin go: its own address, the one that `hosts` names, a unix socket, or a proxy.
// Decided once per origin, by target.ts.

import type { HttpSecrets } from '../../model/http-secrets.ts';
import type { HttpPlan } from '../../model/http-settings.ts';
import { authorityOf } from '../../network/destination.ts';
import { canonicalHost } from '../../network/host-name.ts';
import { NoProxy } from '../../network/no-proxy.ts';
import { type ProxyAddress, parseProxy } from '../../network/proxy-url.ts';

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
  readonly #hosts: ReadonlyMap<string, string>;
  readonly #proxies: { readonly http: ProxyAddress | undefined; readonly https: ProxyAddress | undefined };
  readonly #excepted: NoProxy;

  constructor(plan: Pick<HttpPlan, 'socketPath' | 'hosts'> = {}, secrets: HttpSecrets = {}) {
    this.#socketPath = plan.socketPath ?? null;
    this.#hosts = new Map(Object.entries(plan.hosts ?? {}).map(([name, given]) => [keyOf(name), given]));
    const { http, https, except = [] } = secrets.proxies ?? {};
    this.#proxies = { http: addressOf(http), https: addressOf(https) };
    this.#excepted = new NoProxy(except);
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
    if (proxy === undefined || direct.socketPath !== null || this.#excepted.excepts(hostname, port))
      return direct;
    const { host, port: proxyPort, authorization } = proxy;
    return {
      ...direct,
      host,
      port: proxyPort,
      tunnel: secure ? { authority: authorityOf(hostname, port), authorization } : null,
      absoluteForm: !secure,
      proxyLines: secure || authorization === '' ? '' : `proxy-authorization: ${authorization}\r\n`,
    };
  }

  #addressOf(hostname: string, port: number): { host: string; port: number } {
    const name = canonicalHost(hostname);
    const given = this.#hosts.get(authorityOf(name, port)) ?? this.#hosts.get(name);
    if (given === undefined) return { host: hostname, port };
    const parts = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(given);
    // More than one colon and no brackets: an IPv6 address alone.
    if (parts === null) return { host: given, port };
    return { host: parts[1] ?? parts[2]!, port: parts[3] === undefined ? port : Number(parts[3]) };
  }
}

/** A name, or a name with a port, in the one spelling that it is looked for in. */
function keyOf(name: string): string {
  const [, host, port] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(name) ?? [];
  return host === undefined ? canonicalHost(name) : authorityOf(canonicalHost(host), Number(port));
}

/** Addresses that were not checked before are a defect of the caller: throws a `TypeError` for them. */
function addressOf(text: string | undefined): ProxyAddress | undefined {
  if (text === undefined) return undefined;
  const read = parseProxy(text);
  if ('expected' in read) throw new TypeError(`the address of the proxy must be ${read.expected}`);
  return read;
}
