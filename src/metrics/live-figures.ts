// What live displays show: totals so far and the last whole second. The collector feeds it.

import type { SeriesDelta } from '../model/metric.ts';
import { type OperationKind, operationMetrics } from '../model/operation.ts';
import { Histogram } from '../stats/histogram.ts';

const secondMs = 1000;
/** Seconds older than this are let go. */
const keptMs = 6000;

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
  /** Run time up to which all workers have told of what they did. */
  untilMs = 0;

  /** Notes that all have told up to `untilMs`. */
  told(untilMs: number): void {
    if (untilMs <= this.untilMs) return;
    this.untilMs = untilMs;
    const oldest = Math.floor((untilMs - keptMs) / secondMs);
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

  /** The last whole second that every worker has told of; empty before there is one. */
  lastSecond(): SecondFigures {
    return this.#seconds.get(Math.floor(this.untilMs / secondMs) - 1) ?? new Map();
  }
}
