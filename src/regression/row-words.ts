// A row of a comparison in words. Called by compare-runs.ts, and by the reports for names.

import { formatDifference } from '../analysis/comparisons.ts';
import { figureWords } from '../model/metric-words.ts';
import type { ComparedFigure, RegressionRow } from '../model/regression.ts';
import { formatFigure } from '../text/format-figure.ts';

/** `95th percentile response time of GET /api/price of task buy`. */
export function comparedWords({ metric, tags = {}, statistic }: ComparedFigure): string {
  const { user: _, ...shown } = tags;
  const percentile = /^p\((.+)\)$/.exec(statistic)?.[1];
  if (percentile !== undefined) {
    return figureWords({
      metric,
      type: 'trend',
      tags: shown,
      aggregation: { kind: 'percentile', p: Number(percentile) },
    });
  }
  if (statistic === 'failed')
    return figureWords({ metric, type: 'rate', tags: shown, aggregation: { kind: 'rate' } });
  return `${figureWords({ metric, type: 'counter', tags: shown, aggregation: { kind: 'count' } })} per second`;
}

/** `+12.3 %`; of shares `+0.52 points`, which are percentage points. */
export function changeText(value: number, { unit }: Pick<RegressionRow, 'unit'>): string {
  // Two digits are shown.
  if (Math.abs(value) < 5e-5) return unit === 'ratio' ? '0 points' : '0 %';
  return unit === 'ratio' ? formatDifference(value).replace('%', 'points') : formatDifference(value);
}

/** `+10.1 % to +14.6 %`, `-0.01 to +0.12 points`; undefined without an interval. */
export function rangeText(row: Pick<RegressionRow, 'low' | 'high' | 'unit'>): string | undefined {
  const { low, high, unit } = row;
  if (low === null || high === null) return undefined;
  const first = changeText(low, row);
  return `${unit === 'ratio' ? first.replace(' points', '') : first} to ${changeText(high, row)}`;
}

/** One sentence: what it is, how it changed, and why it is unjudged. */
export function rowSentence(row: RegressionRow): string {
  const { before, after, unit, status, reason, change } = row;
  const value = (one: number | null): string => (one === null ? 'none' : formatFigure(one, unit));
  const range = rangeText(row);
  const changed =
    change === null || range === undefined ? '' : `, ${changeText(change, row)} (95 % interval ${range})`;
  const why = reason === undefined ? '' : `; ${reason}`;
  const answer = status === 'unjudged' ? 'cannot be judged' : status;
  return `${comparedWords(row)}: ${answer}, ${value(before)} before and ${value(after)} after${changed}${why}.`;
}
