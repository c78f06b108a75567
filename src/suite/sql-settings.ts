// The database settings of one profile, and what of them is secret. The plan takes the former, run/run-profile.ts the latter.

import path from 'node:path';
import type { SqlDefinition, SqlSecrets } from '../model/sql-settings.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { readTlsSecrets } from './http-settings.ts';

/** The suite's settings with the profile's over them, key by key; `undefined` for a suite without a database. */
export function sqlSettings(suite: SuiteDefinition, profileName: string): SqlDefinition | undefined {
  const own = suite.profiles[profileName]?.sql;
  return suite.sql === undefined && own === undefined ? undefined : { ...suite.sql, ...own };
}

/** The settings in an environment: its own over the suite's, and DATABASE_URL when neither names a database. */
export function sqlInEnvironment(
  suite: SqlDefinition | undefined,
  own: SqlDefinition | undefined,
  env: NodeJS.ProcessEnv,
): SqlDefinition | undefined {
  if (suite === undefined && own === undefined) return undefined;
  const settings = { ...suite, ...own };
  const { DATABASE_URL: url } = env;
  return settings.url === undefined && url !== undefined && url !== '' ? { ...settings, url } : settings;
}

/** The URL as records may show it: without its password. */
export function publicDatabaseUrl(text: string): string {
  const url = new URL(text);
  url.password = '';
  for (const secret of ['password', 'sslpassword']) url.searchParams.delete(secret);
  return url.href;
}

const aDatabaseUrl = 'the URL of a PostgreSQL database such as "postgresql://user@127.0.0.1:5432/shop"';
const sslModes = ['disable', 'require', 'verify-ca', 'verify-full'];

/**
 * What the URL of a database should be and is not; `undefined` for one that can be used. What would weaken the
 * connection if it were passed over is a mistake, other settings that are not known are left to other clients.
 */
export function databaseUrlMistake(text: unknown): string | undefined {
  if (typeof text !== 'string' || !/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text))
    return aDatabaseUrl;
  const { username, password, hostname, pathname, searchParams: query } = new URL(text);
  try {
    for (const part of [username, password, hostname, pathname]) {
      if (decodeURIComponent(part).includes('\0')) return `${aDatabaseUrl}, without %00`;
    }
  } catch {
    return `${aDatabaseUrl}, with % as %25 in names and passwords`;
  }
  if ((query.get('host') ?? hostname).includes(',')) return 'the URL of one database, not of several hosts';
  const port = query.get('port');
  if (port !== null && !(/^\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)) {
    return 'a database URL with a port from 1 to 65535';
  }
  const sslMode = query.get('sslmode');
  if (sslMode !== null && !sslModes.includes(sslMode)) {
    // What allow and prefer do depends on the server.
    return `a database URL whose sslmode is ${sslModes.slice(0, -1).join(', ')} or ${sslModes.at(-1)}, not ${sslMode}`;
  }
  if (sslMode === null && (query.has('sslrootcert') || query.has('sslcert'))) {
    return 'a database URL with certificates and an sslmode, such as sslmode=verify-full';
  }
  return query.get('channel_binding') === 'require'
    ? 'a database URL without channel_binding=require, which is not supported'
    : undefined;
}

/**
 * Password and certificates of a profile; paths are relative to the suite file, those in the URL to the working
 * directory. Throws a `SuiteError` when a certificate
 * cannot be read.
 */
export async function readSqlSecrets(
  suite: SuiteDefinition,
  profileName: string,
  suiteFile: string,
  env: NodeJS.ProcessEnv,
): Promise<SqlSecrets> {
  const settings = sqlSettings(suite, profileName);
  if (settings?.url === undefined) return {};
  const url = new URL(settings.url);
  const password = decodeURIComponent(url.password) || url.searchParams.get('password') || env.PGPASSWORD;
  const tls =
    typeof settings.tls === 'object'
      ? await readTlsSecrets(settings.tls, suiteFile, 'sql.tls')
      : await readCertificatesOf(url, suiteFile);
  return {
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
  };
}

const certificateSettings = { ca: 'sslrootcert', cert: 'sslcert', key: 'sslkey' } as const;

/** The certificates that a URL names. Source: PostgreSQL 18, section 32.1.2. */
function readCertificatesOf(
  { searchParams: query }: URL,
  suiteFile: string,
): Promise<SqlSecrets['tls'] | undefined> {
  const file = (key: keyof typeof certificateSettings) => {
    const name = query.get(certificateSettings[key]);
    // `system` means the authorities that the system trusts.
    return name === null || (key === 'ca' && name === 'system') ? {} : { [key]: path.resolve(name) };
  };
  const passphrase = query.get('sslpassword');
  const settings = {
    ...file('ca'),
    ...file('cert'),
    ...file('key'),
    ...(passphrase === null ? {} : { passphrase }),
  };
  const nameOf = (key: keyof typeof certificateSettings) => `${certificateSettings[key]} of the database URL`;
  return readTlsSecrets(settings, suiteFile, 'certificates of the database URL', nameOf);
}
