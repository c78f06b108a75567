// The recorders a meter hands out: one per series, each gathering what happened since the last flush.

import type {
  CounterRecorder,
  GaugeRecorder,
  RateRecorder,
  SeriesDefinition,
  SeriesDelta,
  TrendRecorder,
} from '../model/metric.ts';
import { Histogram } from '../stats/histogram.ts';

/** What the series of one meter share. */
export interface Shared {
  /** Those that gained something since the last flush. */
  readonly touched: SeriesRecorder[];
  /** Empty histograms: only series that gain something need one. */
  readonly histograms: Histogram[];
}

/** A series that remembers whether it gained anything, so that a flush visits only those that did. */
export abstract class SeriesRecorder {
  readonly definition: SeriesDefinition;
  /** True once the coordinator has been sent the definition. */
  defined = false;
  protected touched = false;
  protected readonly shared: Shared;

  constructor(definition: SeriesDefinition, shared: Shared) {
    this.definition = definition;
    this.shared = shared;
  }

  /** What the series gained since the last call, which is then forgotten. */
  abstract take(): SeriesDelta;

  protected touch(): void {
    this.touched = true;
    this.shared.touched.push(this);
  }
}

export class CounterSeries extends SeriesRecorder implements CounterRecorder {
  #count = 0;

  /** A number that is not finite is ignored, as it would spoil the total for good. */
  add(amount: number): void {
    if (!Number.isFinite(amount)) return;
    if (!this.touched) this.touch();
    this.#count += amount;
  }

  take(): SeriesDelta {
    const delta: SeriesDelta = { id: this.definition.id, type: 'counter', count: this.#count };
    this.touched = false;
    this.#count = 0;
    return delta;
  }
}

export class RateSeries extends SeriesRecorder implements RateRecorder {
  #passes = 0;
  #fails = 0;

  add(passed: boolean): void {
    if (!this.touched) this.touch();
    if (passed) this.#passes++;
    else this.#fails++;
  }

  take(): SeriesDelta {
    const { id } = this.definition;
    const delta: SeriesDelta = { id, type: 'rate', passes: this.#passes, fails: this.#fails };
    this.touched = false;
    this.#passes = 0;
    this.#fails = 0;
    return delta;
  }
}

export class GaugeSeries extends SeriesRecorder implements GaugeRecorder {
  #value = 0;
  #min = 0;
  #max = 0;

  /** A number that is not finite is ignored. */
  set(value: number): void {
    if (!Number.isFinite(value)) return;
    this.#value = value;
    if (this.touched) {
      if (value < this.#min) this.#min = value;
      if (value > this.#max) this.#max = value;
      return;
    }
    this.touch();
    this.#min = value;
    this.#max = value;
  }

  take(): SeriesDelta {
    this.touched = false;
    return {
      id: this.definition.id,
      type: 'gauge',
      value: this.#value,
      min: this.#min,
      max: this.#max,
    };
  }
}

export class TrendSeries extends SeriesRecorder implements TrendRecorder {
  /** Present while touched. */
  #histogram: Histogram | null = null;

  add(value: number): void {
    if (!this.touched) {
      if (Number.isNaN(value)) return;
      this.touch();
      this.#histogram = this.shared.histograms.pop() ?? new Histogram();
    }
    this.#histogram!.add(value);
  }

  take(): SeriesDelta {
    const used = this.#histogram!;
    const histogram = used.encode();
    used.reset();
    this.shared.histograms.push(used);
    this.#histogram = null;
    this.touched = false;
    return { id: this.definition.id, type: 'trend', histogram };
  }
}
