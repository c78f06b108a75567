// Response time by throughput, of a capacity search.

import uPlot from 'uplot';
import type { ChartData } from '../view/charts.ts';
import { axis, fromZero, legendValue, valueAxis } from './axes.ts';
import { colour } from './colours.ts';
import { formats } from './numbers.ts';

const perSec = formats['per-second'];

/** None for a run that is no search. */
export function drawCapacity({ capacity }: ChartData): uPlot[] {
  const place = document.getElementById('chart-capacity');
  if (place === null || capacity === null) return [];
  const { throughputPerSec, p95, p50 } = capacity;
  return [new uPlot(optionsOf(place.clientWidth), [[...throughputPerSec], [...p95], [...p50]], place)];
}

function optionsOf(width: number): uPlot.Options {
  const line = (label: string, name: string): uPlot.Series => ({
    label,
    scale: 'left',
    stroke: colour(name),
    width: 1.75,
    points: { show: true, size: 6 },
    value: legendValue(formats.ms),
  });
  return {
    width,
    height: 246,
    padding: [8, 16, null, null],
    scales: { x: { time: false, range: fromZero }, left: { range: fromZero } },
    axes: [
      axis({ space: 60, size: 32, gap: 8, values: (_plot, splits) => splits.map(perSec) }),
      valueAxis('ms'),
    ],
    cursor: { drag: { x: false, y: false } },
    legend: { live: true },
    series: [{ label: 'throughput', value: legendValue(perSec) }, line('p95', '--c2'), line('p50', '--c1')],
  };
}
