// The settings of SQL. See ../settings.ts.

import path from 'node:path';
import { UsageError } from '../../model/errors.ts';
import { directTo, unixSocket } from '../../network/destination.ts';
import { msOf } from '../../time/duration.ts';
import { clientTlsSchema, planClientTls, readTlsSecrets, recordedClientTls } from '../client-tls.ts';
import { connectionsText, keyByKey, type ProtocolSettings, type SecretSource } from '../settings.ts';
import { databaseUrlMistake, parseDatabaseUrl, publicDatabaseUrl } from './database-url.ts';
import type { SqlDefinition, SqlPlan, SqlSecrets } from './setting-types.ts';

const variable = 'DATABASE_URL';
/** The name of a table, with or without its schema. */
const tableName = /^[A-Za-z_][\w$]*(\.[A-Za-z_][\w$]*)?$/;

export const sql: ProtocolSettings<SqlDefinition, SqlPlan, SqlSecrets> = {
  name: 'sql',
  example: 'database settings such as { connections: { pool: 20 } }',
  shape: (words) => {
    const { connectionsOfUsers, duration, flag, text, unless, where, whole } = words;
    return {
      url: unless(databaseUrlMistake).optional(),
      connections: connectionsOfUsers.optional(),
      connectTimeout: duration(1).optional(),
      statementTimeout: duration(1).optional(),
      serverTimeout: flag.optional(),
      poolTimeout: duration(1).optional(),
      applicationName: text('a name such as "plimsoll"').optional(),
      retries: whole(0, 100).optional(),
      prepare: flag.optional(),
      readOnly: flag.optional(),
      marker: where(
        (value) => typeof value === 'string' && tableName.test(value),
        'the name of a table such as "public.plimsoll_marker"',
      ).optional(),
      tls: clientTlsSchema(words).optional(),
    };
  },
  merge: keyByKey,
  server: {
    label: 'database',
    noun: 'database',
    variable,
    schemes: ['postgres:', 'postgresql:'],
    destinationOf(url) {
      const { host, port, socketPath } = parseDatabaseUrl(url);
      return socketPath === null ? directTo(host, port) : unixSocket(socketPath);
    },
    describe({ connections, readOnly, marker }) {
      const only = readOnly ? ', read only' : '';
      const marked = marker === undefined || readOnly ? '' : `, only if it has the table ${marker}`;
      return `${connectionsText(connections)}${only}${marked}`;
    },
  },
  plan(settings) {
    // The schema has seen the URL of the suite; that of the variable was checked by nobody before.
    const mistake = settings.url === undefined ? undefined : databaseUrlMistake(settings.url);
    if (mistake !== undefined) throw new UsageError(`${variable}: expected ${mistake}`);
    const { tls = false } = settings;
    return {
      ...(settings.url === undefined ? {} : { url: urlOf(settings.url, settings.tls) }),
      connections: settings.connections ?? 'per-vu',
      connectTimeoutMs: msOf(settings.connectTimeout ?? '10s'),
      statementTimeoutMs: msOf(settings.statementTimeout ?? '60s'),
      serverTimeout: settings.serverTimeout ?? settings.statementTimeout !== undefined,
      poolTimeoutMs: msOf(settings.poolTimeout ?? '30s'),
      applicationName: settings.applicationName ?? 'plimsoll',
      retries: settings.retries ?? 0,
      ...(settings.prepare === undefined ? {} : { prepare: settings.prepare }),
      readOnly: settings.readOnly ?? false,
      ...(settings.marker === undefined ? {} : { marker: settings.marker }),
      ...(tls === false ? {} : { tls: planClientTls(tls) }),
    };
  },
  recorded: (words) => {
    const { connectionsOfUsers, count, ms, text, z } = words;
    return {
      url: text.exactOptional().describe('Without its password.'),
      connections: connectionsOfUsers,
      connectTimeoutMs: ms,
      statementTimeoutMs: ms,
      serverTimeout: z.boolean(),
      poolTimeoutMs: ms,
      applicationName: text,
      retries: count,
      prepare: z
        .boolean()
        .exactOptional()
        .describe('Whether statements are prepared under names; absent: only without a pooler.'),
      readOnly: z.boolean(),
      marker: text.exactOptional(),
      tls: z.strictObject(recordedClientTls(words)).exactOptional(),
    };
  },
  readSecrets: readSqlSecrets,
  async check(plan, secrets, { force, guard }) {
    const { assertDatabase } = await import('./reachable.ts');
    const found = await assertDatabase(plan, secrets, force, guard);
    return { found, ...(found.pooled === true && { message: pooledMessage(plan) }) };
  },
};

/** Without TLS, outright, the URL has no say in it. */
function urlOf(text: string, tls: SqlDefinition['tls']): string {
  const url = new URL(publicDatabaseUrl(text));
  if (tls === false) url.searchParams.delete('sslmode');
  return url.href;
}

function pooledMessage({ prepare }: SqlPlan): string {
  const how =
    prepare === true
      ? 'statements are still prepared under names, because sql.prepare is set'
      : "statements are not prepared under names, since its sessions are several clients' (sql.prepare)";
  return `the database is behind a pooler: ${how}`;
}

/** Password and certificates. Paths in the URL are relative to the working directory. */
async function readSqlSecrets(settings: SqlDefinition, { file, env }: SecretSource): Promise<SqlSecrets> {
  if (settings.url === undefined) return {};
  const url = new URL(settings.url);
  const password = decodeURIComponent(url.password) || url.searchParams.get('password') || env.PGPASSWORD;
  const tls =
    typeof settings.tls === 'object'
      ? await readTlsSecrets(settings.tls, file, 'sql.tls')
      : await readCertificatesOf(url, file);
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
