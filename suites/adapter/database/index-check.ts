// Finds missing indexes and unused indexes, from the query plans of the suite's statements and from the statistics that
// PostgreSQL collected while they ran. Called by data.ts before and after the profile index_effectiveness.

import type { RunContext, SqlClient, SqlRow, SuiteFinding } from 'plimsoll';
import { appRole, type Dataset, type Operation, reads, schema } from './statements.ts';

/** Counters of the statistics views at one moment, by name. */
export interface Usage {
  readonly indexScans: Readonly<Record<string, number>>;
  readonly rowsReadInSequence: Readonly<Record<string, number>>;
}

interface IndexRow {
  readonly name: string;
  readonly table: string;
  readonly scans: number;
  readonly bytes: number;
  readonly isConstraint: boolean;
}

/** One node of a query plan, with the keys that this file reads. Times in ms, rows and blocks per loop and in total. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly Filter?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Shared Hit Blocks'?: number;
  readonly 'Shared Read Blocks'?: number;
  readonly 'Sort Key'?: readonly string[];
  readonly Plans?: readonly PlanNode[];
}

interface Explained {
  readonly operation: string;
  readonly nodes: readonly PlanNode[];
  readonly executionMs: number;
}

/** A sequential scan is a finding when it discards this many rows in total, and this many for each row it keeps. */
const wastedRowCount = 1000;
const wastedPerKept = 10;
/** Plans are checked for several tenants and parameters, since the planner may choose different plans. */
const triesPerStatement = 3;
/** Sessions report their counters at most once a second. */
const statisticsDelayMs = 1200;

async function rowsOf<Row = SqlRow>(sql: SqlClient, name: string, text: string): Promise<Row[]> {
  return (await sql.query<Row>({ name, text }, [], { throw: true })).rows;
}

/** Index scans so far. */
export async function readUsage(sql: SqlClient): Promise<Usage> {
  const tables = await rowsOf<{ name: string; rows: number }>(
    sql,
    'table_statistics',
    `SELECT relname AS name, seq_tup_read::float8 AS rows FROM pg_stat_user_tables WHERE schemaname = '${schema}'`,
  );
  return {
    indexScans: Object.fromEntries((await readIndexes(sql)).map(({ name, scans }) => [name, scans])),
    rowsReadInSequence: Object.fromEntries(tables.map(({ name, rows }) => [name, rows])),
  };
}

function readIndexes(sql: SqlClient): Promise<IndexRow[]> {
  return rowsOf<IndexRow>(
    sql,
    'index_statistics',
    `SELECT s.indexrelname AS name, s.relname AS "table", s.idx_scan::float8 AS scans,
        pg_relation_size(s.indexrelid)::float8 AS bytes,
        i.indisunique OR i.indisexclusion AS "isConstraint"
      FROM pg_stat_user_indexes AS s JOIN pg_index AS i USING (indexrelid)
      WHERE s.schemaname = '${schema}' ORDER BY 1`,
  );
}

/** Reports each missing and each unused index; when there is none, reports what was checked. */
export async function checkIndexes(
  { sql, finding }: Pick<RunContext, 'sql' | 'finding'>,
  dataset: Dataset,
  before: Usage,
): Promise<void> {
  const explained = await explainAll(sql, dataset);
  await new Promise((resolve) => setTimeout(resolve, statisticsDelayMs));
  const indexes = await readIndexes(sql);
  const after = await readUsage(sql);
  const found = [...missingIndexes(explained, before, after), ...unusedIndexes(indexes, explained, before)];
  for (const one of found) finding(one);
  if (found.length === 0) {
    const count = indexes.filter(({ isConstraint }) => !isConstraint).length;
    finding({
      severity: 'info',
      title: `All ${count} indexes are used, and no statement reads a table to its end for a few rows`,
      detail: `Looked at: the plans of ${Object.keys(reads).join(', ')}, and the statistics of all indexes.`,
      evidence: [{ name: 'indexes looked at', value: count, unit: 'count' }],
    });
  }
}

async function explainAll(sql: SqlClient, dataset: Dataset): Promise<Explained[]> {
  const explained: Explained[] = [];
  for (const [operation, { text, parameters }] of Object.entries<Operation>(reads)) {
    for (let i = 0; i < triesPerStatement; i++) {
      const place = (i + 0.5) / triesPerStatement;
      const tenant = 1 + Math.floor(place * dataset.counts.tenants);
      const given = parameters({ dataset, tenant, random: () => place });
      explained.push({ operation, ...(await explain(sql, text, given, tenant)) });
    }
  }
  return explained;
}

/** The query plan for the application's role, with its policies. */
async function explain(sql: SqlClient, text: string, given: readonly unknown[], tenant: number) {
  const { value, error } = await sql.transaction(
    async (transaction) => {
      await transaction.query(`SET LOCAL ROLE ${appRole}`, [], { name: 'set_role' });
      await transaction.query("SELECT set_config('app.tenant', $1, true)", [String(tenant)], {
        name: 'set_tenant',
      });
      const explain = `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`;
      const { rows } = await transaction.query(explain, given, { name: 'explain', prepare: false });
      return rows[0]!['QUERY PLAN'];
    },
    { name: 'explain' },
  );
  if (error !== null) throw new Error(`EXPLAIN failed: ${error.message} (${text})`);
  const [plan] = (typeof value === 'string' ? JSON.parse(value) : value) as [
    { readonly Plan: PlanNode; readonly 'Execution Time': number },
  ];
  return { nodes: flatten(plan.Plan), executionMs: plan['Execution Time'] };
}

function flatten(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(flatten)];
}

function missingIndexes(explained: readonly Explained[], before: Usage, after: Usage): SuiteFinding[] {
  const worst = new Map<string, SuiteFinding>();
  for (const { operation, nodes, executionMs } of explained) {
    for (const node of nodes) {
      const table = node['Relation Name'];
      const thrown = (node['Rows Removed by Filter'] ?? 0) * node['Actual Loops'];
      const kept = node['Actual Rows'] * node['Actual Loops'];
      const isWaste = thrown >= wastedRowCount && thrown >= kept * wastedPerKept;
      if (!node['Node Type'].endsWith('Seq Scan') || table === undefined || !isWaste) continue;
      const order = nodes.find((one) => one['Sort Key'] !== undefined)?.['Sort Key'] ?? [];
      const during = (after.rowsReadInSequence[table] ?? 0) - (before.rowsReadInSequence[table] ?? 0);
      const filter = node.Filter ?? 'none';
      worst.set(`${operation} ${table}`, {
        severity: 'critical',
        title: `${operation} reads all of ${table}: an index is missing`,
        detail: `Its plan has a ${node['Node Type']} on ${table} with the filter ${filter}${order.length === 0 ? '' : `, sorted by ${order.join(', ')}`}.`,
        evidence: [
          { name: 'rows thrown away by the filter', value: thrown, unit: 'rows', limit: wastedRowCount },
          { name: 'rows kept', value: kept, unit: 'rows' },
          {
            name: 'blocks read',
            value: (node['Shared Hit Blocks'] ?? 0) + (node['Shared Read Blocks'] ?? 0),
            unit: 'blocks',
          },
          { name: 'execution time', value: executionMs, unit: 'ms' },
          { name: `rows of ${table} read in sequence during the run`, value: during, unit: 'rows' },
        ],
        advice: `Make an index on ${table} with the columns of the filter${order.length === 0 ? '' : ', followed by those it is sorted by'}.`,
      });
    }
  }
  return [...worst.values()];
}

/** Indexes that enforce a constraint are needed even without any scan. */
function unusedIndexes(
  indexes: readonly IndexRow[],
  explained: readonly Explained[],
  before: Usage,
): SuiteFinding[] {
  const inPlans = new Set(explained.flatMap(({ nodes }) => nodes.map((node) => node['Index Name'])));
  return indexes.flatMap(({ name, table, scans, bytes, isConstraint }) => {
    const during = scans - (before.indexScans[name] ?? 0);
    if (isConstraint || during > 0 || inPlans.has(name)) return [];
    return [
      {
        severity: 'critical',
        title: `No statement uses the index ${name}`,
        detail: `PostgreSQL has counted no scan of ${name} on ${table} while every reading statement ran, and none of their plans names it. Each write keeps it up to date all the same.`,
        evidence: [
          { name: 'scans during the run', value: during, unit: 'scans', limit: 1 },
          { name: 'scans since the statistics began', value: scans, unit: 'scans' },
          { name: 'size', value: bytes, unit: 'bytes' },
        ],
        advice: `Drop ${name} unless something outside of this suite needs it.`,
      },
    ];
  });
}
