// Asks, before any load is driven, whether the database lets us in, and whether it may be written to. Called by
// settings.ts.

import { SafetyError, TargetError } from '../../model/errors.ts';
import type { CounterRecorder, Meter } from '../../model/metric.ts';
import type { Guard } from '../../network/dialer.ts';
import { Scope } from '../scope.ts';
import { SqlRuntime } from './runtime.ts';
import type { SqlPlan, SqlSecrets } from './setting-types.ts';
import type { SqlFailure } from './sql.ts';
import { UserSql } from './user-sql.ts';

const connectLimitMs = 5000;

/** What the workers are to know of the database. */
export interface FoundDatabase {
  /** A pooler stands before it: its sessions are several clients'. */
  readonly pooled?: true;
}

/**
 * Throws a `TargetError` (exit 3) when no session can be had, and a `SafetyError` (exit 4) when the run may write and the
 * table is missing by which the suite marks databases that are its own; `force` passes over the latter.
 */
export async function assertDatabase(
  plan: SqlPlan,
  secrets: SqlSecrets,
  force: boolean,
  guard?: Guard,
): Promise<FoundDatabase> {
  if (plan.url === undefined) {
    throw new TargetError('the suite uses a database, but no URL is set', {
      hint: 'set DATABASE_URL, or sql.url in the suite or in an environment of it',
    });
  }
  const runtime = new SqlRuntime({
    plan: {
      ...plan,
      connections: 'per-vu',
      connectTimeoutMs: Math.min(plan.connectTimeoutMs, connectLimitMs),
      statementTimeoutMs: connectLimitMs,
      // Names would stay behind in a session that is not ours alone.
      prepare: false,
    },
    secrets,
    guard,
    worker: 0,
    workers: 1,
    onFailure: () => {},
  });
  const sql = new UserSql(runtime, {
    scope: new Scope(silentMeter, {}, () => {}),
    takeScheduledAtMs: () => -1,
  });
  try {
    const { rows, error } = await sql.query<{ marked: boolean }>(
      'SELECT to_regclass($1) IS NOT NULL AS marked',
      [plan.marker ?? 'pg_class'],
    );
    if (error !== null) throw unreachable(runtime.settings.place, error);
    if (plan.marker !== undefined && !plan.readOnly && !force && rows[0]?.marked !== true) {
      throw new SafetyError(
        `refused to write to ${runtime.settings.place}: it has no table ${plan.marker}, which marks databases of this suite`,
        { hint: 'name another database, create the table there if the data may be changed, or add --force' },
      );
    }
    if (plan.readOnly) await assertReadOnly(sql, runtime.settings.place);
    return (await isPooled(sql, runtime)) ? { pooled: true } : {};
  } finally {
    sql.close();
    await runtime.close();
  }
}

/** A pooler may pass over what it does not know (`ignore_startup_parameters`), and let the load write. */
async function assertReadOnly(sql: UserSql, place: string): Promise<void> {
  const { rows, error } = await sql.query<{ state: string }>(
    "SELECT current_setting('transaction_read_only') AS state",
  );
  if (error !== null) throw unreachable(place, error);
  if (rows[0]?.state === 'on') return;
  throw new SafetyError(`sql.readOnly has no effect at ${place}: sessions there may write`, {
    hint: 'a pooler passes over default_transaction_read_only: set it for the role (ALTER ROLE ... SET), or connect without the pooler',
  });
}

/** Whoever announced the session is not the server's process that serves it. */
async function isPooled(sql: UserSql, runtime: SqlRuntime): Promise<boolean> {
  const { rows } = await sql.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const pid = rows[0]?.pid;
  return pid !== undefined && !runtime.processIds.includes(pid);
}

function unreachable(place: string, failure: SqlFailure): TargetError {
  const { code } = failure;
  // Those that are ours begin with the place; those of TLS say what to do.
  const message = failure.message.replace(`${place}: `, '');
  return new TargetError(
    `the database at ${place} cannot be used: ${message} (${code})`,
    code.startsWith('tls_') ? {} : { hint: hintFor(failure) },
  );
}

function hintFor({ class: errorClass, code, message }: SqlFailure): string {
  switch (errorClass) {
    case 'permission':
      if (/client certificate/.test(message)) return 'set sql.tls.cert and sql.tls.key';
      return /no encryption/.test(message)
        ? 'the server may require TLS: add sslmode=require to the database URL, or set sql.tls'
        : 'check user and password in DATABASE_URL or sql.url';
    case 'too_many_connections':
      return 'other clients hold all connections: end some, or raise max_connections';
    case 'connection':
    case 'timeout':
      if (message.includes('ignore_startup_parameters')) return "change the pooler's settings, or ours";
      return 'start the database first, or name another one in DATABASE_URL or sql.url';
    default:
      return code === '3D000'
        ? 'create the database, or name another one in DATABASE_URL or sql.url'
        : 'check DATABASE_URL or sql.url';
  }
}

const forgets: CounterRecorder = { add() {} };

/** What happens before the run belongs to no record. */
const silentMeter: Meter = {
  trend: () => forgets,
  counter: () => forgets,
  rate: () => ({ add() {} }),
  gauge: () => ({ set() {} }),
  define() {},
  cutOff(): void {},
  cutCount: 0,
  has: () => true,
  isFull: false,
};
