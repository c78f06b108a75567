// What was cut off at the end of a run, as the reports show it: rows as text, and how thresholds speak of their bounds.

import { nounOf, waitText } from '../../analysis/cut-off.ts';
import type { CutOffWork, RunRecord } from '../../model/run-record.ts';
import { formatCount, formatFigure } from '../format-values.ts';
import { placeOf, type ThresholdRow } from './record-figures.ts';

export const cutOffTitles = ['Cut off', 'Where', 'Count', 'Overdue', 'Had waited'] as const;

export interface CutOffRow {
  readonly isOverdue: boolean;
  /** One text per title. */
  readonly cells: readonly string[];
}

/** The most overdue first; what is one kind by its name and place is one row. */
export function cutOffRows({ cutOff = [] }: RunRecord): CutOffRow[] {
  const joined = new Map<string, CutOffWork>();
  for (const one of cutOff) {
    const key = JSON.stringify([nounOf(one.metric), placeOf(one.tags)]);
    const known = joined.get(key);
    joined.set(key, known === undefined ? one : both(known, one));
  }
  return [...joined.values()].map((one) => ({
    isOverdue: one.overdue > 0,
    cells: [
      `${nounOf(one.metric)}s`,
      placeOf(one.tags),
      formatCount(one.count),
      formatCount(one.overdue),
      waitText(one.waitedMs),
    ],
  }));
}

function both(a: CutOffWork, b: CutOffWork): CutOffWork {
  const { overdueMs: _, ...rest } = a;
  return {
    ...rest,
    count: a.count + b.count,
    overdue: a.overdue + b.overdue,
    waitedMs: {
      least: Math.min(a.waitedMs.least, b.waitedMs.least),
      most: Math.max(a.waitedMs.most, b.waitedMs.most),
      sum: a.waitedMs.sum + b.waitedMs.sum,
    },
  };
}

/** `50 requests, 50 iterations`: all that was cut off; empty when nothing was. */
export function cutOffSummary({ cutOff = [] }: RunRecord): string {
  const counts = new Map<string, number>();
  for (const { metric, count } of cutOff)
    counts.set(nounOf(metric), (counts.get(nounOf(metric)) ?? 0) + count);
  return [...counts].map(([noun, count]) => formatCount(count, noun)).join(', ');
}

/** The figure of a threshold: `153 ms`, `0 % to 84.8 %`, `>= 30 s`; `none` without a sample. */
export function actualText(row: ThresholdRow, none: string): string {
  const { actual, bounds, unit, undecided, ok } = row;
  if (bounds !== undefined && (undecided === true || (!ok && !isBrokenBy(row, actual)))) {
    const { least, greatest } = bounds;
    if (least === null) return greatest === null ? 'anything' : `<= ${formatFigure(greatest, unit)}`;
    if (greatest === null) return `>= ${formatFigure(least, unit)}`;
    const [from, to] = [formatFigure(least, unit), formatFigure(greatest, unit)];
    return from === to ? from : `${from} to ${to}`;
  }
  return actual === null ? none : formatFigure(actual, unit);
}

/** Whether what completed breaks the limit by itself. */
function isBrokenBy({ expression, limit }: ThresholdRow, actual: number | null): boolean {
  if (actual === null) return false;
  if (/<=/.test(expression)) return actual > limit;
  if (/</.test(expression)) return actual >= limit;
  if (/>=/.test(expression)) return actual < limit;
  return />/.test(expression) ? actual <= limit : true;
}

/** `339 of 400 cut off`; empty where that does not matter to the threshold. */
export function cutNote({ cut }: ThresholdRow): string {
  return cut === undefined ? '' : `${formatCount(cut.count)} of ${formatCount(cut.of)} cut off`;
}
