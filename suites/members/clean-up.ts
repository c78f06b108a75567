// Undoes what runs wrote to the members system. Called when a run ends, unless --skip-cleanup keeps its data.

import type { Sql, SqlRunner } from './queries.ts';
import { keptColumns, schema } from './statements.ts';

/** Rows undone, by table. */
export interface CleanedUp {
  readonly restored: Readonly<Record<keyof typeof keptColumns, number>>;
  readonly deleted: Readonly<Record<(typeof createdIn)[number], number>>;
}

/** The rows that one run left behind. */
export interface LeftByRun {
  readonly runId: string;
  readonly rowCount: number;
}

/** In an order in which no row refers to a row that is already deleted. */
const createdIn = ['file_attachments', 'organization_contacts', 'member_employments', 'members'] as const;

const restore = (table: keyof typeof keptColumns) => {
  const columns = keptColumns[table];
  const kept = columns.map((name) => `kept.${name}`).join(', ');
  return `UPDATE ${schema}.${table} AS changed SET before = NULL, (${columns.join(', ')}) =
    (SELECT ${kept} FROM jsonb_populate_record(changed, changed.before) AS kept)
    WHERE run_id = $1::text AND before IS NOT NULL`;
};

/** Rows that the run made, also those that another run changed since: what they were says who made them. */
const remove = (table: (typeof createdIn)[number]) => {
  const changed = table in keptColumns ? ` OR before ->> 'run_id' = $1::text` : '';
  return `DELETE FROM ${schema}.${table} WHERE run_id = $1::text${changed}`;
};

/**
 * Puts changed rows back to what they were before the first change, and deletes the rows that the run made:
 * all of it, or nothing when it throws. Call it only when no operation of that run is still running.
 * A row that a later run changed again is restored when that run is undone.
 */
export async function cleanUp(sql: Sql, runId: string): Promise<CleanedUp> {
  const { value, error } = await sql.transaction(
    async (transaction) => {
      const count = async (name: string, text: string) =>
        (await transaction.query({ name, text }, [runId])).rowCount;
      // Changes first: a row that the run both created and changed still belongs to the run and is deleted below.
      const restored = {
        members: await count('restore_members', restore('members')),
        member_employments: await count('restore_employments', restore('member_employments')),
      };
      const deleted = { file_attachments: 0, organization_contacts: 0, member_employments: 0, members: 0 };
      for (const table of createdIn) {
        deleted[table] = await count(`delete_${table}`, remove(table));
      }
      return { restored, deleted };
    },
    { name: 'clean_up' },
  );
  if (value === undefined) throw new Error(`the clean-up of run ${runId} failed: ${error?.message}`);
  return value;
}

/** The runs whose rows are still there, because they were told to keep them or could not clean up. */
export async function findLeftByRuns(sql: SqlRunner): Promise<readonly LeftByRun[]> {
  const tagged = createdIn.map((table) => `SELECT run_id FROM ${schema}.${table} WHERE run_id IS NOT NULL`);
  const text = `SELECT run_id AS "runId", count(*)::int AS "rowCount"
    FROM (${tagged.join(' UNION ALL ')}) AS tagged GROUP BY run_id ORDER BY run_id`;
  const { rows, error } = await sql.query<LeftByRun>({ name: 'find_left_by_runs', text });
  if (error !== null) throw new Error(`cannot look for what runs have left: ${error.message}`);
  return rows;
}
