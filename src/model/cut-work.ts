// Work that was cut off before it had an outcome: an observation of which only a lower bound is known (censored, as
// statisticians say). Workers tell of it beside what their series gained; see docs/how-it-measures.md.

import type { Tags } from './metric.ts';

/** What is known of one piece of work at the moment of the cut. */
export interface CutMark {
  /**
   * `waited`: had it gone on, its value would have been at least the time it had waited. `none`: nothing is known of its
   * value, as of a request that was not sent yet, whose time would count from the sending.
   */
  readonly bound: 'waited' | 'none';
  /** The plan demands that it gets done: an iteration of a fixed number of them. */
  readonly due: boolean;
}

/** Pieces of work of one kind that were cut off. */
export interface CutWork extends CutMark {
  /** The trend that each would have had a value of. */
  readonly metric: string;
  /** What was known of them; tags that tell of an outcome, such as `status`, are not there. */
  readonly tags: Tags;
  /** `Histogram.encode()` of how long each had waited, ms. */
  readonly waits: Uint8Array;
}
