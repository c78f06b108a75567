// Decodes `ExportMetricsServiceRequest` from protobuf. Called by receiver.ts. Source: opentelemetry/proto/ of
// github.com/open-telemetry/opentelemetry-proto, version 1: collector/metrics, metrics, common, resource.

import { assertBucketCount, assertLabels, ReadSoFar } from '../foreign-data.ts';
import type { Distribution } from '../prometheus/metric.ts';
import { ProtobufReader } from '../protobuf-reader.ts';
import {
  attributeText,
  checkedPoint,
  deltaTemporality,
  explicitBuckets,
  exponentialBuckets,
  namesLimit,
  noRecordedValue,
  type OtlpExport,
  type OtlpMetric,
  type OtlpPoint,
} from './export.ts';

type Attributes = Map<string, string>;

/** What the whole export is read into. */
interface Context {
  readonly wanted: ReadonlySet<string>;
  readonly metrics: OtlpMetric[];
  readonly names: string[];
  readonly soFar: ReadSoFar;
}

/** Metrics that are not `wanted` are skipped but for their names. Throws a `ForeignDataError`. */
export function decodeProtobufExport(body: Buffer, wanted: ReadonlySet<string>): OtlpExport {
  const metrics: OtlpMetric[] = [];
  const names: string[] = [];
  const context = { wanted, metrics, names, soFar: new ReadSoFar() };
  each(new ProtobufReader(body), (field, request) => {
    if (field !== 1) return request.skip();
    const resourceMetrics = request.message();
    const resource = readResource(resourceMetrics.again());
    assertLabels(resource);
    each(resourceMetrics, (inner, reader) => {
      if (inner === 2) readScope(reader.message(), resource, context);
      else reader.skip();
    });
  });
  return { metrics, names };
}

function each(reader: ProtobufReader, visit: (field: number, reader: ProtobufReader) => void): void {
  while (reader.next()) visit(reader.field, reader);
}

function readResource(resourceMetrics: ProtobufReader): Attributes {
  const attributes: Attributes = new Map();
  each(resourceMetrics, (field, reader) => {
    if (field !== 1) return reader.skip();
    each(reader.message(), (inner, resource) => {
      if (inner === 1) readAttribute(resource.message(), attributes);
      else resource.skip();
    });
  });
  return attributes;
}

function readScope(
  scopeMetrics: ProtobufReader,
  resource: Attributes,
  { wanted, metrics, names, soFar }: Context,
): void {
  let scope = '';
  each(scopeMetrics.again(), (field, reader) => {
    if (field === 1) scope = readName(reader.message());
    else reader.skip();
  });
  each(scopeMetrics, (field, reader) => {
    if (field !== 2) return reader.skip();
    const metric = reader.message();
    const name = readName(metric.again());
    if (names.length < namesLimit) names.push(name);
    if (wanted.has(name)) readMetric(metric, { name, scope, resource, soFar }, metrics);
  });
}

/** Field 1 of a metric or a scope. */
function readName(reader: ProtobufReader): string {
  while (reader.next()) {
    if (reader.field === 1) return reader.string();
    reader.skip();
  }
  return '';
}

/** Fields of a metric that hold its points, with what reads one point. */
const pointReaders: Readonly<
  Record<
    number,
    { kind: OtlpMetric['kind']; read: (point: ProtobufReader, resource: Attributes) => OtlpPoint }
  >
> = {
  5: { kind: 'gauge', read: readNumberPoint },
  7: { kind: 'sum', read: readNumberPoint },
  9: { kind: 'histogram', read: readHistogramPoint },
  10: { kind: 'histogram', read: readExponentialPoint },
  11: { kind: 'summary', read: readSummaryPoint },
};

function readMetric(
  reader: ProtobufReader,
  {
    name,
    scope,
    resource,
    soFar,
  }: {
    readonly name: string;
    readonly scope: string;
    readonly resource: Attributes;
    readonly soFar: ReadSoFar;
  },
  metrics: OtlpMetric[],
): void {
  each(reader, (field) => {
    const readers = pointReaders[field];
    if (readers === undefined) return reader.skip();
    const points: OtlpPoint[] = [];
    let isDelta = false;
    let isMonotonic = false;
    each(reader.message(), (inner, data) => {
      if (inner === 1) points.push(checkedPoint(readers.read(data.message(), resource), soFar));
      else if (inner === 2) isDelta = data.unsigned() === deltaTemporality;
      else if (inner === 3) isMonotonic = data.unsigned() !== 0;
      else data.skip();
    });
    metrics.push({ name, scope, kind: readers.kind, isDelta, isMonotonic, points });
  });
}

/** What all kinds of points have; their own fields are read by `own`, which returns false for those it does not know. */
function readPoint(
  reader: ProtobufReader,
  resource: Attributes,
  fields: { readonly attributes: number; readonly flags: number },
  own: (field: number, reader: ProtobufReader) => boolean,
): Pick<OtlpPoint, 'labels' | 'isEnd' | 'startEpochMs'> {
  const labels: Attributes = new Map(resource);
  let flags = 0;
  let start = 0;
  each(reader, (field) => {
    if (field === fields.attributes) readAttribute(reader.message(), labels);
    else if (field === 2) start = reader.fixed64();
    else if (field === fields.flags) flags = reader.unsigned();
    else if (!own(field, reader)) reader.skip();
  });
  return { labels, isEnd: (flags & noRecordedValue) !== 0, ...(start > 0 && { startEpochMs: start / 1e6 }) };
}

function readNumberPoint(point: ProtobufReader, resource: Attributes): OtlpPoint {
  let value = 0;
  const common = readPoint(point, resource, { attributes: 7, flags: 8 }, (field, reader) => {
    if (field === 4) value = reader.double();
    else if (field === 6) value = reader.sfixed64();
    else return false;
    return true;
  });
  return { ...common, value };
}

function readHistogramPoint(point: ProtobufReader, resource: Attributes): OtlpPoint {
  let [count, sum] = [0, Number.NaN];
  const counts: number[] = [];
  const bounds: number[] = [];
  const common = readPoint(point, resource, { attributes: 9, flags: 10 }, (field, reader) => {
    if (field === 4) count = reader.fixed64();
    else if (field === 5) sum = reader.double();
    else if (field === 6) reader.numbers(counts, 'fixed64', assertBucketCount);
    else if (field === 7) reader.numbers(bounds, 'double', assertBucketCount);
    else return false;
    return true;
  });
  const classic = explicitBuckets(bounds, counts);
  return { ...common, distribution: { count, sum, ...(classic && { classic }) } };
}

function readExponentialPoint(point: ProtobufReader, resource: Attributes): OtlpPoint {
  let [count, sum, schema, zeroCount, zeroThreshold] = [0, Number.NaN, 0, 0, 0];
  let positive: ReadonlyMap<number, number> = new Map();
  let negative: ReadonlyMap<number, number> = new Map();
  const common = readPoint(point, resource, { attributes: 1, flags: 10 }, (field, reader) => {
    if (field === 4) count = reader.fixed64();
    else if (field === 5) sum = reader.double();
    else if (field === 6) schema = reader.zigzag();
    else if (field === 7) zeroCount = reader.fixed64();
    else if (field === 8) positive = readBuckets(reader.message());
    else if (field === 9) negative = readBuckets(reader.message());
    else if (field === 14) zeroThreshold = reader.double();
    else return false;
    return true;
  });
  const native: Distribution['native'] = { schema, zeroThreshold, zeroCount, positive, negative };
  return { ...common, distribution: { count, sum, native } };
}

function readBuckets(reader: ProtobufReader): ReadonlyMap<number, number> {
  let offset = 0;
  const counts: number[] = [];
  each(reader, (field) => {
    if (field === 1) offset = reader.zigzag();
    else if (field === 2) reader.numbers(counts, 'unsigned', assertBucketCount);
    else reader.skip();
  });
  return exponentialBuckets(offset, counts);
}

function readSummaryPoint(point: ProtobufReader, resource: Attributes): OtlpPoint {
  let [count, sum] = [0, 0];
  const quantiles: { quantile: number; value: number }[] = [];
  const common = readPoint(point, resource, { attributes: 7, flags: 8 }, (field, reader) => {
    if (field === 4) count = reader.fixed64();
    else if (field === 5) sum = reader.double();
    else if (field === 6) {
      let [quantile, value] = [0, 0];
      each(reader.message(), (inner, pair) => {
        if (inner === 1) quantile = pair.double();
        else if (inner === 2) value = pair.double();
        else pair.skip();
      });
      quantiles.push({ quantile, value });
      assertBucketCount(quantiles.length);
    } else return false;
    return true;
  });
  return { ...common, distribution: { count, sum }, quantiles };
}

function readAttribute(keyValue: ProtobufReader, attributes: Attributes): void {
  let key = '';
  let text: string | undefined;
  each(keyValue, (field) => {
    if (field === 1) key = keyValue.string();
    else if (field === 2) text = readAnyValue(keyValue.message());
    else keyValue.skip();
  });
  if (text !== undefined) attributes.set(attributeText(key), attributeText(text));
  if (attributes.size > 1000) assertLabels(attributes);
}

function readAnyValue(reader: ProtobufReader): string | undefined {
  let text: string | undefined;
  each(reader, (field) => {
    if (field === 1) text = reader.string();
    else if (field === 2) text = String(reader.unsigned() !== 0);
    else if (field === 3) text = String(reader.signed());
    else if (field === 4) text = String(reader.double());
    else reader.skip();
  });
  return text;
}
