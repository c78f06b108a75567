// The settings of Redis. See ../settings.ts.

import { UsageError } from '../../model/errors.ts';
import { directTo } from '../../network/destination.ts';
import { msOf } from '../../time/duration.ts';
import { clientTlsSchema, planClientTls, readTlsSecrets, recordedClientTls } from '../client-tls.ts';
import { connectionsText, keyByKey, type ProtocolSettings } from '../settings.ts';
import { isRedisUrl, parseRedisUrl, publicRedisUrl } from './redis-url.ts';
import type { RedisDefinition, RedisPlan, RedisSecrets } from './setting-types.ts';

const variable = 'REDIS_URL';

export const redis: ProtocolSettings<RedisDefinition, RedisPlan, RedisSecrets> = {
  name: 'redis',
  example: 'Redis settings such as { connections: { pool: 20 } }',
  shape: (words) => {
    const { connectionsOfUsers, duration, where } = words;
    return {
      url: where(
        (value) => typeof value === 'string' && isRedisUrl(value),
        'the URL of a Redis server such as "redis://127.0.0.1:6379/0"',
      ).optional(),
      connections: connectionsOfUsers.optional(),
      connectTimeout: duration(1).optional(),
      commandTimeout: duration(1).optional(),
      poolTimeout: duration(1).optional(),
      clientName: where(
        (value) => value === false || (typeof value === 'string' && /^[!-~]+$/.test(value)),
        'a name without spaces such as "plimsoll", or false',
      ).optional(),
      tls: clientTlsSchema(words).optional(),
    };
  },
  merge: keyByKey,
  server: {
    label: 'redis',
    noun: 'Redis server',
    variable,
    schemes: ['redis:', 'rediss:'],
    destinationOf(url) {
      const { host, port } = parseRedisUrl(url);
      return directTo(host, port);
    },
    describe: ({ connections }) => connectionsText(connections),
  },
  plan(settings) {
    // The schema has seen the URL of the suite; that of the variable was checked by nobody before.
    if (settings.url !== undefined && !isRedisUrl(settings.url)) {
      throw new UsageError(`${variable} is not the URL of a Redis server such as redis://127.0.0.1:6379/0`);
    }
    const tls = settings.tls ?? settings.url?.startsWith('rediss:') === true;
    return {
      ...(settings.url === undefined ? {} : { url: publicRedisUrl(settings.url) }),
      connections: settings.connections ?? 'per-vu',
      connectTimeoutMs: msOf(settings.connectTimeout ?? '10s'),
      commandTimeoutMs: msOf(settings.commandTimeout ?? '60s'),
      poolTimeoutMs: msOf(settings.poolTimeout ?? '30s'),
      clientName: settings.clientName === false ? '' : (settings.clientName ?? 'plimsoll'),
      ...(tls === false ? {} : { tls: planClientTls(tls) }),
    };
  },
  recorded: (words) => {
    const { connectionsOfUsers, ms, text, z } = words;
    return {
      url: text.exactOptional().describe('Without its password.'),
      connections: connectionsOfUsers,
      connectTimeoutMs: ms,
      commandTimeoutMs: ms,
      poolTimeoutMs: ms,
      clientName: text,
      tls: z.strictObject(recordedClientTls(words)).exactOptional(),
    };
  },
  async readSecrets(settings, { file }) {
    if (settings.url === undefined) return {};
    const password = decodeURIComponent(new URL(settings.url).password);
    const tls =
      typeof settings.tls === 'object' ? await readTlsSecrets(settings.tls, file, 'redis.tls') : undefined;
    return { ...(password === '' ? {} : { password }), ...(tls === undefined ? {} : { tls }) };
  },
  async check(plan, secrets, { guard }) {
    const { assertRedis } = await import('./reachable.ts');
    return { found: await assertRedis(plan, secrets, guard) };
  },
};
