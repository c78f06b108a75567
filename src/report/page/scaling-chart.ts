// Throughput by load, with the curve that was fitted. Called by page.ts.

import type uPlot from 'uplot';
import type { ChartData } from '../view/charts.ts';
import { drawLoadChart } from './load-chart.ts';

/** None for a run without a curve. */
export function drawScaling({ scaling }: ChartData): uPlot[] {
  const place = document.getElementById('chart-scaling');
  if (place === null || scaling === null) return [];
  const { load, fitted, measured, leftOut, unit } = scaling;
  return [
    drawLoadChart(place, [[...load], [...fitted], [...measured], [...leftOut]], {
      load: { label: unit, format: 'count' },
      values: 'per-second',
      series: [
        { label: 'curve', colour: '--c1', width: 1.75 },
        { label: 'measured', colour: '--c2', width: 0, points: 8 },
        { label: 'left out', colour: '--faint', width: 0, points: 8 },
      ],
    }),
  ];
}
