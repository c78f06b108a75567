// TLS of what protocols connect to: how a suite writes it, what the plan holds, and the certificates that it names. The
// settings of each protocol with TLS call it.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import tls from 'node:tls';
import { messageOf, SuiteError } from '../model/errors.ts';
import type { HttpSecrets } from '../model/http-secrets.ts';
import type { TlsDefinition, TlsPlan } from '../model/http-settings.ts';
import { contextOptions, tlsVersions } from '../network/tls-context.ts';
import type { ShapeOf } from '../suite/schema-fields.ts';
import type { RecordWords, SchemaWords } from './settings.ts';

/** TLS of connections that resume no sessions. */
export type ClientTls = Omit<TlsDefinition, 'sessionReuse'>;

export const tlsExample = 'TLS settings such as { ca: "ca.pem" }';

export function clientTlsShape({ chosenBy, flag, list, oneOf, text }: SchemaWords): ShapeOf<ClientTls> {
  const pem = text('PEM text, or the path of a PEM file relative to the suite');
  const tlsVersion = oneOf(...tlsVersions);
  return {
    ca: chosenBy((value) => (Array.isArray(value) ? list(pem, 'certificates', 1) : pem)).optional(),
    cert: pem.optional(),
    key: pem.optional(),
    passphrase: text('the passphrase of the key').optional(),
    servername: text('a host name such as "shop.example.com"').optional(),
    insecureSkipVerify: flag.optional(),
    minVersion: tlsVersion.optional(),
    maxVersion: tlsVersion.optional(),
    ciphers: text('ciphers in OpenSSL\'s notation, such as "ECDHE-RSA-AES128-GCM-SHA256"').optional(),
    legacyRenegotiation: flag.optional(),
  };
}

/** True, false, or how. */
export function clientTlsSchema(words: SchemaWords): ReturnType<SchemaWords['chosenBy']> {
  const settings = words.strictObject(clientTlsShape(words), tlsExample);
  return words.chosenBy((value) => (typeof value === 'object' && value !== null ? settings : words.flag));
}

/** The schema of TLS in a plan. */
export function recordedClientTls({ z, text }: RecordWords): ShapeOf<Omit<TlsPlan, 'sessionReuse'>> {
  const tlsVersion = z.enum(tlsVersions);
  return {
    servername: text.exactOptional(),
    insecureSkipVerify: z.boolean(),
    minVersion: tlsVersion.exactOptional(),
    maxVersion: tlsVersion.exactOptional(),
    ciphers: text.exactOptional(),
    legacyRenegotiation: z.literal(true).exactOptional(),
  };
}

/** `undefined` where the suite says nothing of TLS. */
export function planTls(tls: TlsDefinition): TlsPlan | undefined {
  if (Object.keys(tls).length === 0) return undefined;
  const { servername, minVersion, maxVersion, ciphers } = tls;
  return {
    ...(servername === undefined ? {} : { servername }),
    insecureSkipVerify: tls.insecureSkipVerify ?? false,
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(tls.legacyRenegotiation === true ? { legacyRenegotiation: true } : {}),
    sessionReuse: tls.sessionReuse ?? 'vu',
  };
}

/** The same of connections that resume no sessions; `true` is TLS with nothing further said. */
export function planClientTls(tls: true | ClientTls): Omit<TlsPlan, 'sessionReuse'> {
  const planned = tls === true ? undefined : planTls(tls);
  const { sessionReuse: _, ...plan } = planned ?? { insecureSkipVerify: false, sessionReuse: 'vu' };
  return plan;
}

/**
 * Reads certificates and keys; paths are relative to the suite file. `where` is where the settings stand in the suite,
 * `nameOf` what each of them is called there. Throws a `SuiteError` when one cannot be read, or when they do not fit
 * together.
 */
export async function readTlsSecrets(
  settings: ClientTls,
  suiteFile: string,
  where = 'http.tls',
  nameOf: (key: 'ca' | 'cert' | 'key') => string = (key) => `${where}.${key}`,
): Promise<HttpSecrets['tls'] | undefined> {
  const { ca, cert, key, passphrase } = settings;
  assertVersions(settings, where, suiteFile);
  if (ca === undefined && cert === undefined && key === undefined) {
    if (settings.ciphers !== undefined) assertContext({}, settings, where, suiteFile);
    return undefined;
  }
  const read = (key: 'ca' | 'cert' | 'key', value: string): Promise<string> =>
    readPem(value, nameOf(key), suiteFile);
  const secrets = {
    ...(ca === undefined
      ? {}
      : { ca: await Promise.all([ca].flat().map((one) => read('ca', one as string))) }),
    ...(cert === undefined ? {} : { cert: await read('cert', cert) }),
    ...(key === undefined ? {} : { key: await read('key', key) }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
  assertContext(secrets, settings, where, suiteFile);
  return secrets;
}

/** Whether all of it together makes a context shows only when one is made. */
function assertContext(
  secrets: NonNullable<HttpSecrets['tls']>,
  settings: ClientTls,
  where: string,
  suiteFile: string,
): void {
  const { minVersion, maxVersion, ciphers } = settings;
  const chosen = { ...(minVersion && { minVersion }), ...(maxVersion && { maxVersion }) };
  try {
    tls.createSecureContext(contextOptions({ ...chosen, ...(ciphers && { ciphers }) }, secrets));
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
    const said = messageOf(thrown);
    if (code === 'ERR_SSL_NO_CIPHER_MATCH') {
      const expected =
        'ciphers that OpenSSL knows, such as "ECDHE-RSA-AES128-GCM-SHA256" or "DEFAULT@SECLEVEL=0"';
      throw new SuiteError(suiteFile, [{ path: `${where}.ciphers`, expected, found: `"${ciphers}"` }]);
    }
    const expected = /TOO_(SMALL|WEAK)$/.test(code)
      ? `a certificate that OpenSSL holds to be strong enough (${said}), or ciphers: "DEFAULT@SECLEVEL=0"`
      : `certificates and a key that fit together (${said})`;
    throw new SuiteError(suiteFile, [{ path: where, expected }]);
  }
}

/** Node would find out at the first handshake. */
function assertVersions(
  { minVersion, maxVersion }: Pick<TlsDefinition, 'minVersion' | 'maxVersion'>,
  where: string,
  suiteFile: string,
): void {
  if (minVersion === undefined || maxVersion === undefined) return;
  if (tlsVersions.indexOf(minVersion) <= tlsVersions.indexOf(maxVersion)) return;
  const expected = `at most maxVersion, which is "${maxVersion}"`;
  throw new SuiteError(suiteFile, [{ path: `${where}.minVersion`, expected, found: `"${minVersion}"` }]);
}

async function readPem(value: string, name: string, suiteFile: string): Promise<string> {
  if (value.includes('-----BEGIN')) return value;
  const file = path.resolve(path.dirname(suiteFile), value);
  const expected = 'PEM text, or the path of a PEM file relative to the suite';
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (thrown) {
    throw new SuiteError(suiteFile, [{ path: name, expected, found: messageOf(thrown) }]);
  }
  if (text.includes('-----BEGIN')) return text;
  throw new SuiteError(suiteFile, [{ path: name, expected, found: `${file}, which is not PEM` }]);
}
