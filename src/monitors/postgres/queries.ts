// The statements that the monitor sends, by the server's version and by what the role may see. Called by ../postgres.ts.
// Their results are one row of numbers and JSON each, so that a reading is one round trip of a prepared statement.
// Source of views and columns: PostgreSQL 13 to 18, chapter "The Cumulative Statistics System" and appendix F.

import type { QueryConfig } from 'pg';

/** What is asked once per session. */
export interface Server {
  /** As `server_version_num`: 150018 is 15.18. */
  readonly version: number;
  /** The role sees what sessions of other roles do. */
  readonly seesAll: boolean;
  /** Where pg_stat_statements is, quoted for SQL; `null` where it is not installed in this database. */
  readonly statementsSchema: string | null;
  /** Of the extension: 1.10 is 1010. */
  readonly statementsVersion: number;
}

/** A session whose statement ran for longer than the limit, or has ended after longer. */
export interface SlowRow {
  readonly pid: number;
  /** When the statement began, microseconds since 1970: with `pid` it names one execution. */
  readonly began: number;
  /** As text, since it has 64 bits; `null` where the server does not compute it. */
  readonly query_id: string | null;
}

export interface BlockedRow {
  readonly pid: number;
  readonly waiting_ms: number | null;
  readonly statement: string | null;
  /** 0 for a prepared transaction, which has no session. */
  readonly blocker: number;
  readonly blocker_statement: string | null;
  readonly blocker_state: string | null;
}

export interface StateRow {
  readonly state: string;
  readonly sessions: number;
  readonly longest_ms: number;
}

/** What a reading asks. Numbers are totals as the server keeps them. */
export interface StatusRow {
  /** Seconds since 1970. */
  readonly started: number;
  readonly stats_reset: number | null;
  readonly standby: boolean;
  readonly connections: number;
  readonly connection_limit: number;
  /** `null` before PostgreSQL 14. */
  readonly opened: number | null;
  readonly commits: number;
  readonly rollbacks: number;
  readonly blocks_read: number;
  readonly blocks_hit: number;
  readonly rows_returned: number;
  readonly rows_written: number;
  readonly deadlocks: number;
  readonly temp_files: number;
  readonly temp_bytes: number;
  readonly checkpoints: number;
  /** These are `null` where the role does not see sessions of others. */
  readonly active: number | null;
  readonly idle: number | null;
  readonly idle_in_transaction: number | null;
  readonly lock_waits: number | null;
  readonly blocked: number | null;
  readonly slow_running: number | null;
  readonly longest_transaction_ms: number | null;
  readonly states: readonly StateRow[] | null;
  readonly slow: readonly SlowRow[] | null;
  readonly blocked_by: readonly BlockedRow[] | null;
  /** `null` without a replica, or where the role may not see it. */
  readonly lag_bytes: number | null;
  readonly lag_ms: number | null;
}

/** Our own statements are known by this word in the texts that pg_stat_statements keeps. */
export const ownMark = 'plimsoll_monitor';

const mostSlow = 1000;
const mostBlocked = 20;
/** Of pg_stat_statements, those that took most time. */
export const mostStatements = 5000;
/** The server keeps 1 kB of running statements; of finished ones no more is asked. */
const textLength = 1000;

export const serverQuery = `
SELECT current_setting('server_version_num')::int AS version,
  pg_has_role('pg_read_all_stats', 'USAGE') AS sees_all,
  (SELECT quote_ident(nspname) FROM pg_namespace WHERE oid = extnamespace) AS statements_schema,
  extversion AS statements_version
FROM (VALUES ('${ownMark}')) AS mark(${ownMark})
LEFT JOIN pg_extension ON extname = 'pg_stat_statements'`;

export interface ServerRow {
  readonly version: number;
  readonly sees_all: boolean;
  readonly statements_schema: string | null;
  readonly statements_version: string | null;
}

export function serverOf(row: ServerRow): Server {
  const [major = 0, minor = 0] = (row.statements_version ?? '').split('.').map(Number);
  return {
    version: row.version,
    seesAll: row.sees_all,
    statementsSchema: row.statements_schema,
    statementsVersion: major * 1000 + minor,
  };
}

/**
 * `$1` is the limit for slow statements in ms, `$2` how far back to look for statements that have ended, in ms.
 *
 * Sessions are those of clients, ours not counted: all of the server where they are held against its limit, those of
 * the database elsewhere. Who does not see sessions of others is not told what kind of session they are; by user and
 * database they are clients or their parallel workers.
 */
export function statusQuery({ version, seesAll }: Server, slowMs: number, backMs: number): QueryConfig {
  const details = seesAll
    ? detailColumns(version)
    : `NULL::float8 AS active, NULL::float8 AS idle, NULL::float8 AS idle_in_transaction, NULL::float8 AS lock_waits,
  NULL::float8 AS blocked, NULL::float8 AS slow_running, NULL::float8 AS longest_transaction_ms,
  NULL::json AS states, NULL::json AS slow, NULL::json AS blocked_by`;
  const text = `
WITH ${ownMark} AS (SELECT 1), activity AS MATERIALIZED (
  SELECT pid, datid, usesysid, backend_type, state, wait_event_type, xact_start, query_start, state_change, query,
    ${version >= 140_000 ? 'query_id' : 'NULL::bigint AS query_id'}
  FROM pg_stat_activity WHERE pid <> pg_backend_pid()
), clients AS MATERIALIZED (
  SELECT *, datid = (SELECT oid FROM pg_database WHERE datname = current_database()) AS here FROM activity
  WHERE ${seesAll ? '' : 'backend_type IS NULL AND usesysid IS NOT NULL AND datid IS NOT NULL OR '}backend_type = 'client backend'
), counts AS MATERIALIZED (
  SELECT count(*) AS connections,
    count(*) FILTER (WHERE state IN ('active', 'fastpath function call')) AS active,
    count(*) FILTER (WHERE state = 'idle') AS idle,
    count(*) FILTER (WHERE state LIKE 'idle in transaction%') AS idle_in_transaction,
    count(*) FILTER (WHERE here AND wait_event_type = 'Lock') AS blocked,
    count(*) FILTER (WHERE here AND state = 'active' AND ${sinceMs('query_start')} > $1) AS slow_running,
    coalesce(max(${sinceMs('xact_start')}) FILTER (WHERE here), 0) AS longest_transaction_ms
  FROM clients
)
SELECT ${seconds('pg_postmaster_start_time()')} AS started, ${seconds('stats_reset')} AS stats_reset,
  pg_is_in_recovery() AS standby, connections::float8 AS connections,
  (current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    ${version >= 160_000 ? `- current_setting('reserved_connections')::int` : ''})::float8 AS connection_limit,
  ${version >= 140_000 ? 'sessions::float8' : 'NULL::float8'} AS opened,
  xact_commit::float8 AS commits, xact_rollback::float8 AS rollbacks,
  blks_read::float8 AS blocks_read, blks_hit::float8 AS blocks_hit, tup_returned::float8 AS rows_returned,
  (tup_inserted + tup_updated + tup_deleted)::float8 AS rows_written,
  deadlocks::float8 AS deadlocks, temp_files::float8 AS temp_files, temp_bytes::float8 AS temp_bytes,
  ${checkpoints(version)} AS checkpoints,
  ${replicationColumns}, ${details}
FROM pg_stat_database, counts WHERE datname = current_database()`;
  return {
    name: seesAll ? 'plimsoll_status' : 'plimsoll_partial',
    text,
    values: seesAll ? [slowMs, backMs] : [slowMs],
  };
}

function detailColumns(version: number): string {
  return `active::float8 AS active, idle::float8 AS idle, idle_in_transaction::float8 AS idle_in_transaction,
  blocked::float8 AS blocked, slow_running::float8 AS slow_running, longest_transaction_ms,
  (SELECT count(*)::float8 FROM activity WHERE wait_event_type = 'Lock' AND activity.datid = pg_stat_database.datid)
    AS lock_waits,
  (SELECT json_agg(s) FROM (
    SELECT coalesce(state, 'starting') AS state, count(*) AS sessions,
      coalesce(max(${sinceMs('state_change')}), 0) AS longest_ms
    FROM clients GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20) AS s) AS states,
  (SELECT json_agg(s) FROM (
    SELECT pid, ${microseconds('query_start')} AS began, query_id::text AS query_id FROM clients
    WHERE here AND CASE WHEN state = 'active' THEN ${sinceMs('query_start')} > $1
      ELSE state LIKE 'idle%' AND ${sinceMs('state_change')} < $2
        AND 1000 * ${seconds('state_change - query_start')} > $1 END
    ORDER BY query_start DESC LIMIT ${mostSlow}) AS s) AS slow,
  (SELECT json_agg(b) FROM (
    SELECT waiting.pid, ${waitingMs(version)} AS waiting_ms, waiting.query AS statement,
      blocker, held.query AS blocker_statement, held.state AS blocker_state
    FROM (SELECT * FROM clients WHERE here AND wait_event_type = 'Lock'
      ORDER BY query_start LIMIT ${mostBlocked}) AS waiting
    CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocker
    LEFT JOIN activity AS held ON held.pid = blocker
    LIMIT ${mostBlocked}) AS b WHERE blocked > 0) AS blocked_by`;
}

/** Who has waited since when, from the lock table; a scan that is paid only while somebody waits. */
function waitingMs(version: number): string {
  if (version < 140_000) return sinceMs('waiting.query_start');
  return `(SELECT max(${sinceMs('waitstart')}) FROM pg_locks WHERE NOT granted AND pg_locks.pid = waiting.pid)`;
}

/**
 * A standby that has replayed all that it got lags by nothing, however long ago the last transaction was. How long one
 * lags that has replayed no transaction yet is not known.
 */
const replicationColumns = `
  CASE WHEN pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::float8
    ELSE (SELECT max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn))::float8 FROM pg_stat_replication)
  END AS lag_bytes,
  CASE WHEN NOT pg_is_in_recovery()
    THEN (SELECT 1000 * max(extract(epoch FROM replay_lag))::float8 FROM pg_stat_replication)
    WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
    WHEN pg_last_xact_replay_timestamp() IS NULL THEN NULL
    ELSE greatest(0, 1000 * extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8)
  END AS lag_ms`;

function checkpoints(version: number): string {
  if (version >= 180_000) return '(SELECT num_done::float8 FROM pg_stat_checkpointer)';
  if (version >= 170_000) return '(SELECT (num_timed + num_requested)::float8 FROM pg_stat_checkpointer)';
  return '(SELECT (checkpoints_timed + checkpoints_req)::float8 FROM pg_stat_bgwriter)';
}

function seconds(expression: string): string {
  return `extract(epoch FROM ${expression})::float8`;
}

function microseconds(expression: string): string {
  return `round(extract(epoch FROM ${expression}) * 1000000)::bigint`;
}

/** A session may have gone on since the statement came in. */
function sinceMs(expression: string): string {
  return `greatest(0, 1000 * ${seconds(`statement_timestamp() - ${expression}`)})`;
}

/** Asked less often than every time: the server looks at every file of the database. */
/** Of tables of the database's own schemas; temporary ones come and go. */
export const scansQuery = {
  name: 'plimsoll_scans',
  text: `SELECT coalesce(sum(pg_stat_get_tuples_returned(c.oid)), 0)::float8 AS ${ownMark}
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')`,
};

export const sizeQuery = {
  name: 'plimsoll_size',
  text: `SELECT pg_database_size(current_database())::float8 AS ${ownMark}`,
};

/** Key of user and statement; id; calls; total and longest ms; when all were set to 0, seconds since 1970, if told. */
export type StatementRow = readonly [
  key: string,
  queryId: string,
  calls: number,
  totalMs: number,
  maxMs: number,
  reset: number | null,
];

/** What the database ran, without texts, which the server keeps in a file. */
export function statementsQuery({ statementsSchema, statementsVersion }: Server) {
  const [total, longest] =
    statementsVersion >= 1008 ? ['total_exec_time', 'max_exec_time'] : ['total_time', 'max_time'];
  const [topLevel, reset] =
    statementsVersion >= 1009
      ? [
          'AND toplevel',
          `(SELECT ${seconds('stats_reset')} FROM ${statementsSchema}.pg_stat_statements_info)`,
        ]
      : ['', 'NULL::float8'];
  return {
    name: 'plimsoll_statements',
    text: `SELECT userid || ':' || queryid, queryid::text, calls::float8, ${total}, ${longest}, ${reset} AS ${ownMark}
FROM ${statementsSchema}.pg_stat_statements(false)
WHERE queryid IS NOT NULL AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ${topLevel}
ORDER BY ${total} DESC LIMIT ${mostStatements}`,
  };
}

export type TextRow = readonly [queryId: string, text: string];

export function textsQuery({ statementsSchema }: Server, queryIds: readonly string[]) {
  return {
    name: 'plimsoll_texts',
    text: `SELECT queryid::text, left(min(query), ${textLength}) AS ${ownMark}
FROM ${statementsSchema}.pg_stat_statements(true) WHERE queryid = ANY ($1::bigint[]) GROUP BY queryid`,
    values: [queryIds],
  };
}
