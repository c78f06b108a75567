// One load in a session, once all is checked: joins the engine with monitors and with what measures. Called by
// run-profile.ts and, for each step of a search, by capacity.ts.

import type { Engine } from '../engine/engine.ts';
import { limitWarnings, readMachineLimits } from '../engine/machine-limits.ts';
import { createRunControl, type RunControl } from '../engine/run-control.ts';
import type { GuardSettings, Refusal } from '../model/guard.ts';
import type { MonitorSecrets } from '../model/monitor-settings.ts';
import type { Plan } from '../model/plan.ts';
import type { StopSignal } from '../model/platform-types.ts';
import type { Finding } from '../model/verdict.ts';
import { packageVersion } from '../model/version.ts';
import { Dialer } from '../network/dialer.ts';
import { RefusedError, TrafficGuard } from '../network/traffic-guard.ts';
import { forWatching } from '../protocols/known-destinations.ts';
import type { ProtocolSecrets } from '../protocols/registry.ts';
import type { LoadedSuite } from '../suite/suite.ts';
import { machineMs } from '../time/clock.ts';
import type { Driven } from './conclude.ts';
import { createFaultCompanion } from './faults.ts';
import { createMeasure, type MeasureOptions } from './measure.ts';
import { createMonitorCompanion } from './monitors.ts';
import { rehearseCounting } from './rehearse-counting.ts';
import type { Rig } from './rig.ts';
import type { Session } from './session.ts';

/** What no record may hold; handed to whoever connects. */
export interface RunSecrets {
  readonly protocolSecrets: ProtocolSecrets;
  readonly monitorSecrets: MonitorSecrets;
}

/** A plan to drive, as written and as it is kept and shown. */
export interface PlannedLoad {
  /** Only those who connect need the secrets that may stand in it. */
  readonly plan: Plan;
  /** Masked. */
  readonly shown: Plan;
}

export interface DriveOptions extends PlannedLoad {
  readonly suite: LoadedSuite;
  readonly secrets: RunSecrets;
  readonly rig: Rig;
  /** See `EngineOptions.rowsTaken`. */
  readonly rowsTaken?: Map<string, number>;
  /** What must not be contacted; `undefined` when the run is forced. */
  readonly guard: GuardSettings | undefined;
  /** Aborting it ends the run early: running iterations may finish for a few seconds. */
  readonly drainSignal: StopSignal;
  /** Aborting it cuts off what still runs. */
  readonly cutSignal: StopSignal;
  /** Called once, when the load begins: externally-controlled scenarios are changed through the handle. */
  readonly onControl?: (control: RunControl) => void;
  /** Also told of everything that is measured, masked. */
  readonly onWindow?: MeasureOptions['onWindow'];
  readonly onMonitorReport?: MeasureOptions['onMonitorReport'];
}

/** How long running iterations may go on after Ctrl-C, and after a threshold or an alert ended the run. */
const interruptGraceMs = 5000;
const abortGraceMs = 2000;

/** Drives one load to its end and gives what was measured. Throws what the engine does before the load. */
export async function drive(session: Session, engine: Engine, options: DriveOptions): Promise<Driven> {
  const { suite, shown, secrets, rig, drainSignal, cutSignal } = options;
  const plan = rig.routed(options.plan);
  const { journal, log, onEvent, tell } = session;
  const stop = (mode: 'drain' | 'cut', graceMs: number, reason: string): void => {
    log.write('warn', 'stopping', { reason, mode });
    onEvent({ kind: 'stopping', reason });
    engine.stop(mode, graceMs);
  };
  // The first host that the guard refuses ends the run, before a byte was sent to it.
  let refusal: RefusedError | undefined;
  const onRefused = (refused: Refusal): void => {
    if (refusal !== undefined) return;
    refusal = new RefusedError(refused);
    measure.ending();
    journal.refused(refused);
    tell('error', refusal.message);
    stop('cut', 0, 'a host looks like production');
  };
  const guard = options.guard && new TrafficGuard(forWatching(options.guard), onRefused);
  const monitors = createMonitorCompanion(plan.monitors ?? [], secrets.monitorSecrets, {
    report: (report) => measure.report(report),
    warn: (message) => tell('warn', message),
    wentBadly: () => measure.wentBadly(),
    dialer: new Dialer({ guard }),
  });
  const faults = createFaultCompanion(shown.faults ?? [], rig, (report) => measure.fault(report));
  const measure = createMeasure(session, {
    plan: shown,
    companions: [monitors, faults],
    abort: (reason) => stop('drain', abortGraceMs, reason),
    onWindow: options.onWindow,
    onMonitorReport: options.onMonitorReport,
  });
  const onDrain = (): void => {
    measure.ending();
    journal.stopping('interrupt');
    stop('drain', interruptGraceMs, 'interrupted: letting running iterations finish');
  };
  const onCut = (): void => stop('cut', 0, 'interrupted again: cutting off running iterations');
  drainSignal.addEventListener('abort', onDrain);
  cutSignal.addEventListener('abort', onCut);
  if (drainSignal.aborted) onDrain();
  if (cutSignal.aborted) onCut();
  // The load does not wait for sources that are slow to answer.
  void monitors.prepare();
  try {
    for (const warning of limitWarnings(plan, await readMachineLimits())) tell('warn', warning);
    const result = await engine.run({
      plan,
      bundle: suite.bundle,
      dataFiles: suite.data.files,
      ...(options.rowsTaken !== undefined && { rowsTaken: options.rowsTaken }),
      env: changedEnv(suite.env),
      userAgent: `plimsoll/${packageVersion}`,
      guard: options.guard ?? null,
      onRefused,
      secrets: secrets.protocolSecrets,
      hasSetup: suite.definition.setup !== undefined,
      hasTeardown: suite.definition.teardown !== undefined,
      onStarted(atMachineMs) {
        rig.onExited((name, reason) => {
          tell('error', `the process ${name} ended by itself (${reason})`);
          measure.finding(endedByItself(name, reason));
        });
        measure.started(() => machineMs() - atMachineMs);
        options.onControl?.(
          createRunControl(plan, (control) => {
            log.write('info', 'controlled', { ...control });
            engine.control(control);
          }),
        );
        // The workers are told to start, and the first window is a second away.
        rehearseCounting(shown);
      },
      // What teardown does to the target is no part of the run.
      onLoadEnded: () => measure.finish(),
      onWindow: (window, errors) => measure.window(window, errors),
      onGaps: (gaps) => measure.gaps(gaps),
      onData: (feeders) => measure.data(feeders),
      onDataFailed(feeder) {
        measure.ending();
        stop('drain', abortGraceMs, `data.${feeder} has no row left`);
      },
      onFinding: (finding) => measure.finding(finding),
      onLog: tell,
    });
    const { workers, gaps, feeders } = result;
    return {
      ...measure.ended(result, drainSignal.aborted || refusal !== undefined),
      ...{ workers, gaps, feeders, interrupted: drainSignal.aborted, refusal: refusal?.refusal },
    };
  } catch (thrown) {
    // Before the load begins, the end of it is not told otherwise.
    throw refusal ?? thrown;
  } finally {
    drainSignal.removeEventListener('abort', onDrain);
    cutSignal.removeEventListener('abort', onCut);
    await faults.close();
    await monitors.close();
  }
}

/** It is a part of the system: whatever the figures say, that is no success. */
function endedByItself(name: string, reason: string): Finding {
  return {
    ...{ kind: 'suite', severity: 'critical', evidence: [] },
    title: `The process ${name} ended by itself`,
    detail: `It was started for the run, and no fault ended it (${reason}).`,
    advice: 'Look into what it wrote before it ended.',
  };
}

/** Variables that the suite's environment sets or changes; workers inherit the others. */
function changedEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  const changed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && value !== process.env[name]) changed[name] = value;
  }
  return changed;
}
