// What a database URL says: where the server is, who connects, and with what; and what is wrong with one. Called by
// describe-session.ts and settings.ts. Source: PostgreSQL 18, section 32.1.1.2.

import { userInfo } from 'node:os';

export type SslMode = 'disable' | 'require' | 'verify-ca' | 'verify-full';

export interface Database {
  readonly host: string;
  readonly port: number;
  /** In place of host and port. */
  readonly socketPath: string | null;
  readonly user: string;
  readonly database: string;
  readonly sslMode: SslMode;
  /** Further settings of the session, such as `search_path`. */
  readonly options: string | undefined;
}

const defaultPort = 5432;

/** Reads a URL that `databaseUrlMistake` finds nothing wrong with. */
export function parseDatabaseUrl(text: string): Database {
  const url = new URL(text);
  const query = url.searchParams;
  const host = query.get('host') ?? (decodeURIComponent(url.hostname) || 'localhost');
  const port = Number(query.get('port') ?? (url.port || defaultPort));
  const user = decodeURIComponent(url.username) || query.get('user') || userInfo().username;
  const database = decodeURIComponent(url.pathname.slice(1)) || query.get('dbname') || user;
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port,
    socketPath: host.startsWith('/') ? `${host}/.s.PGSQL.${port}` : null,
    user,
    database,
    sslMode: (query.get('sslmode') as SslMode | null) ?? 'disable',
    options: query.get('options') ?? undefined,
  };
}

/** For messages: no user, no password. */
export function placeOf({ socketPath, host, port, database }: Database): string {
  return socketPath === null ? `${host}:${port}/${database}` : `${socketPath} (${database})`;
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
