// Runs started from code: `import { run } from 'plimsoll/run'`. A face over run/run-profile.ts, as the command line is one.

import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { RunControl } from './engine/run-control.ts';
import type { StopSignal } from './model/platform-types.ts';
import type { Overrides } from './plan/overrides.ts';
import { type ReportFormat, reportFormats } from './report/format-names.ts';
import { bootWorkers } from './run/boot-workers.ts';
import type { RunEvent } from './run/run-event.ts';
import { runProfile } from './run/run-profile.ts';
import type { RunOutcome } from './run/write-reports.ts';
import { loadSuite } from './suite/suite.ts';

export type { ControlState, RunControl } from './engine/run-control.ts';
export { PlimsollError, SuiteError, TargetError, UsageError } from './model/errors.ts';
export type { LiveProgress } from './model/progress.ts';
export type { RunRecord } from './model/run-record.ts';
export type { Overrides } from './plan/overrides.ts';
export type { ReportFormat } from './report/format-names.ts';
export type { RunEvent } from './run/run-event.ts';
export type { RunOutcome } from './run/write-reports.ts';

export interface RunRequest {
  /** Path of a suite file, or the name of a shipped suite. */
  readonly suite: string;
  readonly profile: string;
  /** Name of one of the suite's environments, as `--env` gives it. */
  readonly environment?: string;
  /** What is to differ from the profile as written, such as `{ users: 50, durationMs: 10_000 }`. */
  readonly overrides?: Overrides;
  /** Worker processes; one less than the machine has cores when absent, but one at least. */
  readonly workers?: number;
  /** Of every random choice; another one for each run when absent. */
  readonly seed?: number;
  /** Loads a target that looks like production all the same. */
  readonly force?: boolean;
  /** Makes the profile's faults also in what is not on this machine. */
  readonly allowFaults?: boolean;
  /** Where run directories are made; `results` when absent. */
  readonly outDir?: string;
  /** Reports that are written; all when absent. `json` is run.json. */
  readonly formats?: readonly ReportFormat[];
  /** Aborting it ends the run early: running iterations may finish for five seconds, and everything is written. */
  readonly signal?: StopSignal;
  /** Aborting it cuts off what still runs. */
  readonly cutSignal?: StopSignal;
  readonly onEvent?: (event: RunEvent) => void;
  /** Called once, when the load begins: changes externally-controlled scenarios while they run. */
  readonly onControl?: (control: RunControl) => void;
}

/**
 * Runs one profile of a suite and resolves with its record, the verdict in it. Rejects with a `PlimsollError`,
 * whose `exitCode` is the command line's, when there is nothing to report: no such suite or profile, an invalid
 * one, a target that is unsafe or cannot be reached, a failing setup.
 */
export async function run(request: RunRequest): Promise<RunOutcome> {
  const workers = request.workers ?? Math.max(1, availableParallelism() - 1);
  const never = new AbortController().signal;
  // The workers boot while the suite is bundled.
  const engine = bootWorkers(workers);
  try {
    const suite = await loadSuite(request.suite, { environment: request.environment, env: process.env });
    return await runProfile({
      suite,
      profile: request.profile,
      overrides: request.overrides ?? {},
      workers,
      seed: request.seed ?? randomInt(2 ** 31),
      force: request.force ?? false,
      allowFaults: request.allowFaults ?? false,
      outDir: resolve(request.outDir ?? 'results'),
      formats: request.formats ?? reportFormats,
      engine,
      drainSignal: request.signal ?? never,
      cutSignal: request.cutSignal ?? never,
      onEvent: request.onEvent ?? (() => {}),
      ...(request.onControl !== undefined && { onControl: request.onControl }),
    });
  } finally {
    engine.close();
  }
}
