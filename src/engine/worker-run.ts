// The plan's part of one worker: its scenarios, its share of VUs, and a window of measurements every second.

import type { Meter, MetricWindow } from '../model/metric.ts';
import type { Plan, ScenarioPlan } from '../model/plan.ts';
import type { SuiteDefinition } from '../model/suite.ts';
import { cancelTimer, startTimer, type Timer } from '../time/timer.ts';
import { createScenarioRun } from './executors/executors.ts';
import type { ScenarioRun, ScenarioRunOptions } from './executors/scenario-run.ts';
import type { Control, FromWorker, StopMode } from './messages.ts';
import { createMetronome } from './metronome.ts';
import type { Resume, ScenarioResume } from './resume.ts';
import { createUserClass } from './user-class.ts';
import { VuCount } from './vu-count.ts';
import type { WorkerDeps } from './worker-deps.ts';
import { startWorkerHealth } from './worker-health.ts';

const windowMs = 1000;

export interface WorkerRunOptions {
  readonly plan: Plan;
  readonly suite: SuiteDefinition;
  readonly worker: number;
  readonly deps: WorkerDeps & {
    readonly meter: Meter & { flush(startAtMs: number, endAtMs: number): MetricWindow };
  };
  /** Set when this worker takes over from one that was lost; the clock of `deps` has been set already. */
  readonly resume: Resume | undefined;
  readonly onWindow: (window: Extract<FromWorker, { kind: 'window' }>) => void;
  readonly onFinished: () => void;
}

export interface WorkerRun {
  /** Run time from which it drives load: 0, or later when it takes over from another. */
  readonly fromMs: number;
  /** Begins at run time 0, which the clock of `deps` has been set to. */
  start(): void;
  stop(mode: StopMode, graceMs: number): void;
  /** Hands the state that an externally-controlled scenario is to have to it. */
  control(control: Control): void;
  /** Its data have ended: nothing more starts in it, iterations may finish. */
  endScenario(name: string): void;
  /** Sends what was measured since the last window and ends the measuring. */
  close(): { readonly cpuMs: number; readonly peakMemoryBytes: number };
}

export function createWorkerRun(options: WorkerRunOptions): WorkerRun {
  const { plan, deps } = options;
  const { meter, clock, errors } = deps;
  const health = startWorkerHealth(meter);
  const vus = new VuCount(meter.gauge('vus', {}));
  const vusMax = meter.gauge('vus_max', {});
  let running = plan.scenarios.length;
  const finished = (): void => {
    running--;
    if (running === 0) options.onFinished();
  };
  const metronome = createMetronome();
  const startMs = options.resume === undefined ? 0 : clock.now();
  const scenarios = plan.scenarios.map((scenario, i) => {
    const resume = resumeOf(options.resume, i, startMs);
    return prepareScenario(options, scenario, { vus, metronome, resume, onFinished: finished });
  });
  const countsIterations = scenarios.some((scenario) => (scenario.progress?.() ?? null) !== null);

  let windowStartMs = Math.floor(startMs / windowMs) * windowMs;
  let timer: Timer | undefined;
  const flush = (endAtMs: number): void => {
    vusMax.set(scenarios.reduce((sum, scenario) => sum + scenario.vuPeakCount, 0));
    health.sample();
    options.onWindow({
      kind: 'window',
      window: meter.flush(windowStartMs, endAtMs),
      errors: errors.flush(),
      progress: countsIterations ? scenarios.map((scenario) => scenario.progress?.() ?? null) : [],
      users: vus.count,
      feeders: deps.feeders.uses(),
    });
    windowStartMs = endAtMs;
    vus.restate();
  };
  const tick = (): void => {
    const wholeMs = Math.floor(clock.now() / windowMs) * windowMs;
    if (wholeMs > windowStartMs) {
      // After a stall of seconds, what was recorded meanwhile belongs to the last whole window.
      windowStartMs = wholeMs - windowMs;
      flush(wholeMs);
    }
    timer = startTimer(tick, Math.max(1, windowStartMs + windowMs - clock.now()));
  };

  return {
    fromMs: startMs,
    start() {
      deps.feeders.fill();
      tick();
      for (const scenario of scenarios) scenario.start();
    },
    stop(mode, graceMs) {
      for (const scenario of scenarios) {
        if (mode === 'drain') scenario.drain(graceMs);
        else scenario.cut();
      }
    },
    control(control) {
      plan.scenarios.forEach(({ name }, i) => {
        if (name === control.scenario) scenarios[i]!.control?.(control);
      });
    },
    endScenario(name) {
      plan.scenarios.forEach((scenario, i) => {
        if (scenario.name === name) scenarios[i]!.drain(scenario.gracefulStopMs);
      });
    },
    close() {
      cancelTimer(timer);
      flush(windowStartMs + windowMs);
      health.stop();
      metronome.close();
      return { cpuMs: health.cpuMs, peakMemoryBytes: health.peakMemoryBytes };
    },
  };
}

function resumeOf(resume: Resume | undefined, scenario: number, atMs: number): ScenarioResume | undefined {
  if (resume === undefined) return undefined;
  const { generation, lostAtMs, progress } = resume;
  return { generation, lostAtMs, atMs, progress: progress[scenario] ?? null };
}

function prepareScenario(
  { plan, suite, worker, deps }: WorkerRunOptions,
  planned: ScenarioPlan,
  shared: Pick<ScenarioRunOptions, 'vus' | 'metronome' | 'resume' | 'onFinished'>,
): ScenarioRun {
  const scenario = { ...planned, tags: { ...plan.tags, ...planned.tags } };
  const classes = scenario.users.map((user) => createUserClass(suite, plan.profile, scenario, user, deps));
  return createScenarioRun({
    scenario,
    classes,
    deps,
    seed: plan.seed,
    worker,
    workerCount: plan.workers,
    ...shared,
  });
}
