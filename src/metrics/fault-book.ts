// What was done to the system while the load went on, and how operations went meanwhile, second by second: only runs with
// faults keep that. The collector feeds it.

import type { FaultPlan, FaultRecord, FaultReport, OperationCourse } from '../model/fault.ts';
import type { SeriesDefinition, SeriesDelta, Tags } from '../model/metric.ts';
import { operationMetrics, sentKinds } from '../model/operation.ts';
import { keptTags } from './breakdowns.ts';

/** So many operations are kept apart; more have no course. */
const mostOperations = 100;
/** Intervals beyond this are joined in pairs, as those of the timeline. */
const mostIntervals = 900;

const failures: ReadonlySet<string> = new Set(sentKinds.map((kind) => operationMetrics[kind].failed));

export interface KeptOperation {
  readonly metric: string;
  readonly tags: Tags;
  total: number[];
  failed: number[];
}

interface Progress {
  fromMs: number | null;
  untilMs: number | null;
  readonly trouble: string[];
  traffic?: FaultRecord['traffic'];
}

/** What the record has of faults; empty for a run without. */
export interface FaultsMeasured {
  readonly faults?: readonly FaultRecord[];
  readonly operationCourse?: OperationCourse;
}

export class FaultBook {
  readonly #progress: ReadonlyMap<string, Progress>;
  readonly #operations = new Map<string, KeptOperation>();
  #intervalMs = 1000;
  #hasUnkept = false;

  constructor(faults: readonly FaultPlan[] = []) {
    this.#progress = new Map(faults.map(({ name }) => [name, { fromMs: null, untilMs: null, trouble: [] }]));
  }

  accept(report: FaultReport): void {
    const progress = this.#progress.get(report.fault);
    if (progress === undefined) return;
    if (report.kind === 'begun') progress.fromMs = report.atMs;
    else if (report.kind === 'failed') {
      const what = report.phase === 'begin' ? 'It could not be begun' : 'It could not be taken back';
      progress.trouble.push(`${what}: ${report.reason}.`);
    } else {
      progress.untilMs = report.atMs;
      if (report.traffic !== undefined) progress.traffic = report.traffic;
    }
  }

  /** The operation that a series tells the outcomes of, if it is kept apart. */
  operationOf({ metric, tags }: SeriesDefinition): KeptOperation | undefined {
    if (this.#progress.size === 0 || !failures.has(metric)) return undefined;
    const { scenario: _, user: __, status: ___, ...own } = keptTags(metric, tags);
    const key = JSON.stringify([metric, Object.entries(own).sort(([a], [b]) => (a < b ? -1 : 1))]);
    const known = this.#operations.get(key);
    if (known !== undefined) return known;
    if (this.#operations.size === mostOperations) {
      this.#hasUnkept = true;
      return undefined;
    }
    const operation: KeptOperation = { metric, tags: own, total: [], failed: [] };
    this.#operations.set(key, operation);
    return operation;
  }

  /** What the operation gained in the second from `atMs` on. */
  add(operation: KeptOperation | undefined, delta: SeriesDelta, atMs: number): void {
    if (operation === undefined || delta.type !== 'rate') return;
    while (atMs >= this.#intervalMs * mostIntervals) this.#halve();
    const index = Math.floor(atMs / this.#intervalMs);
    addAt(operation.total, index, delta.passes + delta.fails);
    addAt(operation.failed, index, delta.passes);
  }

  finish(durationMs: number): FaultsMeasured {
    if (this.#progress.size === 0) return {};
    const length = Math.ceil(durationMs / this.#intervalMs);
    const whole = (counts: number[]): number[] => Array.from({ length }, (_, i) => counts[i] ?? 0);
    return {
      faults: Array.from(this.#progress, ([name, { fromMs, untilMs, trouble, traffic }]) => ({
        ...{ name, fromMs, untilMs },
        ...(trouble.length > 0 && { trouble }),
        ...(traffic !== undefined && { traffic }),
      })),
      operationCourse: {
        intervalMs: this.#intervalMs,
        operations: [...this.#operations.values()]
          .map(({ metric, tags, total, failed }) => ({
            ...{ metric, tags },
            total: whole(total),
            failed: whole(failed),
          }))
          // Sorted, so that a record does not depend on which worker reported first.
          .sort((a, b) => (JSON.stringify([a.metric, a.tags]) < JSON.stringify([b.metric, b.tags]) ? -1 : 1)),
        ...(this.#hasUnkept && { unkept: true as const }),
      },
    };
  }

  #halve(): void {
    this.#intervalMs *= 2;
    for (const operation of this.#operations.values()) {
      operation.total = inPairs(operation.total);
      operation.failed = inPairs(operation.failed);
    }
  }
}

function addAt(counts: number[], index: number, count: number): void {
  while (counts.length <= index) counts.push(0);
  counts[index] = counts[index]! + count;
}

function inPairs(counts: readonly number[]): number[] {
  return Array.from(
    { length: Math.ceil(counts.length / 2) },
    (_, i) => counts[2 * i]! + (counts[2 * i + 1] ?? 0),
  );
}
