import { connect } from 'node:net';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RunningPostgres, startPostgres } from '../../src/target-kit/postgres.ts';
import type { RunningTarget } from '../../src/target-kit/target.ts';
import { startTarget } from './target.ts';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into many shapes of JSON
  readonly body: any;
}

let postgres: RunningPostgres;
let target: RunningTarget;
beforeAll(async () => {
  postgres = await startPostgres();
  target = await startTarget({ databaseUrl: postgres.url, env: { JORGE_SEED: '7' } });
});
afterAll(async () => {
  await target?.stop();
  await postgres?.stop();
});

async function ask(method: string, path: string, json?: unknown, headers = {}): Promise<Answer> {
  const response = await fetch(target.url + path, {
    method,
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    headers: { ...(json === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') && text !== '';
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}
const price = (fields = {}) => ({
  leads: 700,
  conversionRate: 0.05,
  avgDealValue: 1200,
  plan: 'growth',
  ...fields,
});
const login = async () => {
  const { body } = await ask('POST', '/api/login', { user: 'admin', password: 'plimsoll' });
  return { authorization: `Bearer ${body.token}` };
};

describe('the public routes', () => {
  it('price by the rules in the database, from the cache the second time', async () => {
    const [first, second] = [
      await ask('POST', '/api/pricing/calculate', price()),
      await ask('POST', '/api/pricing/calculate', price()),
    ];
    // 199 + (100 × 1.8 + 400 × 1.8 × 0.95 + 200 × 1.8 × 0.88) + 700 × 0.05 × 1200 × 0.022
    expect(first.body).toMatchObject({ price: 2303.8, currency: 'USD', cached: false });
    expect(second.body).toMatchObject({ price: 2303.8, cached: true });
    expect(first.body.breakdown).toMatchObject({ platformFee: 199, leads: 1180.8, successFee: 924 });
  });

  it('name every field that does not fit', async () => {
    const { status, body } = await ask('POST', '/api/pricing/calculate', {
      leads: 1.5,
      plan: 'gold',
      avgDealValue: 1,
    });
    expect(status).toBe(400);
    const fields = body.error.fields.map((mistake: { field: string }) => mistake.field);
    expect(fields).toEqual(['leads', 'conversionRate', 'plan']);
    expect(body.error.fields[2].expected).toContain('growth');
  });

  it('sum the events of a range per day', async () => {
    const week = await ask('GET', '/api/analytics?range=7d');
    expect(week.body.series).toHaveLength(7);
    expect(week.body.series.at(-1).day).toBe('2026-01-16');
    const ninety = await ask('GET', '/api/analytics?range=90d');
    expect(ninety.body.series).toHaveLength(90);
    const sum = ninety.body.series.reduce((total: number, day: { events: number }) => total + day.events, 0);
    expect(ninety.body.totals.events).toBe(sum);
    expect((await ask('GET', '/api/analytics?range=1y')).status).toBe(400);
  });

  it('report the ROI of an account as plain sums over its rows give it', async () => {
    const { body } = await ask('GET', '/api/roi/report?account=12');
    const client = new Client({ connectionString: postgres.url, options: '-c search_path=plimsoll_jorge' });
    await client.connect();
    const plain = await client.query<{ month: string; leads: number; spend: number; revenue: number }>(
      `SELECT to_char(month, 'YYYY-MM') AS month, count(*)::int AS leads, a.monthly_spend::float8 AS spend,
        (SELECT coalesce(sum(value), 0)::float8 FROM deals AS d
          WHERE d.account_id = 12 AND d.month = l.month AND d.stage = 'won') AS revenue
       FROM leads AS l JOIN accounts AS a ON a.id = l.account_id
       WHERE account_id = 12 GROUP BY l.month, a.monthly_spend ORDER BY 1`,
    );
    await client.end();
    const asGiven = body.months.map((month: Record<string, unknown>) => {
      return { month: month.month, leads: month.leads, spend: month.spend, revenue: month.revenue };
    });
    expect(asGiven).toEqual(plain.rows);
    const spent = plain.rows.reduce((sum, row) => sum + row.spend, 0);
    const earned = plain.rows.reduce((sum, row) => sum + row.revenue, 0);
    expect(body.roi).toBeCloseTo((earned - spent) / spent, 3);
    for (const month of body.months) expect(month.rank).toBeLessThanOrEqual(month.peers);
    for (const account of ['0', '301', 'x', '-1', '']) {
      expect((await ask('GET', `/api/roi/report?account=${account}`)).status).toBe(400);
    }
  });

  it('calculate savings', async () => {
    const input = { hoursPerWeek: 40, hourlyRate: 50, automationShare: 0.25 };
    const { body } = await ask('POST', '/api/savings/calculate', input);
    expect(body).toEqual({ monthlySavings: 2174.11, yearlySavings: 26_089.29 });
  });

  it('page through leads, newest first', async () => {
    const first = await ask('GET', '/api/leads?account=5');
    const second = await ask('GET', '/api/leads?account=5&page=2');
    expect(first.body.leads).toHaveLength(50);
    expect(first.body.leads.at(-1).id).toBeGreaterThan(second.body.leads[0].id);
    expect((await ask('GET', '/api/leads?page=0')).status).toBe(400);
    expect((await ask('GET', '/api/leads?page=900')).body.leads).toHaveLength(50);
    expect((await ask('GET', '/api/accounts/5')).body).toMatchObject({ id: 5, name: 'Account 5' });
    expect((await ask('GET', '/api/accounts/301')).status).toBe(404);
  });
});

describe('the admin routes', () => {
  it('refuse a wrong password, a missing token and a forged one', async () => {
    expect((await ask('POST', '/api/login', { user: 'admin', password: 'wrong' })).status).toBe(401);
    expect((await ask('POST', '/api/login', { user: 'user1', password: '' })).status).toBe(400);
    expect((await ask('POST', '/api/login', { user: 'user1', password: 'x' })).status).toBe(401);
    expect((await ask('GET', '/api/admin/overview')).status).toBe(401);
    const { authorization } = await login();
    const forged = { authorization: authorization.replace(/\.(.)/, (_, c) => (c === 'A' ? '.B' : '.A')) };
    expect((await ask('GET', '/api/admin/overview', undefined, forged)).status).toBe(401);
  });

  it('show counts and users', async () => {
    const headers = await login();
    const overview = await ask('GET', '/api/admin/overview', undefined, headers);
    expect(overview.body).toMatchObject({ accounts: 300, leads: 45_000, users: 401 });
    const users = await ask('GET', '/api/admin/users?page=9', undefined, headers);
    expect(users.body.users).toHaveLength(1);
    expect(JSON.stringify(users.body)).not.toContain('secret');
  });

  it('write a rate that the next price uses', async () => {
    const headers = await login();
    const before = await ask('POST', '/api/pricing/calculate', price({ plan: 'starter', leads: 100 }));
    const written = await ask('POST', '/api/admin/rates', { plan: 'starter', rate: 3.5 }, headers);
    expect(written.body).toMatchObject({ plan: 'starter', rate: 3.5 });
    const after = await ask('POST', '/api/pricing/calculate', price({ plan: 'starter', leads: 100 }));
    expect(after.body.cached).toBe(false);
    expect(after.body.price - before.body.price).toBeCloseTo(100, 6);
    expect((await ask('POST', '/api/admin/rates', { plan: 'starter', rate: -1 }, headers)).status).toBe(400);
  });
});

describe('requests that do not fit', () => {
  it('get 404, 405, 413 and 415', async () => {
    expect((await ask('GET', '/api/nothing')).status).toBe(404);
    const wrongMethod = await ask('DELETE', '/api/analytics');
    expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const large = await ask('POST', '/api/savings/calculate', { filler: 'x'.repeat(70_000) });
    expect(large.status).toBe(413);
    const plain = await ask('POST', '/api/savings/calculate', {}, { 'content-type': 'text/plain' });
    expect(plain.status).toBe(415);
    const response = await fetch(`${target.url}/api/savings/calculate`, {
      method: 'POST',
      body: '{"hours',
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('invalid_json');
  });

  it('answers a too long chunked body with 413 and closes', async () => {
    const answer = await raw(
      `POST /api/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n` +
        `11170\r\n${'x'.repeat(70_000)}\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer.toLowerCase()).toContain('connection: close');
  });

  it('leave the server alive after garbage and half requests', async () => {
    expect(await raw('NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    await raw(
      'POST /api/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{',
      50,
    );
    expect(await raw('GET /api/accounts/%zz%00 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')).toMatch(
      / 400 /,
    );
    expect((await ask('GET', '/health')).body.status).toBe('ok');
  });

  it('answer HEAD without a body', async () => {
    const { status, body, headers } = await ask('HEAD', '/api/analytics?range=7d');
    expect([status, body]).toEqual([200, '']);
    expect(Number(headers.get('content-length'))).toBeGreaterThan(100);
  });
});

/** Sends bytes and reads until the server closes, or until `giveUpAfterMs` and closes itself. */
function raw(text: string, giveUpAfterMs = 5000): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(new URL(target.url).port), '127.0.0.1', () => socket.write(text));
    const timer = setTimeout(() => socket.destroy(), giveUpAfterMs);
    socket.on('data', (data) => {
      answer += String(data);
    });
    // The server may reset a connection whose body it did not want.
    socket.on('error', (error) => (answer === '' ? reject(error) : undefined));
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}

describe('what the target tells about itself', () => {
  const sample = (text: string, name: string) => {
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
    return Number(line?.slice(name.length + 1));
  };

  it('counts requests by route and status, exactly', async () => {
    const name = 'jorge_http_requests_total{route="/api/roi/report",status="200"}';
    const before = sample((await ask('GET', '/metrics')).body, name);
    await Promise.all(Array.from({ length: 40 }, (_, k) => ask('GET', `/api/roi/report?account=${k + 1}`)));
    const after: string = (await ask('GET', '/metrics')).body;
    expect(sample(after, name) - before).toBe(40);
    const histogram = 'jorge_http_request_duration_seconds';
    expect(sample(after, `${histogram}_bucket{route="/api/roi/report",le="+Inf"}`)).toBe(
      sample(after, `${histogram}_count{route="/api/roi/report"}`),
    );
    expect(sample(after, 'jorge_db_pool_size')).toBe(20);
    expect(sample(after, 'process_resident_memory_bytes')).toBeGreaterThan(1e7);
    expect(sample(after, 'process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(sample(after, 'nodejs_eventloop_lag_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0);
  });

  it('counts cache hits and misses', async () => {
    await ask('GET', '/api/analytics?range=30d');
    const before: string = (await ask('GET', '/metrics')).body;
    await ask('GET', '/api/analytics?range=30d');
    const after: string = (await ask('GET', '/metrics')).body;
    expect(sample(after, 'jorge_cache_hits_total') - sample(before, 'jorge_cache_hits_total')).toBe(1);
    expect(sample(after, 'jorge_cache_misses_total')).toBe(sample(before, 'jorge_cache_misses_total'));
  });

  it('describes database, rows, cache and rate limit', () => {
    const text = target.describe().join('\n');
    expect(text).toContain(`PostgreSQL ${postgres.version} (given by URL), pool of 20`);
    expect(text).toMatch(/100,\d{3} rows \(seed 7\)/);
    expect(text).toContain('in-process cache');
    expect(text).toContain('rate limit: off');
  });
});

describe('a second target on the same database', () => {
  it('finds the rows there, and rejects above its rate limit', async () => {
    const started = performance.now();
    const second = await startTarget({
      databaseUrl: postgres.url,
      env: { JORGE_SEED: '7', JORGE_RATE_LIMIT: '5', JORGE_POOL_SIZE: '2' },
    });
    try {
      expect(performance.now() - started).toBeLessThan(2000);
      expect(second.describe().join()).toContain('already there');
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => fetch(`${second.url}/api/accounts/1`)),
      );
      const refused = answers.filter((answer) => answer.status === 429);
      expect(refused.length).toBeGreaterThanOrEqual(2);
      expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect((await fetch(`${second.url}/health`)).status).toBe(200);
    } finally {
      await second.stop();
    }
    await expect(fetch(`${second.url}/health`)).rejects.toThrow();
  });

  it('lets requests in flight finish when it stops', async () => {
    const second = await startTarget({
      databaseUrl: postgres.url,
      env: { JORGE_SEED: '7', JORGE_POOL_SIZE: '1' },
    });
    const requests = Array.from({ length: 10 }, (_, k) =>
      fetch(`${second.url}/api/roi/report?account=${k + 1}`),
    );
    await requests[0];
    const [answers] = await Promise.all([Promise.all(requests), second.stop()]);
    expect(answers.map((answer) => answer.status)).toEqual(Array(10).fill(200));
  });

  it('refuses a taken port and knobs that do not fit, and leaves nothing running', async () => {
    const port = Number(new URL(target.url).port);
    const env = { JORGE_SEED: '7' };
    await expect(startTarget({ databaseUrl: postgres.url, port, env })).rejects.toThrow(/is taken/);
    const broken = { ...env, JORGE_POOL_SIZE: '0' };
    await expect(startTarget({ databaseUrl: postgres.url, env: broken })).rejects.toThrow(/JORGE_POOL_SIZE/);
  });
});

describe('knobs that plant a problem', () => {
  const value = (page: string, name: string) => {
    const line = page.split('\n').find((one) => one.startsWith(`${name} `));
    return Number(line?.slice(name.length + 1));
  };
  const pageOf = async ({ url }: RunningTarget) => (await fetch(`${url}/metrics`)).text();
  const indexes = async () => {
    const client = new Client({ connectionString: postgres.url });
    await client.connect();
    const condition = `schemaname = 'plimsoll_jorge' AND tablename <> 'use_counts'`;
    const found = await client.query(`SELECT FROM pg_indexes WHERE ${condition}`);
    await client.end();
    return found.rowCount;
  };
  const start = (knobs: Record<string, string>) =>
    startTarget({ databaseUrl: postgres.url, env: { JORGE_SEED: '7', ...knobs } });

  it('keep the answers, and make what they say', async () => {
    const before = await indexes();
    const expected = (await ask('GET', '/api/leads?account=9')).body;
    const planted = await start({
      JORGE_INDEXES: 'off',
      JORGE_CACHE: 'cold',
      JORGE_CPU_MS: '30',
      JORGE_LEAK_KB: '1000',
      JORGE_UPSTREAM_MS: '40',
      JORGE_HOT_ROW: 'on',
      JORGE_N_PLUS_ONE: 'on',
      JORGE_KEEP_ALIVE: 'off',
    });
    try {
      expect(planted.describe()).toHaveLength(12);
      expect(await indexes()).toBe(before! - 5);
      const heap = value(await pageOf(planted), 'nodejs_heap_size_used_bytes');
      const leads = await fetch(`${planted.url}/api/leads?account=9`);
      expect(leads.headers.get('connection')).toBe('close');
      expect(await leads.json()).toEqual({ ...expected, owner: 'Emre' });
      expect(value(await pageOf(planted), 'jorge_db_statements_total')).toBe(51);
      const body = JSON.stringify(price());
      const headers = { 'content-type': 'application/json' };
      const prices = await Promise.all(
        Array.from({ length: 3 }, async () => {
          const answer = await fetch(`${planted.url}/api/pricing/calculate`, {
            method: 'POST',
            body,
            headers,
          });
          return (await answer.json()) as object;
        }),
      );
      for (const one of prices) expect(one).toMatchObject({ currency: 'USD', cached: false });
      const page = await pageOf(planted);
      expect(value(page, 'jorge_cache_misses_total')).toBe(3);
      const name = 'jorge_upstream_request_duration_seconds';
      expect(value(page, `${name}_count{system="crm"}`)).toBe(1);
      expect(value(page, `${name}_sum{system="crm"}`)).toBeGreaterThan(0.015);
      const route = 'jorge_http_request_duration_seconds_sum{route="/api/pricing/calculate"}';
      // One after the other on the event loop: 30 ms, 60 ms and 90 ms at the least.
      expect(value(page, route)).toBeGreaterThan(0.15);
      expect(value(page, 'nodejs_heap_size_used_bytes') - heap).toBeGreaterThan(3e6);
    } finally {
      await planted.stop();
    }
    await (await start({})).stop();
    expect(await indexes()).toBe(before);
  });

  it('count in one row, in the transaction of the request', async () => {
    const planted = await start({ JORGE_HOT_ROW: 'on' });
    const client = new Client({ connectionString: postgres.url });
    await client.connect();
    try {
      const table = 'plimsoll_jorge.use_counts';
      const calls = async () => Number((await client.query(`SELECT calls FROM ${table}`)).rows[0].calls);
      const before = await calls();
      await client.query(`BEGIN; UPDATE ${table} SET calls = calls`);
      const reports = [1, 2, 3].map((account) => fetch(`${planted.url}/api/roi/report?account=${account}`));
      await vi.waitFor(async () => {
        const text = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'`;
        expect((await client.query(text)).rowCount).toBe(3);
      });
      await client.query('COMMIT');
      for (const report of await Promise.all(reports)) expect(report.status).toBe(200);
      expect(await calls()).toBe(before + 3);
    } finally {
      await client.end();
      await planted.stop();
    }
  });

  it('open a connection for each statement without a pool', async () => {
    const planted = await start({ JORGE_POOL: 'off' });
    try {
      for (let account = 1; account <= 5; account++) await fetch(`${planted.url}/api/accounts/${account}`);
      const page = await pageOf(planted);
      expect(value(page, 'jorge_db_connections_opened_total')).toBe(5);
      expect(value(page, 'jorge_db_pool_wait_seconds_count')).toBe(5);
      expect(value(page, 'jorge_db_pool_connections{state="used"}')).toBe(0);
    } finally {
      await planted.stop();
    }
  });

  it('put the users and the database at a distance', async () => {
    const planted = await start({ JORGE_NETWORK_MS: '50', JORGE_DB_NETWORK_MS: '20' });
    try {
      const startedAtMs = performance.now();
      expect((await fetch(`${planted.url}/api/accounts/5`)).status).toBe(200);
      expect(performance.now() - startedAtMs).toBeGreaterThan(138);
      const page = await pageOf(planted);
      const name = 'jorge_http_request_duration_seconds_sum{route="/api/accounts/:id"}';
      expect(value(page, name)).toBeGreaterThan(0.038);
      const users = await Promise.all(
        [1, 2, 3].map((account) => fetch(`${planted.url}/api/leads?account=${account}`)),
      );
      for (const one of users) expect(JSON.parse(await one.text()).leads).toHaveLength(50);
    } finally {
      await planted.stop();
    }
    await expect(fetch(planted.url)).rejects.toThrow();
  });

  it.each([
    ['JORGE_NETWORK_MS', 'far'],
    ['JORGE_DB_NETWORK_MS', '-5'],
    ['JORGE_INDEXES', 'no'],
    ['JORGE_POOL', 'none'],
    ['JORGE_CACHE', 'off'],
    ['JORGE_CPU_MS', '-1'],
    ['JORGE_LEAK_KB', '1.5'],
    ['JORGE_UPSTREAM_MS', 'slow'],
    ['JORGE_HOT_ROW', 'yes'],
    ['JORGE_N_PLUS_ONE', '1'],
    ['JORGE_KEEP_ALIVE', 'false'],
  ])('refuse %s=%s', async (name, text) => {
    await expect(start({ [name]: text })).rejects.toThrow(name);
  });
});

describe('the data set', () => {
  it('is the same for the same seed and another for another', async () => {
    const digest = async (seed: string) => {
      const own = await startTarget({ databaseUrl: fresh.url, env: { JORGE_SEED: seed } });
      const paths = ['/api/analytics?range=90d', '/api/roi/report?account=3', '/api/leads?account=9'];
      const texts = await Promise.all(paths.map(async (path) => (await fetch(own.url + path)).text()));
      await own.stop();
      return texts.join().replaceAll(/"cached":\w+/g, '');
    };
    const fresh = await startPostgres();
    try {
      const [one, two, again] = [await digest('1'), await digest('2'), await digest('1')];
      expect(again).toBe(one);
      expect(two).not.toBe(one);
    } finally {
      await fresh.stop();
    }
  });

  it('leaves a schema of the same name alone that it did not make', async () => {
    const client = new Client({ connectionString: postgres.url });
    await client.connect();
    await client.query('CREATE DATABASE occupied');
    await client.end();
    const url = new URL(postgres.url);
    url.pathname = '/occupied';
    const other = new Client({ connectionString: url.href });
    await other.connect();
    await other.query('CREATE SCHEMA plimsoll_jorge; CREATE TABLE plimsoll_jorge.precious (id int)');
    await expect(startTarget({ databaseUrl: url.href, env: {} })).rejects.toThrow(/not made by this target/);
    expect((await other.query('SELECT * FROM plimsoll_jorge.precious')).rowCount).toBe(0);
    await other.end();
  });
});
