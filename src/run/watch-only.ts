// Watches a system without load: monitors, alerts and outputs as in a run, and a record that `analyze` and `report`
// read. `plimsoll monitor` calls it.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { maskData, maskText } from '../masking/mask.ts';
import { createCollector } from '../metrics/collector.ts';
import type { MonitorSecrets } from '../model/monitor-settings.ts';
import type { OutputDefinition } from '../model/output.ts';
import type { Plan } from '../model/plan.ts';
import { packageVersion } from '../model/version.ts';
import type { ReportFormat } from '../report/report.ts';
import { createRunDirectory } from '../store/run-directory.ts';
import { createRunLog, type LogLevel } from '../store/run-log.ts';
import { machineMs, wallClock } from '../time/clock.ts';
import { cancelTimer, startRepeating, startTimer } from '../time/timer.ts';
import { conclude } from './conclude.ts';
import { createWatch } from './monitors.ts';
import { createObserver } from './observe.ts';
import { openOutputs } from './outputs.ts';
import type { RunEvent } from './run-event.ts';
import { openJournal, type RunOutcome, report } from './run-profile.ts';

export interface WatchOptions {
  readonly plan: Plan;
  readonly secrets: MonitorSecrets;
  readonly outputs: readonly OutputDefinition[];
  readonly outDir: string;
  readonly formats: readonly ReportFormat[];
  /** Aborting it ends the watch; all that was collected is kept. */
  readonly signal: AbortSignal;
  /** The plan has a length: ending before it is an interruption. */
  readonly hasEnd: boolean;
  readonly onEvent: (event: RunEvent) => void;
}

const progressEveryMs = 1000;

/** Watches for as long as the plan says, or until the signal or an alert ends it. */
export async function runWatch(options: WatchOptions): Promise<RunOutcome> {
  const { secrets, outDir, formats, signal, hasEnd, onEvent } = options;
  const plan = maskData(options.plan);
  const id = randomBytes(8).toString('hex');
  const startedAt = wallClock();
  const runDir = await createRunDirectory({
    outDir,
    suite: plan.suite,
    profile: plan.profile,
    startedAt,
    id,
  });
  const journal = await openJournal(runDir, plan, { id, startedAt }, onEvent);
  const outputs = await openOutputs(options.outputs, { plan, id });
  const log = createRunLog(join(runDir, 'run.log'));
  const tell = (level: LogLevel, unmasked: string): void => {
    const message = maskText(unmasked);
    log.write(level, message);
    onEvent({ kind: 'log', level, message });
  };
  const collector = createCollector(plan);
  const ending = new AbortController();
  const observer = createObserver(plan, {
    collector,
    journal,
    outputs,
    log,
    onEvent,
    abort(reason) {
      onEvent({ kind: 'stopping', reason });
      ending.abort();
    },
  });
  const watch = await createWatch(options.plan.monitors ?? [], secrets, {
    report: observer.report,
    warn: (message) => tell('warn', message),
  });
  try {
    const startMs = machineMs();
    const now = (): number => machineMs() - startMs;
    journal.started();
    outputs?.started();
    log.write('info', 'started', { suite: plan.suite, profile: plan.profile, plimsoll: packageVersion });
    onEvent({ kind: 'started', plan, runDir });
    watch.start(now);
    const progress = startRepeating(() => {
      onEvent({ kind: 'progress', plan, progress: collector.progress() });
    }, progressEveryMs);
    try {
      await untilEnd(plan.durationMs, [signal, ending.signal]);
    } finally {
      cancelTimer(progress);
    }
    const durationMs = now();
    observer.ending();
    await watch.finish();
    journal.ended({ durationMs, workers: [], gaps: [] });
    log.write('info', 'ended', { durationMs });
    const tallies = await outputs?.close();
    const record = conclude({
      ...collector.finish(durationMs),
      errors: [],
      suiteFindings: [],
      workers: [],
      gaps: [],
      interrupted: hasEnd && signal.aborted,
      ...(tallies !== undefined && tallies.length > 0 && { outputs: tallies }),
      plan: hasEnd ? plan : { ...plan, durationMs, maxDurationMs: durationMs },
      id,
      startedAt,
    });
    const files = await report(record, runDir, formats, log.trouble);
    if (files.unwritten.every(({ fileName }) => fileName !== 'run.json')) await journal.remove();
    return { record, runDir, ...files, ...(await journal.close()) };
  } finally {
    await watch.close();
    await outputs?.close();
    await journal.close();
    log.close();
  }
}

async function untilEnd(durationMs: number, signals: readonly AbortSignal[]): Promise<void> {
  if (signals.some(({ aborted }) => aborted)) return;
  await new Promise<void>((resolve) => {
    const timer = startTimer(resolve, durationMs);
    for (const signal of signals) {
      signal.addEventListener('abort', () => {
        cancelTimer(timer);
        resolve();
      });
    }
  });
}
