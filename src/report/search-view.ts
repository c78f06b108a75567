// The steps of a capacity search, as reports show them in place of a hundred thresholds.

import type { TrendValues } from '../model/metric.ts';
import type { RunRecord } from '../model/run-record.ts';
import { formatPerSec } from './format-values.ts';
import { counterOf, rateOf, trendOf } from './record-view.ts';

export interface StepRow {
  readonly scenario: string;
  /** Iterations per second that the step asked for. */
  readonly load: number;
  readonly state: 'held' | 'broke';
  /** Expressions of the step's thresholds that broke. */
  readonly broken: readonly string[];
  readonly failedRatio: number;
  readonly droppedIterations: number;
  /** Response time in ms. */
  readonly duration: TrendValues;
}

/** The steps that were reached, ascending by load; empty for a run that is no search. */
export function stepRows(record: RunRecord): StepRow[] {
  return (record.plan.search?.steps ?? []).flatMap(({ scenario, load }) => {
    const tags = { scenario };
    const results = Object.values(record.metrics)
      .filter((entry) => entry.tags?.scenario === scenario)
      .flatMap((entry) => Object.entries(entry.thresholds ?? {}))
      .filter(([, { level }]) => level === 'search');
    const reached = counterOf(record, 'iterations', tags).count > 0 || results.some(([, { ok }]) => !ok);
    if (!reached) return [];
    const broken = results.filter(([, { ok }]) => !ok).map(([expression]) => expression);
    return [
      {
        scenario,
        load,
        state: broken.length > 0 ? 'broke' : 'held',
        broken,
        failedRatio: rateOf(record, 'http_req_failed', tags).rate,
        droppedIterations: counterOf(record, 'dropped_iterations', tags).count,
        duration: trendOf(record, 'http_req_duration', tags),
      } as const,
    ];
  });
}

/** `30 steps planned, from 100/s to 3,000/s; 9 reached`; empty for a run that is no search. */
export function searchSummary(record: RunRecord): string {
  const steps = record.plan.search?.steps ?? [];
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined) return '';
  const range = `from ${formatPerSec(first.load)} to ${formatPerSec(last.load)}`;
  return `${steps.length} steps planned, ${range}; ${stepRows(record).length} reached`;
}
