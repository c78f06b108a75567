// The load of one plan, once all is checked: joins engine, monitors, collector, journal, log and outputs. Called by
// run/run-profile.ts and, for each step of a search, by run/capacity.ts.

import { join } from 'node:path';
import type { Engine } from '../engine/engine.ts';
import { limitWarnings, readMachineLimits } from '../engine/machine-limits.ts';
import { createRunControl, type RunControl } from '../engine/run-control.ts';
import { maskData, maskText } from '../masking/mask.ts';
import { maskWindow } from '../masking/mask-window.ts';
import { createCollector } from '../metrics/collector.ts';
import { createErrorCollector } from '../metrics/error-groups.ts';
import type { ErrorGroup } from '../model/error-group.ts';
import type { GuardSettings, Refusal } from '../model/guard.ts';
import type { MetricWindow } from '../model/metric.ts';
import type { MonitorReport } from '../model/monitor.ts';
import type { MonitorSecrets } from '../model/monitor-settings.ts';
import type { Plan } from '../model/plan.ts';
import type { StopSignal } from '../model/platform-types.ts';
import type { ProtocolSecrets } from '../model/protocol-secrets.ts';
import type { Finding } from '../model/verdict.ts';
import { packageVersion } from '../model/version.ts';
import { Dialer } from '../network/dialer.ts';
import { RefusedError, TrafficGuard } from '../network/traffic-guard.ts';
import type { LiveOutputs } from '../outputs/live-outputs.ts';
import { forWatching } from '../protocols/known-destinations.ts';
import type { Journal } from '../store/journal.ts';
import { createRunLog, type LogLevel } from '../store/run-log.ts';
import type { LoadedSuite } from '../suite/suite.ts';
import { machineMs } from '../time/clock.ts';
import type { Driven } from './conclude.ts';
import { createWatch } from './monitors.ts';
import { createObserver } from './observe.ts';
import type { RunEvent } from './run-event.ts';

/** What no record may hold; handed to whoever connects. */
export interface RunSecrets {
  readonly protocolSecrets: ProtocolSecrets;
  readonly monitorSecrets: MonitorSecrets;
}

export interface DriveOptions extends RunSecrets {
  readonly suite: LoadedSuite;
  /** What must not be contacted; `undefined` when the run is forced. */
  readonly guard: GuardSettings | undefined;
  /** Aborting it ends the run early: running iterations may finish for a few seconds. */
  readonly drainSignal: StopSignal;
  /** Aborting it cuts off what still runs. */
  readonly cutSignal: StopSignal;
  readonly onEvent: (event: RunEvent) => void;
  /** Called once, when the load begins: externally-controlled scenarios are changed through the handle. */
  readonly onControl?: (control: RunControl) => void;
  /** Takes in all that happens, as it happens. */
  readonly journal?: Journal;
  /** Where figures go while the load goes on; ready before it begins. */
  readonly outputs?: LiveOutputs | undefined;
  /** Also told of every window that a worker sends, and of everything that monitors tell. */
  readonly onWindow?: (window: MetricWindow, errors: readonly ErrorGroup[]) => void;
  readonly onMonitorReport?: (report: MonitorReport) => void;
}

/** How long running iterations may go on after Ctrl-C, and after a threshold or an alert ended the run. */
const interruptGraceMs = 5000;
const abortGraceMs = 2000;

/** Load and measurements. */
export async function drive(
  engine: Engine,
  plan: Plan,
  runDir: string,
  options: DriveOptions,
): Promise<Driven> {
  const { suite, drainSignal, cutSignal, onEvent, journal, outputs } = options;
  const log = createRunLog(join(runDir, 'run.log'));
  const tell = (level: LogLevel, unmasked: string): void => {
    const message = maskText(unmasked);
    log.write(level, message);
    onEvent({ kind: 'log', level, message });
  };
  const warn = (message: string): void => tell('warn', message);
  // What is kept and shown: only those who connect need the secrets that may stand in a plan.
  const shown = maskData(plan);
  const collector = createCollector(shown, warn);
  const errors = createErrorCollector();
  const suiteFindings: Finding[] = [];
  const stop = (mode: 'drain' | 'cut', graceMs: number, reason: string): void => {
    log.write('warn', 'stopping', { reason, mode });
    onEvent({ kind: 'stopping', reason });
    engine.stop(mode, graceMs);
  };
  const onDrain = (): void => {
    observer.ending();
    journal?.stopping('interrupt');
    stop('drain', interruptGraceMs, 'interrupted: letting running iterations finish');
  };
  const onCut = (): void => stop('cut', 0, 'interrupted again: cutting off what still runs');
  const observer = createObserver(shown, {
    collector,
    journal,
    outputs,
    log,
    onEvent,
    abort: (reason) => stop('drain', abortGraceMs, reason),
  });
  const report = (one: MonitorReport): void => {
    options.onMonitorReport?.(maskData(one));
    observer.report(one);
  };
  drainSignal.addEventListener('abort', onDrain);
  cutSignal.addEventListener('abort', onCut);
  if (drainSignal.aborted) onDrain();
  if (cutSignal.aborted) onCut();
  // The first host that the guard refuses ends the run, before a byte was sent to it.
  let refusal: RefusedError | undefined;
  const onRefused = (refused: Refusal): void => {
    if (refusal !== undefined) return;
    refusal = new RefusedError(refused);
    observer.ending();
    journal?.refused(refused);
    tell('error', refusal.message);
    stop('cut', 0, 'a host looks like production');
  };
  // The load does not wait for sources that are slow to answer.
  const watching = createWatch(plan.monitors ?? [], options.monitorSecrets, {
    report,
    warn,
    dialer: new Dialer({ guard: options.guard && new TrafficGuard(forWatching(options.guard), onRefused) }),
  });
  try {
    for (const warning of limitWarnings(plan, await readMachineLimits())) warn(warning);
    const { durationMs, workers, gaps } = await engine.run({
      plan,
      bundlePath: suite.bundlePath,
      env: changedEnv(suite.env),
      userAgent: `plimsoll/${packageVersion}`,
      guard: options.guard ?? null,
      onRefused,
      secrets: options.protocolSecrets,
      hasSetup: suite.definition.setup !== undefined,
      hasTeardown: suite.definition.teardown !== undefined,
      onStarted(atMachineMs) {
        journal?.started();
        outputs?.started();
        log.write('info', 'started', { suite: shown.suite, profile: shown.profile, target: shown.baseUrl });
        onEvent({ kind: 'started', plan: shown, runDir });
        void watching.then((watch) => watch.start(() => machineMs() - atMachineMs));
        options.onControl?.(
          createRunControl(plan, (control) => {
            log.write('info', 'controlled', { ...control });
            engine.control(control);
          }),
        );
      },
      // What teardown does to the target is no part of the run.
      async onLoadEnded() {
        observer.ending();
        await (await watching).finish();
      },
      onWindow(unmasked, groups) {
        const window = maskWindow(unmasked);
        const deltas = maskData(groups);
        journal?.window(window, deltas);
        options.onWindow?.(window, deltas);
        collector.accept(window);
        outputs?.window(window);
        errors.accept(deltas);
        onEvent({ kind: 'progress', plan: shown, progress: collector.progress() });
        observer.judge(window.endAtMs);
      },
      onGaps: (gapsSoFar) => journal?.gaps(gapsSoFar),
      onFinding(unmasked) {
        const finding = maskData(unmasked);
        journal?.finding(finding);
        suiteFindings.push(finding);
      },
      onLog: tell,
    });
    journal?.ended({ durationMs, workers, gaps });
    log.write('info', 'ended', { durationMs });
    const tallies = await outputs?.close();
    return {
      ...collector.finish(durationMs, drainSignal.aborted || refusal !== undefined),
      errors: errors.finish(),
      suiteFindings,
      workers,
      gaps,
      interrupted: drainSignal.aborted,
      refusal: refusal?.refusal,
      logTrouble: log.trouble,
      ...(tallies !== undefined && tallies.length > 0 && { outputs: tallies }),
    };
  } catch (thrown) {
    // Before the load begins, the end of it is not told otherwise.
    throw refusal ?? thrown;
  } finally {
    drainSignal.removeEventListener('abort', onDrain);
    cutSignal.removeEventListener('abort', onCut);
    await (await watching).close();
    log.close();
  }
}

/** Variables that the suite's environment sets or changes; workers inherit the others. */
function changedEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  const changed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && value !== process.env[name]) changed[name] = value;
  }
  return changed;
}
