// How a run is going: what live displays show while the load is on.

import type { AlertLevel } from './alert.ts';
import type { FigureDefinition } from './monitor.ts';
import type { OperationKind } from './operation.ts';

/** One kind of what a run does, so far and in the last second. */
export interface LiveOperations {
  readonly kind: OperationKind;
  readonly count: number;
  /** In the last second. */
  readonly perSec: number;
  /** 95th percentile of the duration in the last second; `null` when none ended in it. */
  readonly lastP95Ms: number | null;
  /** The same over the run so far; `null` before the first. */
  readonly runP95Ms: number | null;
  readonly failed: number;
  /** Over the run so far, 0..1. */
  readonly failedRatio: number;
}

/** What a monitor sees at the moment. */
export interface LiveMonitor {
  readonly name: string;
  readonly title: string;
  /** Of counters the value is the gain per second. */
  readonly figures: readonly { readonly definition: FigureDefinition; readonly value: number }[];
  /** It could not be read when it last tried. */
  readonly failing: boolean;
}

/** Figures of a run in progress. "Last second" is the last whole second that every worker has reported. */
export interface LiveProgress {
  /** Run time up to which figures have arrived. */
  readonly elapsedMs: number;
  readonly vus: number;
  readonly vusMax: number;
  readonly requests: number;
  /** In the last second. */
  readonly requestsPerSec: number;
  readonly iterations: number;
  /** In the last second. */
  readonly iterationsPerSec: number;
  readonly droppedIterations: number;
  /** 95th percentile of `http_req_duration` in the last second; `null` when no request ended in it. */
  readonly lastP95Ms: number | null;
  /** The same over the run so far; `null` before the first request. */
  readonly runP95Ms: number | null;
  readonly failedRequests: number;
  /** Share of failed requests over the run so far, 0..1. */
  readonly failedRatio: number;
  /** What speaks for the run: HTTP requests, statements, Redis commands, else iterations. Empty before the first. */
  readonly operations: readonly LiveOperations[];
  /** The headline figures of each monitor as they stand; those that are not known now are left out. */
  readonly watched: readonly LiveMonitor[];
  /** Titles of alerts that are firing. */
  readonly alerts: readonly { readonly title: string; readonly level: AlertLevel }[];
  readonly checkPasses: number;
  readonly checkFails: number;
}
