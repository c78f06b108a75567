// The users that load the adapter's database. Used by ../suite.ts and profiles.ts.

import type { Session, SqlClient, SqlResult, TaskContext, UserDefinition } from 'plimsoll';
import {
  appRole,
  type Dataset,
  type Draw,
  type Operation,
  reads,
  serviceRole,
  writes,
} from './statements.ts';

type Context = TaskContext<Dataset>;

function drawOf({ data, session, vu }: Context): Draw {
  // Each user works for one tenant.
  session.tenant ??= 1 + Math.floor(vu.random() * data.counts.tenants);
  return { dataset: data, tenant: session.tenant as number, random: () => vu.random() };
}

/** A new connection has neither role nor tenant: both are set first, and again after the connection was lost. */
async function introduce(context: Context): Promise<boolean> {
  const { sql, session } = context;
  if (session.introduced === true) return true;
  const { tenant } = drawOf(context);
  const role = await sql.query(`SET ROLE ${appRole}`, [], { name: 'set_role' });
  if (!role.ok) return false;
  const told = await sql.query("SELECT set_config('app.tenant', $1, false)", [String(tenant)], {
    name: 'set_tenant',
  });
  session.introduced = told.ok;
  return told.ok;
}

/** After any failure the connection may be gone, and with it the role. */
function forget(session: Session, { ok }: Pick<SqlResult, 'ok'>): void {
  if (!ok) session.introduced = false;
}

function task(name: string, { text, parameters }: Operation): (context: Context) => Promise<void> {
  const statement = { name, text };
  return async (context) => {
    if (!(await introduce(context))) return;
    forget(context.session, await context.sql.query(statement, parameters(drawOf(context))));
  };
}

/** People and agents at work: searches and lists, and occasionally a new record. */
const agent: UserDefinition = {
  description: 'Reads and writes as the API does, on a connection of its own',
  onStart: introduce,
  tasks: {
    contact_search: { weight: 25, run: task('contact_search', reads.contact_search) },
    contact_by_email: { weight: 10, run: task('contact_by_email', reads.contact_by_email) },
    ticket_list: { weight: 20, run: task('ticket_list', reads.ticket_list) },
    ticket_board: { weight: 5, run: task('ticket_board', reads.ticket_board) },
    ticket_history: { weight: 10, run: task('ticket_history', reads.ticket_history) },
    agent_list: { weight: 5, run: task('agent_list', reads.agent_list) },
    workflow_list: { weight: 10, run: task('workflow_list', reads.workflow_list) },
    contact_create: { weight: 5, run: task('contact_create', writes.contact_create) },
    ticket_create: { weight: 5, run: task('ticket_create', writes.ticket_create) },
    workflow_execute: { weight: 5, run: task('workflow_execute', writes.workflow_execute) },
  },
};

/** Every statement that reads, one after the other. */
const reader: UserDefinition = {
  description: 'Each reading statement in turn',
  onStart: introduce,
  flow: Object.fromEntries(Object.entries(reads).map(([name, read]) => [name, { run: task(name, read) }])),
};

const compared = ['contact_search', 'ticket_list', 'ticket_board'] as const;

/** Same statement, same parameters; the SQL comment keeps the plans of the two roles apart. */
const secured = compared.map((name) => ({
  name,
  parameters: reads[name].parameters as Operation['parameters'],
  plain: { name: `${name}_plain`, text: `/* plain */ ${reads[name].text}` },
  rls: { name: `${name}_rls`, text: `/* rls */ ${reads[name].text}` },
}));

/** Names of the operations with and without policies, for the comparisons. */
export const comparedOperations: readonly string[] = compared;

async function askAs(sql: SqlClient, side: 'plain' | 'rls', parameters: readonly (readonly unknown[])[]) {
  await sql.query(`SET ROLE ${side === 'rls' ? appRole : serviceRole}`, [], { name: 'set_role' });
  let sumMs = 0;
  for (const [i, one] of secured.entries()) {
    const { ok, duration } = await sql.query(one[side], parameters[i]);
    if (!ok) return undefined;
    sumMs += duration;
  }
  return sumMs;
}

/** The same statements under both roles, in random order: a drift of the system affects both equally. */
const comparer: UserDefinition = {
  description: 'The same statements with and without row-level security, in random order',
  tasks: {
    compare: {
      async run(context: Context) {
        if (!(await introduce(context))) return;
        const { sql, vu, metrics, session } = context;
        const parameters = secured.map((one) => one.parameters(drawOf(context)));
        for (const side of vu.random() < 0.5 ? (['plain', 'rls'] as const) : (['rls', 'plain'] as const)) {
          const sumMs = await askAs(sql, side, parameters);
          if (sumMs === undefined) forget(session, { ok: false });
          else metrics.trend('query_set').add(sumMs, { security: side });
        }
      },
    },
  },
};

/** How long a transaction holds its connection, like one that waits for another system. */
const holdMs = 50;
/** A transaction that takes longer had to wait for a connection. */
const waitedMs = holdMs + 200;

/** Transactions that hold their connection for a while, like those that call a CRM. */
const holder: UserDefinition = {
  description: `Transactions that keep a connection of the pool for ${holdMs} ms`,
  tasks: {
    hold: {
      async run(context: Context) {
        const { sql, session } = context;
        const draw = drawOf(context);
        session.startedAtMs ??= performance.now();
        const { ok, duration } = await sql.transaction(
          async (transaction) => {
            await transaction.query(`SET LOCAL ROLE ${appRole}`, [], { name: 'set_role' });
            await transaction.query("SELECT set_config('app.tenant', $1, true)", [String(draw.tenant)], {
              name: 'set_tenant',
            });
            await transaction.query(
              { name: 'ticket_list', text: reads.ticket_list.text },
              reads.ticket_list.parameters(draw),
            );
            await transaction.query('SELECT pg_sleep($1)', [holdMs / 1000], { name: 'hold' });
          },
          { name: 'hold' },
        );
        if (!ok || duration > waitedMs) session.troubleAtMs = performance.now();
      },
    },
  },
  /** Users of the phase after the rush show how long its effects last. */
  onStop({ vu, session, metrics }: Context) {
    if (vu.scenario !== 'after' || session.startedAtMs === undefined) return;
    metrics.trend('pool_recovery').add((session.troubleAtMs ?? session.startedAtMs) - session.startedAtMs);
  },
};

export const databaseUsers = { agent, reader, comparer, holder };
