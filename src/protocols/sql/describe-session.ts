// What a plan and its secrets say about sessions with the database. Called by runtime.ts.

import type tls from 'node:tls';
import { namesOf } from '../../network/tls-names.ts';
import { TlsSettings } from '../../network/tls-settings.ts';
import { type Database, parseDatabaseUrl, placeOf } from './database-url.ts';
import type { DialSettings } from './dial.ts';
import type { SessionSettings } from './host.ts';
import type { SqlPlan, SqlSecrets } from './setting-types.ts';

/** Throws a `TypeError` when there is no URL. */
export function describeSession(
  plan: SqlPlan,
  secrets: SqlSecrets,
): { readonly dialing: Omit<DialSettings, 'readBuffer' | 'dialer'>; readonly settings: SessionSettings } {
  if (plan.url === undefined) {
    throw new TypeError('no database is known: set DATABASE_URL, or sql.url in the suite');
  }
  const database = parseDatabaseUrl(plan.url);
  const { options } = database;
  return {
    dialing: { database, tls: tlsOptions(plan, secrets, database) },
    settings: {
      password: secrets.password,
      connectTimeoutMs: plan.connectTimeoutMs,
      place: placeOf(database),
      parameters: {
        user: database.user,
        database: database.database,
        application_name: plan.applicationName,
        client_encoding: 'UTF8',
        // Whatever the server's own style is: rows.ts reads this one.
        DateStyle: 'ISO',
        ...(options === undefined ? {} : { options }),
        ...(plan.serverTimeout ? { statement_timeout: statementTimeout(plan.statementTimeoutMs) } : {}),
        ...(plan.readOnly ? { default_transaction_read_only: 'on' } : {}),
      },
    },
  };
}

/** PostgreSQL takes whole ms that fit in 31 bits; 0 would be no limit. */
function statementTimeout(ms: number): string {
  return String(Math.min(Math.max(1, Math.ceil(ms)), 2 ** 31 - 1));
}

function tlsOptions(
  { tls: plan }: SqlPlan,
  { tls: secrets }: SqlSecrets,
  { sslMode, socketPath }: Database,
): tls.ConnectionOptions | null {
  if (plan !== undefined) {
    const { servername } = plan;
    const { options } = new TlsSettings({ ...plan, sessionReuse: 'none' }, secrets);
    return servername === undefined ? options : { ...options, ...namesOf(servername) };
  }
  // As libpq has it: nobody listens in on a unix socket.
  if (sslMode === 'disable' || socketPath !== null) return null;
  const { options } = new TlsSettings({ insecureSkipVerify: false, sessionReuse: 'none' }, secrets);
  if (sslMode === 'verify-full') return options;
  // An authority that is named is asked, in libpq as well.
  if (sslMode === 'require' && secrets?.ca === undefined) return { ...options, rejectUnauthorized: false };
  return { ...options, checkServerIdentity: () => undefined };
}
