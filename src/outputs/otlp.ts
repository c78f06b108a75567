// OpenTelemetry metrics over HTTP: OpenTelemetry's own data model and serializer, our own delivery. outputs.ts loads
// this file, and the SDK with it, only when somebody asks for it.

import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type MetricData,
  type Histogram as OtelHistogram,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { OtlpOutputDefinition } from '../model/output.ts';
import { packageVersion } from '../model/version.ts';
import { type BatchTime, createBatchOutput, type EncodedBatch, intervalOf } from './batch-output.ts';
import { boundsOf, countsUpTo } from './histogram-bounds.ts';
import { createPost } from './http-post.ts';
import type { Output, OutputRun } from './output.ts';
import { baseUnitDivisor } from './prometheus-names.ts';
import { parseReceiverUrl } from './receiver-url.ts';
import type { BookSeries, SeriesBook, TrendSeries } from './series-book.ts';

type HrTime = [seconds: number, nanoseconds: number];
type Descriptor = MetricData['descriptor'];

/** `ValueType.DOUBLE` of the OpenTelemetry API, which is an enum and needs its package to be named. */
const doubleValues = 1 as Descriptor['valueType'];
const seriesPerRequest = 2000;

/** Throws a `UsageError` for a URL that is none, or a wrong interval. */
export function createOtlpOutput(definition: OtlpOutputDefinition, run: OutputRun): Output {
  const receiver = parseReceiverUrl(definition.url, ['http', 'https']);
  const json = wantsJson(definition.headers);
  return createBatchOutput({
    kind: 'otlp',
    run,
    to: receiver.shown,
    intervalMs: intervalOf(definition.interval),
    attempt: createPost({
      receiver,
      headers: definition.headers,
      formatHeaders: { 'content-type': json ? 'application/json' : 'application/x-protobuf' },
    }),
    encode: (book, time) => encode(book, time, run, json ? JsonMetricsSerializer : ProtobufMetricsSerializer),
  });
}

/** Protobuf is what every receiver takes; a `content-type: application/json` among the headers asks for JSON. */
function wantsJson(headers: OtlpOutputDefinition['headers'] = {}): boolean {
  return Object.entries(headers).some(
    ([name, value]) => name.toLowerCase() === 'content-type' && value.includes('json'),
  );
}

function encode(
  book: SeriesBook,
  time: BatchTime,
  run: OutputRun,
  serializer: { serializeRequest(metrics: ResourceMetrics): Uint8Array | undefined },
): EncodedBatch[] {
  const batches: EncodedBatch[] = [];
  const all = [...book.series()];
  for (let from = 0; from < all.length; from += seriesPerRequest) {
    let points = 0;
    const times = { startTime: hrTime(run.startEpochMs), endTime: hrTime(time.epochMs) };
    const metrics = new Map<string, MetricData>();
    for (const series of all.slice(from, from + seriesPerRequest)) {
      for (const [name, data] of metricsOf(series, times)) {
        const known = metrics.get(name);
        if (known === undefined) metrics.set(name, data);
        else (known.dataPoints as DataPoint<unknown>[]).push(...data.dataPoints);
      }
      points += series.waitingPoints;
      series.waitingPoints = 0;
    }
    const body = serializer.serializeRequest(resourceMetrics([...metrics.values()], run));
    batches.push({ body: body ?? new Uint8Array(), points });
  }
  return batches;
}

function resourceMetrics(metrics: MetricData[], run: OutputRun): ResourceMetrics {
  const { id, suite, profile, environment, tags } = run;
  const resource = resourceFromAttributes({
    ...tags,
    'service.name': 'plimsoll',
    'service.version': packageVersion,
    'service.instance.id': id,
    'plimsoll.suite': suite,
    'plimsoll.profile': profile,
    'plimsoll.run': id,
    'plimsoll.environment': environment,
  });
  return { resource, scopeMetrics: [{ scope: { name: 'plimsoll', version: packageVersion }, metrics }] };
}

/** The metrics that a series is a data point of, by name. Totals since the start of the run, times in seconds. */
function metricsOf(
  series: BookSeries,
  times: { readonly startTime: HrTime; readonly endTime: HrTime },
): [name: string, data: MetricData][] {
  const name = `plimsoll.${series.metric}`;
  const divisor = baseUnitDivisor(series);
  const unit = series.contains === 'time' ? 's' : series.contains === 'data' ? 'By' : '1';
  const point = <T>(value: T): DataPoint<T>[] => [{ ...times, attributes: { ...series.tags }, value }];
  const common = {
    descriptor: { name, description: series.title ?? '', unit, valueType: doubleValues },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const total = (of: string, value: number): [string, MetricData] => [
    of,
    {
      ...common,
      descriptor: { ...common.descriptor, name: of },
      dataPointType: DataPointType.SUM,
      isMonotonic: true,
      dataPoints: point(value),
    },
  ];
  switch (series.type) {
    case 'counter':
      return [total(name, series.count / divisor)];
    case 'rate':
      return [total(`${name}.passes`, series.passes), total(`${name}.all`, series.all)];
    case 'gauge':
      return [
        [name, { ...common, dataPointType: DataPointType.GAUGE, dataPoints: point(series.value / divisor) }],
      ];
    case 'trend': {
      const dataPoints = point(histogramOf(series, divisor));
      return [[name, { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints }]];
    }
  }
}

/** With the bounds of the Prometheus page: see `countsUpTo` for the error at a bound. */
function histogramOf({ contains, histogram }: TrendSeries, divisor: number): OtelHistogram {
  const bounds = boundsOf(contains);
  const upTo = [...countsUpTo(histogram, bounds), histogram.count];
  const { count, sum, min, max } = histogram;
  return {
    buckets: {
      boundaries: bounds.map((bound) => bound / divisor),
      counts: upTo.map((all, k) => all - (upTo[k - 1] ?? 0)),
    },
    count,
    sum: sum / divisor,
    ...(count === 0 ? {} : { min: min / divisor, max: max / divisor }),
  };
}

function hrTime(epochMs: number): HrTime {
  const whole = Math.round(epochMs);
  return [Math.floor(whole / 1000), (whole % 1000) * 1_000_000];
}
