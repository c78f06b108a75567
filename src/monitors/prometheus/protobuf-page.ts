// Reads pages in Prometheus' protobuf format, the only one with native histograms: messages `MetricFamily`, each after
// its length. Called by page.ts. Source: io/prometheus/client/metrics.proto of github.com/prometheus/client_model.

import { assertBucketCount, assertLabels, ForeignDataError, maxNames, ReadSoFar } from '../foreign-data.ts';
import { ProtobufReader } from '../protobuf-reader.ts';
import {
  type Distribution,
  type DistributionSeries,
  familyNames,
  type Labels,
  type Metric,
  type Metrics,
  type MetricType,
  type NumberSeries,
  seriesKey,
} from './metric.ts';
import { readHistogram, readTimestamp, type Started } from './protobuf-histogram.ts';

/** By number, as `MetricType` has them. */
const types: readonly MetricType[] = [
  'counter',
  'gauge',
  'summary',
  'unknown',
  'histogram',
  'gaugehistogram',
];

/** The metrics of a page of which `wanted` names the family or a sample. Throws a `ForeignDataError`. */
export function parseProtobufPage(page: Buffer, wanted: ReadonlySet<string>): Metrics {
  const families = new Set([...wanted].flatMap(familyNames));
  const metrics = new Map<string, Metric>();
  const soFar = new ReadSoFar();
  for (const { name, reader } of familiesOf(page)) {
    if (families.has(name)) metrics.set(name, readFamily(reader, soFar));
  }
  return metrics;
}

/** Names of all families on a page. */
export function namesOnProtobufPage(page: Buffer): ReadonlySet<string> {
  return new Set(familiesOf(page).map(({ name }) => name));
}

function familiesOf(page: Buffer): { readonly name: string; readonly reader: ProtobufReader }[] {
  const families: { name: string; reader: ProtobufReader }[] = [];
  const stream = new ProtobufReader(page);
  while (stream.hasMore) {
    const reader = stream.delimited();
    const whole = reader.again();
    let name = '';
    // The name is written first, so that this ends at once.
    while (name === '' && reader.next()) {
      if (reader.field === 1) name = reader.string();
      else reader.skip();
    }
    families.push({ name, reader: whole });
    if (families.length > maxNames) throw new ForeignDataError(`the page has more than ${maxNames} metrics`);
  }
  return families;
}

function readFamily(reader: ProtobufReader, soFar: ReadSoFar): Metric {
  let type: MetricType = 'counter';
  const numbers: NumberSeries[] = [];
  const distributions: DistributionSeries[] = [];
  while (reader.next()) {
    if (reader.field === 3) type = types[reader.unsigned()] ?? 'unknown';
    else if (reader.field === 4) readMetric(reader.message(), numbers, distributions, soFar);
    else reader.skip();
  }
  return { type, numbers, distributions };
}

function readMetric(
  reader: ProtobufReader,
  numbers: NumberSeries[],
  distributions: DistributionSeries[],
  soFar: ReadSoFar,
): void {
  soFar.sample();
  const labels = new Map<string, string>();
  let number: ({ readonly value: number } & Started) | undefined;
  let summary: ReturnType<typeof readSummary> | undefined;
  let histogram: ({ readonly distribution: Distribution } & Started) | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        readLabel(reader.message(), labels);
        break;
      case 2: // gauge
      case 3: // counter
      case 5: // untyped
        number = readNumber(reader.message());
        break;
      case 4:
        summary = readSummary(reader.message());
        break;
      case 7:
        histogram = readHistogram(reader.message(), soFar);
        break;
      default:
        reader.skip();
    }
  }
  assertLabels(labels);
  const key = seriesKey(labels);
  if (number !== undefined) numbers.push({ key, labels, ...number });
  if (histogram !== undefined) distributions.push({ key, labels, ...histogram });
  if (summary === undefined) return;
  const { quantiles, ...distribution } = summary;
  distributions.push({ key, labels, ...distribution });
  for (const { quantile, value } of quantiles) {
    soFar.sample();
    const ofQuantile: Labels = new Map([...labels, ['quantile', String(quantile)]]);
    numbers.push({ key: seriesKey(ofQuantile), labels: ofQuantile, value });
  }
}

function readLabel(reader: ProtobufReader, labels: Map<string, string>): void {
  let [name, value] = ['', ''];
  while (reader.next()) {
    if (reader.field === 1) name = reader.string();
    else if (reader.field === 2) value = reader.string();
    else reader.skip();
  }
  labels.set(name, value);
}

/** Gauge, Counter and Untyped have their value in the same field; only a counter has a start time. */
function readNumber(reader: ProtobufReader): { readonly value: number } & Started {
  let value = 0;
  let started: Started = {};
  while (reader.next()) {
    if (reader.field === 1) value = reader.double();
    else if (reader.field === 3) started = readTimestamp(reader.message());
    else reader.skip();
  }
  return { value, ...started };
}

function readSummary(reader: ProtobufReader): {
  readonly distribution: Distribution;
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
} & Started {
  let [count, sum] = [0, 0];
  let started: Started = {};
  const quantiles: { quantile: number; value: number }[] = [];
  while (reader.next()) {
    if (reader.field === 1) count = reader.unsigned();
    else if (reader.field === 2) sum = reader.double();
    else if (reader.field === 3) {
      const [quantile, value] = readDoubles(reader.message());
      quantiles.push({ quantile, value });
      assertBucketCount(quantiles.length);
    } else if (reader.field === 4) started = readTimestamp(reader.message());
    else reader.skip();
  }
  return { distribution: { count, sum }, quantiles, ...started };
}

/** Fields 1 and 2. */
function readDoubles(reader: ProtobufReader): [number, number] {
  let [first, second] = [0, 0];
  while (reader.next()) {
    if (reader.field === 1) first = reader.double();
    else if (reader.field === 2) second = reader.double();
    else reader.skip();
  }
  return [first, second];
}
