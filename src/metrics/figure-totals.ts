// One figure of a monitor over a run, or over one scenario: what thresholds ask of it. monitor-pages.ts keeps them.

import type { FigureDefinition } from '../model/monitor.ts';
import { Histogram } from '../stats/histogram.ts';
import type { MetricSubject } from './metric-subject.ts';

const msPerSec = 1000;

/** Of a gauge exact extremes, its mean, and percentiles from a histogram; of a counter what it gained, in which time. */
export class FigureTotals {
  readonly #isCounter: boolean;
  readonly #histogram = new Histogram();
  #last = 0;
  /** Readings above each value that a threshold asks about. */
  readonly #above: Map<number, number>;
  #gainCount = 0;
  #gained = 0;
  #observedMs = 0;

  constructor({ type }: Pick<FigureDefinition, 'type'>, sharesAbove: readonly number[] = []) {
    this.#isCounter = type === 'counter';
    this.#above = new Map(sharesAbove.map((value) => [value, 0]));
  }

  /** A reading of a gauge. */
  add(value: number): void {
    this.#histogram.add(value);
    this.#last = value;
    for (const [limit, count] of this.#above) if (value > limit) this.#above.set(limit, count + 1);
  }

  /** What a counter gained in the `overMs` since it was last read. */
  gain(by: number, overMs: number): void {
    this.#gainCount++;
    this.#gained += by;
    this.#observedMs += overMs;
  }

  /** As it stands now; `growth` tells the slope of a gauge's course. */
  subject(growth: () => number | undefined): MetricSubject {
    if (this.#isCounter) {
      const rate = this.#observedMs > 0 ? (this.#gained * msPerSec) / this.#observedMs : 0;
      const values = { count: this.#gained, rate };
      return { values, histogram: undefined, empty: this.#gainCount === 0, sampled: true };
    }
    return {
      values: { value: this.#last, ...this.#histogram.trendValues(), last: this.#last },
      histogram: this.#histogram,
      empty: this.#histogram.count === 0,
      sampled: true,
      shareAbove: (value) => this.#shareAbove(value),
      growth,
    };
  }

  /** 0..1; 0 without readings. */
  #shareAbove(value: number): number {
    const { count } = this.#histogram;
    return count === 0 ? 0 : (this.#above.get(value) ?? 0) / count;
  }
}
