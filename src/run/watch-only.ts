// Watches a system without load: a session without an engine, and a record that `analyze` and `report` read.
// `plimsoll monitor` calls it.

import { maskData } from '../masking/mask.ts';
import type { MonitorSecrets } from '../model/monitor-settings.ts';
import type { OutputDefinition } from '../model/output.ts';
import type { Plan } from '../model/plan.ts';
import type { ReportFormat } from '../report/format-names.ts';
import { machineMs } from '../time/clock.ts';
import { cancelTimer, startRepeating, startTimer } from '../time/timer.ts';
import { conclude } from './conclude.ts';
import { createMeasure } from './measure.ts';
import { createMonitorCompanion } from './monitors.ts';
import { createOutputCompanion } from './outputs.ts';
import type { RunEvent } from './run-event.ts';
import { inSession } from './session.ts';
import { type RunOutcome, writeReports } from './write-reports.ts';

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
  return await inSession({ plan, outDir, onEvent }, async (session) => {
    await session.join(createOutputCompanion(options.outputs, plan, session));
    const ending = new AbortController();
    const monitors = createMonitorCompanion(options.plan.monitors ?? [], secrets, {
      report: (report) => measure.report(report),
      warn: (message) => session.tell('warn', message),
      wentBadly: () => measure.wentBadly(),
    });
    await session.join(monitors);
    const measure = createMeasure(session, {
      plan,
      companions: [],
      abort(reason) {
        onEvent({ kind: 'stopping', reason });
        ending.abort();
      },
    });
    const startMs = machineMs();
    const now = (): number => machineMs() - startMs;
    measure.started(now);
    const progress = startRepeating(measure.progress, progressEveryMs);
    try {
      await untilEnd(plan.durationMs, [signal, ending.signal]);
    } finally {
      cancelTimer(progress);
    }
    const durationMs = now();
    await measure.finish();
    const ended = { durationMs, workers: [], gaps: [], feeders: [] };
    const measured = { ...measure.ended(ended, false), ...ended, interrupted: hasEnd && signal.aborted };
    const watchedPlan = hasEnd ? plan : { ...plan, durationMs, maxDurationMs: durationMs };
    const record = conclude(session, watchedPlan, { ...measured, ...(await session.finish()) });
    return await writeReports(session, record, formats);
  });
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
