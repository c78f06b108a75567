// An output that keeps a book of series and sends a batch of them once per interval: remote write, OTLP and InfluxDB.

import { messageOf, UsageError } from '../model/errors.ts';
import type { OutputKind } from '../model/output.ts';
import { parseDuration } from '../time/duration.ts';
import { cancelTimer, startRepeating } from '../time/timer.ts';
import { type Attempt, Delivery } from './delivery.ts';
import type { Output, OutputRun } from './output.ts';
import { SeriesBook } from './series-book.ts';

/** What goes to a receiver in one request. */
export interface EncodedBatch {
  readonly body: Uint8Array;
  /** The waiting points of the series in it. */
  readonly points: number;
}

export interface BatchTime {
  /** Run time up to which things were measured; each batch has a later one than the batch before it. */
  readonly atMs: number;
  /** The same in ms since 1970. */
  readonly epochMs: number;
  /** Run time since the batch before, or since the start. */
  readonly spanMs: number;
}

interface BatchOutputOptions {
  readonly kind: OutputKind;
  readonly run: OutputRun;
  /** Without secrets. */
  readonly to: string;
  readonly intervalMs: number;
  readonly attempt: Attempt;
  /** One or more batches with all series of the book; takes their points from `waitingPoints`, and sets these to 0. */
  readonly encode: (book: SeriesBook, time: BatchTime) => readonly EncodedBatch[];
  readonly maxSeries?: number;
}

const defaultIntervalMs = 5000;
const shortestIntervalMs = 100;

/** An interval as a definition has it, in ms. Throws a `UsageError` when it is none, or below 100 ms. */
export function intervalOf(interval: number | string | undefined): number {
  const ms = interval === undefined ? defaultIntervalMs : parseDuration(interval);
  if (ms === undefined || ms < shortestIntervalMs) {
    throw new UsageError(`${interval} is not a valid interval`, {
      hint: 'write a duration of at least 100ms, such as 5s',
    });
  }
  return ms;
}

/** Begins to send at once, with nothing to send. */
export function createBatchOutput(options: BatchOutputOptions): Output {
  const { kind, run, to, intervalMs, attempt, encode } = options;
  const { maxSeries } = options;
  const book = new SeriesBook({
    monitors: run.monitors,
    ...(maxSeries === undefined ? {} : { maxSeries }),
  });
  const delivery = new Delivery({ attempt });
  let batchedRevision = 0;
  let batchedLost = 0;
  let batchedAtMs = 0;

  function flush(): void {
    delivery.lose(book.lostPoints - batchedLost);
    batchedLost = book.lostPoints;
    if (book.revision === batchedRevision) return;
    batchedRevision = book.revision;
    // Windows that come late would share a time with the batch before, which receivers take for the same sample.
    const atMs = Math.max(Math.round(book.newestAtMs), batchedAtMs + 1);
    const time = { atMs, epochMs: Math.round(run.startEpochMs) + atMs, spanMs: atMs - batchedAtMs };
    batchedAtMs = atMs;
    try {
      for (const batch of encode(book, time)) delivery.add(batch);
    } catch (thrown) {
      // Called by a timer, where an exception would end the process.
      let points = 0;
      for (const series of book.series()) {
        points += series.waitingPoints;
        series.waitingPoints = 0;
      }
      delivery.lose(points, messageOf(thrown));
    }
  }

  const timer = startRepeating(flush, intervalMs).unref();
  return {
    window: (window) => book.window(window),
    sample: (sample) => book.sample(sample),
    alert: (transition) => book.alert(transition),
    async close(graceMs) {
      cancelTimer(timer);
      flush();
      return { kind, to, ...(await delivery.close(graceMs)) };
    },
  };
}
