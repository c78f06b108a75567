// What knobs make the Jorge system do beside its work: CPU time on the event loop, heap that is never given back, and a
// row that everything locks. Called by target.ts.

import type { Database, Query, Statement } from '../../src/target-kit/database.ts';
import { createClient } from '../../src/target-kit/postgres-client.ts';
import { schemaName } from './schema.ts';

/** Takes so many ms of CPU time on the event loop, as a calculation does; longer where the machine is busy. */
export function burnCpu(ms: number): void {
  const before = process.cpuUsage();
  const usedMs = () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  let value = 0.5;
  while (usedMs() < ms) {
    for (let i = 0; i < 10_000; i++) value = Math.sqrt(value + 1);
  }
  if (value < 0) throw new Error('unreachable');
}

interface Kept {
  readonly at: number;
  readonly words: readonly string[];
}

const entryBytes = 1000;

/** A list to which each request adds and from which nobody takes: entries of about 1 KB of small objects. */
export function createLeak(kilobytes: number): () => void {
  const kept: Kept[] = [];
  return () => {
    for (let i = 0; i < kilobytes; i++) {
      const words = Array.from({ length: entryBytes / 40 }, (_, k) => `request ${kept.length} word ${k}`);
      kept.push({ at: performance.now(), words });
    }
  };
}

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
