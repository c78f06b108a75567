// Reads what each protocol needs to connect and no record may hold. Called by run/check-target.ts, before anything is
// contacted.

import type { ProtocolSecrets } from '../model/protocol-secrets.ts';
import { readHttpSecrets } from './http-settings.ts';
import { readRedisSecrets } from './redis-settings.ts';
import { readSqlSecrets } from './sql-settings.ts';
import type { LoadedSuite } from './suite.ts';

/** Throws a `SuiteError` when a certificate cannot be read, or does not fit its key. */
export async function readProtocolSecrets(
  { definition, file, env }: Pick<LoadedSuite, 'definition' | 'file' | 'env'>,
  profile: string,
): Promise<ProtocolSecrets> {
  return {
    http: await readHttpSecrets(definition, profile, file, env),
    sql: await readSqlSecrets(definition, profile, file, env),
    redis: await readRedisSecrets(definition, profile, file),
  };
}
