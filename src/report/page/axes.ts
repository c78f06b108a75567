// Axes, ranges and legends that charts share.

import type uPlot from 'uplot';
import { colour, isNarrow } from './colours.ts';
import { axisFormats, type ChartUnit, clock, clockSteps, type Format, wholeSteps } from './numbers.ts';

export type Value = number | null | undefined;

export function isMissing(value: Value): value is null | undefined {
  return value === null || value === undefined;
}

export function axis(extra: uPlot.Axis): uPlot.Axis {
  return {
    stroke: colour('--dim'),
    font: '12px system-ui, sans-serif',
    grid: { stroke: colour('--grid'), width: 1 },
    ticks: { show: false },
    ...extra,
  };
}

export function timeAxis(): uPlot.Axis {
  return axis({
    space: 60,
    size: 32,
    gap: 8,
    incrs: clockSteps,
    values: (_plot, splits) => splits.map(clock),
  });
}

/** The scale `left`. */
export function valueAxis(unit: ChartUnit, isWhole = false): uPlot.Axis {
  const format = axisFormats[unit];
  return axis({
    scale: 'left',
    side: 3,
    size: isNarrow() ? 48 : 62,
    gap: 4,
    ...(isWhole && { incrs: wholeSteps }),
    values: (_plot, splits) => splits.map((value: Value) => (isMissing(value) ? '' : format(value))),
  });
}

export type Range = (plot: uPlot, low: number, high: number) => uPlot.Range.MinMax;

export const fromZero: Range = (_plot, _low, high) => [0, high > 0 ? high * 1.08 : 1];

/** With room for a label above the highest value. */
export const fromZeroWithLabel: Range = (_plot, _low, high) => [0, high > 0 ? high * 1.15 : 1];

/** The value under the cursor; without a cursor over the chart, the last point that the series has. */
export function legendValue(format: Format): uPlot.Series.Value {
  return (plot, value: Value, series, index: number | null) => {
    if (!isMissing(index)) return isMissing(value) ? '–' : format(value);
    const values = plot.data[series] as readonly Value[];
    const last = values.findLast((one) => !isMissing(one));
    return isMissing(last) ? '–' : format(last);
  };
}
