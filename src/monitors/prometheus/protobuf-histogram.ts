// Reads the message `Histogram` of Prometheus' protobuf format, with classic buckets, native ones or both. Called by
// protobuf-page.ts.

import {
  assertBounds,
  assertBucketCount,
  ForeignDataError,
  observationsOf,
  type ReadSoFar,
} from '../foreign-data.ts';
import type { ProtobufReader } from '../protobuf-reader.ts';
import type { ClassicBuckets, Distribution } from './metric.ts';
import type { NativeHistogram } from './native-histogram.ts';
import { checkedNative } from './native-limits.ts';

/** Since when a series counts, where the page tells. */
export interface Started {
  readonly startEpochMs?: number;
}

export function readTimestamp(reader: ProtobufReader): Started {
  let [seconds, nanos] = [0, 0];
  while (reader.next()) {
    if (reader.field === 1) seconds = reader.signed();
    else if (reader.field === 2) nanos = reader.signed();
    else reader.skip();
  }
  return { startEpochMs: seconds * 1000 + nanos / 1e6 };
}

interface Span {
  readonly offset: number;
  readonly length: number;
}

/** One side of a native histogram, as written: counts of floats, or differences of whole counts. */
interface SparseBuckets {
  readonly spans: Span[];
  readonly deltas: number[];
  readonly counts: number[];
}

interface HistogramFields {
  count: number;
  floatCount: number;
  sum: number;
  schema: number;
  zeroThreshold: number;
  zeroCount: number;
  floatZeroCount: number;
  started: Started;
  readonly buckets: [bound: number, count: number][];
  readonly negative: SparseBuckets;
  readonly positive: SparseBuckets;
}

const fieldReaders: Readonly<Record<number, (reader: ProtobufReader, fields: HistogramFields) => void>> = {
  1: (reader, fields) => {
    fields.count = reader.unsigned();
  },
  2: (reader, fields) => {
    fields.sum = reader.double();
  },
  3: (reader, fields) => {
    fields.buckets.push(readBucket(reader.message()));
    assertBucketCount(fields.buckets.length);
  },
  4: (reader, fields) => {
    fields.floatCount = reader.double();
  },
  5: (reader, fields) => {
    fields.schema = reader.zigzag();
  },
  6: (reader, fields) => {
    fields.zeroThreshold = reader.double();
  },
  7: (reader, fields) => {
    fields.zeroCount = reader.unsigned();
  },
  8: (reader, fields) => {
    fields.floatZeroCount = reader.double();
  },
  9: (reader, { negative }) => {
    negative.spans.push(readSpan(reader.message()));
    assertBucketCount(negative.spans.length);
  },
  10: (reader, { negative }) => reader.numbers(negative.deltas, 'zigzag', assertBucketCount),
  11: (reader, { negative }) => reader.numbers(negative.counts, 'double', assertBucketCount),
  12: (reader, { positive }) => {
    positive.spans.push(readSpan(reader.message()));
    assertBucketCount(positive.spans.length);
  },
  13: (reader, { positive }) => reader.numbers(positive.deltas, 'zigzag', assertBucketCount),
  14: (reader, { positive }) => reader.numbers(positive.counts, 'double', assertBucketCount),
  15: (reader, fields) => {
    fields.started = readTimestamp(reader.message());
  },
};

/** Throws a `ForeignDataError` at damaged bytes and at what no histogram can have. */
export function readHistogram(
  reader: ProtobufReader,
  soFar: ReadSoFar,
): { readonly distribution: Distribution } & Started {
  const fields: HistogramFields = {
    count: 0,
    floatCount: 0,
    sum: 0,
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    floatZeroCount: 0,
    started: {},
    buckets: [],
    negative: { spans: [], deltas: [], counts: [] },
    positive: { spans: [], deltas: [], counts: [] },
  };
  while (reader.next()) {
    const read = fieldReaders[reader.field];
    if (read === undefined) reader.skip();
    else read(reader, fields);
  }
  // A float count above 0 takes the place of the whole one.
  const count = observationsOf(
    fields.floatCount > 0 ? fields.floatCount : fields.count,
    'the count of a histogram',
  );
  const native = nativeOf(fields);
  const classic =
    native !== undefined && fields.buckets.length === 0 ? undefined : classicOf(fields.buckets, count);
  soFar.buckets(
    fields.buckets.length + (native === undefined ? 0 : native.positive.size + native.negative.size),
  );
  const distribution = { count, sum: fields.sum, ...(classic && { classic }), ...(native && { native }) };
  return { distribution, ...fields.started };
}

/** `undefined`: it has classic buckets only. A native one without observations has a span of no length. */
function nativeOf(fields: HistogramFields): NativeHistogram | undefined {
  const { schema, zeroThreshold, zeroCount, floatZeroCount, positive, negative } = fields;
  if (!(zeroThreshold > 0) && positive.spans.length === 0 && negative.spans.length === 0) return undefined;
  if (schema < -4 || schema > 8) {
    throw new ForeignDataError(`a native histogram has the unknown schema ${schema}`);
  }
  return checkedNative({
    schema,
    zeroThreshold,
    zeroCount: floatZeroCount > 0 ? floatZeroCount : zeroCount,
    positive: sparseCounts(positive),
    negative: sparseCounts(negative),
  });
}

function readBucket(reader: ProtobufReader): [bound: number, count: number] {
  let [count, floatCount, bound] = [0, 0, 0];
  while (reader.next()) {
    if (reader.field === 1) count = reader.unsigned();
    else if (reader.field === 4) floatCount = reader.double();
    else if (reader.field === 2) bound = reader.double();
    else reader.skip();
  }
  return [bound, floatCount > 0 ? floatCount : count];
}

function readSpan(reader: ProtobufReader): Span {
  let [offset, length] = [0, 0];
  while (reader.next()) {
    if (reader.field === 1) offset = reader.zigzag();
    else if (reader.field === 2) length = reader.unsigned();
    else reader.skip();
  }
  return { offset, length };
}

/** The bucket of Infinity may be left out of a page; it holds all. */
function classicOf(buckets: readonly [bound: number, count: number][], total: number): ClassicBuckets {
  const ascending = [...buckets].sort(([a], [b]) => a - b);
  if (ascending.at(-1)?.[0] !== Number.POSITIVE_INFINITY) ascending.push([Number.POSITIVE_INFINITY, total]);
  const bounds = ascending.map(([bound]) => bound);
  assertBounds(bounds);
  return {
    bounds,
    counts: ascending.map(([, count]) => observationsOf(count, 'the count of a bucket of a histogram')),
  };
}

/** Spans say which buckets there are: each begins `offset` after the one before, the first at `offset`. */
function sparseCounts({ spans, deltas, counts }: SparseBuckets): ReadonlyMap<number, number> {
  const byIndex = new Map<number, number>();
  const given = Math.max(counts.length, deltas.length);
  let [index, at, whole] = [0, 0, 0];
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++) {
      if (at >= given) throw new ForeignDataError('a native histogram has fewer counts than buckets');
      whole += deltas[at] ?? 0;
      byIndex.set(index++, counts.length > 0 ? counts[at]! : whole);
      at++;
    }
  }
  return byIndex;
}
