// How many virtual users of this worker are at work, told to its `vus` gauge at every change: one that works for
// a millisecond counts as much as one that is there when a window ends.

import type { GaugeRecorder } from '../model/metric.ts';

export class VuCount {
  readonly #gauge: GaugeRecorder;
  #count = 0;

  constructor(gauge: GaugeRecorder) {
    this.#gauge = gauge;
  }

  get count(): number {
    return this.#count;
  }

  /** Takes note that so many more (or, below 0, fewer) are at work. */
  change(by: number): void {
    this.#count += by;
    this.#gauge.set(this.#count);
  }

  /** For the beginning of a window, in which nobody may come or go. */
  restate(): void {
    this.#gauge.set(this.#count);
  }
}
