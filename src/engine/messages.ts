// The one set of messages between coordinator and workers, whatever carries it. All of them survive
// structured cloning.

import type { ErrorGroup } from '../model/error-group.ts';
import type { DataFile, FeederUse, RowRange } from '../model/feeder.ts';
import type { GuardSettings, Refusal } from '../model/guard.ts';
import type { MetricWindow } from '../model/metric.ts';
import type { Plan } from '../model/plan.ts';
import type { SuiteBundle } from '../model/suite-bundle.ts';
import type { Finding } from '../model/verdict.ts';
import type { ProtocolSecrets } from '../protocols/registry.ts';
import type { Resume, ScenarioProgress } from './resume.ts';

/** `drain`: start nothing more, let iterations finish for a while. `cut`: end them now. */
export type StopMode = 'drain' | 'cut';

/** What an externally-controlled scenario is to be like from now on, over all workers. */
export interface Control {
  readonly scenario: string;
  readonly vus: number;
  /** While true no iteration starts; the VUs stay, with their connections and sessions. */
  readonly paused: boolean;
}

export type ToWorker =
  | {
      readonly kind: 'prepare';
      readonly plan: Plan;
      readonly bundle: SuiteBundle;
      /** Data files of the suite's feeders. */
      readonly dataFiles: readonly DataFile[];
      /** Which part of the plan it has, from 0. */
      readonly worker: number;
      /** Under which number it sends its windows: of its own for every process of the run. */
      readonly sender: number;
      readonly env: Readonly<Record<string, string>>;
      readonly userAgent: string;
      /** What it must not contact; `null` when the run is forced. */
      readonly guard: GuardSettings | null;
      readonly secrets: ProtocolSecrets;
    }
  /** Ask what the worker's machine clock reads; `sentMs` is what the coordinator's does, ms. */
  | { readonly kind: 'clock'; readonly sentMs: number }
  /** Run the suite's `setup` (one worker only); answered by `setup-done`. */
  | { readonly kind: 'setup' }
  /**
   * Start the plan when the monotonic clock of the worker's machine reads `atMachineMs`; with `resume` that moment is past, and
   * the worker takes the place of one that was lost. `data` is what `setup` returned.
   */
  | {
      readonly kind: 'start';
      readonly atMachineMs: number;
      readonly data: unknown;
      readonly controls: readonly Control[];
      readonly resume?: Resume;
    }
  | { readonly kind: 'control'; readonly control: Control }
  /** Rows of a shared feeder, as asked for; `ended`: none are left. */
  | {
      readonly kind: 'rows';
      readonly feeder: string;
      readonly ranges: readonly RowRange[];
      readonly ended: boolean;
    }
  /** Give back the rows that no user has got, for other workers; answered by `return-rows`. */
  | { readonly kind: 'recall-rows'; readonly feeder: string }
  /** The data of a scenario have ended: start nothing more in it, let iterations finish. */
  | { readonly kind: 'end-scenario'; readonly scenario: string }
  | { readonly kind: 'stop'; readonly mode: StopMode; readonly graceMs: number }
  /** Run the suite's `teardown` (one worker only); answered by `teardown-done`. */
  | { readonly kind: 'teardown' }
  /** All is measured: close what is open, send what is left, and exit. */
  | { readonly kind: 'exit' };

export type FromWorker =
  | { readonly kind: 'booted' }
  | { readonly kind: 'prepared' }
  /** What the worker's machine clock read when it was asked, beside the question's own reading. */
  | { readonly kind: 'clock'; readonly sentMs: number; readonly machineMs: number }
  | { readonly kind: 'setup-done'; readonly data: unknown }
  | {
      readonly kind: 'window';
      readonly window: MetricWindow;
      readonly errors: readonly ErrorGroup[];
      /** How far it has come at the end of the window; empty when no scenario fixes its iterations. */
      readonly progress: readonly (ScenarioProgress | null)[];
      /** VUs at work now. */
      readonly users: number;
      /** Since the process began; empty when the suite has no feeders. */
      readonly feeders: readonly FeederUse[];
    }
  /** So many more rows of a shared feeder, please; answered by `rows`. */
  | { readonly kind: 'ask-rows'; readonly feeder: string; readonly count: number }
  | { readonly kind: 'return-rows'; readonly feeder: string; readonly ranges: readonly RowRange[] }
  /** A user of a scenario has found no row, and more than that user is to end. Told once of each pair. */
  | { readonly kind: 'data-ended'; readonly feeder: string; readonly scenario: string }
  /** A replacement has taken over at this run time. */
  | { readonly kind: 'resumed'; readonly atMs: number }
  /** Every scenario of the plan has ended in this worker. */
  | { readonly kind: 'finished' }
  | { readonly kind: 'teardown-done' }
  /** It did not contact a host that looks like production: the run is to end. Told once. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** The suite's setup or teardown has found something. */
  | { readonly kind: 'finding'; readonly finding: Finding }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly message: string }
  /** The last message: all connections are closed and all windows sent. */
  | { readonly kind: 'bye'; readonly cpuMs: number; readonly peakMemoryBytes: number }
  /** User code or the plan cannot be carried out; the run ends. */
  | {
      readonly kind: 'failed';
      readonly stage: WorkerStage;
      readonly message: string;
      readonly stack: string;
    };

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type WorkerStage = 'prepare' | 'setup' | 'run' | 'teardown';
