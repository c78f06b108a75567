// What the history of a profile keeps of each run: its figures, and how much memory grew in it. Called by cli/history.ts and
// history.ts.

import type { RunConditions } from '../model/baseline.ts';
import type { RunRecord } from '../model/run-record.ts';
import { unusableReason } from './differences.ts';
import { figuresOf, type RunFigures } from './run-figures.ts';

/** What is kept of a run; its record may go. */
export interface KeptRun {
  readonly id: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly conditions: RunConditions;
  readonly verdict: RunRecord['verdict']['status'];
  /** Why it says nothing about its target. */
  readonly unusable: string | undefined;
  readonly figures: RunFigures;
  /** By metric: how much memory grew, bytes per hour. */
  readonly growth: ReadonlyMap<string, number>;
}

/** Names of memory that is in use. Of what is free, or of a limit, more is no degradation. */
const usedMemory =
  /(^|_)(rss|heap|heap_alloc|heap_size_used|mem|memory|resident|working_set|used_memory)(_used|_usage|_in_use)?(_bytes)?$/i;

export function keepRun(record: RunRecord): KeptRun {
  const { id, startedAt, suite, profile, environment, target, plan, verdict } = record;
  const [figures = new Map() as RunFigures] = figuresOf([record], false, [95]);
  const growth = Object.entries(record.metrics).flatMap(([key, { contains, values, tags }]) => {
    const isMemory = contains === 'data' && tags === undefined && 'growth' in values && usedMemory.test(key);
    return isMemory && values.growth !== undefined ? [[key, values.growth] as const] : [];
  });
  return {
    ...{ id, startedAt, figures, verdict: verdict.status },
    conditions: { suite, profile, environment, target, plan },
    unusable: unusableReason(record),
    growth: new Map(growth),
  };
}
