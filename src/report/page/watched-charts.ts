// The charts of what monitors read. Each figure is one series, and two more without a line of their own where it has a
// least and a greatest value.

import uPlot from 'uplot';
import type { ChartData } from '../view/charts.ts';
import type { WatchedChart, WatchedCharts } from '../view/watched-charts.ts';
import { isMissing, legendValue, timeAxis, type Value, valueAxis } from './axes.ts';
import { colour } from './colours.ts';
import { drawEventLines, fillSpans, remark } from './marks.ts';
import { clock, formats } from './numbers.ts';
import { type Drawing, inPlace, lonePoints, shadeTimes, timeBase, timeScales } from './time-base.ts';
import type { Tip } from './tip.ts';

type WatchedSeries = WatchedChart['series'][number];

export function drawWatched(data: ChartData, tip: Tip): Drawing[] {
  return data.watched.flatMap((monitor) =>
    monitor.charts.flatMap((chart, position) =>
      inPlace(chart.id, (place, width) => {
        const { columns, series, bands } = layOut(chart);
        const options: uPlot.Options = {
          ...timeBase(data, width, true),
          scales: timeScales(data, true),
          axes: [timeAxis(), valueAxis(chart.unit, isWhole(chart))],
          bands,
          hooks: hooksOf(data, monitor, position === 0, tip),
          series: [{ label: 'at', value: legendValue(clock) }, ...series],
        };
        return new uPlot(options, [monitor.timeSec, ...columns] as uPlot.AlignedData, place);
      }),
    ),
  );
}

function hooksOf(data: ChartData, monitor: WatchedCharts, takesFocus: boolean, tip: Tip): uPlot.Hooks.Arrays {
  return {
    drawClear: [
      (plot) => {
        shadeTimes(plot, data);
        fillSpans(plot, monitor.gapsSec, `${colour('--faint')}40`);
        drawEventLines(plot, monitor.events);
      },
    ],
    draw: [(plot) => remark(plot, { alerts: data.alertsSec, events: monitor.events, takesFocus }, tip)],
    // A figure that is switched off in the legend takes its band along.
    setSeries: [
      (plot, position, { show }) => {
        if (position === null || show === undefined || isEdge(plot, position)) return;
        for (let edge = position + 1; isEdge(plot, edge); edge++) plot.setSeries(edge, { show });
      },
    ],
  };
}

const edgeClass = 'edge';

function isEdge({ series }: uPlot, position: number): boolean {
  return series[position]?.class === edgeClass;
}

function layOut(chart: WatchedChart): {
  readonly columns: readonly (readonly Value[])[];
  readonly series: readonly uPlot.Series[];
  readonly bands: uPlot.Band[];
} {
  const columns: (readonly Value[])[] = [];
  const series: uPlot.Series[] = [];
  const bands: uPlot.Band[] = [];
  for (const one of chart.series) {
    const stroke = colour(one.colour);
    columns.push(one.avg);
    series.push(lineOf(one, stroke, chart));
    if (one.min === undefined || one.max === undefined) continue;
    // The first series of a plot is its time.
    const line = series.length;
    bands.push({ series: [line + 2, line + 1], fill: `${stroke}2e` });
    for (const edge of [one.min, one.max]) {
      columns.push(edge);
      series.push({
        label: '',
        class: edgeClass,
        scale: 'left',
        width: 0,
        spanGaps: false,
        points: { show: false },
      });
    }
  }
  return { columns, series, bands };
}

function lineOf(one: WatchedSeries, stroke: string, { unit }: WatchedChart): uPlot.Series {
  // What is either so or not has nothing in between.
  const isFlag = one.max === undefined && one.avg.every((v) => isMissing(v) || v === 0 || v === 1);
  return {
    label: one.label,
    scale: 'left',
    stroke,
    width: 1.75,
    spanGaps: false,
    ...(isFlag && { paths: uPlot.paths.stepped!({ align: 1 }) }),
    points: { show: false, filter: lonePoints },
    value: legendValue(formats[unit]),
  };
}

/** Counts have whole labels, but for few that are no whole numbers. */
function isWhole({ unit, series }: WatchedChart): boolean {
  if (unit !== 'count' && unit !== 'per-second') return false;
  return series.every(({ avg, max }) => {
    const tops = max ?? avg;
    const isSmall = tops.every((value) => isMissing(value) || value < 5);
    return !isSmall || tops.every((value) => isMissing(value) || Number.isInteger(value));
  });
}
