// Throughput by load, with the curve that was fitted. Called by page.ts.

import uPlot from 'uplot';
import type { ChartData } from '../view/charts.ts';
import { axis, fromZero, legendValue, valueAxis } from './axes.ts';
import { colour } from './colours.ts';
import { formats } from './numbers.ts';

/** None for a run without a curve. */
export function drawScaling({ scaling }: ChartData): uPlot[] {
  const place = document.getElementById('chart-scaling');
  if (place === null || scaling === null) return [];
  const { load, fitted, measured, leftOut } = scaling;
  const data: uPlot.AlignedData = [[...load], [...fitted], [...measured], [...leftOut]];
  return [new uPlot(optionsOf(place.clientWidth, scaling.unit), data, place)];
}

function optionsOf(width: number, unit: string): uPlot.Options {
  const points = (label: string, name: string): uPlot.Series => ({
    label,
    scale: 'left',
    stroke: colour(name),
    width: 0,
    points: { show: true, size: 8 },
    value: legendValue(formats['per-second']),
  });
  return {
    width,
    height: 246,
    padding: [8, 16, null, null],
    scales: { x: { time: false, range: fromZero }, left: { range: fromZero } },
    axes: [
      axis({
        space: 60,
        size: 32,
        gap: 8,
        values: (_plot, splits) => splits.map((load) => formats.count(load)),
      }),
      valueAxis('per-second'),
    ],
    cursor: { drag: { x: false, y: false } },
    legend: { live: true },
    series: [
      { label: unit, value: legendValue(formats.count) },
      {
        ...{ label: 'curve', scale: 'left', stroke: colour('--c1'), width: 1.75 },
        points: { show: false },
        value: legendValue(formats['per-second']),
      },
      points('measured', '--c2'),
      points('left out', '--faint'),
    ],
  };
}
