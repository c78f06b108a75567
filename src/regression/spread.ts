// How much equal runs differ: means and spread of the figures of runs that were made one after the other. Called by
// cli/spread-book.ts.

import type { ComparedFigure, RegressionRow } from '../model/regression.ts';
import { figureKey, type RunFigure, type RunFigures, unitOfStatistic } from './run-figures.ts';

export interface SpreadRow {
  readonly figure: ComparedFigure;
  readonly unit: RegressionRow['unit'];
  readonly count: number;
  readonly mean: number;
  readonly least: number;
  readonly greatest: number;
  /** Standard deviation between the runs, of n - 1, in the unit of the figure. */
  readonly deviation: number;
  /** The same as a share of the mean; `undefined` where the mean is 0. */
  readonly variation: number | undefined;
  readonly isWide: boolean;
}

/** From here on times and rates of equal runs vary so much that a change of 10 % is hard to see. */
export const wideVariation = 0.1;
/** The same of shares of failures, which may well be 0: half a percentage point. */
const wideShare = 0.005;

/** Of the figures of the whole that all runs have, at least two runs. */
export function spreadOf(runs: readonly RunFigures[]): SpreadRow[] {
  const [first, ...others] = runs;
  if (first === undefined || others.length === 0) return [];
  return [...first.values()].flatMap((figure): SpreadRow[] => {
    if (figure.tags !== undefined) return [];
    const found = runs.flatMap((figures) => figures.get(figureKey(figure)) ?? []);
    if (found.length < runs.length) return [];
    const values = found.map(levelOf);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const deviation = Math.sqrt(squares / (values.length - 1));
    const { metric, statistic } = figure;
    const variation = mean === 0 ? undefined : deviation / mean;
    return [
      {
        figure: { metric, statistic },
        unit: unitOfStatistic(statistic),
        ...{ count: values.length, mean, deviation, variation },
        least: values.reduce((a, b) => Math.min(a, b)),
        greatest: values.reduce((a, b) => Math.max(a, b)),
        isWide: statistic === 'failed' ? deviation > wideShare : (variation ?? 0) > wideVariation,
      },
    ];
  });
}

function levelOf(figure: RunFigure): number {
  return figure.kind === 'share' ? figure.count / figure.of : figure.value;
}
