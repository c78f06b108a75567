// What is known of Redis without its client. See ../facts.ts.

import { clientOf, counter, lazily, type ProtocolFacts, rate, settingsOf, time } from '../facts.ts';
import type { RedisClient } from './redis.ts';
import type { RedisSettings } from './setting-types.ts';

const command = { noun: 'Redis command', follows: 'redis_op_duration' } as const;
const figures = ['redis_ops', 'redis_op_duration', 'redis_op_failed', 'redis_hits'];

const commandForm = {
  fits: (value: string): boolean => value === value.toLowerCase(),
  expected: 'a command in lower case, such as get',
};

export const redis = {
  name: 'redis',
  title: 'Redis',
  ...clientOf<RedisClient>(),
  ...settingsOf<RedisSettings>(),
  load: lazily(() => import('./protocol.ts')),
  settings: { absent: 'this suite has no Redis server: give it a key `redis`' },
  hasTlsSettings: true,
  inHooks: true,
  metrics: {
    /** One per Redis command, those of pipelines and transactions among them. */
    redis_ops: counter('Redis commands', command),
    redis_op_failed: rate('failed Redis commands', command),
    /** Of a pipeline or transaction as a whole: one value, tagged `command:pipeline` or `command:transaction`. */
    redis_op_duration: time('Redis command time', command),
    /** As `http_req_service_time`. */
    redis_op_service_time: time('service time of Redis commands', command),
    /** Of values asked for: those that were there. */
    redis_hits: rate('Redis hits'),
    /** Until a connection was ready for commands. */
    redis_connecting: time('Redis connecting time'),
    /** Until a command had a connection of the pool, opening it included. */
    redis_pool_wait: time('wait for a Redis connection', { follows: 'redis_op_duration' }),
    redis_msgs_received: counter('Redis messages received'),
  },
  operation: {
    kind: 'command',
    count: 'redis_ops',
    failed: 'redis_op_failed',
    duration: 'redis_op_duration',
    noun: 'Redis command',
    perSec: 'commands/s',
    colour: 3,
    table: {
      id: 'commands',
      title: 'Redis commands',
      heading: 'Command',
      by: 'command',
      more: { title: 'Hits', metric: 'redis_hits' },
    },
  },
  outcomes: [{ failed: 'redis_op_failed', noun: 'Redis command' }],
  errorsAmong: ['redis_ops'],
  judgedWhenCut: ['redis_op_duration'],
  breakdowns: [
    { metrics: figures, by: ['user', 'task', 'command'] },
    { metrics: figures, by: ['user', 'task', 'command', 'name'] },
    { metrics: ['redis_op_failed'], by: ['error_code'] },
  ],
  tags: { command: { noun: 'command', form: commandForm }, name: {}, error_code: { isOutcome: true } },
  errors: [
    {
      pattern: /^redis_pool_timeout$/,
      meaning: 'No connection of the pool was free in time.',
      advice:
        'Commands waited for a connection: give redis.connections.pool more, or see why commands take long.',
    },
    {
      pattern: /^redis_protocol_error$/,
      meaning: 'The answer is not one of a Redis server.',
      advice:
        'The server does not use the Redis protocol: check the port, and whether it requires TLS (rediss://).',
    },
    {
      pattern: /^(NOAUTH|WRONGPASS|NOPERM)$/,
      meaning: 'The Redis server did not let us in, or not do this.',
      advice:
        'Redis refuses the credentials: check user and password in REDIS_URL or redis.url, and its ACL.',
    },
    {
      pattern: /^OOM$/,
      meaning: 'The Redis server has used all the memory it may (maxmemory).',
      advice: 'Redis is full: raise maxmemory, choose a policy that evicts, or let keys expire.',
    },
    {
      pattern: /^LOADING$/,
      meaning: 'The Redis server was still reading its data.',
      advice: 'Redis was starting: start the load later, or look for the restart in its log.',
    },
    {
      pattern: /^(READONLY|MOVED|ASK|CLUSTERDOWN)$/,
      meaning: 'The key, or the right to write it, is with another Redis server.',
      advice: 'The server is a replica or one of a cluster: name the server that has the keys and may write.',
    },
  ],
} as const satisfies ProtocolFacts;
