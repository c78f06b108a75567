// A chart whose horizontal axis is a load and not the time: points and lines over it. Used by capacity-chart.ts and
// scaling-chart.ts.

import uPlot from 'uplot';
import { axis, fromZero, legendValue, valueAxis } from './axes.ts';
import { colour } from './colours.ts';
import { formats } from './numbers.ts';

type FormatName = Parameters<typeof valueAxis>[0];

interface LoadChart {
  /** What the load is called, and how it is written. */
  readonly load: { readonly label: string; readonly format: FormatName };
  readonly values: FormatName;
  readonly series: readonly LoadSeries[];
}

export interface LoadSeries {
  readonly label: string;
  /** Name of a colour of the page's style. */
  readonly colour: string;
  /** 0 draws points alone. */
  readonly width: number;
  /** Size of the points; absent: a line alone. */
  readonly points?: number;
}

/** `data` has the loads first, then the values of each series. */
export function drawLoadChart(place: HTMLElement, data: uPlot.AlignedData, chart: LoadChart): uPlot {
  const { load, values, series } = chart;
  const options: uPlot.Options = {
    width: place.clientWidth,
    height: 246,
    padding: [8, 16, null, null],
    scales: { x: { time: false, range: fromZero }, left: { range: fromZero } },
    axes: [
      axis({
        space: 60,
        size: 32,
        gap: 8,
        values: (_plot, splits) => splits.map((split) => formats[load.format](split)),
      }),
      valueAxis(values),
    ],
    cursor: { drag: { x: false, y: false } },
    legend: { live: true },
    series: [
      { label: load.label, value: legendValue(formats[load.format]) },
      ...series.map(
        ({ label, colour: name, width, points }): uPlot.Series => ({
          label,
          scale: 'left',
          stroke: colour(name),
          width,
          points: points === undefined ? { show: false } : { show: true, size: points },
          value: legendValue(formats[values]),
        }),
      ),
    ],
  };
  return new uPlot(options, data, place);
}
