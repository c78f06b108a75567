// Commands, pipelines, transactions and what is recorded of them, against a real server.

import { describe, expect, it } from 'vitest';
import { monotonicMs } from '../../time/clock.ts';
import { RedisError } from './redis-error.ts';
import { callsOf, connectUsers, serve } from './user-redis.cases.ts';

describe('commands', () => {
  it('answer with what the server has', async () => {
    const { url } = await serve();
    const { redis } = (await connectUsers(url)).user();
    expect(await redis.ping()).toBe('PONG');
    expect(await redis.set('a', 1)).toBe('OK');
    expect(await redis.set('a', 2, { nx: true })).toBeNull();
    expect(await redis.set('b', 'x', { ex: 100, get: true })).toBeNull();
    expect(await redis.ttl('b')).toBeGreaterThan(90);
    expect(await redis.incr('a')).toBe(2);
    expect(await redis.incrby('a', 10n as unknown as number)).toBe(12);
    expect(await redis.mset({ c: 'three', d: 'vier' })).toBe('OK');
    expect(await redis.mget('c', 'none', 'd')).toEqual(['three', null, 'vier']);
    expect(await redis.hset('h', { name: 'Ada', born: 1815 })).toBe(2);
    expect(await redis.hgetall('h')).toEqual({ name: 'Ada', born: '1815' });
    expect(await redis.rpush('l', 'x', 'ü', 'z')).toBe(3);
    expect(await redis.lrange('l', 0, -1)).toEqual(['x', 'ü', 'z']);
    expect(await redis.zadd('s', 1.5, 'm')).toBe(1);
    expect(await redis.zscore('s', 'm')).toBe('1.5');
    expect(await redis.del('a', 'b', 'none')).toBe(2);
    expect(await redis.command('XADD', 'events', '*', 'kind', 'view')).toMatch(/^\d+-\d+$/);
    expect(await redis.command('xlen', 'events')).toBe(1);
  });

  it('carry bytes both ways', async () => {
    const { url } = await serve();
    const { redis } = (await connectUsers(url)).user();
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    await redis.set('bytes', bytes);
    expect(await redis.with({ buffers: true }).get('bytes')).toEqual(Buffer.from(bytes));
  });

  it('that fail reject with a named error, and the user goes on', async () => {
    const { url } = await serve();
    const crowd = await connectUsers(url);
    const { redis } = crowd.user();
    await redis.set('text', 'x');
    const failure = await redis.lpush('text', 'y').catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(RedisError);
    expect(failure).toMatchObject({ code: 'WRONGTYPE', message: expect.stringMatching(/^lpush: WRONGTYPE/) });
    await expect(redis.command('nonsense')).rejects.toMatchObject({ code: 'ERR' });
    expect(await redis.get('text')).toBe('x');
    expect(crowd.failures).toEqual(['WRONGTYPE', 'ERR']);
    expect(crowd.count('redis_ops')).toBe(4);
    expect(crowd.count('redis_op_failed')).toBe(2);
    expect(crowd.count('redis_op_failed', { command: 'lpush', error_code: 'WRONGTYPE' })).toBe(1);
  });

  it('that would break the order of answers, or that say nothing, are refused before anything is sent', async () => {
    const { url } = await serve();
    const crowd = await connectUsers(url);
    const { redis } = crowd.user();
    await expect(redis.command('MONITOR')).rejects.toThrow(/settings of redis/);
    await expect(redis.command('subscribe', 'a')).rejects.toThrow(/redis.subscribe/);
    await expect(redis.command('client', 'reply', 'off')).rejects.toThrow(/needs its answer/);
    await expect(redis.command('set key', 'a')).rejects.toThrow(/not the name of a command/);
    await expect(redis.pipeline([['multi']])).rejects.toThrow(/redis.multi/);
    const missing = undefined as unknown as string;
    await expect(redis.set('a', missing)).rejects.toThrow('set: argument 2 must be text, a number or bytes');
    expect(crowd.count('redis_ops')).toBe(0);
    expect(await callsOf(url)).not.toHaveProperty('set');
  });

  it('count hits and misses of what they read', async () => {
    const { url } = await serve();
    const crowd = await connectUsers(url);
    const { redis } = crowd.user();
    await redis.mset({ a: 1, b: 2 });
    await redis.get('a');
    await redis.get('none');
    await redis.mget('a', 'b', 'none');
    await redis.hgetall('none');
    await redis.pipeline([
      ['get', 'b'],
      ['get', 'none'],
      ['incr', 'a'],
    ]);
    await redis.multi([
      ['get', 'b'],
      ['hgetall', 'none'],
    ]);
    const hits = crowd.meter.values('redis_hits');
    expect([hits.length, hits.filter((hit) => hit === 1).length]).toEqual([10, 5]);
    expect(crowd.meter.values('redis_hits', { command: 'mget' })).toEqual([1, 1, 0]);
  });

  it('of one user that are called at once are answered in order on one connection', async () => {
    const { url } = await serve();
    const crowd = await connectUsers(url);
    const { redis } = crowd.user();
    const numbers = await Promise.all(Array.from({ length: 50 }, () => redis.incr('n')));
    expect(numbers).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(crowd.meter.values('redis_connecting')).toHaveLength(1);
  });

  it('carry the tags and the name that they are given', async () => {
    const { url } = await serve();
    const crowd = await connectUsers(url);
    const { redis } = crowd.user();
    await redis
      .with({ tags: { cache: 'price' } })
      .with({ name: 'basket', tags: { tier: '1' } })
      .get('x');
    const tags = { cache: 'price', tier: '1', name: 'basket', command: 'get', scenario: 'default' };
    expect(crowd.count('redis_ops', tags)).toBe(1);
  });

  it('that open an arrival are measured from when it was due', async () => {
    const { url } = await serve();
    const crowd = await connectUsers(url);
    const user = crowd.user();
    user.due(monotonicMs() - 500);
    await user.redis.ping();
    await user.redis.ping();
    const [first, second] = crowd.meter.values('redis_op_duration');
    expect(first).toBeGreaterThanOrEqual(500);
    expect(second).toBeLessThan(first!);
    expect(crowd.meter.values('redis_op_service_time')).toHaveLength(1);
  });

  it('count the bytes that the server counts', async () => {
    const { url } = await serve();
    const crowd = await connectUsers(url);
    const { redis } = crowd.user();
    await redis.set('a', 'x'.repeat(1000));
    await redis.get('a');
    const stats = await redis.command<string>('info', 'stats');
    const sent = crowd.count('data_sent');
    expect(Number(/total_net_input_bytes:(\d+)/.exec(stats)![1])).toBeLessThanOrEqual(sent + 200);
    expect(sent).toBeGreaterThan(1000);
    expect(crowd.count('data_received')).toBeGreaterThan(1000 + stats.length);
  });
});

describe('pipelines and transactions', () => {
  it('give their answers in order, count each command, and measure their time once', async () => {
    const { url } = await serve();
    const crowd = await connectUsers(url);
    const { redis } = crowd.user();
    expect(
      await redis.pipeline([
        ['set', 'a', 1],
        ['incr', 'a'],
        ['hgetall', 'h'],
      ]),
    ).toEqual(['OK', 2, {}]);
    expect(
      await redis.multi([
        ['incr', 'a'],
        ['hset', 'h', 'f', 'v'],
        ['hgetall', 'h'],
      ]),
    ).toEqual([3, 1, { f: 'v' }]);
    expect(await redis.pipeline([])).toEqual([]);
    const calls = await callsOf(url);
    for (const command of ['set', 'incr', 'hgetall', 'hset', 'multi', 'exec']) {
      expect([command, crowd.count('redis_ops', { command })]).toEqual([command, calls[command]]);
    }
    expect(crowd.meter.values('redis_op_duration')).toHaveLength(2);
    expect(crowd.meter.values('redis_op_duration', { command: 'pipeline' })).toHaveLength(1);
    expect(crowd.meter.values('redis_op_duration', { command: 'transaction' })).toHaveLength(1);
  });

  it('reject with the first failure, or leave failures in their places', async () => {
    const { url } = await serve();
    const crowd = await connectUsers(url);
    const { redis } = crowd.user();
    const commands = [
      ['set', 'a', 'x'],
      ['incr', 'a'],
      ['get', 'a'],
    ] as const;
    await expect(redis.pipeline(commands)).rejects.toMatchObject({ code: 'ERR' });
    await expect(redis.multi(commands)).rejects.toMatchObject({ code: 'ERR' });
    const error = expect.objectContaining({ code: 'ERR' });
    expect(await redis.pipeline(commands, { throw: false })).toEqual(['OK', error, 'x']);
    expect(await redis.multi(commands, { throw: false })).toEqual(['OK', error, 'x']);
    expect(crowd.count('redis_op_failed')).toBe(4);
  });

  it('say what the server said of a transaction that it would not begin', async () => {
    const { url } = await serve();
    const crowd = await connectUsers(url);
    const { redis } = crowd.user();
    await expect(redis.multi([['set', 'a', 1], ['incr']])).rejects.toThrow(/wrong number of arguments/);
    expect(crowd.count('redis_op_failed')).toBe(3);
    expect(await redis.get('a')).toBeNull();
  });

  it('are null when a watched key has changed', async () => {
    const { url } = await serve();
    const crowd = await connectUsers(url);
    const [one, other] = [crowd.user(), crowd.user()];
    await one.redis.command('watch', 'a');
    await other.redis.set('a', 1);
    expect(await one.redis.multi([['incr', 'a']])).toBeNull();
    expect(await one.redis.multi([['incr', 'a']])).toEqual([2]);
    expect(crowd.count('redis_op_failed')).toBe(0);
  });
});

describe('a pool', () => {
  it('opens no more connections than it may have, and tells how long was waited', async () => {
    const { url } = await serve();
    const crowd = await connectUsers(url, { connections: { pool: 3 } });
    const users = Array.from({ length: 20 }, () => crowd.user());
    await Promise.all(users.map(({ redis }) => redis.command('blpop', 'nothing', '0.05')));
    expect(crowd.meter.values('redis_connecting')).toHaveLength(3);
    const waits = crowd.meter.values('redis_pool_wait');
    expect(waits).toHaveLength(20);
    // 20 waits of 50 ms over three connections: the last begins after six others.
    expect(Math.max(...waits)).toBeGreaterThanOrEqual(290);
    expect(Math.max(...crowd.meter.values('redis_op_duration'))).toBeLessThan(Math.max(...waits));
  });

  it('lets those fail that wait too long, and serves the others', async () => {
    const { url } = await serve();
    const crowd = await connectUsers(url, { connections: { pool: 1 }, poolTimeoutMs: 50 });
    const [one, other] = [crowd.user(), crowd.user()];
    const slow = one.redis.command('blpop', 'nothing', '0.5');
    await expect(other.redis.ping()).rejects.toMatchObject({ code: 'redis_pool_timeout' });
    await slow;
    expect(await other.redis.ping()).toBe('PONG');
    await expect(one.redis.command('watch', 'a')).rejects.toThrow(/per-vu/);
  });

  it('waits for weeks where it may', async () => {
    const { url } = await serve();
    const weeksMs = 30 * 86_400_000;
    const limits = { connectTimeoutMs: weeksMs, commandTimeoutMs: weeksMs, poolTimeoutMs: weeksMs };
    const crowd = await connectUsers(url, { connections: { pool: 1 }, ...limits });
    const slow = crowd.user().redis.command('blpop', 'nothing', '0.2');
    expect(await crowd.user().redis.ping()).toBe('PONG');
    expect(await slow).toBeNull();
    expect(crowd.failures).toEqual([]);
  });
});

describe('the end of a user', () => {
  it('cuts off what was sent, which the server has got, and forgets what was not', async () => {
    const { url } = await serve();
    for (const connections of ['per-vu', { pool: 2 }] as const) {
      const before = (await callsOf(url)).incr ?? 0;
      const crowd = await connectUsers(url, { connections });
      const users = Array.from({ length: 5 }, () => crowd.user());
      await Promise.all(users.map(({ redis }) => redis.ping()));
      const last = users.map(({ redis }) => redis.incr('n').catch((thrown: Error) => thrown.name));
      await crowd.end();
      expect(await Promise.all(last)).toEqual(Array.from({ length: 5 }, () => 'StoppedError'));
      const sent = crowd.count('redis_ops', { command: 'incr', error_code: 'aborted' });
      expect(sent).toBe(connections === 'per-vu' ? 5 : 2);
      expect((await callsOf(url)).incr! - before).toBe(sent);
      expect(crowd.meter.values('redis_op_duration', { command: 'incr' })).toEqual([]);
      expect(crowd.meter.waits.get('redis_op_duration')).toHaveLength(5);
      await expect(users[0]!.redis.ping()).rejects.toThrow('the virtual user was stopped');
    }
  });

  it('that has just begun to connect leaves nothing open, and counts nothing', async () => {
    const { url } = await serve();
    for (const connections of ['per-vu', { pool: 1 }] as const) {
      const crowd = await connectUsers(url, { connections });
      const user = crowd.user();
      const first = user.redis.incr('n').catch((thrown: Error) => thrown.name);
      await crowd.end();
      expect(await first).toBe('StoppedError');
      expect(crowd.count('redis_ops')).toBe(0);
    }
    expect(await callsOf(url)).not.toHaveProperty('incr');
  });

  it('for a cause makes what is open fail for that cause', async () => {
    const { url } = await serve();
    const crowd = await connectUsers(url);
    const user = crowd.user();
    await user.redis.ping();
    const open = user.redis.command('blpop', 'nothing', 0).catch((thrown: Error) => thrown.name);
    user.close({ code: 'iteration_timeout', message: 'too long' });
    expect(await open).toBe('StoppedError');
    expect(crowd.count('redis_op_failed', { error_code: 'iteration_timeout' })).toBe(1);
  });
});
