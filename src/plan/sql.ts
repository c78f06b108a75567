// The database settings of a profile become the database part of its plan: numbers in place of texts, defaults filled
// in, no password.

import { UsageError } from '../model/errors.ts';
import type { SqlDefinition, SqlPlan } from '../model/sql-settings.ts';
import { databaseUrlMistake, publicDatabaseUrl } from '../suite/sql-settings.ts';
import { msOf } from '../time/duration.ts';
import { planTls } from './http.ts';

/** Throws a `UsageError` for a URL that cannot be used; DATABASE_URL was checked by nobody before. */
export function planSql(sql: SqlDefinition): SqlPlan {
  const mistake = sql.url === undefined ? undefined : databaseUrlMistake(sql.url);
  if (mistake !== undefined) throw new UsageError(`DATABASE_URL: expected ${mistake}`);
  const { tls = false } = sql;
  return {
    ...(sql.url === undefined ? {} : { url: urlOf(sql.url, sql.tls) }),
    connections: sql.connections ?? 'per-vu',
    connectTimeoutMs: msOf(sql.connectTimeout ?? '10s'),
    statementTimeoutMs: msOf(sql.statementTimeout ?? '60s'),
    serverTimeout: sql.serverTimeout ?? sql.statementTimeout !== undefined,
    poolTimeoutMs: msOf(sql.poolTimeout ?? '30s'),
    applicationName: sql.applicationName ?? 'plimsoll',
    retries: sql.retries ?? 0,
    ...(sql.prepare === undefined ? {} : { prepare: sql.prepare }),
    readOnly: sql.readOnly ?? false,
    ...(sql.marker === undefined ? {} : { marker: sql.marker }),
    ...(tls === false ? {} : { tls: tls === true ? { insecureSkipVerify: false } : withoutReuse(tls) }),
  };
}

/** Without TLS, outright, the URL has no say in it. */
function urlOf(text: string, tls: SqlDefinition['tls']): string {
  const url = new URL(publicDatabaseUrl(text));
  if (tls === false) url.searchParams.delete('sslmode');
  return url.href;
}

function withoutReuse(tls: Exclude<SqlDefinition['tls'], boolean | undefined>): NonNullable<SqlPlan['tls']> {
  const { sessionReuse: _, ...plan } = planTls(tls) ?? { insecureSkipVerify: false, sessionReuse: 'vu' };
  return plan;
}
