// The schema of the Redis part of a plan. Only plan-schema.ts uses it.

import { z } from 'zod';
import { tls } from './http-plan-schema.ts';
import { count, ms, text } from './schema-parts.ts';

/** Exactly `RedisPlan`. */
export const redisPlanSchema = z.strictObject({
  url: text.exactOptional().describe('Without its password.'),
  connections: z.union([z.literal('per-vu'), z.strictObject({ pool: count })]),
  connectTimeoutMs: ms,
  commandTimeoutMs: ms,
  poolTimeoutMs: ms,
  clientName: text,
  tls: tls.omit({ sessionReuse: true }).exactOptional(),
});
