// The outputs of a run, as whoever measures knows them: what they are given they pass on by themselves.

import type { AlertTransition } from '../model/alert.ts';
import type { MetricWindow } from '../model/metric.ts';
import type { MonitorReport } from '../model/monitor.ts';
import type { OutputTally } from '../model/output.ts';

export interface LiveOutputs {
  /** Run time 0 is now. */
  started(): void;
  window(window: MetricWindow): void;
  observe(report: MonitorReport): void;
  alert(transition: AlertTransition): void;
  /** Passes on what is left; a second call gives what the first did. */
  close(): Promise<readonly OutputTally[]>;
}
