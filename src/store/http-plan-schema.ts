// The schema of the HTTP part of a plan. Only plan-schema.ts uses it.

import { z } from 'zod';
import { count, ms, text } from './schema-parts.ts';

const tlsVersion = z.enum(['tls1.0', 'tls1.1', 'tls1.2', 'tls1.3']);
export const tls = z
  .strictObject({
    servername: text.exactOptional(),
    insecureSkipVerify: z.boolean(),
    minVersion: tlsVersion.exactOptional(),
    maxVersion: tlsVersion.exactOptional(),
    ciphers: text.exactOptional(),
    legacyRenegotiation: z.literal(true).exactOptional(),
    sessionReuse: z.enum(['vu', 'worker', 'none']),
  })
  .describe('Without certificates and keys, which no record holds.');

/** Exactly `HttpPlan`. */
export const httpPlanSchema = z.strictObject({
  timeoutMs: ms,
  maxRedirects: count,
  redirectsTo: z.literal('same-origin').exactOptional(),
  redirectHeaders: z
    .strictObject({ keep: z.array(text).exactOptional(), drop: z.array(text).exactOptional() })
    .exactOptional(),
  headers: z.record(z.string(), z.string()),
  connectionsPerHost: count,
  version: z.enum(['auto', '1.1', '2']).exactOptional(),
  connectTimeoutMs: ms.exactOptional(),
  responseTimeoutMs: ms.exactOptional(),
  nameFromPath: z.enum(['template', 'path']).exactOptional(),
  retries: z.strictObject({ count, backoffMs: ms, on: z.array(z.union([z.number(), text])) }).exactOptional(),
  maxResponseBytes: count.exactOptional(),
  socketPath: text.exactOptional(),
  hosts: z.record(z.string(), text).exactOptional(),
  localAddresses: z.array(text).exactOptional(),
  dns: z
    .strictObject({
      ttlMs: ms,
      select: z.enum(['first', 'random', 'round-robin']),
      policy: z.enum(['preferIPv4', 'preferIPv6', 'onlyIPv4', 'onlyIPv6', 'any']),
    })
    .exactOptional(),
  proxy: text.exactOptional(),
  tls: tls.exactOptional(),
});
