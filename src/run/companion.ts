// What runs beside a load: monitors.ts watches, outputs.ts passes figures on. A session, or the one load it is made for,
// takes a companion through its life; what a companion has to say it reports into the session.

import type { AlertTransition } from '../model/alert.ts';
import type { MetricWindow } from '../model/metric.ts';
import type { MonitorReport } from '../model/monitor.ts';

export interface Companion {
  /** Makes ready what takes time, before any load. The load may begin before it has resolved. */
  prepare(): Promise<void>;
  /** A load begins, or will within milliseconds: `now` is its run time, ms. A search does this once for each step. */
  start(now: () => number): void;
  /** The load has ended; teardown waits for this. Nothing is told of the load any more once it has resolved. */
  finish(): Promise<void>;
  /** All is measured: lets go of everything. A second call does nothing. */
  close(): Promise<void>;
  /** What it wants to be told while the load goes on; each call returns at once and never throws. */
  readonly hears?: {
    window?(window: MetricWindow): void;
    monitor?(report: MonitorReport): void;
    alert?(transition: AlertTransition): void;
  };
}
