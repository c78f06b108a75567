import http from 'node:http';
import type net from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { MonitorPlan, MonitorSource } from '../model/monitor-settings.ts';
import { blackHole } from '../network/black-hole.cases.ts';
import { Dialer } from '../network/dialer.ts';
import type { NameLookup } from '../network/name-lookup.ts';
import { TrafficGuard } from '../network/traffic-guard.ts';
import { createMonitor } from './monitors.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const plan = (source: MonitorSource): MonitorPlan => ({
  name: 'watched',
  title: 'watched',
  intervalMs: 1000,
  timeoutMs: 5000,
  share: 1,
  figures: {},
  source,
});
const answers =
  (...addresses: string[]): NameLookup =>
  (_name, callback) =>
    setImmediate(() =>
      callback(
        null,
        addresses.map((address) => ({ address, family: 4 })),
      ),
    );

async function listen(host: string, port: number): Promise<{ requests: () => number }> {
  let count = 0;
  const server = http.createServer((_request, response) => {
    count++;
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end('up 1\n');
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  closers.push(() => server.closeAllConnections());
  closers.push(() => server.close());
  return { requests: () => count };
}

async function freePort(): Promise<number> {
  const server = http.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('monitors wait for an address that answers late, and try the next one beside it', async () => {
  const port = await blackHole('127.0.0.1', (close) => closers.push(close));
  const { requests } = await listen('127.0.0.2', port);
  const dialer = new Dialer({ lookup: answers('127.0.0.1', '127.0.0.2') });
  const url = `http://shop.test:${port}/health`;
  const probe = await createMonitor(plan({ kind: 'http', url, json: {}, figures: {} }), {}, dialer);
  const page = await createMonitor(plan({ kind: 'prometheus', url, select: {} }), {}, dialer);
  closers.push(() => Promise.all([probe.close(), page.close()]));
  expect((await probe.read(AbortSignal.timeout(5000))).values).toMatchObject({ up: 1, status: 200 });
  await page.read(AbortSignal.timeout(5000));
  expect(requests()).toBe(2);
});

test('a reading that is given up while connecting leaves no connection behind', async () => {
  const port = await blackHole('127.0.0.1', (close) => closers.push(close));
  const url = `http://127.0.0.1:${port}/metrics`;
  const page = await createMonitor(plan({ kind: 'prometheus', url, select: {} }));
  const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
  const before = sockets();
  const reading = page.read(AbortSignal.timeout(200));
  await expect(reading).rejects.toThrow('no complete answer');
  await page.close();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(sockets()).toBeLessThanOrEqual(before);
});

const sources: MonitorSource[] = [
  { kind: 'http', url: 'http://shop:PORT/', json: {}, figures: {} },
  { kind: 'prometheus', url: 'http://shop:PORT/metrics', select: {} },
  { kind: 'prometheus-query', url: 'http://shop:PORT', queries: { up: 'up' } },
  { kind: 'host', nodeExporter: 'http://shop:PORT/metrics' },
  { kind: 'postgres', url: 'postgresql://u@shop:PORT/d', slowStatementMs: 1000 },
  { kind: 'redis', url: 'redis://shop:PORT/0' },
];

test.each(sources)('$kind asks the guard before it connects', async (source) => {
  const port = await freePort();
  const text = JSON.stringify(source).replace('PORT', String(port));
  const told: string[] = [];
  const guard = new TrafficGuard({ allowedHosts: [], environmentSigns: [] }, ({ host, reason }) =>
    told.push(`${host}: ${reason}`),
  );
  const dialer = new Dialer({ guard, lookup: answers('203.0.113.7') });
  const monitor = await createMonitor(plan(JSON.parse(text) as MonitorSource), {}, dialer);
  closers.push(() => monitor.close());
  const read = await monitor.read(AbortSignal.timeout(3000)).catch((error: unknown) => String(error));
  if (source.kind !== 'http') expect(read).toContain('refused to contact shop');
  expect(told).toEqual(['shop: shop is at 203.0.113.7, a public address']);
});
