// What a TLS context is made of: settings and certificates. Used by suite/, which tries it out before a run, and by whoever
// opens TLS in one.

import { constants } from 'node:crypto';
import type tls from 'node:tls';
import type { HttpSecrets } from '../model/http-secrets.ts';
import type { TlsPlan, TlsVersion } from '../model/http-settings.ts';

const nodeVersions: Readonly<Record<TlsVersion, tls.SecureVersion>> = {
  'tls1.0': 'TLSv1',
  'tls1.1': 'TLSv1.1',
  'tls1.2': 'TLSv1.2',
  'tls1.3': 'TLSv1.3',
};

/** Oldest first. */
export const tlsVersions = Object.keys(nodeVersions) as readonly TlsVersion[];

export function contextOptions(
  {
    minVersion,
    maxVersion,
    ciphers,
    legacyRenegotiation,
  }: Pick<TlsPlan, 'minVersion' | 'maxVersion' | 'ciphers' | 'legacyRenegotiation'>,
  { ca, ...own }: NonNullable<HttpSecrets['tls']>,
): tls.SecureContextOptions {
  return {
    ...own,
    ...(ca === undefined ? {} : { ca: [...ca] }),
    ...(minVersion === undefined ? {} : { minVersion: nodeVersions[minVersion] }),
    ...(maxVersion === undefined ? {} : { maxVersion: nodeVersions[maxVersion] }),
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(legacyRenegotiation === true ? { secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT } : {}),
  };
}
