// Rebuilds the record of a capacity search whose coordinator was killed: the steps that were carried out, with the outcomes
// that they had, and what is known of the step that was going on. Called by recover.ts.

import { decideNext } from '../analysis/capacity-search.ts';
import { stepOffsets } from '../judge/join-steps.ts';
import { maskData } from '../masking/mask.ts';
import type { ErrorGroup } from '../model/error-group.ts';
import type { MetricWindow } from '../model/metric.ts';
import type { MonitorReport } from '../model/monitor.ts';
import type { Plan, SearchStepPlan, SearchTrial } from '../model/plan.ts';
import type { RunRecord } from '../model/run-record.ts';
import type { JournalEntry } from '../store/journal-entries.ts';
import type { JournalReader } from '../store/read-journal.ts';
import { describeMissing } from './describe-missing.ts';
import { concludeSearch, makeSearchStep, type SearchStep } from './join-search.ts';
import { createLoadReplay, type ReplayedLoad } from './replay-load.ts';

interface ReplayedStep {
  readonly step: SearchStep;
  readonly load: number;
  readonly driven: ReplayedLoad;
  /** Absent when the search did not get to judging it. */
  readonly trial: SearchTrial | undefined;
}

/** `undefined` when nothing was measured. */
export async function recoverSearch({ run, entries, damage }: JournalReader): Promise<RunRecord | undefined> {
  const { unit, ...rules } = run.search!;
  const startedAt = new Date(run.startedAt);
  const replayed = new Map<string, ReplayedStep>();
  let current: StepReplay | undefined;
  let skippedCount = 0;
  let searched: Extract<JournalEntry, { kind: 'searched' }> | undefined;
  const close = (): void => {
    const done = current?.finish();
    // A step that could not be set up is made again under the same name.
    if (done !== undefined) replayed.set(done.step.scenario, done);
  };
  for await (const entry of entries) {
    if (entry.kind === 'step') {
      close();
      current = new StepReplay(maskData(entry.plan), entry.load, rules.warmUpMs, startedAt);
    } else if (entry.kind === 'skipped') skippedCount += entry.windowCount;
    else if (entry.kind === 'searched') searched = entry;
    else current?.take(entry);
  }
  close();
  const steps = [...replayed.values()];
  const last = steps.at(-1);
  if (last === undefined) return undefined;
  const tried = steps.map(
    ({ step, load, trial }): SearchStepPlan => ({
      scenario: step.scenario,
      load,
      ...(trial !== undefined && { trial }),
    }),
  );
  const attempts = tried.flatMap(({ load, trial }) => (trial === undefined ? [] : [{ load, ...trial }]));
  const decision = decideNext({ ...rules, unit }, attempts);
  const killed = searched === undefined;
  const { endedBy } = searched ?? {};
  const { gaps, endedAt, refusal } = last.driven;
  const orphanCount = steps.reduce((sum, { driven }) => sum + driven.orphanCount, 0);
  const { lostEntryCount } = damage;
  // Between two steps no worker had anything left to tell.
  const cutOff = last.driven.killed;
  const missing = describeMissing({ killed: cutOff, lostEntryCount, skippedCount, orphanCount, gaps });
  const untilMs = stepOffsets(steps.map(({ step }) => step)).durationMs;
  const identity = { id: run.id, startedAt, environment: maskData(run.environment) };
  const adaptive = { ...rules, ...(endedBy !== undefined && { endedBy }) };
  return concludeSearch(
    identity,
    steps.map(({ step }) => step),
    // A journal may come from anywhere.
    maskData({ unit, steps: tried, adaptive }),
    {
      interrupted: killed || steps.some(({ driven }) => driven.interrupted),
      saturated: decision.kind === 'done' && decision.result.kind === 'inconclusive',
      refusal,
      endedAt,
      ...((killed || missing.length > 0) && { recovery: { killed, untilMs, missing } }),
    },
  );
}

/** One step, whose windows are kept: its parts are looked at on their own. */
class StepReplay {
  readonly #plan: Plan;
  readonly #load: number;
  readonly #warmUpMs: number;
  readonly #windows: MetricWindow[] = [];
  readonly #errors: ErrorGroup[] = [];
  readonly #reports: MonitorReport[] = [];
  readonly #replay: ReturnType<typeof createLoadReplay>;
  #trial: SearchTrial | undefined;

  constructor(plan: Plan, load: number, warmUpMs: number, begunAt: Date) {
    this.#plan = plan;
    this.#load = load;
    this.#warmUpMs = warmUpMs;
    this.#replay = createLoadReplay(plan, begunAt, {
      onWindow: (window, errors) => {
        this.#windows.push(window);
        this.#errors.push(...errors);
      },
      onMonitorReport: (report) => this.#reports.push(report),
    });
  }

  take(entry: JournalEntry): void {
    if (entry.kind === 'trial') this.#trial = entry.trial;
    else this.#replay.take(entry);
  }

  /** `undefined` when nothing of it was measured. */
  finish(): ReplayedStep | undefined {
    if (this.#replay.isEmpty) return undefined;
    const driven = this.#replay.finish();
    const step = makeSearchStep({
      plan: this.#plan,
      warmUpMs: this.#warmUpMs,
      ...{ windows: this.#windows, errors: this.#errors, reports: this.#reports, driven },
    });
    return { step, load: this.#load, driven, trial: this.#trial };
  }
}
