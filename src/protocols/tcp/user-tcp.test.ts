// Answers by delimiter and by length, limits, and connections that break, against servers on loopback.

import net from 'node:net';
import { expect, test } from 'vitest';
import type { Plan } from '../../model/plan.ts';
import { makePlan } from '../../plan/plan.ts';
import { findMistakes } from '../../suite/schema.ts';
import { Cookies } from '../http/cookies.ts';
import { atEnd, KeepingMeter, listen } from '../http/keeping-client.cases.ts';
import { Scope } from '../scope.ts';
import { protocol } from './protocol.ts';
import { tcp } from './settings.ts';
import type { TcpClient, TcpDefinition } from './tcp.ts';

/** A server that treats each connection so, and a user of it. */
async function connectTo(handler: (socket: net.Socket) => unknown, settings: TcpDefinition = {}) {
  const port = await listen(net.createServer((socket) => void handler(socket)));
  const meter = new KeepingMeter();
  const failures: string[] = [];
  const opened = await protocol.open(
    {
      plan: { tcp: tcp.plan(settings) } as Plan,
      secrets: { http: {} },
      userAgent: 'plimsoll/test',
      guard: undefined,
      worker: 0,
      onFailure: (_tags, code) => failures.push(code),
      onWarning() {},
    },
    new Map(),
  );
  const user = {
    scope: new Scope(meter, { user: 'u', task: 't' }, () => {}),
    cookies: new Cookies(),
    takeScheduledAtMs: () => -1,
  };
  const own = opened.connect(user, []);
  atEnd(async () => {
    own.close();
    await opened.close();
  });
  return { tcp: own.client as TcpClient, address: `127.0.0.1:${port}`, meter, failures };
}

test('answers end at their delimiter, wherever the network parts them', async () => {
  const { tcp, address } = await connectTo(async (socket) => {
    for (const piece of ['one\r', '\ntw', 'o\r\nthree', '\r\n']) {
      socket.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
  const connection = await tcp.connect(address);
  for (const expected of ['one\r\n', 'two\r\n', 'three\r\n']) {
    expect((await connection.read({ until: '\r\n' })).text()).toBe(expected);
  }
});

test('answers of a length are bytes, and what is left stays for the next', async () => {
  const { tcp, address, meter } = await connectTo((socket) => {
    socket.on('data', (bytes) => socket.write(Buffer.concat([bytes, Buffer.from([0, 255]), bytes])));
  });
  const connection = await tcp.connect(address, { name: 'echo' });
  expect((await connection.request('abc', { length: 5 })).bytes).toEqual(Buffer.from([97, 98, 99, 0, 255]));
  expect((await connection.read({ length: 3, name: 'rest' })).text()).toBe('abc');
  expect(meter.values('tcp_reqs', { name: 'echo' })).toEqual([1]);
  expect(meter.values('tcp_reqs', { name: 'rest' })).toEqual([1]);
  expect(meter.values('data_sent')).toEqual([3]);
  expect(meter.values('data_received').reduce((sum, value) => sum + value, 0)).toBe(8);
});

test('a connection that the server closes fails the read, and those after it', async () => {
  const { tcp, address, failures } = await connectTo((socket) => socket.end('half'));
  const connection = await tcp.connect(address);
  expect(await connection.read({ until: '\n' })).toMatchObject({
    ok: false,
    error: { code: 'connection_closed' },
  });
  expect(connection).toMatchObject({ closed: true, error: { code: 'connection_closed' } });
  expect(connection.write('more')).toBe(false);
  expect((await connection.read({ length: 1 })).error?.code).toBe('connection_closed');
  expect(failures).toEqual(['connection_closed', 'connection_closed']);
});

test('an answer without an end is given up at the size limit', async () => {
  const { tcp, address, failures } = await connectTo((socket) => socket.write('x'.repeat(5000)));
  const connection = await tcp.connect(address, { maxAnswerSize: '1KB' });
  expect((await connection.read({ until: '\n' })).error?.code).toBe('tcp_answer_too_large');
  expect(failures).toEqual(['tcp_answer_too_large']);
});

test('limits of the suite hold where a connection has none of its own', async () => {
  const settings = { timeout: 30, maxAnswerSize: '1KB' };
  const silent = await connectTo(() => {}, settings);
  const connection = await silent.tcp.connect(silent.address);
  expect((await connection.read({ until: '\n' })).error).toMatchObject({
    code: 'timeout',
    message: 'no complete answer within 30 ms',
  });
  const endless = await connectTo((socket) => socket.write('x'.repeat(5000)), { ...settings, timeout: '1m' });
  const own = await endless.tcp.connect(endless.address, { maxAnswerSize: '1MB' });
  expect((await own.read({ length: 5000 })).ok).toBe(true);
  const other = await endless.tcp.connect(endless.address);
  expect((await other.read({ until: '\n' })).error?.code).toBe('tcp_answer_too_large');
});

test('settings of a suite and a profile are one, and mistakes in them are told', () => {
  const suite = {
    name: 'quotes',
    users: { device: { tasks: { ask: { run: () => {} } } } },
    tcp: { timeout: '2s', connectTimeout: '1s' },
    profiles: { smoke: { executor: 'constant-vus', vus: 1, duration: '1s', tcp: { timeout: '5s' } } },
  } as const;
  const plan = makePlan(suite, 'smoke', { workers: 1, seed: 1, environment: 'local' });
  expect(plan.tcp).toEqual({ timeoutMs: 5000, connectTimeoutMs: 1000 });
  const { tcp: _, ...silent } = suite;
  const { tcp: __, ...smoke } = suite.profiles.smoke;
  const withNone = { ...silent, profiles: { smoke } };
  expect(makePlan(withNone, 'smoke', { workers: 1, seed: 1, environment: 'local' }).tcp).toBeUndefined();
  expect(findMistakes({ ...suite, tcp: { maxAnswerSize: 'big', timeuot: 1 } })).toMatchObject([
    { path: 'tcp.maxAnswerSize', expected: 'a size such as "1MB" or 65536' },
    { path: 'tcp.timeuot', suggestion: 'timeout' },
  ]);
});

test('a connection that is refused is an error as data, and counts as failed', async () => {
  const { tcp, meter, failures } = await connectTo(() => {});
  const server = net.createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  const connection = await tcp.connect(`127.0.0.1:${port}`);
  expect(connection).toMatchObject({ ok: false, closed: true, error: { code: 'ECONNREFUSED' } });
  expect((await connection.request('x', { length: 1 })).error?.code).toBe('ECONNREFUSED');
  expect(meter.values('tcp_connection_failed')).toEqual([1]);
  expect(failures).toEqual(['ECONNREFUSED']);
});

test('mistakes of the suite throw', async () => {
  const { tcp, address } = await connectTo(() => {});
  await expect(tcp.connect('127.0.0.1')).rejects.toThrow('an address such as "127.0.0.1:7000"');
  const connection = await tcp.connect(address);
  await expect(connection.read({})).rejects.toThrow('give one of the two');
  await expect(connection.read({ until: '\n', length: 1 })).rejects.toThrow('give one of the two');
  await expect(connection.read({ until: '' })).rejects.toThrow('`until` is empty');
  const waiting = connection.read({ length: 1, timeout: 50 });
  await expect(connection.read({ length: 1 })).rejects.toThrow('await it first');
  expect((await waiting).error?.code).toBe('timeout');
});
