// Sums of operations over a time: counted, failed, and how long they took. phase-book.ts and steady-state.ts keep them.

import type { BuiltInMetric, SeriesDelta } from '../model/metric.ts';
import { kindsOfRun, type OperationKind, operationMetrics } from '../model/operation.ts';
import type { PhaseFigures } from '../model/phase.ts';
import { addDelta, createTotals, type Totals } from './totals.ts';

const kinds = Object.keys(operationMetrics) as OperationKind[];
/** The metrics that the sums are of. */
export const summedMetrics: ReadonlySet<string> = new Set(
  kinds.flatMap((kind) => {
    const { count, failed, duration } = operationMetrics[kind];
    return [count, failed, duration];
  }),
);

export class OperationSums {
  readonly #totals = new Map<string, Totals>();
  /** Counted after the time was over. */
  readonly #late = new Map<string, number>();

  add(metric: string, delta: SeriesDelta, atMs: number, isLate = false): void {
    let totals = this.#totals.get(metric);
    if (totals === undefined) {
      totals = createTotals(delta.type);
      this.#totals.set(metric, totals);
    }
    if (totals.type !== delta.type) return;
    addDelta(totals, delta, atMs);
    if (isLate && delta.type === 'counter') {
      this.#late.set(metric, (this.#late.get(metric) ?? 0) + delta.count);
    }
  }

  /** Of the kinds that speak for these sums, the most telling first; `lengthMs` is what a rate is per second of. */
  figures(lengthMs: number): PhaseFigures[] {
    return kindsOfRun((metric) => this.#countOf(metric)).map((kind) => {
      const metrics = operationMetrics[kind];
      const count = this.#countOf(metrics.count);
      const inTime = count - (this.#late.get(metrics.count) ?? 0);
      const failed = this.#totals.get(metrics.failed);
      const durations = this.#totals.get(metrics.duration) ?? createTotals('trend');
      return {
        kind,
        count,
        perSec: lengthMs > 0 ? (inTime * 1000) / lengthMs : 0,
        failed: failed?.type === 'rate' ? failed.passes : failed?.type === 'counter' ? failed.count : 0,
        durations: (durations.type === 'trend' ? durations : emptyTrend).histogram.trendValues(),
      };
    });
  }

  #countOf(metric: BuiltInMetric): number {
    const totals = this.#totals.get(metric);
    return totals?.type === 'counter' ? totals.count : 0;
  }
}

const emptyTrend = createTotals('trend') as Extract<Totals, { type: 'trend' }>;
