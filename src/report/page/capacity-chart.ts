// Response time by throughput, of a capacity search. Called by page.ts.

import type uPlot from 'uplot';
import type { ChartData } from '../view/charts.ts';
import { drawLoadChart } from './load-chart.ts';

/** None for a run that is no search. */
export function drawCapacity({ capacity }: ChartData): uPlot[] {
  const place = document.getElementById('chart-capacity');
  if (place === null || capacity === null) return [];
  const { throughputPerSec, p95, p50 } = capacity;
  return [
    drawLoadChart(place, [[...throughputPerSec], [...p95], [...p50]], {
      load: { label: 'throughput', format: 'per-second' },
      values: 'ms',
      series: [
        { label: 'p95', colour: '--c2', width: 1.75, points: 6 },
        { label: 'p50', colour: '--c1', width: 1.75, points: 6 },
      ],
    }),
  ];
}
