// What the worker knows of a running scenario, whichever model drives it.

import type { ScenarioPlan } from '../../model/plan.ts';
import type { Control } from '../messages.ts';
import type { Metronome } from '../metronome.ts';
import type { ScenarioProgress, ScenarioResume } from '../resume.ts';
import type { UserClass } from '../user-class.ts';
import type { VuCount } from '../vu-count.ts';
import type { WorkerDeps } from '../worker-deps.ts';

/** One scenario's part in one worker. */
export interface ScenarioRun {
  /** Begins at run time 0; the scenario itself starts at its own `startAtMs`. */
  start(): void;
  /** Nothing new starts any more; what runs may finish within `graceMs`, then is cut off. */
  drain(graceMs: number): void;
  /** Ends everything now. */
  cut(): void;
  /** Only scenarios that are controlled from outside: the state they are to have from now on. */
  control?(control: Control): void;
  /** Only executors that fix the number of iterations: what a replacement must know if this worker is lost. */
  progress?(): ScenarioProgress | null;
  /** How many VUs the scenario has had at most at one time, whether at work or in reserve. */
  readonly vuPeakCount: number;
}

export interface ScenarioRunOptions {
  readonly scenario: ScenarioPlan;
  readonly classes: readonly UserClass[];
  readonly deps: WorkerDeps;
  /** Wakes arrival-rate executors at the exact moment. */
  readonly metronome: Metronome;
  readonly seed: number;
  readonly worker: number;
  readonly workerCount: number;
  /** Set when this worker takes over from one that was lost. */
  readonly resume: ScenarioResume | undefined;
  /** Told of every VU that begins and ends to work. */
  readonly vus: VuCount;
  /** Called once, when the last VU has ended and none will start. */
  readonly onFinished: () => void;
}
