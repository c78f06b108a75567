// What a failed TLS handshake means, and which setting helps. Called by whoever opens TLS, and by the check before a run.

interface TlsFailure {
  /** Of the code, as Node has it, or made of OpenSSL's reason. */
  readonly pattern: RegExp;
  /** Of the message, where the code says nothing. */
  readonly words?: RegExp;
  /** That of the error when absent. */
  readonly code?: string;
  readonly cause: string;
  readonly hint: string;
}

const trustHint =
  'set http.tls.ca to the authority that issued it (it replaces the well-known ones), or http.tls.insecureSkipVerify to accept it';
const plainPortHint = 'use an http:// URL, or the port for https';
const oldServers = 'http.tls.ciphers to "DEFAULT@SECLEVEL=0"';

const certificates: readonly TlsFailure[] = [
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
    pattern: /^DEPTH_ZERO_SELF_SIGNED_CERT$/,
    code: 'tls_certificate_self_signed',
    cause: 'its certificate is self-signed',
    hint: trustHint,
  },
  {
    pattern: /^SELF_SIGNED_CERT_IN_CHAIN$/,
    code: 'tls_certificate_self_signed',
    cause: 'its certificate was issued by an authority that signs itself and is not trusted',
    hint: trustHint,
  },
  {
    pattern: /^UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(_LOCALLY)?)$|^CERT_UNTRUSTED$/,
    code: 'tls_certificate_untrusted',
    cause: 'its certificate was issued by an authority that is not trusted',
    hint: `${trustHint}; a server must send the certificates between as well`,
  },
  {
    pattern: /^ERR_TLS_CERT_ALTNAME_INVALID$|^HOSTNAME_MISMATCH$/,
    code: 'tls_certificate_wrong_host',
    cause: 'its certificate is for another host',
    hint: 'set http.tls.servername to a name that it holds, or http.tls.insecureSkipVerify to accept it',
  },
  {
    pattern: /^UNSPECIFIED$/,
    words: /too weak|too small|security level/,
    code: 'tls_too_weak',
    cause: 'its certificate is weaker than OpenSSL accepts',
    hint: `renew it, or set ${oldServers}`,
  },
  {
    pattern:
      /^(INVALID_(PURPOSE|CA)|PATH_LENGTH_EXCEEDED|CERT_(REVOKED|REJECTED|CHAIN_TOO_LONG|SIGNATURE_FAILURE)|ERROR_IN_CERT_\w+|UNABLE_TO_DE\w+)$/,
    code: 'tls_certificate_invalid',
    cause: 'its certificate cannot be accepted',
    hint: 'mend it, or set http.tls.insecureSkipVerify to accept it',
  },
];

const handshakes: readonly TlsFailure[] = [
  {
    pattern: /^ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED$/,
    code: 'tls_legacy_renegotiation',
    cause: 'it does not know secure renegotiation (RFC 5746)',
    hint: 'update its TLS library, or set http.tls.legacyRenegotiation to true to connect anyway',
  },
  {
    pattern:
      /^ERR_SSL_((DH|EE|CA)_KEY_TOO_SMALL|(CA|EE)_MD_TOO_WEAK|MODULUS_TOO_SMALL|BAD_DH_VALUE|LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED|WRONG_SIGNATURE_TYPE|NO_SUITABLE_SIGNATURE_ALGORITHM|NO_CIPHERS_AVAILABLE|.*ALERT_INSUFFICIENT_SECURITY|UNKNOWN_SECURITY_BITS|DATA_TOO_LARGE(_FOR_KEY_SIZE)?|DIGEST_TOO_BIG_FOR_RSA_KEY)$/,
    code: 'tls_too_weak',
    cause: 'its keys, ciphers or signatures are weaker than OpenSSL accepts',
    hint: `update it, or set ${oldServers}`,
  },
  {
    pattern: /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNKNOWN_PROTOCOL)$/,
    code: 'tls_not_spoken',
    cause: 'it does not speak TLS on this port',
    hint: plainPortHint,
  },
  {
    pattern:
      /^ERR_SSL_(.*ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE|VERSION_TOO_(LOW|HIGH)|WRONG_SSL_VERSION|.*INAPPROPRIATE_FALLBACK)$/,
    code: 'tls_version_refused',
    cause: 'no TLS version suits both sides',
    hint: `check http.tls.minVersion and http.tls.maxVersion; for TLS 1.0 and 1.1 set http.tls.minVersion to "tls1.0" and ${oldServers}`,
  },
  {
    pattern: /^ERR_SSL_.*CERTIFICATE_REQUIRED$|^ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE$/,
    code: 'tls_client_certificate_required',
    cause: 'the server requires a client certificate',
    hint: 'set http.tls.cert and http.tls.key',
  },
  {
    pattern:
      /^ERR_SSL_.*ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|CERTIFICATE_EXPIRED|CERTIFICATE_REVOKED|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED)$/,
    code: 'tls_client_certificate_refused',
    cause: 'it refused our certificate',
    hint: 'check http.tls.cert and http.tls.key',
  },
  {
    pattern: /^ERR_SSL_.*UNRECOGNIZED_NAME$/,
    code: 'tls_name_refused',
    cause: 'it serves nothing under the name that was asked for',
    hint: 'set http.tls.servername to a name that it serves',
  },
  {
    pattern: /^ERR_SSL_.*NO_APPLICATION_PROTOCOL$/,
    code: 'tls_handshake_failed',
    cause: 'the server supports none of the offered protocols (ALPN)',
    hint: 'check http.version',
  },
  {
    pattern: /^ERR_SSL_.*ALERT_HANDSHAKE_FAILURE$/,
    code: 'tls_handshake_failed',
    cause: 'it refused the handshake',
    hint: `check http.tls.ciphers: both sides need one in common (for old servers set ${oldServers}); the server may also require a client certificate (http.tls.cert and http.tls.key) or another name (http.tls.servername)`,
  },
  {
    pattern: /^(ERR_SSL_|ERR_TLS_|EPROTO$)/,
    code: 'tls_handshake_failed',
    cause: 'the TLS handshake failed',
    hint: 'check http.tls.ciphers, and the versions of both sides',
  },
  {
    pattern: /^ECONNRESET$/,
    words: /before secure TLS connection/,
    cause: 'it hung up during the TLS handshake',
    hint: 'check that the port is one for TLS, http.tls.minVersion and http.tls.maxVersion, and whether it serves the name (http.tls.servername)',
  },
];

const failures = [...certificates, ...handshakes];

export interface ExplainedTlsError {
  readonly code: string;
  /** What is wrong with the target, to go after its name and a colon. */
  readonly cause: string;
  /** What to do about it. */
  readonly hint: string;
  /** All of it in one line. */
  readonly message: string;
}

/** Where a suite has the settings that hints name: `http.tls`. */
type TlsSettingsPlace = `${string}.tls`;

/** What a TLS error means and what to set; `undefined` for errors of another kind. */
export function explainTlsError(
  error: NodeJS.ErrnoException,
  host: string,
  settings: TlsSettingsPlace = 'http.tls',
): ExplainedTlsError | undefined {
  const ownCode = codeOf(error);
  const known = failures.find(
    ({ pattern, words }) => pattern.test(ownCode) && (words === undefined || words.test(error.message)),
  );
  if (known === undefined) return undefined;
  const said = error.message.split('\n')[0]!.trim();
  const { code = ownCode, cause } = known;
  const hint =
    known.hint === plainPortHint && settings !== 'http.tls'
      ? `check the port, or do without ${settings}`
      : known.hint.replaceAll('http.tls', settings);
  return { code, cause, hint, message: `${host}: ${cause}; ${hint} (${ownCode}: ${said})` };
}

/** Errors of writing have the code EPROTO, and OpenSSL's reason in their message only. */
function codeOf({ code = '', message }: NodeJS.ErrnoException): string {
  const reason =
    code === 'EPROTO' ? /error:[0-9A-F]+:SSL routines:[^:]*:([^:\n]+)/i.exec(message)?.[1] : undefined;
  return reason === undefined ? code : `ERR_SSL_${reason.trim().toUpperCase().replaceAll(/\W+/g, '_')}`;
}

/** What it means that a server answers plain HTTP with a record of TLS (RFC 8446 section 5.1); empty when it is none. */
export function tlsSpoken(bytes: Uint8Array): string {
  const isRecord = (bytes[0] === 0x15 || bytes[0] === 0x16) && bytes[1] === 3;
  return isRecord ? 'the server speaks TLS on this port; use an https:// URL, or the port for http' : '';
}
