// Decodes `ExportMetricsServiceRequest` from JSON: names in lowerCamelCase, 64-bit integers as texts, enums as numbers.
// Called by receiver.ts. Source: opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding".

import { assertBucketCount, assertLabels, ForeignDataError, ReadSoFar } from '../foreign-data.ts';
import { parseForeignJson } from '../foreign-json.ts';
import type { Distribution } from '../prometheus/metric.ts';
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

type Json = Readonly<Record<string, unknown>>;

/** Metrics that are not `wanted` are skipped but for their names. Throws a `ForeignDataError`. */
export function decodeJsonExport(body: string, wanted: ReadonlySet<string>): OtlpExport {
  const request = recordOf(parseForeignJson(body), 'the request');
  const soFar = new ReadSoFar();
  const metrics: OtlpMetric[] = [];
  const names: string[] = [];
  for (const resourceMetrics of listOf(request.resourceMetrics, 'resourceMetrics')) {
    const resource = attributesOf(optionalRecord(resourceMetrics.resource, 'resource').attributes);
    assertLabels(resource);
    for (const scopeMetrics of listOf(resourceMetrics.scopeMetrics, 'scopeMetrics')) {
      const scope = textOf(optionalRecord(scopeMetrics.scope, 'scope').name, 'the name of a scope');
      for (const metric of listOf(scopeMetrics.metrics, 'metrics')) {
        const name = textOf(metric.name, 'the name of a metric');
        if (names.length < namesLimit) names.push(name);
        if (wanted.has(name)) metrics.push(...metricsOf(metric, { name, scope, resource, soFar }));
      }
    }
  }
  return { metrics, names };
}

const kinds: readonly {
  readonly field: string;
  readonly kind: OtlpMetric['kind'];
  readonly read: (point: Json) => Partial<OtlpPoint>;
}[] = [
  { field: 'gauge', kind: 'gauge', read: numberPoint },
  { field: 'sum', kind: 'sum', read: numberPoint },
  { field: 'histogram', kind: 'histogram', read: histogramPoint },
  { field: 'exponentialHistogram', kind: 'histogram', read: exponentialPoint },
  { field: 'summary', kind: 'summary', read: summaryPoint },
];

function metricsOf(
  metric: Json,
  {
    name,
    scope,
    resource,
    soFar,
  }: {
    readonly name: string;
    readonly scope: string;
    readonly resource: ReadonlyMap<string, string>;
    readonly soFar: ReadSoFar;
  },
): OtlpMetric[] {
  return kinds
    .filter(({ field }) => metric[field] !== undefined)
    .map(({ field, kind, read }) => {
      const data = recordOf(metric[field], field);
      return {
        name,
        scope,
        kind,
        isDelta: isDelta(data.aggregationTemporality),
        isMonotonic: data.isMonotonic === true,
        points: listOf(data.dataPoints, 'dataPoints').map((point) => {
          const start = optionalNumber(point.startTimeUnixNano) ?? 0;
          const one = {
            labels: new Map([...resource, ...attributesOf(point.attributes)]),
            isEnd: ((optionalNumber(point.flags) ?? 0) & noRecordedValue) !== 0,
            ...(start > 0 && { startEpochMs: start / 1e6 }),
            ...read(point),
          };
          return checkedPoint(one, soFar);
        }),
      };
    });
}

/** The specification wants numbers; the names are what general protobuf encoders write. */
function isDelta(temporality: unknown): boolean {
  return temporality === deltaTemporality || temporality === 'AGGREGATION_TEMPORALITY_DELTA';
}

function numberPoint({ asDouble, asInt }: Json): Partial<OtlpPoint> {
  return { value: optionalNumber(asDouble) ?? optionalNumber(asInt) ?? 0 };
}

function histogramPoint(point: Json): Partial<OtlpPoint> {
  const classic = explicitBuckets(numbersOf(point.explicitBounds), numbersOf(point.bucketCounts));
  return { distribution: { ...countAndSum(point, Number.NaN), ...(classic && { classic }) } };
}

function exponentialPoint(point: Json): Partial<OtlpPoint> {
  const buckets = (side: unknown): ReadonlyMap<number, number> => {
    const { offset, bucketCounts } = optionalRecord(side, 'buckets');
    return exponentialBuckets(optionalNumber(offset) ?? 0, numbersOf(bucketCounts));
  };
  const native: Distribution['native'] = {
    schema: optionalNumber(point.scale) ?? 0,
    zeroThreshold: optionalNumber(point.zeroThreshold) ?? 0,
    zeroCount: optionalNumber(point.zeroCount) ?? 0,
    positive: buckets(point.positive),
    negative: buckets(point.negative),
  };
  return { distribution: { ...countAndSum(point, Number.NaN), native } };
}

function summaryPoint(point: Json): Partial<OtlpPoint> {
  const list = listOf(point.quantileValues, 'quantileValues');
  assertBucketCount(list.length);
  const quantiles = list.map(({ quantile, value }) => ({
    quantile: optionalNumber(quantile) ?? 0,
    value: optionalNumber(value) ?? 0,
  }));
  return { distribution: countAndSum(point, 0), quantiles };
}

function countAndSum(
  { count, sum }: Json,
  sumWhenAbsent: number,
): { readonly count: number; readonly sum: number } {
  return { count: optionalNumber(count) ?? 0, sum: optionalNumber(sum) ?? sumWhenAbsent };
}

function attributesOf(list: unknown): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const { key, value } of listOf(list, 'attributes')) {
    const { stringValue, boolValue, intValue, doubleValue } = optionalRecord(value, 'value');
    const found = stringValue ?? boolValue ?? intValue ?? doubleValue;
    if (typeof found === 'object' || found === undefined) continue;
    attributes.set(attributeText(textOf(key, 'a key')), attributeText(String(found)));
    if (attributes.size > 1000) assertLabels(attributes);
  }
  return attributes;
}

function recordOf(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new ForeignDataError(`${what} is not an object`);
}

function optionalRecord(value: unknown, what: string): Json {
  return value === undefined || value === null ? {} : recordOf(value, what);
}

function listOf(value: unknown, what: string): readonly Json[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new ForeignDataError(`${what} is not a list`);
  return value.map((one: unknown) => recordOf(one, `an entry of ${what}`));
}

function textOf(value: unknown, what: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new ForeignDataError(`${what} is not a text`);
  return value;
}

/** Numbers also come as texts: 64-bit integers, `NaN`, `Infinity`. */
function optionalNumber(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || (Number.isNaN(number) && value !== 'NaN')) {
    throw new ForeignDataError(`${JSON.stringify(value)?.slice(0, 40)} is not a number`);
  }
  return number;
}

function numbersOf(value: unknown): number[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new ForeignDataError('bounds or counts are not a list');
  assertBucketCount(value.length);
  return value.map((one: unknown) => optionalNumber(one) ?? 0);
}
