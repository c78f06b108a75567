// The interface that every output implements, one file or folder each. outputs.ts makes them by kind; what all of them
// must do is in output.cases.ts.

import type { AlertTransition } from '../model/alert.ts';
import type { MetricWindow, Tags } from '../model/metric.ts';
import type { FigureDefinitions, MonitorSample } from '../model/monitor.ts';
import type { OutputTally } from '../model/output.ts';

/** The run that figures are of. */
export interface OutputRun {
  readonly id: string;
  readonly suite: string;
  readonly profile: string;
  readonly environment: string;
  readonly tags: Tags;
  /** Ms since 1970 at run time 0. */
  readonly startEpochMs: number;
  /** By name of the monitor. */
  readonly monitors: Readonly<Record<string, FigureDefinitions>>;
}

/**
 * Takes in what a run measures and passes it on, on its own time. No call throws or waits: a receiver that is slow or
 * gone costs its own data, which is counted, and nothing else. What waits is bounded in memory.
 */
export interface Output {
  /** What one worker measured in one second; windows of several workers come in any order. */
  window(window: MetricWindow): void;
  sample(sample: MonitorSample): void;
  alert(transition: AlertTransition): void;
  /** Passes on what is left, for `graceMs` at the most, and lets go of everything. Never rejects. */
  close(graceMs: number): Promise<OutputTally>;
}
