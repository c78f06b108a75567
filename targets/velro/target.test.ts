import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningPostgres, startPostgres } from '../../src/target-kit/postgres.ts';
import { type RunningRedis, startRedis } from '../../src/target-kit/redis.ts';
import type { RunningTarget } from '../../src/target-kit/target.ts';
import { startTarget } from './target.ts';

let postgres: RunningPostgres;
let redis: RunningRedis;
beforeAll(async () => {
  postgres = await startPostgres({ settings: { max_connections: '260' } });
  redis = await startRedis();
});
afterAll(async () => {
  await redis?.stop();
  await postgres?.stop();
});

type Json = Readonly<Record<string, unknown>>;
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

async function ask(
  { url }: RunningTarget,
  path: string,
  headers: Record<string, string> = {},
  json?: unknown,
): Promise<Answer> {
  const post = {
    method: 'POST',
    body: JSON.stringify(json),
    headers: { 'content-type': 'application/json', ...headers },
  };
  const response = await fetch(url + path, json === undefined ? { headers } : post);
  return { status: response.status, headers: response.headers, body: (await response.json()) as Json };
}

const key = { apikey: 'the-key' };

async function signIn(
  target: RunningTarget,
  user: number,
): Promise<Answer & { bearer: { authorization: string } }> {
  const answer = await ask(target, '/api/v1/auth/session', key, { user });
  return { ...answer, bearer: { authorization: `Bearer ${String(answer.body.token)}` } };
}

/** A target with these knobs, its Redis empty. */
async function withTarget(
  env: Record<string, string>,
  use: (target: RunningTarget) => Promise<void>,
): Promise<void> {
  const given = { SUPABASE_SERVICE_KEY: 'the-key', REDIS_URL: redis.url, VELRO_POOL_SIZE: '4', ...env };
  const target = await startTarget({ databaseUrl: postgres.url, env: given });
  try {
    await ask(target, '/api/v1/admin/cache/flush', key, {});
    await use(target);
  } finally {
    await target.stop();
  }
}

async function figures(target: RunningTarget): Promise<(series: string) => number> {
  const text = await (await fetch(`${target.url}/metrics`)).text();
  const lines = text.split('\n');
  return (series) => Number(lines.find((line) => line.startsWith(`${series} `))?.split(' ')[1] ?? Number.NaN);
}

const lookUps = (layer: string, result: string) =>
  `velro_authorization_cache_lookups_total{layer="${layer}",result="${result}"}`;
const layersOf = ({ headers }: Answer) =>
  ['x-cache', 'x-cache-memory', 'x-cache-redis'].map((name) => headers.get(name));

describe('a sign-in', () => {
  it('takes the service key, and gives a token that the other routes take', () =>
    withTarget({}, async (target) => {
      expect((await ask(target, '/api/v1/auth/session', { apikey: 'wrong' }, { user: 7 })).status).toBe(401);
      expect((await ask(target, '/api/v1/auth/me')).status).toBe(401);
      const { body, bearer } = await signIn(target, 7);
      expect(body).toMatchObject({ user: { id: 7, name: 'user7' }, expiresInSec: 3600 });
      expect(await ask(target, '/api/v1/auth/me', bearer)).toMatchObject({ status: 200, body: { user: 7 } });
      const forged = { authorization: bearer.authorization.replace('Bearer 7-', 'Bearer 8-') };
      expect((await ask(target, '/api/v1/auth/me', forged)).status).toBe(401);
    }));
});

describe('an authorization', () => {
  it('is answered from memory once the sign-in has warmed the cache, and refused beyond the role', () =>
    withTarget({}, async (target) => {
      const { bearer } = await signIn(target, 7);
      const allowed = await ask(target, '/api/v1/authorization?action=create', bearer);
      expect(allowed).toMatchObject({ status: 200, body: { allowed: true } });
      expect(layersOf(allowed)).toEqual(['hit', 'hit', null]);
      const foreign = await ask(target, '/api/v1/authorization?action=read&team=1999', bearer);
      expect(foreign).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } });
      expect((await ask(target, '/api/v1/authorization?action=fly', bearer)).status).toBe(400);
    }));

  it('goes through memory and Redis to the database, and counts in each layer that it asks', () =>
    withTarget({ VELRO_WARMING: 'off', VELRO_MEMORY_TTL: '0.1' }, async (target) => {
      const { bearer } = await signIn(target, 7);
      const path = '/api/v1/authorization?action=read';
      const answers = [await ask(target, path, bearer), await ask(target, path, bearer)];
      await new Promise((resolve) => setTimeout(resolve, 150));
      answers.push(await ask(target, path, bearer));
      expect(answers.map(layersOf)).toEqual([
        ['miss', 'miss', 'miss'],
        ['hit', 'hit', null],
        ['hit', 'miss', 'hit'],
      ]);
      const figure = await figures(target);
      expect(figure(lookUps('memory', 'hit'))).toBe(1);
      expect(figure(lookUps('memory', 'miss'))).toBe(2);
      expect(figure(lookUps('redis', 'hit'))).toBe(1);
      expect(figure(lookUps('redis', 'miss'))).toBe(1);
      expect(figure(lookUps('all', 'hit'))).toBe(2);
      expect(figure(lookUps('all', 'miss'))).toBe(1);
    }));

  it('asks the database each time when both layers are off', () =>
    withTarget({ VELRO_CACHE_MEMORY: 'off', VELRO_CACHE_REDIS: 'off' }, async (target) => {
      const { bearer } = await signIn(target, 7);
      const before = (await figures(target))('velro_db_statements_total');
      for (let i = 0; i < 3; i++) {
        expect(layersOf(await ask(target, '/api/v1/authorization?action=read', bearer))).toEqual([
          'miss',
          null,
          null,
        ]);
      }
      expect((await figures(target))('velro_db_statements_total') - before).toBe(3);
    }));

  it('waits as long as the knobs say', () =>
    withTarget({ VELRO_AUTHORIZATION_MS: '60', VELRO_PERMISSION_QUERY_MS: '40' }, async (target) => {
      const { bearer } = await signIn(target, 7);
      const timed = async () => {
        const startedAtMs = performance.now();
        await ask(target, '/api/v1/authorization?action=read', bearer);
        return performance.now() - startedAtMs;
      };
      expect(await timed()).toBeGreaterThanOrEqual(59);
      await ask(target, '/api/v1/admin/cache/flush', key, {});
      expect(await timed()).toBeGreaterThanOrEqual(99);
    }));
});

describe('generations', () => {
  it('are created, listed with the newest first, and have media with a signed URL', () =>
    withTarget({}, async (target) => {
      const { bearer } = await signIn(target, 11);
      const created = await ask(target, '/api/v1/generations', bearer, { model: 'photo-2', prompt: 'A bay' });
      expect(created).toMatchObject({ status: 201, body: { status: 'queued' } });
      const listed = await ask(target, '/api/v1/generations?limit=3', bearer);
      const rows = listed.body.generations as readonly Json[];
      expect(rows.map(({ prompt }) => prompt)).toEqual([
        'A bay',
        expect.stringContaining('Prompt 5 of user11'),
        expect.stringContaining('Prompt 4 of user11'),
      ]);
      const media = await ask(target, `/api/v1/generations/${String(created.body.id)}/media`, bearer);
      expect(media.body.url).toMatch(/\/media\/\d+\.webp\?until=\d+&signature=[\w-]+$/);
      expect((await ask(target, '/api/v1/generations/999999999/media', bearer)).status).toBe(404);
      const tooLong = { model: 'clip-1', prompt: 'x'.repeat(121) };
      expect(await ask(target, '/api/v1/generations', bearer, tooLong)).toMatchObject({
        status: 400,
        body: { error: { code: 'prompt_too_long' } },
      });
      const unknown = { model: 'photo-9', prompt: 'A bay' };
      expect((await ask(target, '/api/v1/generations', bearer, unknown)).status).toBe(404);
      expect((await ask(target, '/api/v1/models', bearer)).body.models).toHaveLength(6);
    }));
});

describe('the target', () => {
  it('opens all 200 connections of its pool at the start, and says so', () =>
    withTarget({ VELRO_POOL_SIZE: '200' }, async (target) => {
      const figure = await figures(target);
      expect(figure('velro_db_pool_open')).toBe(200);
      expect(figure('velro_db_pool_size')).toBe(200);
      expect(target.describe().join('\n')).toContain('pool of 200 connections, all open');
    }));

  it('fails the share of requests that VELRO_FAILURES says', () =>
    withTarget({ VELRO_FAILURES: '0.25' }, async (target) => {
      const { bearer } = await signIn(target, 7);
      const statuses: number[] = [];
      for (let i = 0; i < 8; i++) statuses.push((await ask(target, '/api/v1/auth/me', bearer)).status);
      expect(statuses.filter((status) => status === 500)).toHaveLength(2);
    }));

  it('refuses knobs that do not fit', async () => {
    const start = startTarget({ databaseUrl: postgres.url, env: { VELRO_POOL_SIZE: 'many' } });
    await expect(start).rejects.toThrow(
      'VELRO_POOL_SIZE must be a whole number from 1 to 1000, found "many"',
    );
  });
});
