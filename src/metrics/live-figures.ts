// What live displays show: totals so far and the last whole second. The collector feeds it.

import type { SeriesDelta } from '../model/metric.ts';
import { type OperationKind, operationMetrics } from '../model/operation.ts';
import { Histogram } from '../stats/histogram.ts';

const secondMs = 1000;
/** A worker silent for longer no longer holds back what counts as the last whole second. */
const patienceMs = 3000;

/** What happened of one kind within one second, over all workers. */
export interface KindFigures {
  count: number;
  readonly durations: Histogram;
}

type SecondFigures = ReadonlyMap<OperationKind, KindFigures>;

/** Kinds by the names of their metrics. */
const kinds = Object.keys(operationMetrics) as OperationKind[];
const kindOfCount = new Map<string, OperationKind>(kinds.map((kind) => [operationMetrics[kind].count, kind]));
const kindOfDuration = new Map<string, OperationKind>(
  kinds.map((kind) => [operationMetrics[kind].duration, kind]),
);

/** Keeps the last few seconds, apart from the timeline, whose intervals grow with the run. */
export class LiveFigures {
  readonly #seconds = new Map<number, Map<OperationKind, KindFigures>>();
  readonly #reportedUntilMs = new Map<number, number>();
  /** End of the newest window of any worker. */
  newestEndAtMs = 0;

  /** Notes that a worker has reported up to `endAtMs`. */
  reported(worker: number, endAtMs: number): void {
    this.#reportedUntilMs.set(worker, Math.max(endAtMs, this.#reportedUntilMs.get(worker) ?? 0));
    if (endAtMs <= this.newestEndAtMs) return;
    this.newestEndAtMs = endAtMs;
    const oldest = Math.floor((endAtMs - 2 * patienceMs) / secondMs);
    for (const second of this.#seconds.keys()) if (second < oldest) this.#seconds.delete(second);
  }

  add(metric: string, delta: SeriesDelta, startAtMs: number): void {
    const kind = delta.type === 'trend' ? kindOfDuration.get(metric) : kindOfCount.get(metric);
    if (kind === undefined) return;
    const second = Math.floor(startAtMs / secondMs);
    const figures = this.#seconds.get(second) ?? new Map<OperationKind, KindFigures>();
    this.#seconds.set(second, figures);
    const ofKind = figures.get(kind) ?? { count: 0, durations: new Histogram() };
    figures.set(kind, ofKind);
    if (delta.type === 'trend') ofKind.durations.mergeEncoded(delta.histogram);
    else if (delta.type === 'counter') ofKind.count += delta.count;
  }

  /** The last whole second that every worker has reported; empty before there is one. */
  lastSecond(): SecondFigures {
    let wholeUntilMs = this.newestEndAtMs;
    for (const endAtMs of this.#reportedUntilMs.values()) {
      if (endAtMs >= this.newestEndAtMs - patienceMs) wholeUntilMs = Math.min(wholeUntilMs, endAtMs);
    }
    return this.#seconds.get(Math.floor(wholeUntilMs / secondMs) - 1) ?? new Map();
  }
}
