// A spike of the planned load and what the target made of it. Made by judge/spikes.ts of a plan and a timeline.

export interface Spike {
  /** Run times: when the load began to rise, and when it was back near where it had been. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** What loads are in. */
  readonly unit: 'users' | 'iterations/s';
  readonly baseLoad: number;
  readonly peakLoad: number;
  /** From `untilMs` to the first interval of those that were as before; `null` when there were none. */
  readonly recoveryMs: number | null;
  /** For how long the target was seen after `untilMs`, up to the next rise of the load. */
  readonly seenMs: number;
  /** Median of the 95th percentiles of the intervals before, and what is as before. */
  readonly usualMs: number;
  readonly limitMs: number;
  /** Share of failures, 0..1. */
  readonly failedLimit: number;
}
