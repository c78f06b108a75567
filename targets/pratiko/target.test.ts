import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RunningPostgres, startPostgres } from '../../src/target-kit/postgres.ts';
import { NoRedisError, type RunningRedis, startRedis } from '../../src/target-kit/redis.ts';
import type { RunningTarget } from '../../src/target-kit/target.ts';
import { sampleFattura, samplePdf } from './documents/samples.cases.ts';
import { startTarget } from './target.ts';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into many shapes of JSON
  readonly body: any;
}

/** A model that answers at once, a small knowledge base, and a cache that needs no Redis. */
const quick = {
  PRATIKO_CORPUS: '400',
  PRATIKO_LLM_LATENCY_MS: '1',
  PRATIKO_LLM_TOKENS_PER_SEC: '20000',
  PRATIKO_REDIS: 'off',
};
const admin = { authorization: 'Bearer plimsoll-admin' };
const question = 'Analizza le implicazioni fiscali di una SRL che diventa SPA';

let postgres: RunningPostgres;
let target: RunningTarget;
let user: Record<string, string>;
beforeAll(async () => {
  postgres = await startPostgres();
  target = await startTarget({ databaseUrl: postgres.url, env: quick });
  user = await login();
});
afterAll(async () => {
  await target?.stop();
  await postgres?.stop();
});

const start = (knobs: Record<string, string>) =>
  startTarget({ databaseUrl: postgres.url, env: { ...quick, ...knobs } });

async function askOf(
  { url }: RunningTarget,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  json?: unknown,
): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    headers: { ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') && text !== '';
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}
const ask = (...parts: [string, string, Record<string, string>?, unknown?]) => askOf(target, ...parts);

async function login(
  of = target,
  who = { email: 'demo@pratikoai.it', password: 'plimsoll' },
): Promise<Record<string, string>> {
  const { status, body } = await askOf(of, 'POST', '/api/auth/login', {}, who);
  expect(status).toBe(200);
  return { authorization: `Bearer ${body.token}` };
}

async function figure(of: RunningTarget, name: string): Promise<number> {
  const page: string = (await askOf(of, 'GET', '/metrics')).body;
  const line = page.split('\n').find((one) => one.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1));
}

/** The users of a load test. */
const loadUsers = (count: number, company = 'Test Company') =>
  Array.from({ length: count }, (_, i) => ({
    email: `loadtest_user_${i + 1}@pratikoai.it`,
    password: 'TestPassword123!',
    company: `${company} ${i + 1}`,
    vatNumber: `IT${String(i + 1).padStart(11, '0')}`,
  }));

describe('logins', () => {
  it('give a JSON Web Token, and refuse a wrong password without saying what was wrong', async () => {
    const [wrong, unknown] = await Promise.all([
      ask('POST', '/api/auth/login', {}, { email: 'demo@pratikoai.it', password: 'x' }),
      ask('POST', '/api/auth/login', {}, { email: 'nobody@pratikoai.it', password: 'x' }),
    ]);
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(wrong.body).toEqual(unknown.body);
    const [, token] = user.authorization!.split(' ');
    const [header, claims] = token!
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(atob(part)));
    expect(header).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(claims.exp - claims.iat).toBe(12 * 3600);
  });

  it('take no token that is missing, forged, unsigned or of another system', async () => {
    const [, token] = user.authorization!.split(' ');
    const [header, claims, signature] = token!.split('.');
    const none = btoa(JSON.stringify({ alg: 'none', typ: 'JWT' })).replaceAll('=', '');
    const other = btoa(JSON.stringify({ sub: '2', exp: 4e9 })).replaceAll('=', '');
    const tokens = [`${header}.${other}.${signature}`, `${none}.${claims}.`, `${header}.${claims}`, 'x'];
    for (const forged of tokens) {
      const answer = await ask('GET', '/api/users/me', { authorization: `Bearer ${forged}` });
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    }
    expect((await ask('GET', '/api/users/me')).status).toBe(401);
    expect((await ask('GET', '/api/admin/users?prefix=demo', user)).status).toBe(403);
    expect((await ask('GET', '/api/admin/users?prefix=demo')).status).toBe(401);
  });
});

describe('users', () => {
  it('are made 200 at a time, use the system, and are removed with all their data', async () => {
    const made = await ask('POST', '/api/admin/users', admin, { users: loadUsers(200) });
    expect([made.status, made.body]).toEqual([201, { created: 200, updated: 0 }]);
    const again = await ask('POST', '/api/admin/users', admin, { users: loadUsers(3, 'Other') });
    expect(again.body).toEqual({ created: 0, updated: 3 });
    const { email, password } = loadUsers(200)[1]!;
    const one = await login(target, { email, password });
    expect((await ask('GET', '/api/users/me', one)).body).toMatchObject({
      email,
      company: 'Other 2',
      vatNumber: 'IT00000000002',
    });
    expect((await ask('POST', '/api/tax/iva', one, { amount: 100 })).body).toMatchObject({ total: 122 });
    const bulk = {
      items: [
        { tax: 'iva', amount: 10 },
        { tax: 'irpef', income: 30_000, region: 'lazio' },
      ],
    };
    expect((await ask('POST', '/api/tax/bulk', one, bulk)).body).toMatchObject({ count: 2 });
    expect((await ask('GET', '/api/users/me/usage', one)).body).toMatchObject({
      calculations: 2,
      questions: 0,
      byDay: [{ calls: 2 }],
    });
    expect((await ask('GET', '/api/admin/users?prefix=loadtest_user_', admin)).body).toEqual({ count: 200 });
    expect((await ask('DELETE', '/api/admin/users?prefix=loadtest_user_', admin)).body).toEqual({
      removed: 200,
    });
    expect((await ask('GET', '/api/admin/users?prefix=loadtest_user_', admin)).body).toEqual({ count: 0 });
    for (const [method, path, json] of [
      ['GET', '/api/users/me', undefined],
      ['POST', '/api/tax/iva', { amount: 100 }],
      ['POST', '/api/chat/faq', { question: 'iva?' }],
    ] as const) {
      expect((await ask(method, path, one, json)).status).toBe(401);
    }
  });

  it('change their profile and settings, and see their subscription', async () => {
    const settings = { language: 'en', notifications: false, region: 'sicilia' };
    expect((await ask('PUT', '/api/users/me/settings', user, settings)).body).toEqual(settings);
    expect((await ask('GET', '/api/users/me/settings', user)).body).toEqual(settings);
    const profile = { company: 'Studio Due', phone: '' };
    expect((await ask('PUT', '/api/users/me', user, profile)).body).toMatchObject(profile);
    expect((await ask('GET', '/api/users/me/subscription', user)).body).toMatchObject({
      state: 'active',
      currency: 'EUR',
      questionsPerMonth: 2000,
    });
    const wrong = await ask('PUT', '/api/users/me/settings', user, { language: 'fr', region: 'x' });
    expect(wrong.body.error.fields.map((one: { field: string }) => one.field)).toEqual([
      'language',
      'notifications',
      'region',
    ]);
  });

  it('are not made or removed by mistake', async () => {
    const twice = [loadUsers(1)[0], loadUsers(1)[0]];
    expect((await ask('POST', '/api/admin/users', admin, { users: twice })).status).toBe(409);
    for (const body of [{}, { users: [] }, { users: [{ email: 'x' }] }, { users: loadUsers(501) }]) {
      expect((await ask('POST', '/api/admin/users', admin, body)).status).toBe(400);
    }
    expect((await ask('DELETE', '/api/admin/users', admin)).status).toBe(400);
    expect((await ask('DELETE', '/api/admin/users?prefix=de', admin)).status).toBe(400);
  });
});

describe('frequent questions', () => {
  it.each([
    ["Come calcolare l'IVA?", 'iva'],
    ['Scadenze fiscali per SRL', 'scadenze'],
    ['Regime forfettario requisiti', 'forfettario'],
  ])('are answered from the cache the second time: %s', async (text, topic) => {
    const first = await ask('POST', '/api/chat/faq', user, { question: text });
    expect([first.headers.get('x-cache'), first.body.topic, first.body.cached]).toEqual([
      'miss',
      topic,
      false,
    ]);
    const second = await ask('POST', '/api/chat/faq', user, { question: ` ${text.toUpperCase()} ` });
    expect([second.headers.get('x-cache'), second.body]).toEqual(['hit', { ...first.body, cached: true }]);
  });

  it('are counted as hits and misses, and 404 when none fits', async () => {
    const before = [
      await figure(target, 'pratiko_cache_hits_total'),
      await figure(target, 'pratiko_cache_misses_total'),
    ];
    await ask('POST', '/api/chat/faq', user, { question: "Chi paga l'IMU sulla prima casa?" });
    for (let i = 0; i < 3; i++) {
      await ask('POST', '/api/chat/faq', user, { question: "Chi paga l'IMU sulla prima casa?" });
    }
    expect((await ask('POST', '/api/chat/faq', user, { question: 'xyzzy' })).body.error.code).toBe(
      'no_answer',
    );
    expect(await figure(target, 'pratiko_cache_hits_total')).toBe(before[0]! + 3);
    expect(await figure(target, 'pratiko_cache_misses_total')).toBe(before[1]! + 2);
  });

  it('show a change at once, and a stale answer only where changes do not empty the cache', async () => {
    const stale = await start({ PRATIKO_INVALIDATION: 'off' });
    try {
      for (const [one, isStale] of [
        [target, false],
        [stale, true],
      ] as const) {
        const headers = await login(one);
        const read = async () =>
          (await askOf(one, 'POST', '/api/chat/faq', headers, { question: 'aliquota IRES' })).body;
        const { id } = await read();
        const changed = { answer: `24 % (${isStale})` };
        expect((await askOf(one, 'PUT', `/api/admin/faq/${id}`, admin, changed)).body).toMatchObject(changed);
        expect((await read()).answer === changed.answer).toBe(!isStale);
        await askOf(one, 'DELETE', '/api/admin/cache', admin);
        expect((await read()).answer).toBe(changed.answer);
      }
      expect((await ask('PUT', '/api/admin/faq/999', admin, { answer: 'x' })).status).toBe(404);
    } finally {
      await stale.stop();
    }
  });
});

describe('the cache in Redis', () => {
  it('is used where there is one, and done without when it goes', async ({ skip }) => {
    let redis: RunningRedis;
    try {
      redis = await startRedis();
    } catch (error) {
      if (error instanceof NoRedisError) return skip('no redis-server is installed');
      throw error;
    }
    const cached = await start({ PRATIKO_REDIS: 'on', REDIS_URL: redis.url });
    try {
      const headers = await login(cached);
      const read = async () =>
        (await askOf(cached, 'POST', '/api/chat/faq', headers, { question: 'modello F24' })).body.cached;
      expect((await askOf(cached, 'GET', '/health')).body.cache).toEqual({ kind: 'redis' });
      expect([await read(), await read()]).toEqual([false, true]);
      expect((await askOf(cached, 'DELETE', '/api/admin/cache', admin)).body).toEqual({ removed: 2 });
      expect([await read(), await read()]).toEqual([false, true]);
      await redis.stop();
      expect(await read()).toBe(false);
      expect(await figure(cached, 'pratiko_cache_errors_total')).toBeGreaterThan(0);
    } finally {
      await cached.stop();
      await redis.stop();
    }
  });
});

/** Names and data of the events of a stream. */
function eventsOf(text: string): { name: string; data: Record<string, unknown> }[] {
  return text
    .trim()
    .split('\n\n')
    .map((block) => {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(block)!;
      return { name: name!, data: JSON.parse(data!) };
    });
}

const behave = (of: RunningTarget, behaviour: object) => askOf(of, 'PUT', '/api/admin/llm', admin, behaviour);

describe('complex questions', () => {
  it('are answered by the model with sources, the same way as a whole and in pieces', async () => {
    const tokens = await figure(target, 'pratiko_llm_tokens_total');
    const whole = await ask('POST', '/api/chat/ask', user, { question });
    expect(whole.body).toMatchObject({ model: 'pratiko-1', attempts: 1, degraded: false });
    expect(whole.body.sources).toHaveLength(3);
    const { completionTokens } = whole.body.usage;
    const streamed = await ask('POST', '/api/chat/ask', user, { question, stream: true });
    expect(streamed.headers.get('content-type')).toBe('text/event-stream');
    const events = eventsOf(streamed.body);
    const last = events.pop()!;
    const { answer, ...facts } = whole.body;
    expect(last).toEqual({ name: 'done', data: facts });
    expect(events).toHaveLength(completionTokens);
    expect(events.map(({ data }) => data.text).join('')).toBe(answer);
    expect(await figure(target, 'pratiko_llm_tokens_total')).toBe(tokens + 2 * completionTokens);
    const usage = (await ask('GET', '/api/users/me/usage', user)).body;
    expect(usage.tokens).toBeGreaterThanOrEqual(2 * completionTokens);
  });

  it('open the circuit when the model fails, are degraded meanwhile, and close it when it is well again', async () => {
    const own = await start({});
    try {
      const headers = await login(own);
      const asked = (stream = false) =>
        askOf(own, 'POST', '/api/chat/ask', headers, { question, ...(stream && { stream }) });
      expect((await behave(own, { mode: 'fail' })).body).toMatchObject({ mode: 'fail', latencyMs: 1 });
      expect((await asked()).body).toMatchObject({ degraded: true, reason: 'failed', model: null });
      expect(await figure(own, 'pratiko_llm_retries_total')).toBe(2);
      // Its second attempt is the fifth in a row that fails, and its third is not made.
      const [token, done] = eventsOf((await asked(true)).body);
      expect(token!.data.text).toContain('SRL');
      expect(done!.data).toMatchObject({ degraded: true, reason: 'circuit_open' });
      expect(await figure(own, 'pratiko_llm_circuit_state{state="open"}')).toBe(1);
      expect((await askOf(own, 'GET', '/health')).body).toMatchObject({
        status: 'degraded',
        llm: { circuit: 'open' },
      });
      const requests = 'pratiko_llm_requests_total{outcome="failed"}';
      expect(await figure(own, requests)).toBe(5);
      expect((await asked()).body.reason).toBe('circuit_open');
      expect(await figure(own, requests)).toBe(5);
      // Nothing else depends on the model.
      const faq = await askOf(own, 'POST', '/api/chat/faq', headers, { question: 'scadenze' });
      expect(faq.status).toBe(200);
      await behave(own, { mode: 'normal' });
      await vi.waitFor(async () => expect((await asked()).body.degraded).toBe(false), 20_000);
      expect(await figure(own, 'pratiko_llm_circuit_state{state="closed"}')).toBe(1);
      expect(await figure(own, 'pratiko_llm_circuit_opened_total')).toBe(1);
    } finally {
      await own.stop();
    }
  });

  it('are errors where there is no fall-back, and the model is asked on where there is no breaker', async () => {
    const bare = await start({
      PRATIKO_FALLBACK: 'off',
      PRATIKO_BREAKER: 'off',
      PRATIKO_LLM_RETRIES: '0',
      PRATIKO_LLM_TIMEOUT_MS: '2500',
    });
    try {
      const headers = await login(bare);
      const asked = (stream: boolean) => askOf(bare, 'POST', '/api/chat/ask', headers, { question, stream });
      for (const [mode, status, code] of [
        ['fail', 502, 'failed'],
        ['reset', 502, 'failed'],
        ['hang', 504, 'timeout'],
      ] as const) {
        await behave(bare, { mode });
        for (const stream of mode === 'hang' ? [true] : [false, true]) {
          const answer = await asked(stream);
          expect([answer.status, answer.body.error.code]).toEqual([status, code]);
        }
      }
      for (let i = 0; i < 8; i++) await behave(bare, { mode: 'fail' }).then(() => asked(false));
      expect(await figure(bare, 'pratiko_llm_requests_total{outcome="failed"}')).toBe(12);
      expect(await figure(bare, 'pratiko_llm_circuit_opened_total')).toBe(0);
      // Slow enough for the first pieces to be sent before the connection ends.
      await behave(bare, { mode: 'normal', cutRate: 1, tokensPerSec: 100 });
      const events = eventsOf((await asked(true)).body);
      expect(events[0]!.name).toBe('token');
      expect(events.at(-1)).toMatchObject({ name: 'error', data: { code: 'failed' } });
      await behave(bare, { cutRate: 0, tokensPerSec: 20_000, rateLimitPerSec: 0.01 });
      const [first, second] = [await asked(false), await asked(false)];
      expect([first.status, second.status, second.body.error?.code]).toEqual([200, 503, 'rate_limited']);
      expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(10);
      expect(bare.describe().join()).toContain('PRATIKO_BREAKER=off');
    } finally {
      await bare.stop();
    }
  });

  it('go to another server where one is given, with its key', async () => {
    const { llm } = (await ask('GET', '/health')).body;
    const other = await start({
      PRATIKO_LLM_URL: `${llm.url}/v1/`,
      LLM_API_KEY: 'wrong',
      PRATIKO_LLM_RETRIES: '0',
    });
    try {
      const headers = await login(other);
      expect((await askOf(other, 'POST', '/api/chat/ask', headers, { question })).body.reason).toBe('failed');
      expect((await behave(other, {})).status).toBe(409);
    } finally {
      await other.stop();
    }
  });

  it('have a model of its own process, which ends with the system', async () => {
    const own = await start({});
    const { url } = (await askOf(own, 'GET', '/health')).body.llm;
    const direct = await fetch(`${url}/admin/behaviour`, { headers: admin });
    expect(await direct.json()).toMatchObject({ mode: 'normal' });
    expect((await fetch(`${url}/v1/chat/completions`, { method: 'POST' })).status).toBe(401);
    const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').split(' ');
    const models = children.filter(
      (pid) => pid.trim() !== '' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('llm-process'),
    );
    expect(models).toHaveLength(2);
    await own.stop();
    await expect(fetch(`${url}/admin/behaviour`)).rejects.toThrow();
  });
});

async function upload(
  bytes: Buffer,
  headers: Record<string, string>,
  { of = target, type = 'application/pdf' } = {},
): Promise<Answer> {
  const response = await fetch(`${of.url}/api/documents`, {
    method: 'POST',
    body: new Uint8Array(bytes),
    headers: { ...headers, 'content-type': type },
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const finished = (path: string, headers: Record<string, string>, of = target) =>
  vi.waitFor(
    async () => {
      const { body } = await askOf(of, 'GET', path, headers);
      expect(['done', 'failed']).toContain(body.state);
      return body;
    },
    { timeout: 30_000, interval: 50 },
  );

describe('documents', () => {
  it('are taken apart in the background, by format', async () => {
    const form = new FormData();
    form.set('file', new Blob([sampleFattura()], { type: 'application/xml' }), 'IT01_00001.xml');
    const posted = await fetch(`${target.url}/api/documents`, { method: 'POST', body: form, headers: user });
    expect(posted.status).toBe(202);
    const fattura = await finished(posted.headers.get('location')!, user);
    expect(fattura).toMatchObject({ state: 'done', format: 'fattura', position: null, error: null });
    expect(fattura.result).toMatchObject({ number: '2026/7', lines: 2, taxable: 150, tax: 33, total: 183 });
    expect(fattura.result.summary.length).toBeGreaterThan(10);
    const f24 = await upload(samplePdf(['Modello F24', 'Codice tributo 6001: EUR 1.234,50']), user);
    expect(f24.body).toMatchObject({ state: 'queued', format: 'pdf', queue: { mostAtOnce: 20 } });
    expect((await finished(`/api/documents/${f24.body.id}`, user)).result).toMatchObject({
      kind: 'f24',
      pages: 1,
      amounts: [1234.5],
      codes: ['6001'],
    });
    const broken = await upload(samplePdf(['x']).subarray(0, 300), user);
    expect(await finished(`/api/documents/${broken.body.id}`, user)).toMatchObject({
      state: 'failed',
      error: { code: 'invalid_pdf' },
    });
  });

  it('are refused when they are none, too large, or of another user', async () => {
    expect((await upload(Buffer.from('hello'), user)).body.error.code).toBe('not_a_document');
    expect((await upload(Buffer.from('hello'), user, { type: 'image/png' })).status).toBe(415);
    expect((await upload(Buffer.alloc(20 * 1024 * 1024 + 1), user)).status).toBe(413);
    expect((await upload(samplePdf([]), {})).status).toBe(401);
    const mine = await upload(samplePdf(['x']), user);
    await ask('POST', '/api/admin/users', admin, { users: loadUsers(1) });
    const other = await login(target, loadUsers(1)[0]!);
    expect((await ask('GET', `/api/documents/${mine.body.id}`, other)).status).toBe(404);
    await ask('DELETE', '/api/admin/users?prefix=loadtest', admin);
  });

  it('are in work 20 at once at most, and wait in a queue with an end', async () => {
    const slow = await start({ PRATIKO_LLM_LATENCY_MS: '1500', PRATIKO_QUEUE_LIMIT: '3' });
    try {
      const headers = await login(slow);
      const answers = await Promise.all(
        Array.from({ length: 30 }, () => upload(samplePdf(['Fattura']), headers, { of: slow })),
      );
      const taken = answers.filter(({ status }) => status === 202);
      const refused = answers.filter(({ status }) => status === 503);
      expect(taken.length + refused.length).toBe(30);
      expect(taken.length).toBeGreaterThanOrEqual(23);
      for (const { body, headers: given } of refused) {
        expect([body.error.code, given.get('retry-after')]).toEqual(['queue_full', '5']);
      }
      for (const { body } of taken) await finished(`/api/documents/${body.id}`, headers, slow);
      expect(await figure(slow, 'pratiko_documents_at_once_peak')).toBe(20);
      expect(await figure(slow, 'pratiko_documents_most_at_once')).toBe(20);
      expect(await figure(slow, 'pratiko_documents{state="processing"}')).toBe(0);
      expect(await figure(slow, 'pratiko_documents_finished_total{outcome="done"}')).toBe(taken.length);
    } finally {
      await slow.stop();
    }
  });

  it('have no limit, and are taken apart on the event loop, where knobs say so', async () => {
    const planted = await start({
      PRATIKO_LLM_LATENCY_MS: '1500',
      PRATIKO_DOCUMENTS_AT_ONCE: '0',
      PRATIKO_QUEUE_LIMIT: '0',
      PRATIKO_DOCUMENT_THREADS: '0',
    });
    try {
      const headers = await login(planted);
      const answers = await Promise.all(
        Array.from({ length: 25 }, () => upload(samplePdf(['Fattura']), headers, { of: planted })),
      );
      expect(answers.every(({ status }) => status === 202)).toBe(true);
      for (const { body } of answers) {
        expect((await finished(`/api/documents/${body.id}`, headers, planted)).state).toBe('done');
      }
      expect(await figure(planted, 'pratiko_documents_at_once_peak')).toBe(25);
    } finally {
      await planted.stop();
    }
  });
});

describe('the knowledge base', () => {
  const search = async (of: RunningTarget, headers: Record<string, string>, query: string) =>
    (await askOf(of, 'GET', `/api/knowledge/search?${query}`, headers)).body;

  it('is searched in Italian, best first, by kind and year', async () => {
    const found = await search(target, user, 'q=normative+fatturazioni+elettroniche');
    expect(found.total).toBeGreaterThan(5);
    expect(found.results).toHaveLength(Math.min(10, found.total));
    expect(found.results[0].title).toContain('Fatturazione elettronica');
    const ranks: number[] = found.results.map((one: { rank: number }) => one.rank);
    expect(ranks).toEqual([...ranks].sort((a, b) => b - a));
    const [year, kind] = [found.results[0].year, found.results[0].kind];
    const some = await search(target, user, `q=fatturazione&year=${year}&kind=${kind}`);
    expect(some.total).toBeLessThan(found.total);
    expect(some.results.every((one: typeof some) => one.year === year && one.kind === kind)).toBe(true);
    const beyond = await search(target, user, 'q=fatturazione&page=900');
    expect(beyond.results).toEqual([]);
    expect(beyond.total).toBeGreaterThan(0);
    const { id, title } = found.results[0];
    expect((await ask('GET', `/api/knowledge/${id}`, user)).body).toMatchObject({ id, title });
    expect((await ask('GET', '/api/knowledge/999999', user)).status).toBe(404);
    for (const query of ['', 'q=', 'q=a&kind=x', 'q=a&year=19', 'q=a&page=0', `q=${'a'.repeat(301)}`]) {
      expect((await ask('GET', `/api/knowledge/search?${query}`, user)).status).toBe(400);
    }
  });

  it('gives the same answers without its index, and row by row', async () => {
    const query = 'q=circolare+agenzia+entrate&page=1';
    const expected = await search(target, user, query);
    const planted = await start({ PRATIKO_FULL_TEXT_INDEX: 'off', PRATIKO_N_PLUS_ONE: 'on' });
    try {
      const headers = await login(planted);
      const before = await figure(planted, 'pratiko_db_statements_total');
      expect(await search(planted, headers, query)).toEqual(expected);
      // The page, its rows, and the count of use.
      expect((await figure(planted, 'pratiko_db_statements_total')) - before).toBe(
        expected.results.length + 2,
      );
    } finally {
      await planted.stop();
    }
  });

  it('has its index updated in the background', async () => {
    expect((await ask('GET', '/api/knowledge/reindex', admin)).body.state).toBe('idle');
    const started = await ask('POST', '/api/knowledge/reindex', admin);
    expect([started.status, started.body.state]).toEqual([202, 'running']);
    await search(target, user, 'q=imposta');
    await vi.waitFor(async () => {
      const { body } = await ask('GET', '/api/knowledge/reindex', admin);
      expect(body).toMatchObject({ state: 'done', documents: 400, done: 400 });
    }, 30_000);
    expect((await ask('POST', '/api/knowledge/reindex', user)).status).toBe(403);
  });
});

describe('data protection', () => {
  it('exports all about a user, removes it, and keeps the audit log without the name', async () => {
    await ask('POST', '/api/admin/users', admin, { users: loadUsers(1) });
    const who = loadUsers(1)[0]!;
    const one = await login(target, who);
    const { body: document } = await upload(samplePdf(['Fattura']), one);
    await finished(`/api/documents/${document.id}`, one);
    const exported = (await ask('POST', '/api/gdpr/export', one)).body;
    expect(exported).toMatchObject({
      user: { email: who.email },
      settings: { language: 'it' },
      usage: [{ kind: 'document', calls: 1 }],
      documents: [{ id: document.id, state: 'done' }],
    });
    expect(exported.audit.map((entry: { action: string }) => entry.action)).toEqual(['login', 'document']);
    expect(JSON.stringify(exported)).not.toContain('secret');
    const log = (await ask('GET', '/api/audit', one)).body;
    expect([log.total, log.entries[0].action]).toEqual([3, 'export']);
    expect((await ask('GET', '/api/audit?action=login', one)).body.total).toBe(1);
    const report = async () => (await ask('POST', '/api/compliance/report', user, {})).body;
    const before = await report();
    const removed = await ask('DELETE', '/api/gdpr/me', one);
    expect(removed.body.removed).toEqual({ documents: 1, usage: 1, settings: 1, user: 1 });
    expect((await ask('DELETE', '/api/gdpr/me', one)).status).toBe(401);
    const after = await report();
    expect([after.erasures, after.users]).toEqual([before.erasures + 1, before.users - 1]);
    expect(after.entries).toBe(before.entries + 1);
    const sum = Object.values<number>(after.byAction).reduce((total, count) => total + count, 0);
    expect([sum, after.entries > 40_000]).toEqual([after.entries, true]);
    const month = { from: '2025-06-01', to: '2025-06-30' };
    expect((await ask('POST', '/api/compliance/report', user, month)).body.byMonth).toHaveLength(1);
    expect((await ask('POST', '/api/compliance/report', user, { from: '2025-02-30' })).status).toBe(400);
  });
});

describe('the system', () => {
  it('counts requests by route and status, exactly', async () => {
    const name = 'pratiko_http_requests_total{route="/api/tax/imu",status="200"}';
    const before = (await figure(target, name)) || 0;
    const imu = { rendita: 1000, category: 'A/2' };
    await Promise.all(Array.from({ length: 40 }, () => ask('POST', '/api/tax/imu', user, imu)));
    expect((await figure(target, name)) - before).toBe(40);
  });

  it('says what it is made of', async () => {
    expect((await ask('GET', '/health')).body).toMatchObject({
      status: 'ok',
      cache: { kind: 'in-process' },
      documents: { mostAtOnce: 20 },
    });
    const text = target.describe().join('\n');
    expect(text).toContain('400 documents in the knowledge base');
    expect(text).toContain('cache: in the process');
    expect(target.parts).toEqual({ postgres: postgres.url });
  });

  it('does what the other knobs say', async () => {
    const planted = await start({
      PRATIKO_CACHE: 'off',
      PRATIKO_CPU_MS: '30',
      PRATIKO_LEAK_KB: '1000',
      PRATIKO_KEEP_ALIVE: 'off',
      PRATIKO_POOL: 'off',
      PRATIKO_SCRYPT: 'sync',
      PRATIKO_RATE_LIMIT: '1000',
    });
    try {
      const headers = await login(planted);
      expect(planted.describe()).toHaveLength(5 + 6);
      const heap = await figure(planted, 'nodejs_heap_size_used_bytes');
      for (let i = 0; i < 3; i++) {
        const faq = await askOf(planted, 'POST', '/api/chat/faq', headers, { question: 'scadenze' });
        expect([faq.body.cached, faq.headers.get('connection')]).toEqual([false, 'close']);
      }
      await askOf(planted, 'POST', '/api/tax/iva', headers, { amount: 1 });
      const name = 'pratiko_http_request_duration_seconds_sum{route="/api/tax/iva"}';
      expect(await figure(planted, name)).toBeGreaterThan(0.029);
      expect((await figure(planted, 'nodejs_heap_size_used_bytes')) - heap).toBeGreaterThan(2e6);
      expect(await figure(planted, 'pratiko_db_connections_opened_total')).toBeGreaterThan(8);
    } finally {
      await planted.stop();
    }
  });

  it.each([
    ['PRATIKO_CORPUS', '5'],
    ['PRATIKO_REDIS', 'maybe'],
    ['PRATIKO_CACHE', 'cold'],
    ['PRATIKO_SCRYPT', 'off'],
    ['PRATIKO_LLM_URL', 'localhost:80'],
    ['PRATIKO_LLM_FAILURE_RATE', '2'],
    ['PRATIKO_DOCUMENTS_AT_ONCE', '-1'],
  ])('refuses %s=%s', async (name, text) => {
    await expect(start({ [name]: text })).rejects.toThrow(name);
  });

  it('refuses a port that is taken, and leaves nothing running', async () => {
    const port = Number(new URL(target.url).port);
    await expect(startTarget({ databaseUrl: postgres.url, port, env: quick })).rejects.toThrow(/is taken/);
  });
});
