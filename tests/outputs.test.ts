// A run that sends what it measures to five receivers at once: each has been told of every request.

import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { uncompress } from 'snappyjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  decodeProtobuf,
  doubleOf,
  messagesOf,
  type PrometheusSample,
  parseLines,
  parsePage,
  sumsOfLines,
  sumsOfSamples,
  textOf,
} from '../src/outputs/decoders.cases.ts';
import { freePort, type HttpReceiver, startHttpReceiver } from '../src/outputs/receivers.cases.ts';
import { expectExit } from './exit-code.ts';
import { figureOf } from './profile-run.ts';
import { temporaryFolder } from './run-cli.ts';
import { readWatched, startWatched, type WatchedRun } from './watched-run.ts';

const timeout = 90_000;
const requests = 360;
const folder = temporaryFolder();
const jsonFile = join(folder.path, 'out', 'figures.jsonl');
let received = 0;
let broken = 0;
let run: WatchedRun;
let write: HttpReceiver;
let otlp: HttpReceiver;
let page = '';
const datagrams: string[] = [];

beforeAll(async () => {
  const target = createServer((request, response) => {
    received++;
    if (request.url === '/broken') {
      broken++;
      response.writeHead(500);
    }
    response.end('ok');
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  const telegraf = createSocket('udp4', (message) => datagrams.push(message.toString()));
  await new Promise<void>((resolve) => telegraf.bind(0, '127.0.0.1', resolve));
  [write, otlp] = await Promise.all([startHttpReceiver(), startHttpReceiver()]);
  const pagePort = await freePort();
  const running = startWatched('outputs', 'steady', {
    url: `http://127.0.0.1:${(target.address() as AddressInfo).port}`,
    outDir: folder.path,
    args: ['--workers', '2'],
    env: {
      PAGE_PORT: String(pagePort),
      WRITE_URL: `${write.url}/api/v1/write`,
      OTLP_URL: `${otlp.url}/v1/metrics`,
      INFLUX_URL: `udp://127.0.0.1:${telegraf.address().port}`,
      JSON_FILE: jsonFile,
    },
  });
  let over = false;
  const result = running.done.finally(() => {
    over = true;
  });
  while (!over) {
    page = await scrape(pagePort, page);
    await wait(800);
  }
  run = readWatched(folder.path, 'outputs', await result);
  telegraf.close();
  target.close();
  target.closeAllConnections();
}, timeout);
afterAll(async () => {
  await Promise.all([write?.close(), otlp?.close()]);
  folder.dispose();
});

/** The page now, or what it was where nobody answers. */
async function scrape(port: number, before: string): Promise<string> {
  try {
    return await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  } catch {
    return before;
  }
}

test('the record has every request, and that each receiver got all', () => {
  expect(received).toBe(requests);
  expect(broken).toBeGreaterThan(50);
  expect(figureOf(run.record, 'http_reqs')).toBe(requests);
  expect(figureOf(run.record, 'http_req_failed', 'passes')).toBe(broken);
  expectExit(run, 0);
  expect(run.record.outputs!.map(({ kind }) => kind)).toEqual([
    'prometheus',
    'prometheus-remote-write',
    'otlp',
    'influx',
    'json',
  ]);
  const points = run.record.outputs![0]!.sent;
  expect(points).toBeGreaterThan(100);
  // All were given the same points.
  for (const tally of run.record.outputs!) {
    expect(tally, tally.kind).toMatchObject({ sent: points, lost: 0, failures: 0 });
  }
});

const sums = (): object => ({
  requests,
  durationCount: requests,
  failedPasses: broken,
  failedAll: requests,
});

test('Prometheus: the last page that was scraped', () => {
  const samples = parsePage(page, 'text');
  expect(sumsOfSamples(samples)).toMatchObject(sums());
  const alert = samples.filter(({ name }) => name === 'plimsoll_alert_firing');
  expect(alert).toMatchObject([
    { value: 1, labels: { alert: 'failing', level: 'warning' } },
    { value: 0, labels: { alert: 'failing', level: 'critical' } },
  ]);
  expect(samples.map(({ name }) => name)).toContain('plimsoll_monitor_machine_load1');
  expect(samples[0]!.labels).toMatchObject({ suite: 'outputs', profile: 'steady', team: 'web, "shop"' });
});

test('remote write: the latest of each series', () => {
  const latest = new Map<string, PrometheusSample>();
  for (const { body } of write.accepted) {
    for (const series of messagesOf(decodeProtobuf(uncompress(new Uint8Array(body))), 1)) {
      const { __name__: name = '', ...labels } = Object.fromEntries(
        messagesOf(series, 1).map((label) => [textOf(label, 1), textOf(label, 2)]),
      );
      const value = doubleOf(messagesOf(series, 2)[0]!, 1);
      latest.set(JSON.stringify([name, labels]), { name, labels, value });
    }
  }
  expect(sumsOfSamples([...latest.values()])).toMatchObject(sums());
  expect(write.accepted.length).toBeGreaterThan(3);
});

test('OTLP: the last request', () => {
  interface Metric {
    readonly name: string;
    readonly sum?: { readonly dataPoints: readonly { readonly asDouble: number }[] };
    readonly histogram?: { readonly dataPoints: readonly { readonly count: number }[] };
  }
  interface Export {
    readonly resourceMetrics: readonly [{ readonly scopeMetrics: readonly { metrics: readonly Metric[] }[] }];
  }
  const { resourceMetrics } = JSON.parse(otlp.accepted.at(-1)!.body.toString()) as Export;
  const metrics = new Map(
    resourceMetrics[0].scopeMetrics.flatMap((scope) => scope.metrics).map((metric) => [metric.name, metric]),
  );
  const total = (name: string): number =>
    metrics.get(name)!.sum!.dataPoints.reduce((sum, { asDouble }) => sum + asDouble, 0);
  const durations = metrics.get('plimsoll.http_req_duration')!.histogram!.dataPoints;
  expect({
    requests: total('plimsoll.http_reqs'),
    durationCount: durations.reduce((sum, { count }) => sum + count, 0),
    failedPasses: total('plimsoll.http_req_failed.passes'),
    failedAll: total('plimsoll.http_req_failed.all'),
  }).toEqual(sums());
});

test('InfluxDB line protocol over UDP: the sum of all lines', () => {
  const lines = datagrams.flatMap(parseLines);
  expect(sumsOfLines(lines)).toMatchObject(sums());
  expect(lines.filter(({ measurement }) => measurement === 'performance').length).toBeGreaterThan(3);
});

test('JSON: the sum of all lines, and the alert', () => {
  interface JsonLine {
    readonly type: string;
    readonly metric?: string;
    readonly data: {
      readonly alert?: string;
      readonly state?: string;
      readonly values?: Readonly<Record<string, number>>;
    };
  }
  const lines = readFileSync(jsonFile, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonLine);
  const total = (metric: string, value: string): number =>
    lines
      .filter((line) => line.type === 'point' && line.metric === metric)
      .reduce((sum, { data }) => sum + (data.values![value] ?? 0), 0);
  expect({
    requests: total('http_reqs', 'count'),
    durationCount: total('http_req_duration', 'count'),
    failedPasses: total('http_req_failed', 'passes'),
    failedAll: total('http_req_failed', 'passes') + total('http_req_failed', 'fails'),
  }).toEqual(sums());
  const alerts = lines.filter(({ type }) => type === 'alert');
  expect(alerts).toMatchObject([{ data: { alert: 'failing', state: 'firing' } }]);
  const told = lines.filter(({ metric }) => metric === 'monitor_machine_load1').length;
  expect(told).toBe(run.record.monitors.machine!.readings + 1);
});
