// The driver that targets use, told to read URLs as libpq does. Called by the parts that connect to PostgreSQL.

import { Client, type ClientConfig } from 'pg';

/** The driver's own reading of `sslmode` is stricter than libpq's, and that of the load: `require` is `verify-full` to it. */
export function asLibpqReads(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  if (url.searchParams.has('sslmode')) url.searchParams.set('uselibpqcompat', 'true');
  return url.href;
}

/** A client, not connected yet, that a connection cut off by the server does not make end the process. */
export function createClient(databaseUrl: string, config: ClientConfig = {}): Client {
  const client = new Client({ ...config, connectionString: asLibpqReads(databaseUrl) });
  client.on('error', () => {});
  return client;
}
