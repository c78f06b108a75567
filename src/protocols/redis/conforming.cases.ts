// One Redis command, for the tests that all protocols run.

import { Redis } from 'ioredis';
import { atEnd } from '../http/keeping-client.cases.ts';
import type { ConformingCase } from '../protocol.cases.ts';
import { RedisError } from './redis-error.ts';
import { serve } from './user-redis.cases.ts';

export const conforming: ConformingCase = {
  name: 'redis',
  metrics: {
    count: 'redis_ops',
    failed: 'redis_op_failed',
    duration: 'redis_op_duration',
    serviceTime: 'redis_op_service_time',
  },
  async start() {
    const { url } = await serve();
    const observer = new Redis(url);
    atEnd(() => observer.disconnect());
    return { port: Number(new URL(url).port), seen: async () => Number(await observer.get('seen')) };
  },
  settings: (port, timeoutMs) => ({ redis: { url: `redis://127.0.0.1:${port}`, commandTimeout: timeoutMs } }),
  operate: ({ redis }) =>
    redis.incr('seen').then(
      () => null,
      (thrown: Error) => {
        if (thrown instanceof RedisError) return thrown.code;
        throw thrown;
      },
    ),
};
