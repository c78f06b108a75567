// What connecting needs and no record may hold, by protocol. The coordinator reads it (suite/protocol-secrets.ts) and the
// engine hands it to the workers beside the plan; nothing between the two looks inside.

import type { HttpSecrets } from './http-secrets.ts';
import type { RedisSecrets } from './redis-settings.ts';
import type { SqlSecrets } from './sql-settings.ts';

export interface ProtocolSecrets {
  readonly http: HttpSecrets;
  readonly sql: SqlSecrets;
  readonly redis: RedisSecrets;
}
