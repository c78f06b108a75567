// The database settings of one profile, and what of them is secret. The plan takes the former, run.ts the latter.

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
  url.searchParams.delete('password');
  return url.href;
}

/**
 * Password and certificates of a profile; paths are relative to the suite file. Throws a `SuiteError` when a certificate
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
    typeof settings.tls === 'object' ? await readTlsSecrets(settings.tls, suiteFile, 'sql.tls') : undefined;
  return {
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
  };
}
