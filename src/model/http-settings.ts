// How requests are sent: as a suite or a profile says it, and as the plan has it.

import type { HttpSecrets } from './http-secrets.ts';

/** ms, or text such as `"5s"`. */
type Time = number | string;

/** Longest time in all; or of the phases: until connected, then until the first byte, and in all. */
export type HttpTimeout = Time | { readonly connect?: Time; readonly response?: Time; readonly total?: Time };

export interface HttpRetries {
  /** Attempts after the first. */
  readonly count: number;
  /** Wait before the first of them, twice as long before each further one; 100 ms when absent. */
  readonly backoff?: Time;
  /** Statuses, codes of errors, or `error` for all of these; `error`, 429, 502, 503 and 504 when absent. */
  readonly on?: readonly (number | string)[];
}

/**
 * `auto` lets a TLS handshake choose HTTP/2 or HTTP/1.1, and speaks HTTP/1.1 without TLS; `2` speaks nothing else, also
 * without TLS.
 */
export type HttpVersion = 'auto' | '1.1' | '2';

export type TlsVersion = 'tls1.0' | 'tls1.1' | 'tls1.2' | 'tls1.3';

/** Certificates and keys are PEM text, or paths of PEM files relative to the suite file. */
export interface TlsDefinition {
  /** Authorities that are trusted in place of the well-known ones. */
  readonly ca?: string | readonly string[];
  /** Certificate that the users show, with its key. */
  readonly cert?: string;
  readonly key?: string;
  /** Of an encrypted key. */
  readonly passphrase?: string;
  /** Name asked for and checked in place of the URL's host. */
  readonly servername?: string;
  /** Accept whatever certificate the target shows. */
  readonly insecureSkipVerify?: boolean;
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
  /** In OpenSSL's notation. */
  readonly ciphers?: string;
  /** Connect also to servers that do not know secure renegotiation (RFC 5746). */
  readonly legacyRenegotiation?: boolean;
  /** Who shares TLS sessions, which spare a full handshake: the connections of one VU (default), or all. */
  readonly sessionReuse?: 'vu' | 'worker' | 'none';
}

/** How requests are sent, and what holds for those whose own options do not say otherwise. */
export interface HttpDefinition {
  /** `auto` when absent. */
  readonly version?: HttpVersion;
  readonly timeout?: HttpTimeout;
  /** How many redirects are followed (10 when absent), or where they may lead: `all` when absent. */
  readonly redirects?: number | 'all' | 'same-origin';
  /**
   * Which headers go along when a redirect leads to another origin: all but `host` and those whose names look like
   * credentials. `keep` names such headers that go along, `drop` others that stay behind.
   */
  readonly redirectHeaders?: { readonly keep?: readonly string[]; readonly drop?: readonly string[] };
  readonly headers?: Readonly<Record<string, string>>;
  readonly connectionsPerHost?: number;
  /** Series names of requests without a `name`: their path with ids as `:id` (`template`, default), or as it is. */
  readonly nameFromPath?: 'template' | 'path';
  readonly retries?: HttpRetries;
  /** Of bodies that are kept; bytes, or a size such as `"10MB"`. */
  readonly maxResponseSize?: number | string;
  /** A unix socket that all connections go to. */
  readonly socketPath?: string;
  /** Addresses of host names, as in a hosts file: name, or name:port, to address, or address:port. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** Local addresses that connections come from, given to the VUs in turn. */
  readonly localAddresses?: readonly string[];
  readonly dns?: {
    /** How long an answer holds; 5 m when absent. */
    readonly ttl?: Time;
    /** Which of several addresses a connection goes to; `random` when absent. */
    readonly select?: DnsPlan['select'];
    /** `preferIPv4` when absent. */
    readonly policy?: DnsPlan['policy'];
  };
  /** URL of an HTTP proxy, with credentials when it wants any. */
  readonly proxy?: string;
  /** Use HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the environment. */
  readonly proxyFromEnvironment?: boolean;
  readonly tls?: TlsDefinition;
}

/** What is not secret about TLS; certificates and keys travel beside the plan, in `HttpSecrets`. */
export interface TlsPlan {
  readonly servername?: string;
  readonly insecureSkipVerify: boolean;
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
  readonly ciphers?: string;
  readonly legacyRenegotiation?: true;
  readonly sessionReuse: 'vu' | 'worker' | 'none';
}

export interface DnsPlan {
  readonly ttlMs: number;
  readonly select: 'first' | 'random' | 'round-robin';
  readonly policy: 'preferIPv4' | 'preferIPv6' | 'onlyIPv4' | 'onlyIPv6' | 'any';
}

export interface RetryPlan {
  readonly count: number;
  readonly backoffMs: number;
  readonly on: readonly (number | string)[];
}

/** Absent keys mean the default. */
export interface HttpPlan {
  readonly timeoutMs: number;
  readonly maxRedirects: number;
  readonly redirectsTo?: 'same-origin';
  readonly redirectHeaders?: { readonly keep?: readonly string[]; readonly drop?: readonly string[] };
  readonly headers: Readonly<Record<string, string>>;
  /** Parallel connections that one VU opens to one host for `batch`. */
  readonly connectionsPerHost: number;
  readonly version?: HttpVersion;
  readonly connectTimeoutMs?: number;
  readonly responseTimeoutMs?: number;
  readonly nameFromPath?: 'template' | 'path';
  readonly retries?: RetryPlan;
  readonly maxResponseBytes?: number;
  readonly socketPath?: string;
  readonly hosts?: Readonly<Record<string, string>>;
  readonly localAddresses?: readonly string[];
  readonly dns?: DnsPlan;
  /** Without its credentials; `environment` when the environment decides. */
  readonly proxy?: string;
  readonly tls?: TlsPlan;
}

/** Where suites, plans and secrets have them. */
export interface HttpSettings {
  readonly suite: {
    /** How requests are sent. A profile's `http` goes before the suite's, key by key. */
    readonly http?: HttpDefinition;
  };
  readonly plan: { readonly http: HttpPlan };
  readonly secrets: { readonly http: HttpSecrets };
}
