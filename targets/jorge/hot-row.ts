// A row that everything locks, as a knob of the Jorge system plants it. Called by target.ts and api.ts.

import type { Database, Query, Statement } from '../../src/target-kit/database.ts';
import { createClient } from '../../src/target-kit/postgres-client.ts';
import { schemaName } from './schema.ts';

const countUse: Statement = {
  name: 'count-use',
  text: 'UPDATE use_counts SET calls = calls + 1 WHERE id = 1',
};

/** Makes the row that `throughHotRow` counts in. */
export async function prepareHotRow(databaseUrl: string): Promise<void> {
  const client = createClient(databaseUrl);
  await client.connect();
  try {
    await client.query(
      `CREATE TABLE IF NOT EXISTS ${schemaName}.use_counts (id int PRIMARY KEY, calls bigint NOT NULL);
      INSERT INTO ${schemaName}.use_counts VALUES (1, 0) ON CONFLICT DO NOTHING`,
    );
  } finally {
    await client.end().catch(() => {});
  }
}

/** Runs `work` in a transaction that first counts it in the row of all, and so holds that row until its end. */
export function throughHotRow<Result>(
  database: Database,
  work: (query: Query) => Promise<Result>,
): Promise<Result> {
  return database.transaction(async (query) => {
    await query(countUse);
    return await work(query);
  });
}
