// Servers that are not there, die, refuse, stay silent or talk nonsense: every command ends, and the user goes on.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findFreePort } from '../../system/free-port.ts';
import { startRedis } from '../../target-kit/redis.ts';
import { makeCertificate } from '../http/certificates.cases.ts';
import { callsOf, connectUsers, serve, serveRaw } from './user-redis.cases.ts';

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'ok',
    (thrown: { code?: string; name: string }) => thrown.code ?? thrown.name,
  );

describe('a server', () => {
  it('that is not there is a failure of each command', async () => {
    for (const connections of ['per-vu', { pool: 2 }] as const) {
      const crowd = await connectUsers(`redis://127.0.0.1:${await findFreePort()}/0`, { connections });
      const { redis } = crowd.user();
      expect(await Promise.all([1, 2, 3, 4].map(() => codeOf(redis.ping())))).toEqual(
        Array(4).fill('ECONNREFUSED'),
      );
      expect(crowd.count('redis_ops', { error_code: 'ECONNREFUSED' })).toBe(4);
      expect(crowd.failures).toHaveLength(4);
      await crowd.end();
    }
  });

  it('that stays away is asked at growing intervals, and a user that waits for it can be ended', async () => {
    const crowd = await connectUsers(`redis://127.0.0.1:${await findFreePort()}/0`);
    const { redis } = crowd.user();
    const startedAtMs = performance.now();
    for (let i = 0; i < 4; i++) expect(await codeOf(redis.ping())).toBe('ECONNREFUSED');
    // 0, 50, 100 and 200 ms.
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(345);
    const waiting = codeOf(redis.ping());
    await crowd.end();
    expect(await waiting).toBe('StoppedError');
    expect(crowd.count('redis_ops')).toBe(4);
  });

  it('that is killed and started again is used again', async () => {
    for (const connections of ['per-vu', { pool: 2 }] as const) {
      const port = await findFreePort();
      const first = await serve({ port });
      const crowd = await connectUsers(first.url, { connections });
      const { redis } = crowd.user();
      await redis.set('a', 1);
      const waiting = codeOf(redis.command('blpop', 'nothing', 0));
      process.kill(first.pid!, 'SIGKILL');
      expect(await waiting).toMatch(/^(connection_closed|ECONNRESET)$/);
      // It may take a connection or two with it while it ends.
      await first.stop();
      expect(await codeOf(redis.get('a'))).toBe('ECONNREFUSED');
      const second = await startRedis({ port, open: true });
      try {
        expect(await redis.get('a')).toBeNull();
        const calls = await callsOf(second.url);
        expect(calls.get).toBe(1);
        expect(crowd.count('redis_ops')).toBe(4);
        expect(crowd.count('redis_op_failed')).toBe(2);
        await crowd.end();
      } finally {
        await second.stop();
      }
    }
  });

  it('that wants a password gets it, and says NOAUTH or WRONGPASS otherwise', async () => {
    const server = await startRedis({ settings: { requirepass: 'secret' } });
    try {
      const without = await connectUsers(server.url);
      expect(await codeOf(without.user().redis.ping())).toBe('NOAUTH');
      const wrong = await connectUsers(server.url, {}, { password: 'public' });
      expect(await codeOf(wrong.user().redis.ping())).toBe('WRONGPASS');
      const right = await connectUsers(server.url, {}, { password: 'secret' });
      expect(await right.user().redis.ping()).toBe('PONG');
      for (const crowd of [without, wrong, right]) await crowd.end();
    } finally {
      await server.stop();
    }
  });

  it('with TLS is trusted by its authority, and by nothing else', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
    const { cert, key } = makeCertificate({ name: 'redis', hosts: ['127.0.0.1', 'localhost'] });
    writeFileSync(join(folder, 'cert.pem'), cert);
    writeFileSync(join(folder, 'key.pem'), key);
    try {
      const tlsPort = await findFreePort();
      await serve({
        settings: {
          'tls-port': String(tlsPort),
          'tls-cert-file': join(folder, 'cert.pem'),
          'tls-key-file': join(folder, 'key.pem'),
          'tls-auth-clients': 'no',
        },
      });
      const url = `rediss://localhost:${tlsPort}/0`;
      const tls = { insecureSkipVerify: false };
      const trusting = await connectUsers(url, { tls }, { tls: { ca: [cert] } });
      expect(await trusting.user().redis.ping()).toBe('PONG');
      const wary = await connectUsers(url, { tls });
      expect(await codeOf(wary.user().redis.ping())).toMatch(/^tls_certificate_(self_signed|untrusted)$/);
      for (const crowd of [trusting, wary]) await crowd.end();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('that has no such database is not used at all', async () => {
    const { url } = await serve();
    const crowd = await connectUsers(url.replace(/0$/, '99'));
    expect(await codeOf(crowd.user().redis.set('a', 1))).toBe('ERR');
    expect(await callsOf(url)).not.toHaveProperty('set');
  });

  it('that is full, or a replica, says OOM or READONLY', async () => {
    const full = await serve({ settings: { maxmemory: '1' } });
    const crowd = await connectUsers(full.url);
    const { redis } = crowd.user();
    expect(await codeOf(redis.set('a', 1))).toBe('OOM');
    expect(await codeOf(redis.multi([['set', 'a', 1]]))).toBe('OOM');
    const replica = await serve({ settings: { replicaof: '127.0.0.1 1' } });
    const reader = (await connectUsers(replica.url)).user();
    expect(await codeOf(reader.redis.set('a', 1))).toBe('READONLY');
    expect((await callsOf(full.url)).set).toBe(crowd.count('redis_ops', { command: 'set' }));
  });

  it('that says LOADING or MOVED is quoted', async () => {
    const loading = await serveRaw((socket, text) => {
      if (text.includes('setname')) socket.write('+OK\r\n');
      else
        socket.write(
          text.includes('get') ? '-MOVED 3999 127.0.0.1:6381\r\n' : '-LOADING loading the dataset\r\n',
        );
    });
    const { redis } = (await connectUsers(loading.url)).user();
    expect(await codeOf(redis.ping())).toBe('LOADING');
    expect(await codeOf(redis.get('a'))).toBe('MOVED');
  });

  it('that never answers a command costs its connection, not the user', async () => {
    const stuck = new Set<net.Socket>();
    const silent = await serveRaw((socket, text) => {
      if (text.includes('setname')) socket.write('+OK\r\n');
      if (text.includes('get')) stuck.add(socket);
      if (text.includes('ping') && !stuck.has(socket)) socket.write('+PONG\r\n');
    });
    for (const connections of ['per-vu', { pool: 1 }] as const) {
      const crowd = await connectUsers(silent.url, { commandTimeoutMs: 100, connections });
      const { redis } = crowd.user();
      const [slow, quick] = [codeOf(redis.get('a')), codeOf(redis.ping())];
      expect(await slow).toBe('timeout');
      // On the same connection it is behind the other one; with a pool it waits for its turn.
      expect(await quick).toBe(connections === 'per-vu' ? 'timeout' : 'ok');
      expect(await redis.ping()).toBe('PONG');
      expect(crowd.meter.values('redis_connecting')).toHaveLength(2);
      const [took] = crowd.meter.values('redis_op_duration', { error_code: 'timeout' });
      expect(took).toBeGreaterThanOrEqual(99);
      await crowd.end();
    }
  });

  it('that never answers at all is given up after the limit for connecting', async () => {
    const mute = await serveRaw(() => {});
    const crowd = await connectUsers(mute.url, { connectTimeoutMs: 100 });
    const { redis } = crowd.user();
    expect(await codeOf(redis.ping())).toBe('connect_timeout');
    await crowd.end();
    expect(crowd.count('redis_ops')).toBe(1);
  });

  it('that speaks something else, or ends in the middle of an answer, is told apart', async () => {
    const web = await serveRaw((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await codeOf((await connectUsers(web.url)).user().redis.ping())).toBe('redis_protocol_error');
    const half = await serveRaw((socket, text) => {
      if (text.includes('setname')) socket.write('+OK\r\n');
      else socket.end('$100\r\nabc');
    });
    const crowd = await connectUsers(half.url);
    const { redis } = crowd.user();
    expect(await codeOf(redis.get('a'))).toBe('connection_closed');
    expect(await codeOf(redis.get('a'))).toBe('connection_closed');
    expect(half.sockets).toHaveLength(2);
  });

  it('that resets a busy connection makes all that is open on it fail', async () => {
    const cutting = await serveRaw((socket, text) => {
      if (text.includes('setname')) socket.write('+OK\r\n');
      else setTimeout(() => socket.resetAndDestroy(), 20);
    });
    const crowd = await connectUsers(cutting.url);
    const { redis } = crowd.user();
    const codes = await Promise.all([1, 2, 3].map((i) => codeOf(redis.get(`k${i}`))));
    expect(codes).toEqual(['ECONNRESET', 'ECONNRESET', 'ECONNRESET']);
    expect(crowd.count('redis_op_failed')).toBe(3);
  });
});
