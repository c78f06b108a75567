// The schema of the database part of a plan. Only plan-schema.ts uses it.

import { z } from 'zod';
import { tls } from './http-plan-schema.ts';
import { count, ms, text } from './schema-parts.ts';

/** Exactly `SqlPlan`. */
export const sqlPlanSchema = z.strictObject({
  url: text.exactOptional().describe('Without its password.'),
  connections: z.union([z.literal('per-vu'), z.strictObject({ pool: count })]),
  connectTimeoutMs: ms,
  statementTimeoutMs: ms,
  serverTimeout: z.boolean(),
  poolTimeoutMs: ms,
  applicationName: text,
  retries: count,
  prepare: z
    .boolean()
    .exactOptional()
    .describe('Whether statements are prepared under names; absent: when no pooler was found.'),
  readOnly: z.boolean(),
  marker: text.exactOptional(),
  tls: tls.omit({ sessionReuse: true }).exactOptional(),
});
