// What a database URL says: where the server is, who connects, and with what. Called by describe-session.ts. Source: PostgreSQL 18, section 32.1.1.2.

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

/** Reads a URL that `databaseUrlMistake` of suite/ finds nothing wrong with. */
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
