// The schema of `redis`: how virtual users talk to a Redis server, in a suite, a profile or an environment.

import type { RedisDefinition } from '../model/redis-settings.ts';
import { isRedisUrl } from './redis-settings.ts';
import {
  chosenBy,
  connectionsOfUsers,
  duration,
  flag,
  type ShapeOf,
  strictObject,
  where,
} from './schema-fields.ts';
import { clientTls } from './schema-http.ts';

const redisUrl = where(
  (value) => typeof value === 'string' && isRedisUrl(value),
  'the URL of a Redis server such as "redis://127.0.0.1:6379/0"',
);

const redisShape = {
  url: redisUrl.optional(),
  connections: connectionsOfUsers.optional(),
  connectTimeout: duration(1).optional(),
  commandTimeout: duration(1).optional(),
  poolTimeout: duration(1).optional(),
  clientName: where(
    (value) => value === false || (typeof value === 'string' && /^[!-~]+$/.test(value)),
    'a name without spaces such as "plimsoll", or false',
  ).optional(),
  tls: chosenBy((value) => (typeof value === 'object' && value !== null ? clientTls : flag)).optional(),
} satisfies ShapeOf<RedisDefinition>;

export const redisSchema = strictObject(redisShape, 'Redis settings such as { connections: { pool: 20 } }');
