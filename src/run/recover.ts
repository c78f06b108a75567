// Rebuilds the record of a run whose coordinator was killed, from the journal it left: the windows go through the
// same collector and the same conclusions as in a live run. `plimsoll report` calls it.

import { createJudge } from '../judge/judge.ts';
import { maskData } from '../masking/mask.ts';
import { createCollector } from '../metrics/collector.ts';
import { createErrorCollector } from '../metrics/error-groups.ts';
import { UsageError } from '../model/errors.ts';
import type { Refusal } from '../model/guard.ts';
import type { MetricType, MetricWindow } from '../model/metric.ts';
import type { MonitorReport } from '../model/monitor.ts';
import type { Recovery, RunRecord, WorkerGap } from '../model/run-record.ts';
import type { Finding } from '../model/verdict.ts';
import { asForeign } from '../store/foreign-data.ts';
import type { JournalEntry } from '../store/journal-entries.ts';
import { type JournalReader, readJournal } from '../store/read-journal.ts';
import { formatCount } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';
import { conclude, type Driven } from './conclude.ts';

type Ended = Extract<JournalEntry, { kind: 'ended' }>;

interface Replayed extends Driven {
  readonly loadStartedAt: Date;
  readonly ended: Ended | undefined;
  readonly untilMs: number;
  readonly missing: readonly string[];
}

/**
 * The record of the run in `runDir`, or `undefined` when there is no journal. Throws a `UsageError` when the run is
 * still going on, when its journal cannot be used, or when nothing was measured.
 */
export async function recoverRecord(runDir: string): Promise<RunRecord | undefined> {
  const journal = await readJournal(runDir);
  return journal === undefined ? undefined : asForeign(`the journal in ${runDir}`, () => rebuild(journal));
}

async function rebuild(journal: JournalReader): Promise<RunRecord> {
  const { id, startedAt, environment } = journal.run;
  // A journal may come from anywhere.
  const plan = maskData(journal.run.plan);
  const { loadStartedAt, ended, interrupted, untilMs, missing, ...measured } = await replay(journal);
  const killed = ended === undefined;
  const recovery: Recovery = { killed, untilMs, missing };
  const identity = { id, startedAt: new Date(startedAt), environment: maskData(environment) };
  return conclude(identity, plan, {
    ...measured,
    endedAt: killed ? new Date(loadStartedAt.getTime() + untilMs) : new Date(ended.at),
    interrupted: killed || interrupted,
    // All that a run ever had to tell is there: only its reports were missing.
    ...((killed || missing.length > 0) && { recovery }),
  });
}

async function replay({ run, entries, damage }: JournalReader): Promise<Replayed> {
  const { plan } = run;
  const collector = createCollector(plan);
  const judge = createJudge(plan, collector);
  const errors = createErrorCollector();
  const known = new KnownSeries();
  let loadStartedAt = new Date(run.startedAt);
  let ended: Ended | undefined;
  let gaps: readonly WorkerGap[] = [];
  const suiteFindings: Finding[] = [];
  let interrupted = false;
  let refusal: Refusal | undefined;
  let windowCount = 0;
  let skippedCount = 0;
  let untilMs = 0;
  for await (const entry of entries) {
    switch (entry.kind) {
      case 'run':
        break;
      case 'started':
        loadStartedAt = new Date(entry.at);
        break;
      case 'window':
        collector.accept(known.filter(entry.window));
        judge.alerts();
        errors.accept(entry.errors);
        windowCount++;
        untilMs = Math.max(untilMs, entry.window.endAtMs);
        break;
      case 'monitor':
        collector.observe(entry.report);
        judge.alerts();
        if (plan.scenarios.length === 0) untilMs = Math.max(untilMs, atMsOf(entry.report));
        break;
      case 'gaps':
        gaps = entry.gaps;
        break;
      case 'finding':
        suiteFindings.push(entry.finding);
        break;
      case 'stopping':
        // Marks the thresholds that ended the run, as it did when they broke.
        if (entry.by === 'threshold') judge.breachedAborts(untilMs);
        else if (entry.by === 'alert') judge.endedByAlerts();
        else if (entry.by === 'interrupt') interrupted = true;
        break;
      case 'refused':
        refusal = entry.refusal;
        break;
      case 'skipped':
        skippedCount += entry.windowCount;
        break;
      case 'ended':
        ended = entry;
        gaps = entry.gaps;
        break;
    }
  }
  // Of a run without load there are no windows, only what its monitors told.
  if (windowCount === 0 && untilMs === 0) {
    throw new UsageError(
      'the run was killed before it had measured anything, so there is nothing to recover',
      {
        hint: 'run it again; run.log tells how far it came',
      },
    );
  }
  untilMs = ended?.durationMs ?? untilMs;
  const missing = describeMissing({
    killed: ended === undefined,
    lostEntryCount: damage.lostEntryCount,
    skippedCount,
    orphanCount: known.orphanCount,
    gaps,
  });
  const stoppedEarly = interrupted || ended === undefined || refusal !== undefined;
  return {
    ...judge.finish(collector.finish(untilMs), stoppedEarly),
    suiteFindings,
    errors: errors.finish(),
    loadStartedAt,
    ended,
    workers: ended?.workers ?? [],
    gaps,
    interrupted,
    refusal,
    untilMs,
    missing,
  };
}

function atMsOf(report: MonitorReport): number {
  return report.kind === 'sample' ? report.sample.atMs : report.atMs;
}

/** Series are defined once: in a damaged journal, what belongs to a lost definition is lost with it. */
class KnownSeries {
  readonly #types = new Map<number, Map<number, MetricType>>();
  orphanCount = 0;

  filter(window: MetricWindow): MetricWindow {
    const types = this.#types.get(window.worker) ?? new Map<number, MetricType>();
    this.#types.set(window.worker, types);
    for (const { id, type } of window.definitions) types.set(id, type);
    const deltas = window.deltas.filter(({ id, type }) => types.get(id) === type);
    this.orphanCount += window.deltas.length - deltas.length;
    return { ...window, deltas };
  }
}

function describeMissing({
  killed,
  lostEntryCount,
  skippedCount,
  orphanCount,
  gaps,
}: {
  killed: boolean;
  lostEntryCount: number;
  skippedCount: number;
  orphanCount: number;
  gaps: readonly WorkerGap[];
}): string[] {
  const missing: string[] = [];
  if (killed) {
    missing.push('What the workers did after their last windows, about a second, is not in the figures.');
    for (const { worker, fromMs, untilMs, reason } of gaps) {
      if (untilMs === null)
        missing.push(
          `Worker ${worker} was lost at ${formatDuration(fromMs)} (${reason}) and not replaced by then.`,
        );
    }
  }
  if (lostEntryCount > 0) {
    const entries = lostEntryCount === 1 ? '1 entry' : `${formatCount(lostEntryCount)} entries`;
    missing.push(`The journal is damaged: ${entries} could not be read.`);
  }
  if (orphanCount > 0) {
    missing.push(
      `${formatCount(orphanCount, 'value')} of series whose names were in damaged entries could not be used.`,
    );
  }
  if (skippedCount > 0) {
    missing.push(
      `${formatCount(skippedCount, 'window')} of one worker and second each could not be written in time, because the disk was slow or full.`,
    );
  }
  return missing;
}
