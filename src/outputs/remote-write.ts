// Prometheus remote write 1.0: all series, once per interval, to whatever stores them.
// Source: https://prometheus.io/docs/specs/prw/remote_write_spec/

import type { RemoteWriteOutputDefinition } from '../model/output.ts';
import { type BatchTime, createBatchOutput, type EncodedBatch, intervalOf } from './batch-output.ts';
import { createPost } from './http-post.ts';
import type { Output, OutputRun } from './output.ts';
import { FamilyNames, labelsOf } from './prometheus-names.ts';
import { shapesOf, valuesOf } from './prometheus-samples.ts';
import { ProtobufWriter } from './protobuf.ts';
import { parseReceiverUrl } from './receiver-url.ts';
import type { BookSeries, SeriesBook } from './series-book.ts';
import { compressSnappy } from './snappy.ts';

/** Receivers limit the size of a request; more samples go into a further one. */
const samplesPerRequest = 10_000;

/** Throws a `UsageError` for a URL that is none, or a wrong interval. */
export function createRemoteWriteOutput(definition: RemoteWriteOutputDefinition, run: OutputRun): Output {
  const receiver = parseReceiverUrl(definition.url, ['http', 'https']);
  const encoder = new WriteRequestEncoder(run);
  return createBatchOutput({
    kind: 'prometheus-remote-write',
    run,
    to: receiver.shown,
    intervalMs: intervalOf(definition.interval),
    attempt: createPost({
      receiver,
      headers: definition.headers,
      formatHeaders: {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '0.1.0',
      },
    }),
    encode: (book, time) => encoder.encode(book, time),
  });
}

/** Makes WriteRequests; the labels of a series are encoded once. */
class WriteRequestEncoder {
  readonly #run: OutputRun;
  readonly #names = new FamilyNames();
  readonly #labels = new WeakMap<BookSeries, readonly Uint8Array[]>();
  readonly #sample = new ProtobufWriter();

  constructor(run: OutputRun) {
    this.#run = run;
  }

  encode(book: SeriesBook, { epochMs }: BatchTime): EncodedBatch[] {
    const batches: EncodedBatch[] = [];
    let request = new ProtobufWriter(64 * 1024);
    let points = 0;
    let samples = 0;
    for (const series of book.series()) {
      const values = valuesOf(series);
      for (const [k, labels] of this.#labelsOf(series).entries()) {
        const sample = this.#sample.clear().double(1, values[k]!).int64(2, epochMs).finish();
        request.bytes(1, labels, sampleHead(sample.length), sample);
      }
      samples += values.length;
      points += series.waitingPoints;
      series.waitingPoints = 0;
      if (samples < samplesPerRequest) continue;
      batches.push({ body: compressSnappy(request.finish()), points });
      request = new ProtobufWriter(64 * 1024);
      points = 0;
      samples = 0;
    }
    if (samples > 0) batches.push({ body: compressSnappy(request.finish()), points });
    return batches;
  }

  /** The encoded labels of a TimeSeries (its field 1), one per sample. */
  #labelsOf(series: BookSeries): readonly Uint8Array[] {
    const known = this.#labels.get(series);
    if (known !== undefined) return known;
    const labels = labelsOf(series, this.#run);
    const encoded = shapesOf(series, this.#names).map(({ family, suffix, le }) => {
      const all = [...labels, ['__name__', `${family.name}${suffix}`] as const];
      if (le !== undefined) all.push(['le', le]);
      const timeSeries = new ProtobufWriter();
      for (const [name, value] of all.sort(([a], [b]) => (a < b ? -1 : 1))) {
        timeSeries.bytes(1, new ProtobufWriter().string(1, name).string(2, value).finish());
      }
      return timeSeries.finish().slice();
    });
    this.#labels.set(series, encoded);
    return encoded;
  }
}

/** Tag and length of a TimeSeries' field 2, its sample. */
function sampleHead(length: number): Uint8Array {
  return Uint8Array.of(2 * 8 + 2, length);
}
