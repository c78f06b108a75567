// What came of one expectation of a fault. Made by the files that judge expectations, read by fault-results.ts.

export interface Judgement {
  /** `open`: nobody knows. */
  readonly status: 'met' | 'unmet' | 'open';
  /** What was seen, in sentences. */
  readonly detail: string;
  /** The figure that decides: ms of times, shares 0..1; absent where there is none. */
  readonly value?: number;
}
