import net from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import type { PrometheusSelection } from '../model/monitor-settings.ts';
import { planSelections, selectionFigures } from '../model/selection-figures.ts';
import { findFreePort } from '../system/free-port.ts';
import { describeMonitor, failureOf, read } from './monitor.cases.ts';
import type { Monitor } from './monitor.ts';
import { decodeJsonExport } from './otlp/decode-json.ts';
import { decodeProtobufExport } from './otlp/decode-protobuf.ts';
import { jsonExport, protobufExport } from './otlp/exports.cases.ts';
import { createOtlpMonitor } from './otlp.ts';

type Select = Readonly<Record<string, string | PrometheusSelection>>;

async function startMonitor(select: Select): Promise<{ monitor: Monitor; port: number }> {
  const port = await findFreePort();
  const monitor = createOtlpMonitor({ kind: 'otlp', port, select: planSelections(select) });
  onTestFinished(() => monitor.close());
  // It listens from the beginning, a moment after it was made.
  await failureOf(read(monitor));
  return { monitor, port };
}

function post(
  port: number,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = { 'content-type': 'application/json' },
  path = '/v1/metrics',
): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : new Uint8Array(body),
    headers,
  });
}

interface Point {
  readonly value?: number;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly startNs?: string;
  readonly counts?: readonly number[];
}

/** An export of one metric, in JSON. `kind` as in the protocol. */
function exportOf(
  name: string,
  kind: object,
  points: readonly Point[],
  resource: Readonly<Record<string, string>> = {},
): string {
  const attributesOf = (given: Readonly<Record<string, string>>) =>
    Object.entries(given).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  const dataPoints = points.map(({ value, attributes = {}, startNs, counts }) => ({
    attributes: attributesOf(attributes),
    ...(startNs && { startTimeUnixNano: startNs }),
    ...(value !== undefined && { asDouble: value }),
    ...(counts && {
      count: String(counts.reduce((sum, count) => sum + count, 0)),
      sum: 1,
      explicitBounds: [1, 2],
      bucketCounts: counts.map(String),
    }),
  }));
  const [[field, settings]] = Object.entries(kind) as [[string, object]];
  return JSON.stringify({
    resourceMetrics: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeMetrics: [{ scope: { name: 'lib' }, metrics: [{ name, [field]: { ...settings, dataPoints } }] }],
      },
    ],
  });
}

const cumulative = { sum: { aggregationTemporality: 2, isMonotonic: true } };
const delta = { sum: { aggregationTemporality: 1, isMonotonic: true } };

const kinds = ['queue.length', 'http.requests', 'jobs', 'http.duration', 'exp.duration', 'rpc.wait'];

test('protobuf and JSON of the same export are read alike', () => {
  const binary = decodeProtobufExport(protobufExport, new Set(kinds));
  expect(binary).toEqual(decodeJsonExport(jsonExport, new Set(kinds)));
  expect(binary.names).toEqual([...kinds, 'not.wanted']);
  const labels = new Map([['service.name', 'shop']]);
  const startEpochMs = 1_700_000_000_000;
  const point = { labels, startEpochMs, isEnd: false };
  expect(
    binary.metrics.map(({ kind, isDelta, isMonotonic, points }) => ({ kind, isDelta, isMonotonic, points })),
  ).toEqual([
    {
      kind: 'gauge',
      isDelta: false,
      isMonotonic: false,
      points: [
        {
          labels: new Map([...labels, ['shard', '-5'], ['hot', 'true'], ['load', '0.5']]),
          isEnd: false,
          value: -3,
        },
      ],
    },
    {
      kind: 'sum',
      isDelta: false,
      isMonotonic: true,
      points: [
        { ...point, labels: new Map([...labels, ['code', '200']]), value: 17.5 },
        { ...point, labels: new Map([...labels, ['code', '500']]), value: 0, isEnd: true },
      ],
    },
    { kind: 'sum', isDelta: true, isMonotonic: true, points: [{ ...point, value: 4 }] },
    {
      kind: 'histogram',
      isDelta: false,
      isMonotonic: false,
      points: [
        {
          ...point,
          distribution: {
            count: 6,
            sum: 9.5,
            classic: { bounds: [1, 2.5, Number.POSITIVE_INFINITY], counts: [3, 5, 6] },
          },
        },
      ],
    },
    {
      kind: 'histogram',
      isDelta: true,
      isMonotonic: false,
      points: [
        {
          ...point,
          distribution: {
            count: 6,
            sum: 9.5,
            native: {
              schema: 1,
              zeroThreshold: 0.25,
              zeroCount: 1,
              positive: new Map([
                [-1, 1],
                [0, 0],
                [1, 3],
              ]),
              negative: new Map([[5, 1]]),
            },
          },
        },
      ],
    },
    {
      kind: 'summary',
      isDelta: false,
      isMonotonic: false,
      points: [
        { ...point, distribution: { count: 3, sum: 6.5 }, quantiles: [{ quantile: 0.9, value: 4.5 }] },
      ],
    },
  ]);
});

test('figures are told when an export has brought something new, and not before', async () => {
  const { monitor, port } = await startMonitor({
    queue: { metric: 'queue.length', labels: { shard: '-5', 'service.name': 'shop' } },
    requests: { metric: 'http.requests', as: 'increase' },
    calls: { metric: 'http.duration_count' },
    wait_p90: { metric: 'rpc.wait', labels: { quantile: '0.9' } },
    p50: { metric: 'exp.duration', quantile: 0.5 },
  });
  const protobuf = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
  const answer = await post(port, gzipSync(protobufExport), protobuf);
  expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
    200,
    'application/x-protobuf',
    '',
  ]);
  expect(await read(monitor)).toEqual({ values: { queue: -3, requests: 17.5, calls: 6, wait_p90: 4.5 } });
  expect(await read(monitor)).toEqual({ values: {} });
  const second = await post(port, jsonExport, { 'content-type': 'application/json; charset=utf-8' });
  expect([second.status, second.headers.get('content-type'), await second.text()]).toEqual([
    200,
    'application/json',
    '{}',
  ]);
  const { values } = await read(monitor);
  expect(values).toMatchObject({ queue: -3, requests: 17.5, calls: 6 });
  // Of -4.8 (one), 0 (one), 0.6 (one) and 1.2 (three), the second half begins beyond 0.71.
  expect(values.p50).toBeGreaterThan(0.5);
  expect(values.p50).toBeLessThan(1.42);
});

test('deltas are added up', async () => {
  const { monitor, port } = await startMonitor({
    jobs: { metric: 'jobs', as: 'increase' },
    p99: { metric: 'took', quantile: 0.99 },
  });
  for (const value of [3, 4]) await post(port, exportOf('jobs', delta, [{ value }]));
  expect((await read(monitor)).values).toEqual({ jobs: 7 });
  await post(port, exportOf('jobs', delta, [{ value: 5 }, { value: 1, attributes: { queue: 'b' } }]));
  expect((await read(monitor)).values).toEqual({ jobs: 13 });
  const histogram = { histogram: { aggregationTemporality: 1 } };
  await post(port, exportOf('took', histogram, [{ counts: [9, 9, 9] }]));
  expect((await read(monitor)).values).toEqual({});
  for (let i = 0; i < 2; i++) await post(port, exportOf('took', histogram, [{ counts: [0, 5, 0] }]));
  expect((await read(monitor)).values.p99).toBeCloseTo(1.99, 9);
});

test('a new start time is a new beginning, of one sender among several', async () => {
  const { monitor, port } = await startMonitor({ requests: { metric: 'requests', as: 'increase' } });
  const send = (pod: string, value: number, startNs: string) =>
    post(port, exportOf('requests', cumulative, [{ value, startNs }], { pod }));
  await send('a', 100, '1000000000');
  await send('b', 50, '1000000000');
  expect((await read(monitor)).values.requests).toBe(150);
  await send('a', 120, '2000000000');
  expect((await read(monitor)).values.requests).toBe(270);
  // It has counted since before anybody looked: its past is not ours.
  await send('c', 9000, '3000000000');
  expect((await read(monitor)).values.requests).toBe(270);
  await send('c', 9001, '3000000000');
  expect((await read(monitor)).values.requests).toBe(271);
});

test('gauges of several senders are put together, and ended ones let go', async () => {
  const { monitor, port } = await startMonitor({ size: 'size', in_use: 'in_use' });
  await post(port, exportOf('size', { gauge: {} }, [{ value: 1 }], { pod: 'a' }));
  await post(port, exportOf('size', { gauge: {} }, [{ value: 2 }], { pod: 'b' }));
  expect((await read(monitor)).values).toEqual({ size: 3 });
  await post(port, exportOf('size', { gauge: {} }, [{ value: 5 }], { pod: 'b' }));
  expect((await read(monitor)).values).toEqual({ size: 6 });
  const ended = exportOf('size', { gauge: {} }, [{ value: 0 }], { pod: 'a' }).replace(
    '"asDouble":0',
    '"flags":1',
  );
  await post(port, ended);
  expect((await read(monitor)).values).toEqual({ size: 5 });
  // What goes up and down is a sum that is not monotonic.
  for (const value of [3, -1]) {
    await post(
      port,
      exportOf('in_use', { sum: { aggregationTemporality: 1, isMonotonic: false } }, [{ value }]),
    );
  }
  expect((await read(monitor)).values).toEqual({ in_use: 2 });
});

test('a metric that is in none of three exports is missing', async () => {
  const { monitor, port } = await startMonitor({ length: 'queue.lenght' });
  const body = exportOf('queue.length', { gauge: {} }, [{ value: 1 }]);
  await post(port, body);
  await post(port, body);
  expect(await read(monitor)).toEqual({ values: {} });
  await post(port, body);
  const events = ['length: there is no metric queue.lenght; did you mean queue.length?'];
  expect(await read(monitor)).toEqual({ values: {}, events });
});

test('more than 2000 series are left out, which is said once', async () => {
  const { monitor, port } = await startMonitor({ size: 'size' });
  const points = Array.from({ length: 2100 }, (_, i) => ({ value: 1, attributes: { i: String(i) } }));
  await post(port, exportOf('size', { gauge: {} }, points));
  expect(await read(monitor)).toEqual({
    values: { size: 2000 },
    events: [expect.stringMatching(/2000 series/)],
  });
  await post(port, exportOf('size', { gauge: {} }, points));
  expect(await read(monitor)).toEqual({ values: { size: 2000 } });
});

test('what cannot be read is answered as the protocol says', async () => {
  const { port } = await startMonitor({ size: 'size' });
  const json = { 'content-type': 'application/json' };
  const statusOf = async (
    ...[body, headers = json, path]: [string | Buffer, Record<string, string>?, string?]
  ) => (await post(port, body, headers, path)).status;
  expect(await statusOf('{')).toBe(400);
  expect(await statusOf('[]')).toBe(400);
  expect(await statusOf('{"resourceMetrics":{}}')).toBe(400);
  expect(
    await statusOf(exportOf('size', { gauge: {} }, [{ value: 1 }]).replace('"asDouble":1', '"asDouble":"x"')),
  ).toBe(400);
  expect(await statusOf('{}', { ...json, 'content-encoding': 'gzip' })).toBe(400);
  expect(await statusOf('{}', { ...json, 'content-encoding': 'br' })).toBe(415);
  expect(await statusOf('{}', { 'content-type': 'text/plain' })).toBe(415);
  expect(await statusOf('{}', json, '/v1/traces')).toBe(404);
  expect((await fetch(`http://127.0.0.1:${port}/v1/metrics`)).status).toBe(405);
  expect(
    await statusOf(gzipSync(Buffer.alloc(9 * 2 ** 20, ' ')), { ...json, 'content-encoding': 'gzip' }),
  ).toBe(413);
  expect(await statusOf(Buffer.alloc(9 * 2 ** 20, ' '))).toBe(413);
  const damaged = await post(port, protobufExport.subarray(0, 200), {
    'content-type': 'application/x-protobuf',
  });
  expect([damaged.status, damaged.headers.get('content-type')]).toEqual([400, 'application/x-protobuf']);
  const status = Buffer.from(await damaged.arrayBuffer());
  expect([status[0], status[1], status[2], status[3]]).toEqual([8, 3, 18, status.length - 4]);
  expect(status.subarray(4).toString()).toBe('the message is cut off');
  expect(await statusOf(exportOf('size', { gauge: {} }, [{ value: 1 }]))).toBe(200);
});

test('a port that is taken is told, and used once it is free', async () => {
  const blocker = net.createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const { port } = blocker.address() as net.AddressInfo;
  const monitor = createOtlpMonitor({ kind: 'otlp', port, select: planSelections({ size: 'size' }) });
  onTestFinished(() => monitor.close());
  for (let i = 0; i < 2; i++) {
    expect(((await failureOf(read(monitor))) as Error).message).toBe(
      `nothing can be received at http://127.0.0.1:${port}/v1/metrics: another program listens on that port`,
    );
  }
  await new Promise((resolve) => blocker.close(resolve));
  expect(((await failureOf(read(monitor))) as Error).message).toBe(
    `nothing has been sent to http://127.0.0.1:${port}/v1/metrics so far`,
  );
  await post(port, exportOf('size', { gauge: {} }, [{ value: 4 }]));
  expect((await read(monitor)).values).toEqual({ size: 4 });
});

const port = await findFreePort();
const selected: Select = { size: 'size', jobs: { metric: 'jobs', as: 'increase' } };
const send = async (): Promise<void> => {
  await post(port, exportOf('size', { gauge: {} }, [{ value: 4 }]), {
    'content-type': 'application/json',
    connection: 'close',
  });
};

describeMonitor('the monitor of OTLP exports', {
  create: async () => {
    const monitor = createOtlpMonitor({ kind: 'otlp', port, select: planSelections(selected) });
    await failureOf(read(monitor));
    await send();
    return monitor;
  },
  figures: selectionFigures(selected),
  always: ['size'],
  work: send,
});
