// What the settings of a protocol plan, a record can hold: with nothing but defaults, and with all that can be said.

import { expect, test } from 'vitest';
import type { HttpDefinition } from '../model/http-settings.ts';
import type { RedisDefinition } from '../protocols/redis/setting-types.ts';
import { protocolSettings } from '../protocols/settings-registry.ts';
import type { SqlDefinition } from '../protocols/sql/setting-types.ts';
import type { TcpDefinition } from '../protocols/tcp/tcp.ts';
import { planSchema } from './plan-schema.ts';

const tls = {
  servername: 'shop.test',
  insecureSkipVerify: true,
  minVersion: 'tls1.2',
  maxVersion: 'tls1.3',
  ciphers: 'DEFAULT',
  legacyRenegotiation: true,
} as const;
const http: readonly HttpDefinition[] = [
  {},
  { redirects: 0 },
  { redirects: 'same-origin' },
  { redirects: 'all', redirectHeaders: { drop: ['x-tenant'] } },
  { redirectHeaders: { keep: ['x-trace-token'], drop: ['x-tenant'] } },
  { timeout: { connect: '1s', response: '2s' }, retries: { count: 1 }, dns: { ttl: '1m' } },
  { proxy: 'http://u:p@h:3128', version: '2', nameFromPath: 'path', maxResponseSize: '1MB', tls },
  {
    socketPath: '/run/shop',
    hosts: { shop: '10.0.0.1' },
    localAddresses: ['127.0.0.2'],
    headers: { a: 'b' },
  },
];
const sql: readonly SqlDefinition[] = [
  {},
  { url: 'postgresql://u:p@h/db', connections: { pool: 5 }, statementTimeout: '1s', prepare: true, tls },
  { applicationName: 'load', retries: 2, readOnly: true, marker: 'public.mine', serverTimeout: false },
];
const redis: readonly RedisDefinition[] = [
  {},
  { url: 'rediss://u:p@h/1', connections: { pool: 5 }, clientName: 'load', commandTimeout: '1s', tls },
];
const tcp: readonly TcpDefinition[] = [{}, { connectTimeout: '1s', timeout: 500, maxAnswerSize: '1MB' }];
const examples: Readonly<Record<string, readonly object[]>> = { http, sql, redis, tcp };

test.each(protocolSettings.map((one) => [one.name, one] as const))(
  'a record can hold the plan of %s',
  (name, { plan }) => {
    expect(examples[name]!.length).toBeGreaterThan(1);
    for (const written of examples[name]!) {
      const planned = plan(written);
      expect(planSchema.shape[name as 'sql'].parse(planned)).toEqual(planned);
    }
  },
);
