// What drives a plan's load, as run/run-profile.ts and run/capacity.ts know it.

import type { ErrorGroup } from '../model/error-group.ts';
import type { DataFile, FeederRecord } from '../model/feeder.ts';
import type { GuardSettings, Refusal } from '../model/guard.ts';
import type { MetricWindow } from '../model/metric.ts';
import type { Plan } from '../model/plan.ts';
import type { WorkerGap, WorkerHealth } from '../model/run-record.ts';
import type { SuiteBundle } from '../model/suite-bundle.ts';
import type { Finding } from '../model/verdict.ts';
import type { ProtocolSecrets } from '../protocols/registry.ts';
import type { Control, LogLevel, StopMode } from './messages.ts';

export interface EngineOptions {
  readonly plan: Plan;
  readonly bundle: SuiteBundle;
  readonly dataFiles: readonly DataFile[];
  /** By feeder: so many rows, from the first on, were given by earlier loads of the same run; this load adds its own. */
  readonly rowsTaken?: Map<string, number>;
  /** Variables set in every worker beside the process's own. */
  readonly env: Readonly<Record<string, string>>;
  readonly userAgent: string;
  /** What the workers must not contact; `null` when the run is forced. */
  readonly guard: GuardSettings | null;
  /** Handed to the workers, and to nothing else. */
  readonly secrets: ProtocolSecrets;
  readonly hasSetup: boolean;
  readonly hasTeardown: boolean;
  /** With the reading of the machine's clock at run time 0. */
  readonly onStarted: (atMachineMs: number) => void;
  /** The load is over; teardown waits for what this does. */
  readonly onLoadEnded: () => Promise<void>;
  readonly onWindow: (window: MetricWindow, errors: readonly ErrorGroup[]) => void;
  /** All gaps so far, whenever one begins or ends. */
  readonly onGaps: (gaps: readonly WorkerGap[]) => void;
  /** A worker did not contact a host that looks like production; each may tell of one. */
  readonly onRefused: (refusal: Refusal) => void;
  /** What has become of the rows of all feeders so far, whenever a worker tells; never when there are no feeders. */
  readonly onData: (feeders: readonly FeederRecord[]) => void;
  /** The data have ended, and the suite says that the run fails then. */
  readonly onDataFailed: (feeder: string) => void;
  readonly onFinding: (finding: Finding) => void;
  readonly onLog: (level: LogLevel, message: string) => void;
}

export interface EngineResult {
  /** From the start of the run to the end of the last scenario. */
  readonly durationMs: number;
  /** One entry per process: of a worker that was lost and replaced there are several. */
  readonly workers: readonly WorkerHealth[];
  /** Ascending by `fromMs`. */
  readonly gaps: readonly WorkerGap[];
  /** In the order of the plan. */
  readonly feeders: readonly FeederRecord[];
}

/** Workers that are starting or running; created early so that they boot while the suite is still loading. */
export interface Engine {
  /** Runs the plan to its end. Rejects with a `TargetError` when setup fails, before any load. */
  run(options: EngineOptions): Promise<EngineResult>;
  /** Changes an externally-controlled scenario; before the start, what it is to be like when it starts. */
  control(control: Control): void;
  /** Ends the run early: `drain` lets iterations finish for `graceMs`, `cut` does not. */
  stop(mode: StopMode, graceMs: number): void;
  /** Ends all worker processes that still live. */
  close(): void;
}
