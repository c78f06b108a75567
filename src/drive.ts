// The load of one plan, once all is checked: joins engine, monitors, collector, journal, log and outputs. Called by
// run.ts and, for each step of a search, by capacity.ts.

import { join } from 'node:path';
import type { Driven } from './conclude.ts';
import type { Engine } from './engine/engine.ts';
import { limitWarnings, readMachineLimits } from './engine/machine-limits.ts';
import { createRunControl, type RunControl } from './engine/run-control.ts';
import { createCollector } from './metrics/collector.ts';
import { createErrorCollector } from './metrics/error-groups.ts';
import type { AlertTransition } from './model/alert.ts';
import type { ErrorGroup } from './model/error-group.ts';
import type { HttpSecrets } from './model/http-secrets.ts';
import type { MetricWindow } from './model/metric.ts';
import type { MonitorReport } from './model/monitor.ts';
import type { MonitorSecrets } from './model/monitor-settings.ts';
import type { OutputTally } from './model/output.ts';
import type { Plan } from './model/plan.ts';
import type { LiveProgress } from './model/progress.ts';
import type { RedisSecrets } from './model/redis-settings.ts';
import type { SqlSecrets } from './model/sql-settings.ts';
import type { Finding } from './model/verdict.ts';
import { packageVersion } from './model/version.ts';
import type { Journal } from './store/journal.ts';
import { createRunLog, type LogLevel } from './store/run-log.ts';
import type { LoadedSuite } from './suite/suite.ts';
import { machineMs } from './time/clock.ts';
import { createWatch } from './watch.ts';

/** What happens during a run, in order. */
export type RunEvent =
  | { readonly kind: 'planned'; readonly plan: Plan }
  | { readonly kind: 'started'; readonly plan: Plan; readonly runDir: string }
  | { readonly kind: 'progress'; readonly plan: Plan; readonly progress: LiveProgress }
  | { readonly kind: 'alert'; readonly plan: Plan; readonly transition: AlertTransition }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly message: string }
  | { readonly kind: 'stopping'; readonly reason: string };

/** What no record may hold; handed to whoever connects. */
export interface RunSecrets {
  readonly httpSecrets: HttpSecrets;
  readonly sqlSecrets: SqlSecrets;
  readonly redisSecrets: RedisSecrets;
  readonly monitorSecrets: MonitorSecrets;
}

export interface DriveOptions extends RunSecrets {
  readonly suite: LoadedSuite;
  /** Aborting it ends the run early: running iterations may finish for a few seconds. */
  readonly drainSignal: AbortSignal;
  /** Aborting it cuts off what still runs. */
  readonly cutSignal: AbortSignal;
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

/** The outputs of a run, as the load knows them: what they are given they pass on by themselves. */
export interface LiveOutputs {
  started(): void;
  window(window: MetricWindow): void;
  observe(report: MonitorReport): void;
  alert(transition: AlertTransition): void;
  /** Passes on what is left; a second call gives what the first did. */
  close(): Promise<readonly OutputTally[]>;
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
  const tell = (level: LogLevel, message: string): void => {
    log.write(level, message);
    onEvent({ kind: 'log', level, message });
  };
  const warn = (message: string): void => tell('warn', message);
  const collector = createCollector(plan, warn);
  const errors = createErrorCollector();
  const suiteFindings: Finding[] = [];
  let aborted = false;
  const stop = (mode: 'drain' | 'cut', graceMs: number, reason: string): void => {
    log.write('warn', 'stopping', { reason, mode });
    onEvent({ kind: 'stopping', reason });
    engine.stop(mode, graceMs);
  };
  const abort = (by: 'threshold' | 'alert', reason: string): void => {
    if (aborted) return;
    aborted = true;
    journal?.stopping(by);
    stop('drain', abortGraceMs, reason);
  };
  const onDrain = (): void => {
    journal?.stopping('interrupt');
    stop('drain', interruptGraceMs, 'interrupted: letting running iterations finish');
  };
  const onCut = (): void => stop('cut', 0, 'interrupted again: cutting off what still runs');
  /** Alerts and thresholds, after whatever has come in. */
  const judge = (elapsedMs: number): void => {
    for (const transition of collector.alerts()) {
      const { alert, title, state, level } = transition;
      log.write(level === 'critical' && state === 'firing' ? 'error' : 'warn', `alert ${alert} ${state}`, {
        title,
        level,
        figures: transition.figures,
      });
      onEvent({ kind: 'alert', plan, transition });
      outputs?.alert(transition);
      if (transition.abort) abort('alert', `alert ${alert} is critical: ${title}`);
    }
    const [breached] = aborted ? [] : collector.breachedAborts(elapsedMs);
    if (breached !== undefined) {
      abort('threshold', `threshold ${breached.metric}: ${breached.expression} does not hold`);
    }
  };
  const onReport = (report: MonitorReport): void => {
    journal?.monitor(report);
    options.onMonitorReport?.(report);
    collector.observe(report);
    outputs?.observe(report);
    logReport(report, log.write);
    judge(report.kind === 'sample' ? report.sample.atMs : report.atMs);
  };
  drainSignal.addEventListener('abort', onDrain);
  cutSignal.addEventListener('abort', onCut);
  if (drainSignal.aborted) onDrain();
  if (cutSignal.aborted) onCut();
  // The load does not wait for sources that are slow to answer.
  const watching = createWatch(plan.monitors ?? [], options.monitorSecrets, { report: onReport, warn });
  try {
    for (const warning of limitWarnings(plan, await readMachineLimits())) warn(warning);
    const { durationMs, workers, gaps } = await engine.run({
      plan,
      bundlePath: suite.bundlePath,
      env: changedEnv(suite.env),
      userAgent: `plimsoll/${packageVersion}`,
      httpSecrets: options.httpSecrets,
      sqlSecrets: options.sqlSecrets,
      redisSecrets: options.redisSecrets,
      hasSetup: suite.definition.setup !== undefined,
      hasTeardown: suite.definition.teardown !== undefined,
      onStarted(atMachineMs) {
        journal?.started();
        outputs?.started();
        log.write('info', 'started', { suite: plan.suite, profile: plan.profile, target: plan.baseUrl });
        onEvent({ kind: 'started', plan, runDir });
        void watching.then((watch) => watch.start(() => machineMs() - atMachineMs));
        options.onControl?.(
          createRunControl(plan, (control) => {
            log.write('info', 'controlled', { ...control });
            engine.control(control);
          }),
        );
      },
      // What teardown does to the target is no part of the run.
      onLoadEnded: async () => (await watching).finish(),
      onWindow(window, deltas) {
        journal?.window(window, deltas);
        options.onWindow?.(window, deltas);
        collector.accept(window);
        outputs?.window(window);
        errors.accept(deltas);
        onEvent({ kind: 'progress', plan, progress: collector.progress() });
        judge(window.endAtMs);
      },
      onGaps: (gapsSoFar) => journal?.gaps(gapsSoFar),
      onFinding(finding) {
        journal?.finding(finding);
        suiteFindings.push(finding);
      },
      onLog: tell,
    });
    journal?.ended({ durationMs, workers, gaps });
    log.write('info', 'ended', { durationMs });
    const tallies = await outputs?.close();
    return {
      ...collector.finish(durationMs),
      errors: errors.finish(),
      suiteFindings,
      workers,
      gaps,
      interrupted: drainSignal.aborted,
      logTrouble: log.trouble,
      ...(tallies !== undefined && tallies.length > 0 && { outputs: tallies }),
    };
  } finally {
    drainSignal.removeEventListener('abort', onDrain);
    cutSignal.removeEventListener('abort', onCut);
    await (await watching).close();
    log.close();
  }
}

/** What is worth a line in the log: gaps and events, not readings. */
function logReport(
  report: MonitorReport,
  write: (level: LogLevel, message: string, fields?: Record<string, unknown>) => void,
): void {
  if (report.kind === 'failure') {
    write('warn', `monitor ${report.monitor} could not be read`, {
      atMs: report.atMs,
      reason: report.reason,
    });
  } else if (report.kind === 'event') {
    write('info', `monitor ${report.monitor}: ${report.text}`, { atMs: report.atMs });
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
