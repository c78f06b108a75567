// The HTTP settings of one profile, and the certificates they name. The plan takes the former, run/run-profile.ts the latter.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import tls from 'node:tls';
import { messageOf, SuiteError, UsageError } from '../model/errors.ts';
import type { HttpSecrets } from '../model/http-secrets.ts';
import type { HttpDefinition, TlsDefinition } from '../model/http-settings.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { splitNoProxy } from '../network/no-proxy.ts';
import { parseProxy } from '../network/proxy-url.ts';
import { contextOptions, tlsVersions } from '../network/tls-context.ts';

/** The suite's settings with the profile's over them, key by key; `headers` and `tls` are merged within. */
export function httpSettings(suite: SuiteDefinition, profileName: string): HttpDefinition {
  const own = suite.profiles[profileName]?.http ?? {};
  const base = suite.http ?? {};
  const headers = { ...base.headers, ...own.headers };
  return { ...base, ...own, headers, tls: { ...base.tls, ...own.tls } };
}

/**
 * Reads the certificates and keys of a profile; paths are relative to the suite file. Throws a `SuiteError` when one
 * cannot be read, or when they do not fit together.
 */
export async function readHttpSecrets(
  suite: SuiteDefinition,
  profileName: string,
  suiteFile: string,
  env: NodeJS.ProcessEnv = {},
): Promise<HttpSecrets> {
  const settings = httpSettings(suite, profileName);
  const proxies = proxiesOf(settings, env);
  const tlsSecrets = await readTlsSecrets(settings.tls ?? {}, suiteFile);
  return {
    ...(proxies === undefined ? {} : { proxies }),
    ...(tlsSecrets === undefined ? {} : { tls: tlsSecrets }),
  };
}

/** The proxies of the suite, or those of the environment when the suite wants them. */
function proxiesOf(http: HttpDefinition, env: NodeJS.ProcessEnv): HttpSecrets['proxies'] {
  if (http.proxy !== undefined) return { http: http.proxy, https: http.proxy };
  if (http.proxyFromEnvironment !== true) return undefined;
  const plain = proxyIn(env, 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY');
  const secure = proxyIn(env, 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY');
  return {
    ...(plain === undefined ? {} : { http: plain }),
    ...(secure === undefined ? {} : { https: secure }),
    except: splitNoProxy(env.no_proxy || env.NO_PROXY || ''),
  };
}

/** The first of these variables that is set. Throws a `UsageError` when it holds no proxy that can be used. */
function proxyIn(env: NodeJS.ProcessEnv, ...names: readonly string[]): string | undefined {
  const name = names.find((one) => (env[one] ?? '').trim() !== '');
  if (name === undefined) return undefined;
  const proxy = parseProxy(env[name]!);
  if (!('expected' in proxy)) return env[name];
  throw new UsageError(`the environment variable ${name} must be ${proxy.expected}`, {
    hint: 'the suite asks for it by http.proxyFromEnvironment; http.proxy names one in the suite',
  });
}

/** `where` is where the settings stand in the suite, `nameOf` what each of them is called there. */
export async function readTlsSecrets(
  settings: Omit<TlsDefinition, 'sessionReuse'>,
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
  settings: Omit<TlsDefinition, 'sessionReuse'>,
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
