// What the charts over time have in common: the x axis from start to end of the run, and one cursor for all.

import type uPlot from 'uplot';
import type { ChartData } from '../view/charts.ts';
import { isMissing, type Range, type Value } from './axes.ts';
import { colour } from './colours.ts';
import { fillSpans } from './marks.ts';
import { clock } from './numbers.ts';

/** A chart that is to be drawn in its place. */
export interface Drawing {
  readonly place: HTMLElement;
  draw(width: number): uPlot;
}

/** Nothing where the page has no place for the chart. */
export function inPlace(id: string, draw: (place: HTMLElement, width: number) => uPlot): Drawing[] {
  const place = document.getElementById(`chart-${id}`);
  return place === null ? [] : [{ place, draw: (width) => draw(place, width) }];
}

/** What all charts over time have in common. */
export function timeBase(
  { endSec }: ChartData,
  width: number,
  isSmall: boolean,
): Omit<uPlot.Options, 'series'> {
  return {
    width,
    height: isSmall ? 136 : 246,
    // To the right, room for half of the last label.
    padding: [8, Math.ceil(clock(endSec).length * 3.6) + 2, null, null],
    cursor: {
      y: false,
      sync: { key: 'run', setSeries: false, scales: ['x', null] },
      drag: { x: true, y: false },
      points: { size: 6 },
    },
    legend: { live: true },
  };
}

export function timeScales(data: ChartData, isSmall: boolean): Record<'x' | 'left', uPlot.Scale> {
  return {
    x: { time: false, range: wholeRun(data.endSec) },
    left: { range: withHeadroom(isSmall, data.alertsSec.length > 0) },
  };
}

/** All of the run, unless a part of it was chosen. */
function wholeRun(endSec: number): Range {
  return (plot, low, high) => {
    const times = plot.data[0];
    const isAll = times.length < 2 || (low === times[0] && high === times.at(-1));
    return isAll ? [0, endSec] : [low, high];
  };
}

/** From 0, or from below 0 for what can shrink; with room for the bars of alerts above the highest value. */
function withHeadroom(isSmall: boolean, hasAlerts: boolean): Range {
  const factor = !hasAlerts ? 1.08 : isSmall ? 1.25 : 1.12;
  return (_plot, low, high) => [low < 0 ? low * 1.08 : 0, high > 0 ? high * factor : low < 0 ? 0 : 1];
}

/** A value with neither neighbour has no line, so it gets a point. */
export const lonePoints: uPlot.Series.Points.Filter = (plot, series, show) => {
  if (show) return null;
  const values = plot.data[series] as readonly Value[];
  return [...values.keys()].filter(
    (k) => !isMissing(values[k]) && isMissing(values[k - 1]) && isMissing(values[k + 1]),
  );
};

/** Faults below outages, which they may have made. */
export function shadeTimes(plot: uPlot, { outagesSec, faultsSec }: ChartData): void {
  fillSpans(
    plot,
    faultsSec.map(({ from, until }) => [from, until] as const),
    `${colour('--c4')}22`,
  );
  fillSpans(plot, outagesSec, `${colour('--bad')}1f`);
}
