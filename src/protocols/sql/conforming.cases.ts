// One SQL statement, for the tests that all protocols run.

import { afterAll } from 'vitest';
import type { RunningPostgres } from '../../target-kit/postgres.ts';
import { createClient } from '../../target-kit/postgres-client.ts';
import { atEnd } from '../http/keeping-client.cases.ts';
import type { ConformingCase } from '../protocol.cases.ts';
import { startTestServer } from './sql.cases.ts';

let server: RunningPostgres | undefined;
afterAll(() => server?.stop());

export const conforming: ConformingCase = {
  name: 'sql',
  metrics: {
    count: 'sql_ops',
    failed: 'sql_op_failed',
    duration: 'sql_op_duration',
    serviceTime: 'sql_op_service_time',
  },
  async start() {
    server ??= await startTestServer();
    const observer = createClient(server.url);
    await observer.connect();
    await observer.query('DROP SEQUENCE IF EXISTS seen');
    await observer.query('CREATE SEQUENCE seen');
    atEnd(() => observer.end());
    return {
      port: Number(new URL(server.url).port),
      async seen() {
        const { rows } = await observer.query<{ last_value: string }>('SELECT last_value FROM seen');
        return Number(rows[0]!.last_value);
      },
    };
  },
  settings(port, timeoutMs) {
    const url = new URL(server!.url);
    url.port = String(port);
    return { sql: { url: url.href, statementTimeout: timeoutMs, serverTimeout: false } };
  },
  operate: async ({ sql }) => (await sql.query("SELECT nextval('seen')")).error?.code ?? null,
};
