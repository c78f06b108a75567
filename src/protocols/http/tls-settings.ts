// TLS of one worker: the context that all its connections share, and what a failed handshake means.

import tls from 'node:tls';
import type { HttpSecrets } from '../../model/http-secrets.ts';
import type { TlsPlan, TlsVersion } from '../../model/http-settings.ts';

const nodeVersions: Readonly<Record<TlsVersion, tls.SecureVersion>> = {
  'tls1.0': 'TLSv1',
  'tls1.1': 'TLSv1.1',
  'tls1.2': 'TLSv1.2',
  'tls1.3': 'TLSv1.3',
};

/** TLS sessions by origin, to shorten the next handshake. */
export type TlsSessions = Map<string, Buffer>;

export class TlsSettings {
  readonly sessionReuse: TlsPlan['sessionReuse'];
  /** The one store of sessions when all connections share them. */
  readonly shared: TlsSessions = new Map();
  readonly #plan: TlsPlan;
  readonly #secrets: NonNullable<HttpSecrets['tls']>;
  #options: tls.ConnectionOptions | undefined;

  constructor(plan: TlsPlan | undefined, secrets: HttpSecrets['tls']) {
    this.#plan = plan ?? { insecureSkipVerify: false, sessionReuse: 'vu' };
    this.#secrets = secrets ?? {};
    this.sessionReuse = this.#plan.sessionReuse;
  }

  /** Name for SNI and for the check of the certificate, when it is not the URL's host. */
  get servername(): string | undefined {
    return this.#plan.servername;
  }

  /** Made on first use: a context costs milliseconds, and plain HTTP needs none. */
  get options(): tls.ConnectionOptions {
    this.#options ??= {
      secureContext: this.#createContext(),
      rejectUnauthorized: !this.#plan.insecureSkipVerify,
    };
    return this.#options;
  }

  #createContext(): tls.SecureContext {
    const { minVersion, maxVersion, ciphers } = this.#plan;
    const { ca, ...own } = this.#secrets;
    return tls.createSecureContext({
      ...own,
      ...(ca === undefined ? {} : { ca: [...ca] }),
      ...(minVersion === undefined ? {} : { minVersion: nodeVersions[minVersion] }),
      ...(maxVersion === undefined ? {} : { maxVersion: nodeVersions[maxVersion] }),
      ...(ciphers === undefined ? {} : { ciphers }),
    });
  }
}

/** `TLSv1.3` as the tag `tls_version` has it: `tls1.3`. */
export function tlsVersionTag(socket: tls.TLSSocket): string {
  const version = socket.getProtocol() ?? '';
  return version === 'TLSv1' ? 'tls1.0' : version.replace('TLSv', 'tls');
}

interface TlsFailure {
  readonly pattern: RegExp;
  readonly code: string;
  readonly cause: string;
  readonly hint: string;
}

const trustHint =
  'set http.tls.ca to the authority that issued it, or http.tls.insecureSkipVerify to accept it';

const plainPortHint = 'use an http:// URL, or the port for https';

const failures: readonly TlsFailure[] = [
  {
    pattern: /^CERT_HAS_EXPIRED$/,
    code: 'tls_certificate_expired',
    cause: 'its certificate has expired',
    hint: 'renew it, or set http.tls.insecureSkipVerify to accept it',
  },
  {
    pattern: /^CERT_NOT_YET_VALID$/,
    code: 'tls_certificate_not_yet_valid',
    cause: 'its certificate is not valid yet',
    hint: 'check the clocks of both machines, or set http.tls.insecureSkipVerify to accept it',
  },
  {
    pattern: /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN)$/,
    code: 'tls_certificate_self_signed',
    cause: 'its certificate is self-signed',
    hint: trustHint,
  },
  {
    pattern: /^UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(_LOCALLY)?)$|^CERT_UNTRUSTED$/,
    code: 'tls_certificate_untrusted',
    cause: 'its certificate was issued by an authority that is not trusted',
    hint: trustHint,
  },
  {
    pattern: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    code: 'tls_certificate_wrong_host',
    cause: 'its certificate is for another host',
    hint: 'set http.tls.servername to a name that it holds, or http.tls.insecureSkipVerify to accept it',
  },
  {
    pattern: /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)$/,
    code: 'tls_not_spoken',
    cause: 'it does not speak TLS on this port',
    hint: plainPortHint,
  },
  {
    pattern: /^ERR_SSL_(TLSV1_ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE)$/,
    code: 'tls_version_refused',
    cause: 'no TLS version suits both sides',
    hint: 'check http.tls.minVersion and http.tls.maxVersion',
  },
  {
    pattern: /^ERR_SSL_.*CERTIFICATE_REQUIRED$|^ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE$/,
    code: 'tls_client_certificate_required',
    cause: 'it wants a certificate from its clients',
    hint: 'set http.tls.cert and http.tls.key',
  },
  {
    pattern: /^ERR_SSL_.*ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|CERTIFICATE_EXPIRED)$/,
    code: 'tls_client_certificate_refused',
    cause: 'it refused our certificate',
    hint: 'check http.tls.cert and http.tls.key',
  },
  {
    pattern: /^(ERR_SSL_|ERR_TLS_|EPROTO$)/,
    code: 'tls_handshake_failed',
    cause: 'the TLS handshake failed',
    hint: 'check http.tls.ciphers, and the versions of both sides',
  },
];

export interface ExplainedTlsError {
  readonly code: string;
  /** What is wrong with the target, to go after its name and a colon. */
  readonly cause: string;
  /** What to do about it. */
  readonly hint: string;
  /** All of it in one line. */
  readonly message: string;
}

/** Where a suite has the settings that hints name. */
export type TlsSettingsPlace = 'http.tls' | 'sql.tls' | 'redis.tls';

/** What a TLS error means and what to set; `undefined` for errors of another kind. */
export function explainTlsError(
  error: NodeJS.ErrnoException,
  host: string,
  settings: TlsSettingsPlace = 'http.tls',
): ExplainedTlsError | undefined {
  const known = failures.find(({ pattern }) => pattern.test(error.code ?? ''));
  if (known === undefined) return undefined;
  const said = error.message.split('\n')[0]!.trim();
  const { code, cause } = known;
  const hint =
    known.hint === plainPortHint && settings !== 'http.tls'
      ? `check the port, or do without ${settings}`
      : known.hint.replaceAll('http.tls', settings);
  return { code, cause, hint, message: `${host}: ${cause}; ${hint} (${error.code}: ${said})` };
}
