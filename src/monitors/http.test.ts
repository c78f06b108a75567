import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { httpFigures } from '../model/monitor-figures.ts';
import type { SourceOf } from '../model/monitor-settings.ts';
import { valueFigures } from '../model/selection-figures.ts';
import { monotonicMs } from '../time/clock.ts';
import { createHttpMonitor } from './http.ts';
import { httpSource, startHttpSource } from './http-source.cases.ts';
import { describeMonitor, failureOf, read } from './monitor.cases.ts';

type Settings = Partial<Omit<SourceOf<'http'>, 'kind' | 'url'>>;

function monitorOf(url: string, settings: Settings = {}, timeoutMs = 10_000) {
  const source: SourceOf<'http'> = { kind: 'http', url, json: {}, figures: {}, ...settings };
  const monitor = createHttpMonitor(source, undefined, { timeoutMs });
  onTestFinished(() => monitor.close());
  return monitor;
}

/** A health page whose status and body the test can change. */
async function healthPage() {
  const shown = { status: 200, body: 'ok' };
  const source = await httpSource((_request, response) => {
    response.writeHead(shown.status, { 'content-type': 'text/plain' }).end(shown.body);
  });
  return { ...source, shown };
}

test('a target that is well is up, with status and latency', async () => {
  const { url, requests } = await healthPage();
  const { values, events } = await read(monitorOf(url));
  expect(values).toEqual({ up: 1, status: 200, latency_ms: expect.any(Number) as number, downtime_ms: 0 });
  expect(values.latency_ms).toBeGreaterThan(0);
  expect(events).toBeUndefined();
  expect(requests[0]!.request.headers.connection).toBe('close');
});

test('one more probe shows its answer, without cookies and secrets', async () => {
  const { url } = await httpSource((_request, response) => {
    response.setHeader('set-cookie', 'session=17');
    response.setHeader('x-api-key', 'abc');
    response.writeHead(503, { 'content-type': 'text/plain', 'retry-after': '3' }).end('busy');
  });
  const [table] = await monitorOf(url).diagnose!(new AbortController().signal);
  const rows = new Map(table!.rows as [string, string][]);
  expect(rows.get('state')).toBe('down: the answer has status 503');
  expect(rows.get('retry-after')).toBe('3');
  expect(rows.get('body')).toBe('4 bytes');
  expect(rows.has('set-cookie') || rows.has('x-api-key')).toBe(false);
});

test('what is not as expected is down, with the reason once', async () => {
  const { url, shown } = await healthPage();
  const troubleOf = async (settings: Settings): Promise<string> => {
    const monitor = monitorOf(url, settings);
    const { values, events } = await read(monitor);
    expect(values).toMatchObject({ up: 0, status: shown.status });
    expect((await read(monitor)).events).toBeUndefined();
    expect(events).toHaveLength(1);
    return events![0]!;
  };
  expect(await troubleOf({ statuses: [204, 404] })).toBe('down since this probe: the answer has status 200');
  expect(await troubleOf({ bodyContains: 'fine' })).toBe(
    'down since this probe: the answer does not contain "fine"',
  );
  expect(await troubleOf({ json: { status: 'up' } })).toBe('down since this probe: the answer is not JSON');
  shown.body = '{"db":{"status":"lost","ok":false}}';
  expect(await troubleOf({ json: { 'db.status': 'up' } })).toMatch(
    /db\.status is "lost", and should be "up"$/,
  );
  expect(await troubleOf({ json: { 'db.ok': true } })).toMatch(/db\.ok is false, and should be true$/);
  expect(await troubleOf({ json: { 'cache.status': 'up' } })).toMatch(
    /cache\.status is not there, and should be "up"$/,
  );
  shown.status = 503;
  expect(await troubleOf({})).toMatch(/the answer has status 503$/);
  shown.status = 302;
  expect(await troubleOf({})).toMatch(/the answer has status 302$/);
  const fine = await read(
    monitorOf(url, { statuses: [302], json: { 'db.ok': false }, bodyContains: 'lost' }),
  );
  expect(fine.values.up).toBe(1);
});

test('downtime is the time from the first failed probe to the first good one', async () => {
  const { url, stop, start } = await healthPage();
  const monitor = monitorOf(url);
  await read(monitor);
  await stop();
  const downAtMs = monotonicMs();
  const down = await read(monitor);
  expect(down.values).toEqual({ up: 0, downtime_ms: 0 });
  expect(down.events).toEqual([
    `down since this probe: GET ${url}: the connection was refused, so nothing listens there`,
  ]);
  await sleep(120);
  const still = await read(monitor);
  expect(still.values.downtime_ms).toBeGreaterThanOrEqual(115);
  await start();
  await sleep(50);
  const up = await read(monitor);
  const passedMs = monotonicMs() - downAtMs;
  expect(up.values.up).toBe(1);
  expect(up.values.downtime_ms).toBeGreaterThanOrEqual(165);
  expect(up.values.downtime_ms).toBeLessThanOrEqual(passedMs);
  expect(up.events).toEqual([expect.stringMatching(/^up again after \d+\.\d s$/)]);
  expect((await read(monitor)).values.downtime_ms).toBe(up.values.downtime_ms);
});

test('a target that hangs is down before the reading is given up', async () => {
  const { url, hang } = await healthPage();
  const monitor = monitorOf(url, {}, 250);
  const goOn = await hang();
  const { values, events } = await monitor.read(AbortSignal.timeout(10_000));
  expect(values).toEqual({ up: 0, downtime_ms: 0 });
  expect(events).toEqual(['down since this probe: no answer within 0.2 s']);
  goOn();
  expect((await read(monitor)).values.up).toBe(1);
});

test('a page that breaks off, is no HTTP or is too large is down', async () => {
  const breaksOff = await httpSource((_request, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('ok', () => response.destroy());
  });
  expect((await read(monitorOf(breaksOff.url))).values).toEqual({ up: 0, downtime_ms: 0 });
  const large = await httpSource((_request, response) => {
    response.end(Buffer.alloc(2 * 2 ** 20));
  });
  expect((await read(monitorOf(large.url))).events).toEqual([expect.stringMatching(/larger than 1 MiB/)]);
});

test('figures are read off the JSON answer, also of one that is down', async () => {
  const { url, shown } = await healthPage();
  shown.status = 503;
  shown.body = '{"queue":{"length":7},"nodes":[{"ready":true}],"pi":"3.5","no":"many"}';
  const monitor = monitorOf(url, {
    figures: {
      queue: 'queue.length',
      ready: 'nodes.0.ready',
      pi: 'pi',
      no: 'no',
      gone: 'queue.gone',
      p: '__proto__.x',
    },
  });
  const { values, events } = await read(monitor);
  expect(values).toMatchObject({ up: 0, queue: 7, ready: 1, pi: 3.5 });
  expect(Object.keys(values).sort()).toEqual([
    'downtime_ms',
    'latency_ms',
    'pi',
    'queue',
    'ready',
    'status',
    'up',
  ]);
  expect(events).toHaveLength(1);
  shown.status = 200;
  expect((await read(monitor)).events).toEqual([
    expect.stringMatching(/^up again after/),
    'no: the answer has no number at no',
    'gone: the answer has no number at queue.gone',
    'p: the answer has no number at __proto__.x',
  ]);
  expect((await read(monitor)).events).toBeUndefined();
});

test('restarts are counted by the value that says so', async () => {
  const { url, shown } = await healthPage();
  const monitor = monitorOf(url, { restart: 'process.startedAt' });
  shown.body = '{}';
  expect(await read(monitor)).toMatchObject({
    events: ['restarts: the answer has no value at process.startedAt'],
  });
  const restartsWith = async (startedAt: string) => {
    shown.body = JSON.stringify({ process: { startedAt } });
    const { values, events } = await read(monitor);
    return [values.restarts, events];
  };
  expect(await restartsWith('10:00')).toEqual([0, undefined]);
  expect(await restartsWith('10:00')).toEqual([0, undefined]);
  expect(await restartsWith('10:05')).toEqual([
    1,
    ['the target was restarted: process.startedAt is now "10:05"'],
  ]);
});

test('a reading that is given up before the target is late rejects', async () => {
  const { url, hang } = await healthPage();
  const monitor = monitorOf(url, {}, 60_000);
  const goOn = await hang();
  const failure = (await failureOf(monitor.read(AbortSignal.timeout(50)))) as Error;
  expect(failure.message).toBe(`GET ${url}: no complete answer came before the time limit`);
  goOn();
});

const source = await startHttpSource((request, response) => {
  const { authorization } = request.headers;
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ queue: 3, startedAt: 12, authorization }));
});
afterAll(() => source.stop());
const figures = { queue: 'queue' };

describeMonitor('the monitor of a health page', {
  create: () =>
    createHttpMonitor(
      { kind: 'http', url: source.url, json: {}, figures, restart: 'startedAt', bodyContains: 'queue' },
      { url: source.url, headers: { authorization: 'Bearer tok-4711' } },
      { timeoutMs: 10_000 },
    ),
  figures: { ...httpFigures, ...valueFigures(figures) },
  always: ['up', 'status', 'latency_ms', 'downtime_ms', 'restarts', 'queue'],
  secrets: ['tok-4711'],
  stop: source.stop,
  start: source.start,
  hang: source.hang,
  failsWhenGone: false,
});

test('a server that speaks something else is down', async () => {
  const server = http.createServer();
  server.on('connection', (socket) => socket.end('220 mail.example ESMTP\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as { port: number };
  const { values, events } = await read(monitorOf(`http://127.0.0.1:${port}`));
  expect(values.up).toBe(0);
  expect(events).toHaveLength(1);
});
