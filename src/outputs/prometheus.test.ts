import http from 'node:http';
import { expect, test } from 'vitest';
import { type PrometheusSample, parsePage, sumsOfSamples } from './decoders.cases.ts';
import { createLoad, run, TestWorker, transition, trendOf } from './load.cases.ts';
import { outputCases } from './output.cases.ts';
import { createOutputs } from './outputs.ts';
import { formatFor } from './prometheus-page.ts';
import { freePort } from './receivers.cases.ts';

async function scrape(port: number, accept?: string): Promise<{ type: string; text: string }> {
  const response = await fetch(
    `http://127.0.0.1:${port}/metrics`,
    accept === undefined ? {} : { headers: { accept } },
  );
  expect(response.status).toBe(200);
  return { type: response.headers.get('content-type')!, text: await response.text() };
}

for (const [name, accept, format] of [
  ['a Prometheus page', 'text/plain', 'text'],
  ['an OpenMetrics page', 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5', 'openmetrics'],
] as const) {
  outputCases(name, {
    async start() {
      const port = await freePort();
      let samples: PrometheusSample[] = [];
      return {
        definition: { kind: 'prometheus', port },
        async beforeClose() {
          const { type, text } = await scrape(port, accept);
          expect(type).toContain(format === 'text' ? 'version=0.0.4' : 'openmetrics-text; version=1.0.0');
          samples = parsePage(text, format);
        },
        sums: async () => sumsOfSamples(samples),
        close: async () => {},
      };
    },
  });
}

test('times are in seconds, sizes in bytes, and alerts and figures of monitors among the gauges', async () => {
  const port = await freePort();
  const hub = await createOutputs([{ kind: 'prometheus', port }], run);
  createLoad().feed(hub);
  hub.alert(transition);
  const { text } = await scrape(port);
  await hub.close(0);
  const samples = parsePage(text, 'text');
  const only = (name: string, labels: Record<string, string> = {}): number => {
    const found = samples.filter(
      (one) =>
        one.name === name && Object.entries(labels).every(([label, value]) => one.labels[label] === value),
    );
    expect(found, name).toHaveLength(1);
    return found[0]!.value;
  };
  expect(only('plimsoll_monitor_db_lag_seconds')).toBe(1.5);
  expect(only('plimsoll_alert_firing', { alert: 'slow', level: 'critical' })).toBe(1);
  expect(only('plimsoll_alert_firing', { alert: 'slow', level: 'warning' })).toBe(0);
  // Values 0.25, 1, 7, 8, 9, 300 and 70,000 ms of three workers.
  const upTo = (le: string): number => only('plimsoll_http_req_duration_seconds_bucket', { le });
  expect([upTo('0.0005'), upTo('0.001'), upTo('0.005'), upTo('0.01')]).toEqual([3, 6, 6, 9]);
  expect([upTo('0.25'), upTo('0.5'), upTo('60.0'), upTo('+Inf')]).toEqual([9, 12, 12, 15]);
  expect(text).toContain('# HELP plimsoll_monitor_db_read_bytes_total monitor_db_read_bytes: bytes read\n');
});

test('names and labels that Prometheus would not take are changed, and none come twice', async () => {
  const port = await freePort();
  const hub = await createOutputs([{ kind: 'prometheus', port }], { ...run, tags: {} });
  const worker = new TestWorker(0);
  hub.window(
    worker.window(0, [
      {
        metric: 'a-b',
        tags: { 'x-y': '1', x_y: '2', le: '3', suite: '4', '9': '5', '': '6', none: '' },
        delta: { type: 'counter', count: 1 },
      },
      { metric: 'a_b', delta: { type: 'counter', count: 2 } },
      { metric: 'orders_total', delta: { type: 'counter', count: 3 } },
      { metric: 'orders', delta: { type: 'trend', histogram: trendOf([-1, 0, 3]) } },
      { metric: 'orders_count', delta: { type: 'gauge', value: 7, min: 0, max: 7 } },
    ]),
  );
  const { text } = await scrape(port, 'application/openmetrics-text');
  await hub.close(0);
  const samples = parsePage(text, 'openmetrics');
  const byName = new Map(samples.map((sample) => [sample.name, sample]));
  expect(byName.get('plimsoll_a_b_total')!.labels).toEqual({
    x_y: '1',
    x_y_2: '2',
    tag_le: '3',
    tag_suite: '4',
    tag_9: '5',
    tag_: '6',
    suite: 'shop',
    profile: 'smoke',
    run: 'r1',
  });
  expect(byName.get('plimsoll_a_b_2_total')!.value).toBe(2);
  expect(byName.get('plimsoll_orders_total')!.value).toBe(3);
  expect(byName.get('plimsoll_orders_2_count')!.value).toBe(3);
  expect(byName.get('plimsoll_orders_count_2')!.value).toBe(7);
});

test('a port that is taken does not end the run, and is used once it is free', async () => {
  const port = await freePort();
  const first = await createOutputs([{ kind: 'prometheus', port }], run);
  const second = await createOutputs([{ kind: 'prometheus', port }], run);
  const load = createLoad();
  load.feed(second);
  await first.close(0);
  let got: { text: string } | undefined;
  for (let k = 0; k < 100 && got === undefined; k++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    got = await scrape(port).catch(() => undefined);
  }
  expect(sumsOfSamples(parsePage(got!.text, 'text')).requests).toBe(load.sums().requests);
  const [tally] = await second.close(0);
  expect(tally).toMatchObject({
    sent: load.points,
    lost: 0,
    lastError: `port ${port} of 127.0.0.1 is taken`,
  });
  expect(tally!.failures).toBeGreaterThan(0);
});

test('what no scrape has read is lost', async () => {
  const port = await freePort();
  const hub = await createOutputs([{ kind: 'prometheus', port }], run);
  const load = createLoad();
  load.feed(hub);
  await scrape(port);
  const readPoints = load.points;
  load.feed(hub);
  const [tally] = await hub.close(100);
  expect(tally).toMatchObject({ sent: readPoints, lost: load.points - readPoints });
});

test('closing waits for the next scrape when one is due', async () => {
  const port = await freePort();
  const hub = await createOutputs([{ kind: 'prometheus', port }], run);
  const load = createLoad();
  load.feed(hub);
  await scrape(port);
  await scrape(port);
  load.feed(hub);
  const closing = hub.close(5000);
  await scrape(port);
  const [tally] = await closing;
  expect(tally).toMatchObject({ sent: load.points, lost: 0 });
});

test('other paths and methods are refused', async () => {
  const port = await freePort();
  const hub = await createOutputs([{ kind: 'prometheus', port }], run);
  const status = async (path: string, method: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}${path}`, { method })).status;
  expect(await status('/', 'GET')).toBe(404);
  expect(await status('/metrics', 'POST')).toBe(405);
  expect(await status('/metrics', 'HEAD')).toBe(200);
  expect(await status('//', 'GET')).toBe(404);
  expect(await status('/metrics?x=1', 'GET')).toBe(200);
  await hub.close(0);
});

test.each([
  [undefined, 'text'],
  ['*/*', 'text'],
  ['text/html', 'text'],
  ['application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3', 'openmetrics'],
  ['application/openmetrics-text;q=0.2,text/plain;q=0.9', 'text'],
  ['application/openmetrics-text;version=2.0.0', 'text'],
])('the format for Accept %s is %s', (accept, format) => {
  expect(formatFor(accept)).toBe(format);
});

/** The status that a scrape by this `Host` gets. */
function statusBy(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/metrics', headers: { host }, agent: false };
    http
      .get(options, (response) => {
        response.resume();
        resolve(response.statusCode!);
      })
      .on('error', reject);
  });
}

test('a page for this machine alone is not given to names that others have for it', async () => {
  const port = await freePort();
  const hub = await createOutputs([{ kind: 'prometheus', port }], run);
  createLoad().feed(hub);
  expect(await statusBy(port, 'evil.example')).toBe(403);
  expect(await statusBy(port, `127.0.0.1.evil.example:${port}`)).toBe(403);
  for (const own of ['localhost', `127.0.0.1:${port}`, '[::1]']) expect(await statusBy(port, own)).toBe(200);
  await hub.close(0);
  const open = await createOutputs([{ kind: 'prometheus', port, host: '0.0.0.0' }], run);
  expect(await statusBy(port, 'scraped.example')).toBe(200);
  await open.close(0);
});
