// The database settings of a profile become the database part of its plan: numbers in place of texts, defaults filled
// in, no password.

import type { SqlDefinition, SqlPlan } from '../model/sql-settings.ts';
import { publicDatabaseUrl } from '../suite/sql-settings.ts';
import { planTls } from './http.ts';
import { msOf } from './scenario.ts';

export function planSql(sql: SqlDefinition): SqlPlan {
  const { tls = false } = sql;
  return {
    ...(sql.url === undefined ? {} : { url: publicDatabaseUrl(sql.url) }),
    connections: sql.connections ?? 'per-vu',
    connectTimeoutMs: msOf(sql.connectTimeout ?? '10s'),
    statementTimeoutMs: msOf(sql.statementTimeout ?? '60s'),
    serverTimeout: sql.statementTimeout !== undefined,
    poolTimeoutMs: msOf(sql.poolTimeout ?? '30s'),
    applicationName: sql.applicationName ?? 'plimsoll',
    retries: sql.retries ?? 0,
    readOnly: sql.readOnly ?? false,
    ...(sql.marker === undefined ? {} : { marker: sql.marker }),
    ...(tls === false ? {} : { tls: tls === true ? { insecureSkipVerify: false } : withoutReuse(tls) }),
  };
}

function withoutReuse(tls: Exclude<SqlDefinition['tls'], boolean | undefined>): NonNullable<SqlPlan['tls']> {
  const { sessionReuse: _, ...plan } = planTls(tls) ?? { insecureSkipVerify: false, sessionReuse: 'vu' };
  return plan;
}
