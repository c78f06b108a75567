// A time in which operations failed or stopped. Found by judge/outages.ts; analysis and reports tell of it.

import type { OperationKind } from './operation.ts';

/** Times are starts of intervals of the timeline: it is at most two intervals shorter than told. */
export interface Outage {
  /** Run time. */
  readonly fromMs: number;
  /** Run time from which everything was as before; `null` when the run did not show that. */
  readonly untilMs: number | null;
  /** Time to recovery; of an outage without an end how long it was seen. */
  readonly lengthMs: number;
  /** Operations that failed in it; kinds without any are left out. */
  readonly failed: Readonly<Partial<Record<OperationKind, number>>>;
}
