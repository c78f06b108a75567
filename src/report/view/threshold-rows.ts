// The thresholds of a run, taken from its record once: how each went, and the words for its figure and what is odd about
// it. thresholds.ts and the files in data/ call it.

import { isUndecided, isUnread, judgedThresholds, unitOfAggregation } from '../../judge/judged-thresholds.ts';
import type { Aggregation } from '../../model/aggregation.ts';
import { figureOfMetric } from '../../model/monitor-settings.ts';
import type { RunRecord, ThresholdResult } from '../../model/run-record.ts';
import { type FigureUnit, formatCount, formatFigure } from '../format-values.ts';

export interface ThresholdRow extends ThresholdResult {
  /** Tells it from all other rows. */
  readonly id: string;
  /** Series key of the metric. */
  readonly series: string;
  readonly expression: string;
  readonly unit: FigureUnit;
  /** `open`: nobody knows, since nothing was recorded, or what was cut off decides. */
  readonly state: 'pass' | 'close' | 'warn' | 'open' | 'fail';
  /** The same aggregation of the series has a limit of the other level, too. */
  readonly hasBothLevels: boolean;
}

const stateOrder: Readonly<Record<ThresholdRow['state'], number>> = {
  fail: 0,
  open: 1,
  warn: 2,
  close: 3,
  pass: 4,
};

/** Every threshold's result, the broken ones first. Those of a capacity search are in `stepRows` instead. */
export function thresholdRows(record: RunRecord): ThresholdRow[] {
  const judged = outcomesOf(record).filter(({ level }) => level !== 'search');
  const rows = judged.flatMap((outcome): ThresholdRow[] => {
    const { series, expression, level } = outcome;
    const entry = record.metrics[series];
    if (entry === undefined) return [];
    const figure = figureOfMetric(record.plan.monitors, entry.metric);
    return [
      {
        ...outcome,
        unit: unitOfAggregation(aggregationKind(expression), entry, figure),
        state: thresholdState(outcome),
        hasBothLevels: judged.some(
          (other) =>
            other.series === series &&
            other.level !== level &&
            aggregationOf(other.expression) === aggregationOf(expression),
        ),
      },
    ];
  });
  const shown = new Set(rows.map(({ series, expression, level }) => `${series} ${expression} ${level}`));
  const missing = judgedThresholds(record)
    .filter(({ isMissing }) => isMissing)
    .filter(({ key, plan }) => !shown.has(`${key} ${plan.expression} ${plan.level}`))
    .map(({ key: series, plan: { expression, level }, result, unit }): ThresholdRow => {
      const id = `${series}: ${expression}${level === 'critical' ? '' : ` (${level})`}`;
      const state = thresholdState(result);
      return { ...result, id, series, expression, unit, state, hasBothLevels: false };
    });
  return [...rows, ...missing].sort((a, b) => stateOrder[a.state] - stateOrder[b.state]);
}

type Outcome = ThresholdResult & Pick<ThresholdRow, 'id' | 'series' | 'expression'>;

/** Records of older versions have results by expression only. */
function outcomesOf({ thresholds, metrics }: RunRecord): readonly Outcome[] {
  if (thresholds !== undefined) return thresholds;
  return Object.entries(metrics).flatMap(([series, entry]) =>
    Object.entries(entry.thresholds ?? {}).map(([expression, result]) => {
      const level = result.level === 'critical' ? '' : ` (${result.level})`;
      return { id: `${series}: ${expression}${level}`, series, expression, ...result };
    }),
  );
}

function thresholdState(result: ThresholdResult): ThresholdRow['state'] {
  if (isUndecided({ result }) || isUnread({ result })) return 'open';
  if (!result.ok) return result.level === 'target' ? 'warn' : 'fail';
  return result.close ? 'close' : 'pass';
}

/** The aggregation that an expression starts with: `p(95)`. */
function aggregationOf(expression: string): string {
  return (/^[^<>=!]*/.exec(expression)?.[0] ?? '').replace(/\s/g, '');
}

function aggregationKind(expression: string): Aggregation['kind'] {
  const [word] = aggregationOf(expression).split('(');
  return word === 'p' ? 'percentile' : (word as Aggregation['kind']);
}

/** The operator of an expression, for printing next to its limit: `<`, `>=`, ... */
export function operatorOf(expression: string): string {
  return /(<=|>=|==|!=|<|>)/.exec(expression)?.[1] ?? '';
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
