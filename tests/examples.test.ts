// Every suite in examples/ is run through the built command line, against the small shop below.

import { readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from 'plimsoll';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { readRecord, runCli, temporaryFolder } from './run-cli.ts';

const examples = fileURLToPath(new URL('../examples/', import.meta.url));

interface Answer {
  readonly status?: number;
  readonly json: unknown;
  readonly cookie?: string;
}

/** What each route of the shop answers. `user` is the one whom the cookie names. */
const routes: Readonly<
  Record<string, (request: { body: string; path: string; user: string; bearer: string }) => Answer>
> = {
  'GET /api/accounts': ({ path }) => ({ json: { id: Number(path.split('/').at(-1)) } }),
  'POST /api/savings': () => ({ json: { monthlySavings: 1 } }),
  'POST /login': ({ body }) => {
    const { user } = JSON.parse(body) as { user: string };
    return { json: { token: `token-of-${user}` }, cookie: `user=${user}; Path=/; HttpOnly` };
  },
  'POST /logout': ({ user, bearer }) => ({ status: bearer === `token-of-${user}` ? 200 : 401, json: {} }),
  'GET /profile': ({ user, bearer }) => ({
    status: bearer === `token-of-${user}` ? 200 : 401,
    json: { user },
  }),
  'GET /items': ({ path }) => ({ json: path === '/items' ? [1, 2, 3] : { id: path.slice(7) } }),
  'POST /orders': () => ({ status: 201, json: { value: 42 } }),
  'GET /health': () => ({ json: {} }),
};

let server: http.Server;
let url: string;

/** Three prices, then the end. */
function tellPrices(response: http.ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let price = 1; price <= 3; price++) response.write(`event: price\ndata: ${price}\n\n`);
  setTimeout(() => response.end(), 20);
}

async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const path = request.url!;
  if (path === '/events') {
    tellPrices(response);
    return;
  }
  const name = Object.keys(routes).find((key) => `${request.method} ${path}`.startsWith(key));
  const { status, json, cookie } = routes[name!]?.({
    body: Buffer.concat(chunks).toString(),
    path,
    user: /user=([^;]*)/.exec(request.headers.cookie ?? '')?.[1] ?? '',
    bearer: (request.headers.authorization ?? '').replace('Bearer ', ''),
  }) ?? { status: 404, json: {} };
  response.writeHead(status ?? 200, {
    'content-type': 'application/json',
    ...(cookie !== undefined && { 'set-cookie': cookie }),
  });
  response.end(JSON.stringify(json));
}

beforeAll(async () => {
  server = http.createServer((request, response) => void answer(request, response));
  // Says everything back.
  new WebSocketServer({ server, path: '/chat' }).on('connection', (socket) => {
    socket.on('message', (data) => socket.send(data.toString()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function runExample(file: string, suite: string, ...flags: string[]) {
  const folder = temporaryFolder();
  try {
    const args = [`${examples}${file}`, '--base-url', url, '--out', folder.path, '--workers', '1', ...flags];
    const { code, stdout, stderr } = await runCli(['run', ...args]);
    const output = stdout + stderr;
    return {
      code,
      output,
      record: [0, 1, 5].includes(code ?? -1) ? readRecord(folder.path, suite) : undefined,
      session: sessionSummary(join(folder.path, suite)),
    };
  } finally {
    folder.dispose();
  }
}

/** The executive summary of several runs, where there is one. */
function sessionSummary(folder: string): unknown {
  const file = readdirSync(folder).find((name) => /^executive.*json$/.test(name));
  return file === undefined ? undefined : JSON.parse(readFileSync(join(folder, file), 'utf8'));
}

/** Runs an example that must do well. A machine too busy to judge by (exit 5) does not make it a bad one. */
async function runWell(file: string, suite: string, ...flags: string[]): Promise<RunRecord> {
  const { code, output, record } = await runExample(file, suite, ...flags);
  expect([0, 5], output).toContain(code);
  const { metrics, errors, checks } = record!;
  expect(errors).toEqual([]);
  expect(checks.filter(({ fails }) => fails > 0)).toEqual([]);
  expect(metrics.http_req_failed?.values).toMatchObject({ rate: 0 });
  const broken = Object.values(metrics).flatMap(({ thresholds = {} }) =>
    Object.entries(thresholds).filter(([, { ok, level }]) => !ok && level === 'critical'),
  );
  // Limits of time are for machines that have some to spare.
  expect(broken.filter(([expression]) => !expression.startsWith('p('))).toEqual([]);
  return record!;
}

function count(record: RunRecord, series: string): number {
  const values = record.metrics[series]?.values;
  return values !== undefined && 'count' in values ? values.count : 0;
}

describe.concurrent.each(['first-suite.ts', 'first-suite.yaml'])('%s', (file) => {
  test('does both tasks in its smoke profile', async () => {
    const record = await runWell(file, 'first', '--duration', '2s', '--think-time', '5');
    expect(
      count(record, 'http_reqs{method:GET,name:/api/accounts/:id,task:view_account,user:customer}'),
    ).toBe(count(record, 'http_reqs{task:view_account,user:customer}'));
    const views = count(record, 'iterations{task:view_account,user:customer}');
    const savings = count(record, 'iterations{task:calculate_savings,user:customer}');
    expect(savings).toBeGreaterThan(0);
    expect(views).toBeGreaterThan(savings);
    expect(record.checks).toHaveLength(3);
  });

  test('starts 50 iterations a second in its rush profile', async () => {
    const record = await runWell(file, 'first', '--profile', 'rush', '--duration', '1s');
    expect(count(record, 'iterations') + record.generator.droppedIterations).toBe(50);
  });
});

test.concurrent('objectives.yaml judges the objectives over both profiles, and says that a shorter load proves nothing', async () => {
  const { code, output, record, session } = await runExample(
    'objectives.yaml',
    'objectives',
    ...['--all', '--duration', '1s', '--no-color'],
  );
  // What is judged depends on the machine; that all is judged does not.
  expect([0, 1, 5], output).toContain(code);
  expect(record!.compliance?.objectives.map(({ name }) => name)).toEqual([
    'account_speed',
    'sustained_rate',
    'few_errors',
    'no_outage',
  ]);
  const summary = session as {
    scenarios: { total: number };
    readiness: { status: string; reasons: readonly string[] };
  };
  expect(summary.scenarios.total).toBe(2);
  expect(['open', 'not-ready']).toContain(summary.readiness.status);
  expect(summary.readiness.reasons.join(' ')).toContain('The load of rush was not that of the profile');
  expect(output).toMatch(/Load test results by profile {2}\d of 2 passed/);
});

test.concurrent('login-session.ts logs every user in and out once, and its cookies come back', async () => {
  const record = await runWell('login-session.ts', 'login-session', '--ops', '5', '--think-time', '1');
  expect(count(record, 'http_reqs{method:POST,name:/login,task:onStart,user:member}')).toBe(4);
  expect(count(record, 'http_reqs{method:POST,name:/logout,task:onStop,user:member}')).toBe(4);
  expect(record.checks.map(({ name, passes }) => [name, passes])).toEqual([
    ['it is my own', 20],
    ['status is 200', 20],
  ]);
});

test.concurrent('arrival-rate.ts starts 60 iterations a second', async () => {
  const record = await runWell('arrival-rate.ts', 'arrival-rate', '--duration', '1s');
  expect(count(record, 'iterations') + record.generator.droppedIterations).toBe(60);
});

test.concurrent('arrival-rate.ts ends early, and fails, when its target only answers with errors', async () => {
  const failing = http.createServer((_request, response) => response.writeHead(503).end());
  await new Promise<void>((resolve) => failing.listen(0, '127.0.0.1', resolve));
  const { port } = failing.address() as AddressInfo;
  const flags = ['--duration', '20s', '--base-url', `http://127.0.0.1:${port}`];
  const { code, output, record } = await runExample('arrival-rate.ts', 'arrival-rate', ...flags);
  failing.close();
  failing.closeAllConnections();
  expect([1, 5], output).toContain(code);
  const { thresholds } = record!.metrics.http_req_failed!;
  expect(thresholds?.['rate<0.5']).toMatchObject({ ok: false, aborted: true, actual: 1 });
  // Not before the delay of its threshold.
  expect(record!.timeline.at(-1)!.endAtMs).toBeGreaterThanOrEqual(2000);
  expect(count(record!, 'http_reqs')).toBeLessThan(20 * 60);
});

test.concurrent('flow-with-probabilities.ts does each step with its own probability', async () => {
  const record = await runWell(
    'flow-with-probabilities.ts',
    'flow',
    ...['--profile', 'sale', '--ops', '40', '--think-time', '1', '--seed', '7'],
  );
  expect(count(record, 'iterations')).toBe(200);
  expect(count(record, 'http_reqs{task:browse,user:shopper}')).toBe(200);
  expect(count(record, 'http_reqs{task:view,user:shopper}')).toBe(200);
  // Half of 200, give or take five standard deviations.
  expect(Math.abs(count(record, 'http_reqs{task:buy,user:shopper}') - 100)).toBeLessThan(36);
});

test.concurrent('custom-metrics-and-groups.ts records its own metrics and its group', async () => {
  const record = await runWell('custom-metrics-and-groups.ts', 'custom-metrics', '--ops', '10');
  expect(record.metrics.order_value?.values).toMatchObject({ count: 30, min: 42, max: 42 });
  expect(record.metrics.stock_known?.values).toMatchObject({ passes: 30, fails: 0 });
  expect(record.metrics.page_weight).toMatchObject({ contains: 'data', values: { min: 7, max: 7 } });
  expect(record.metrics.orders_placed?.values).toMatchObject({ count: 30 });
  expect(record.metrics['group_duration{group:checkout}']?.values).toMatchObject({ count: 30 });
});

test.concurrent('phases.ts goes through its phases in order', async () => {
  const record = await runWell('phases.ts', 'phases', '--duration', '3s');
  expect(record.plan.scenarios.map(({ name }) => name)).toEqual(['morning', 'noon', 'evening']);
  for (const name of ['morning', 'noon', 'evening']) {
    expect(count(record, `iterations{scenario:${name}}`)).toBeGreaterThan(0);
  }
});

test.concurrent('chat-and-events.ts keeps one socket per chatter, and hears every price', async () => {
  const record = await runWell('chat-and-events.ts', 'chat-and-events', '--duration', '1s');
  expect(count(record, 'ws_sessions{name:/chat,task:onStart,user:chatter}')).toBe(4);
  expect(count(record, 'ws_msgs_sent')).toBe(count(record, 'iterations{task:talk,user:chatter}'));
  expect(count(record, 'ws_msgs_received')).toBe(count(record, 'ws_msgs_sent'));
  const sessions = count(record, 'sse_sessions{name:/events,task:listen,user:listener}');
  expect(sessions).toBeGreaterThan(0);
  expect(count(record, 'sse_events')).toBe(3 * sessions);
  expect(count(record, 'http_reqs')).toBe(sessions);
});

test.concurrent('watched.ts watches the shop, and leaves out a database that nobody names', async () => {
  const record = await runWell('watched.ts', 'watched', '--duration', '3s');
  expect(Object.keys(record.monitors).sort()).toEqual(['generator', 'generator_host', 'health', 'shop']);
  expect(record.monitors.health!.readings).toBeGreaterThanOrEqual(3);
  expect(record.metrics.monitor_health_up).toMatchObject({ type: 'gauge', values: { min: 1, max: 1 } });
  expect(record.metrics.monitor_shop_rss_bytes?.thresholds?.['max<1GB']).toMatchObject({ ok: true });
  expect(record.plan.thresholds.map(({ metric }) => metric)).not.toContain('monitor_postgres_deadlocks');
  expect(record.alerts).toMatchObject([{ name: 'failing', episodeCount: 0 }, { name: 'busy' }]);
});

test.concurrent('test-data.yaml logs each user in as another customer of its file', async () => {
  const record = await runWell('test-data.yaml', 'test-data', '--duration', '2s', '--think-time', '20');
  const [customers, orders] = record.data!;
  expect(customers).toMatchObject({ name: 'customers', rows: 4, given: 4, refused: 0, endedAtMs: null });
  expect(orders).toMatchObject({ name: 'orders', rows: null, wraps: 0 });
  expect(orders!.given).toBe(count(record, 'iterations{task:order,user:customer}'));
  expect(count(record, 'http_reqs{method:POST,name:/login,task:onStart,user:customer}')).toBe(4);
  expect(record.checks.map(({ name }) => name).sort()).toEqual(['ordered', 'own profile']);
});

test('every suite in the folder has a test above', () => {
  const files = readdirSync(examples).filter((file) => !/\.(md|csv)$/.test(file));
  expect(files.sort()).toEqual([
    'arrival-rate.ts',
    'chat-and-events.ts',
    'custom-metrics-and-groups.ts',
    'first-suite.ts',
    'first-suite.yaml',
    'flow-with-probabilities.ts',
    'login-session.ts',
    'objectives.yaml',
    'phases.ts',
    'test-data.yaml',
    'watched.ts',
  ]);
});
