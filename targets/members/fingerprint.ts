// One number for all rows of the members system, to tell whether two databases hold the same. Used by tests.

import type { Client } from 'pg';
import { schemaName, tableNames } from './tables.ts';

/**
 * A sum of 64-bit hashes over the text of each row, per table: the order of rows does not count, and nothing
 * is sorted or held in memory. Equal for equal rows on every PostgreSQL version; the marker table is left out.
 */
export async function fingerprint(client: Client): Promise<Record<string, string>> {
  await client.query(`SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'`);
  const sums = tableNames.map(
    (name) =>
      `(SELECT coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM ${schemaName}.${name} AS t) AS ${name}`,
  );
  const result = await client.query<Record<string, string>>(`SELECT ${sums.join(', ')}`);
  return result.rows[0]!;
}
