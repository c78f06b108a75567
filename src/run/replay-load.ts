// One load out of the entries of a journal: they go through the same collector and judge as in a live run. recover.ts and
// recover-search.ts feed it.

import { createJudge } from '../judge/judge.ts';
import { createCollector } from '../metrics/collector.ts';
import { createErrorCollector } from '../metrics/error-groups.ts';
import type { ErrorGroup } from '../model/error-group.ts';
import type { FeederRecord } from '../model/feeder.ts';
import type { Refusal } from '../model/guard.ts';
import type { MetricType, MetricWindow } from '../model/metric.ts';
import type { MonitorReport } from '../model/monitor.ts';
import type { Plan } from '../model/plan.ts';
import type { WorkerGap } from '../model/run-record.ts';
import type { Finding } from '../model/verdict.ts';
import type { JournalEntry } from '../store/journal-entries.ts';
import type { Driven } from './conclude.ts';

export interface ReplayedLoad extends Driven {
  /** When the load had ended, or was seen last. */
  readonly endedAt: Date;
  /** Its end is not in the journal. */
  readonly killed: boolean;
  /** Run time up to which something is known of it, ms. */
  readonly untilMs: number;
  readonly orphanCount: number;
}

export interface LoadReplay {
  take(entry: JournalEntry): void;
  /** Nothing was measured so far. */
  readonly isEmpty: boolean;
  /** Call it once, after the last entry. */
  finish(): ReplayedLoad;
}

interface Handlers {
  /** Told of what counts, as a live load is. */
  readonly onWindow?: (window: MetricWindow, errors: readonly ErrorGroup[]) => void;
  readonly onMonitorReport?: (report: MonitorReport) => void;
}

/** `begunAt` counts as the begin of a load of which that entry is missing. */
export function createLoadReplay(plan: Plan, begunAt: Date, handlers: Handlers = {}): LoadReplay {
  const collector = createCollector(plan);
  const judge = createJudge(plan, collector);
  const errors = createErrorCollector();
  const known = new KnownSeries();
  let loadStartedAt = begunAt;
  let ended: Extract<JournalEntry, { kind: 'ended' }> | undefined;
  let gaps: readonly WorkerGap[] = [];
  let feeders: readonly FeederRecord[] = [];
  const suiteFindings: Finding[] = [];
  let interrupted = false;
  let refusal: Refusal | undefined;
  let windowCount = 0;
  let untilMs = 0;
  return {
    take(entry) {
      switch (entry.kind) {
        case 'started':
          loadStartedAt = new Date(entry.at);
          break;
        case 'window': {
          const window = known.filter(entry.window);
          collector.accept(window);
          handlers.onWindow?.(window, entry.errors);
          judge.alerts();
          errors.accept(entry.errors);
          windowCount++;
          untilMs = Math.max(untilMs, window.endAtMs);
          break;
        }
        case 'monitor':
          collector.observe(entry.report);
          handlers.onMonitorReport?.(entry.report);
          judge.alerts();
          if (plan.scenarios.length === 0) untilMs = Math.max(untilMs, atMsOf(entry.report));
          break;
        case 'fault':
          collector.observeFault(entry.report);
          break;
        case 'gaps':
          gaps = entry.gaps;
          break;
        case 'data':
          feeders = entry.feeders;
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
        case 'ended':
          ended = entry;
          gaps = entry.gaps;
          break;
        case 'run':
        case 'skipped':
        case 'step':
        case 'trial':
        case 'searched':
          break;
      }
    },
    // Of a run without load there are no windows, only what its monitors told.
    get isEmpty() {
      return windowCount === 0 && untilMs === 0;
    },
    finish() {
      const killed = ended === undefined;
      const durationMs = ended?.durationMs ?? untilMs;
      const stoppedEarly = interrupted || killed || refusal !== undefined;
      return {
        ...judge.finish(collector.finish(durationMs), stoppedEarly),
        suiteFindings,
        errors: errors.finish(),
        workers: ended?.workers ?? [],
        ...{ gaps, feeders, interrupted, refusal, killed, untilMs: durationMs },
        orphanCount: known.orphanCount,
        endedAt: ended === undefined ? new Date(loadStartedAt.getTime() + untilMs) : new Date(ended.at),
      };
    },
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
