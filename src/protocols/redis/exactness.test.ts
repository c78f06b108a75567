// Answers as the server has them, and servers that are no Redis but stand before one.

import { describe, expect, it } from 'vitest';
import { assertRedis } from './reachable.ts';
import type { RedisPlan } from './setting-types.ts';
import { callsOf, connectUsers, serve, serveRaw } from './user-redis.cases.ts';

const edges = [
  9007199254740990n,
  9007199254740991n,
  9007199254740992n,
  9007199254740993n,
  9223372036854775807n,
  -9007199254740991n,
  -9007199254740993n,
  -9223372036854775808n,
  0n,
  -1n,
];

describe('integers', () => {
  it('are exact: numbers up to 2^53, bigints beyond, wherever they stand in an answer', async () => {
    const { url } = await serve();
    const { redis } = (await connectUsers(url)).user();
    for (const edge of edges) {
      const expected = Number.isSafeInteger(Number(edge)) ? Number(edge) : edge;
      await redis.set('n', edge);
      expect(await redis.get('n')).toBe(String(edge));
      expect(await redis.incrby('n', 0)).toBe(expected);
      expect(
        await redis.pipeline([
          ['incrby', 'n', 0],
          ['get', 'n'],
        ]),
      ).toEqual([expected, String(edge)]);
      expect(
        await redis.multi([
          ['incrby', 'n', 0],
          ['get', 'n'],
        ]),
      ).toEqual([expected, String(edge)]);
      expect(await redis.with({ buffers: true }).incrby('n', 0)).toBe(expected);
    }
  });

  it('that come as texts stay texts, whatever they look like', async () => {
    const { url } = await serve();
    const { redis } = (await connectUsers(url)).user();
    expect(await redis.command('eval', "return {1, {'x', -2}}", 0)).toEqual([1, ['x', -2]]);
    await redis.hset('h', { '12': '0012', n: '9007199254740993' });
    expect(await redis.hget('h', '12')).toBe('0012');
    expect(await redis.multi([['hgetall', 'h'], ['get', 'none'], ['ping']])).toEqual([
      { '12': '0012', n: '9007199254740993' },
      null,
      'PONG',
    ]);
    expect(await redis.command('eval', "return redis.status_reply('12')", 0)).toBe('12');
    const bytes = redis.with({ buffers: true });
    expect(
      await bytes.multi([
        ['hget', 'h', '12'],
        ['hlen', 'h'],
      ]),
    ).toEqual([Buffer.from('0012'), 2]);
    const subscription = await redis.subscribe('news');
    await redis.publish('news', '42');
    expect((await subscription.next())?.message).toBe('42');
  });

  it('are arguments as they are', async () => {
    const { url } = await serve();
    const { redis } = (await connectUsers(url)).user();
    await redis.set('id', 9007199254740993n);
    expect(await redis.get('id')).toBe('9007199254740993');
    expect(await redis.command('INCRBY', 'id', 2n)).toBe(9007199254740995n);
  });
});

/** Commands as a server reads them: the words of each. */
function wordsOf(text: string): string[][] {
  const parts = text.split('\r\n');
  const commands: string[][] = [];
  for (let at = 0; at < parts.length && parts[at]!.startsWith('*'); ) {
    const count = Number(parts[at]!.slice(1));
    commands.push(Array.from({ length: count }, (_, i) => parts[at + 2 + 2 * i]!));
    at += 1 + 2 * count;
  }
  return commands;
}

const planOf = (url: string, more: Partial<RedisPlan> = {}): RedisPlan => ({
  ...{ url, connections: 'per-vu', connectTimeoutMs: 2000, commandTimeoutMs: 2000, poolTimeoutMs: 2000 },
  ...{ clientName: 'plimsoll', ...more },
});

/** Knows no more than PING and GET: other commands are refused, or end the connection, as twemproxy does. */
async function serveProxy(manner: 'refuses' | 'hangs up') {
  const seen: string[] = [];
  const proxy = await serveRaw((socket, text) => {
    for (const [name = ''] of wordsOf(text)) {
      seen.push(name.toLowerCase());
      if (/^ping$/i.test(name)) socket.write('+PONG\r\n');
      else if (/^get$/i.test(name)) socket.write('$2\r\n42\r\n');
      else if (manner === 'refuses') socket.write(`-ERR unknown command '${name}'\r\n`);
      else socket.destroy();
    }
  });
  return { ...proxy, seen };
}

describe('a proxy before the server', () => {
  it.each(['refuses', 'hangs up'] as const)(
    'that knows neither SELECT nor CLIENT and %s is used without',
    async (manner) => {
      const { url, seen } = await serveProxy(manner);
      const found = await assertRedis(planOf(url), {});
      expect(found).toEqual(manner === 'hangs up' ? { nameless: true } : {});
      const crowd = await connectUsers(url, {}, found);
      expect(await crowd.user().redis.get('a')).toBe('42');
      expect(seen).not.toContain('select');
      expect(crowd.failures).toEqual([]);
    },
  );

  it('gets no name where the suite says so', async () => {
    const { url, seen } = await serveProxy('hangs up');
    expect(await assertRedis(planOf(url, { clientName: '' }), {})).toEqual({});
    const crowd = await connectUsers(url, { clientName: '' });
    expect(await crowd.user().redis.get('a')).toBe('42');
    expect(seen.filter((name) => name !== 'ping' && name !== 'get')).toEqual([]);
  });
});

describe('the check before the load', () => {
  it('sends nothing that counts as a command of the suite, and selects database 0 never', async () => {
    const { url } = await serve();
    const before = await callsOf(url);
    await assertRedis(planOf(url), {});
    const { 'client|setname': names, info: _, ...others } = await callsOf(url);
    expect(names).toBeGreaterThan(0);
    const { info: _info, ...unchanged } = before;
    expect(others).toEqual(unchanged);
    await assertRedis(planOf(url.replace(/\/0$/, '/1')), {});
    expect(await callsOf(url)).toMatchObject({ select: expect.any(Number) });
  });

  it.each([
    ['-NOAUTH Authentication required.\r\n', 'NOAUTH'],
    ['-LOADING Redis is loading the dataset in memory\r\n', 'LOADING'],
    ['-DENIED Redis is running in protected mode\r\n', 'DENIED'],
  ])('tells of a server that answers everything with %s', async (answer, code) => {
    const { url } = await serveRaw((socket) => socket.write(answer));
    await expect(assertRedis(planOf(url), {})).rejects.toThrow(code);
  });

  it('tells of a server that hangs up whatever comes', async () => {
    const { url } = await serveRaw((socket) => socket.destroy());
    await expect(assertRedis(planOf(url), {})).rejects.toThrow(/cannot be used/);
  });
});

describe('answers that were not asked for', () => {
  // The library would crash the process for one that is nothing, and take others for answers to later commands.
  it.each(['$-1', '*-1', ':7', '+OK', '-ERR x', '*1\r\n:1'])('end the connection: %s', async (unasked) => {
    const { url } = await serveRaw((socket, text) => {
      for (const [name = ''] of wordsOf(text)) {
        socket.write(/^get$/i.test(name) ? `$1\r\na\r\n${unasked}\r\n` : '+OK\r\n');
      }
    });
    const crowd = await connectUsers(url);
    const { redis } = crowd.user();
    expect(await redis.get('k')).toBe('a');
    const next = await Promise.all(
      [redis.set('x', 1), redis.set('y', 2)].map((one) => one.catch((e: Error) => e)),
    );
    for (const answer of next) {
      if (answer instanceof Error) expect(answer).toMatchObject({ code: 'redis_protocol_error' });
      else expect(answer).toBe('OK');
    }
    expect(await redis.set('z', 3)).toBe('OK');
  });
});

describe('refusals of the server', () => {
  it.each([
    ['MOVED 3999 127.0.0.1:6381', 'MOVED', 'a node of a cluster'],
    ['ASK 3999 127.0.0.1:6381', 'ASK', 'a node of a cluster'],
    ["READONLY You can't write against a read only replica.", 'READONLY', 'replica'],
    ['LOADING Redis is loading the dataset in memory', 'LOADING', 'loading'],
    ['WRONGPASS invalid username-password pair', 'WRONGPASS', 'invalid'],
  ])('are named: %s', async (words, code, said) => {
    const { url } = await serveRaw((socket, text) => {
      for (const [name = ''] of wordsOf(text))
        socket.write(/^client$/i.test(name) ? '+OK\r\n' : `-${words}\r\n`);
    });
    const { redis } = (await connectUsers(url)).user();
    await expect(redis.set('a', 1)).rejects.toMatchObject({ code, message: expect.stringContaining(said) });
    const [first] = await redis.pipeline([['get', 'a']], { throw: false });
    expect(first).toMatchObject({ code });
  });
});
