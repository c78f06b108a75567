import { expect, test } from 'vitest';
import { decodeProtobuf, doubleOf, type Fields, messagesOf, textOf } from './decoders.cases.ts';
import { createLoad, run, type Sums, transition } from './load.cases.ts';
import { outputCases } from './output.cases.ts';
import { createOutputs } from './outputs.ts';
import { type Received, startHttpReceiver } from './receivers.cases.ts';

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}
interface Point {
  readonly attributes: readonly Attribute[];
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly asDouble?: number;
  readonly count?: number;
  readonly sum?: number;
  readonly min?: number;
  readonly max?: number;
  readonly bucketCounts?: readonly number[];
  readonly explicitBounds?: readonly number[];
}
interface Points {
  readonly dataPoints: readonly Point[];
  readonly aggregationTemporality?: number;
  readonly isMonotonic?: boolean;
}
interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly sum?: Points;
  readonly gauge?: Points;
  readonly histogram?: Points;
}
interface Request {
  readonly resourceMetrics: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeMetrics: readonly { readonly metrics: readonly Metric[] }[];
  }[];
}

const cumulative = 2;
const asJson = { 'Content-Type': 'application/json' };

function metricsOf({ body }: Received): Map<string, Metric> {
  const [resource, ...more] = (JSON.parse(body.toString()) as Request).resourceMetrics;
  expect(more).toEqual([]);
  const metrics = resource!.scopeMetrics.flatMap((scope) => scope.metrics);
  const byName = new Map(metrics.map((metric) => [metric.name, metric]));
  expect(byName.size).toBe(metrics.length);
  return byName;
}

/** Totals are in each request: the latest one has all. */
function sumsOf(request: Received): Sums {
  const metrics = metricsOf(request);
  const sum = (name: string): number =>
    (metrics.get(name)!.sum ?? metrics.get(name)!.gauge)!.dataPoints.reduce(
      (all, point) => all + point.asDouble!,
      0,
    );
  const [durations] = metrics.get('plimsoll.http_req_duration')!.histogram!.dataPoints;
  return {
    requests: sum('plimsoll.http_reqs'),
    durationCount: durations!.count!,
    durationSumMs: durations!.sum! * 1000,
    failedPasses: sum('plimsoll.http_req_failed.passes'),
    failedAll: sum('plimsoll.http_req_failed.all'),
    vus: sum('plimsoll.vus'),
    connections: sum('plimsoll.monitor_db_connections'),
    readBytes: sum('plimsoll.monitor_db_read_bytes'),
  };
}

outputCases('OTLP', {
  retries: true,
  dead: (port) => ({ kind: 'otlp', url: `http://127.0.0.1:${port}/v1/metrics`, interval: 100 }),
  async start() {
    const http = await startHttpReceiver();
    return {
      definition: { kind: 'otlp', url: `${http.url}/v1/metrics`, interval: 100, headers: asJson },
      sums: async () => sumsOf(http.accepted.at(-1)!),
      behave: (behaviour) => {
        http.behaviour = behaviour;
      },
      close: () => http.close(),
    };
  },
});

test('OTLP has totals with their start, units, and the run as the resource', async () => {
  const http = await startHttpReceiver();
  const hub = await createOutputs([{ kind: 'otlp', url: `${http.url}/v1/metrics`, headers: asJson }], run);
  createLoad().feed(hub);
  hub.alert(transition);
  await hub.close(5000);
  await http.close();
  const [request] = http.accepted;
  const { resource } = (JSON.parse(request!.body.toString()) as Request).resourceMetrics[0]!;
  const attributes = Object.fromEntries(
    resource.attributes.map(({ key, value }) => [key, value.stringValue]),
  );
  expect(attributes).toMatchObject({
    'service.name': 'plimsoll',
    'service.instance.id': 'r1',
    'plimsoll.suite': 'shop',
    'plimsoll.profile': 'smoke',
    'plimsoll.run': 'r1',
    'plimsoll.environment': 'local',
    build: run.tags.build,
  });
  const metrics = metricsOf(request!);
  const requests = metrics.get('plimsoll.http_reqs')!;
  expect(requests.sum).toMatchObject({ aggregationTemporality: cumulative, isMonotonic: true });
  expect(requests.sum!.dataPoints.map(({ attributes: [tag] }) => tag!.value.stringValue)).toEqual([
    'price',
    'GET /a,b="c" \\d=e',
  ]);
  const durations = metrics.get('plimsoll.http_req_duration')!;
  expect(durations.unit).toBe('s');
  expect(metrics.get('plimsoll.monitor_db_read_bytes')!.unit).toBe('By');
  const [point] = durations.histogram!.dataPoints;
  expect(point).toMatchObject({
    startTimeUnixNano: `${run.startEpochMs}000000`,
    timeUnixNano: `${run.startEpochMs + 61_500}000000`,
    count: 15,
    min: 0.00025,
    max: 70,
  });
  expect(point!.bucketCounts).toHaveLength(point!.explicitBounds!.length + 1);
  expect(point!.bucketCounts!.reduce((a, b) => a + b, 0)).toBe(15);
  expect(point!.bucketCounts!.at(-1)).toBe(3);
  expect(metrics.get('plimsoll.alert_firing')!.gauge!.dataPoints.map((one) => one.asDouble)).toEqual([0, 1]);
});

// Source of the field numbers: opentelemetry/proto/metrics/v1/metrics.proto
test('OTLP speaks protobuf unless a header asks for JSON', async () => {
  const http = await startHttpReceiver();
  const hub = await createOutputs([{ kind: 'otlp', url: `${http.url}/v1/metrics` }], run);
  const load = createLoad();
  load.feed(hub);
  const [tally] = await hub.close(5000);
  await http.close();
  expect(tally).toMatchObject({ kind: 'otlp', sent: load.points, lost: 0, failures: 0 });
  expect(http.accepted[0]!.headers['content-type']).toBe('application/x-protobuf');
  const [resource] = messagesOf(decodeProtobuf(http.accepted[0]!.body), 1);
  const metrics = messagesOf(messagesOf(resource!, 2)[0]!, 2);
  const points = (name: string, data: number): Fields[] => {
    const metric = metrics.find((one) => textOf(one, 1) === name);
    return messagesOf(messagesOf(metric!, data)[0]!, 1);
  };
  const requests = points('plimsoll.http_reqs', 7).reduce((sum, point) => sum + doubleOf(point, 4), 0);
  expect(requests).toBe(load.sums().requests);
  const [durations] = points('plimsoll.http_req_duration', 9);
  expect((durations!.get(4)![0] as Buffer).readBigUInt64LE(0)).toBe(15n);
  expect(doubleOf(durations!, 5) * 1000).toBeCloseTo(load.sums().durationSumMs, 4);
});

test('nothing of OpenTelemetry is printed when its receiver fails', async () => {
  const printed: unknown[] = [];
  const { log, warn, error, info, debug } = console;
  const note = (...words: unknown[]): void => void printed.push(words);
  Object.assign(console, { log: note, warn: note, error: note, info: note, debug: note });
  try {
    const http = await startHttpReceiver();
    http.behaviour = 'fail';
    const hub = await createOutputs([{ kind: 'otlp', url: http.url }], run);
    createLoad().feed(hub);
    const [tally] = await hub.close(300);
    expect(tally!.failures).toBeGreaterThan(0);
    await http.close();
  } finally {
    Object.assign(console, { log, warn, error, info, debug });
  }
  expect(printed).toEqual([]);
});
