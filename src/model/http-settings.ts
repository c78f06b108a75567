// How requests are sent: as a suite or a profile says it, and as the plan has it.

/** ms, or text such as `"5s"`. */
type Time = number | string;

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
  /** Who shares TLS sessions, which spare a full handshake: the connections of one VU (default), or all. */
  readonly sessionReuse?: 'vu' | 'worker' | 'none';
}

/** How requests are sent, and what holds for those whose own options do not say otherwise. */
export interface HttpDefinition {
  readonly timeout?: Time;
  readonly redirects?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly connectionsPerHost?: number;
  readonly tls?: TlsDefinition;
}

/** What is not secret about TLS; certificates and keys travel beside the plan, in `HttpSecrets`. */
export interface TlsPlan {
  readonly servername?: string;
  readonly insecureSkipVerify: boolean;
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
  readonly ciphers?: string;
  readonly sessionReuse: 'vu' | 'worker' | 'none';
}

/** Absent keys mean the default. */
export interface HttpPlan {
  readonly timeoutMs: number;
  readonly maxRedirects: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Parallel connections that one VU opens to one host for `batch`. */
  readonly connectionsPerHost: number;
  readonly tls?: TlsPlan;
}
