// How response times are distributed, on a logarithmic scale, with the percentiles marked.

import uPlot from 'uplot';
import type { ChartData, DistributionChart } from '../view/charts.ts';
import { axis, fromZero, isMissing, type Value, valueAxis } from './axes.ts';
import { colour, isNarrow } from './colours.ts';
import { axisFormats, formats } from './numbers.ts';

type Bins = DistributionChart['bins'];

export function drawDistributions({ distributions }: ChartData): uPlot[] {
  return distributions.flatMap((distribution) => {
    const place = document.getElementById(`chart-${distribution.id}`);
    if (place === null) return [];
    const { bins } = distribution;
    const middles = bins.map(({ fromMs, toMs }) => (Math.log10(fromMs) + Math.log10(toMs)) / 2);
    const counts = bins.map(({ count }) => count);
    return [new uPlot(optionsOf(distribution, place.clientWidth), [middles, counts], place)];
  });
}

function optionsOf({ bins, markers }: DistributionChart, width: number): uPlot.Options {
  const low = Math.log10(bins[0]!.fromMs);
  const high = Math.log10(bins.at(-1)!.toMs);
  return {
    width,
    height: 246,
    padding: [8, 16, null, null],
    scales: { x: { time: false, range: [low, high] }, left: { range: fromZero } },
    axes: [
      axis({
        size: 32,
        gap: 8,
        splits: () => logarithmicSplits(low, high),
        values: (_plot, splits) =>
          splits.map((split) => axisFormats.ms(Number((10 ** split).toPrecision(2)))),
      }),
      valueAxis('count', true),
    ],
    cursor: { drag: { x: false, y: false }, points: { show: false } },
    legend: { live: true },
    series: [
      {
        label: 'response time',
        value: (_plot, _value, _series, index: number | null) => rangeText(bins, index),
      },
      {
        label: 'responses',
        scale: 'left',
        stroke: colour('--c2'),
        fill: `${colour('--c2')}55`,
        width: 1,
        paths: uPlot.paths.bars!({ size: [0.92, Number.POSITIVE_INFINITY] }),
        points: { show: false },
        value: (_plot, value: Value, _series, index: number | null) =>
          formats.count(isMissing(index) ? totalOf(bins) : Math.round(value ?? 0)),
      },
    ],
    hooks: { draw: [(plot) => drawMarkers(plot, markers)] },
  };
}

/** 1, 2 and 5 of each power of ten; powers of ten alone where there are too many. */
function logarithmicSplits(low: number, high: number): number[] {
  const powers = Array.from(
    { length: Math.floor(high) - Math.floor(low) + 1 },
    (_, k) => Math.floor(low) + k,
  );
  const within = (at: number): boolean => at >= low && at <= high;
  const all = powers.flatMap((power) => [1, 2, 5].map((m) => Math.log10(m) + power)).filter(within);
  const rough = powers.filter(within);
  return all.length > (isNarrow() ? 6 : 14) && rough.length > 1 ? rough : all;
}

function rangeText(bins: Bins, index: number | null): string {
  const first = bins[index ?? 0]!;
  const last = bins[index ?? bins.length - 1]!;
  return `${formats.ms(first.fromMs)} to ${formats.ms(last.toMs)}`;
}

function totalOf(bins: Bins): number {
  return bins.reduce((sum, { count }) => sum + count, 0);
}

const markerColours = ['--c1', '--c2', '--c3'];

/** A line with its label for each percentile; labels that would touch take rows below each other. */
function drawMarkers(plot: uPlot, markers: DistributionChart['markers']): void {
  const { ctx, bbox } = plot;
  const ratio = uPlot.pxRatio;
  const pad = 5 * ratio;
  let lastEnd = Number.NEGATIVE_INFINITY;
  let row = 0;
  ctx.save();
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  for (const [k, { label, ms }] of markers.entries()) {
    const x = Math.round(plot.valToPos(Math.log10(Math.max(0.001, ms)), 'x', true));
    const text = `${label} ${formats.ms(ms)}`;
    const size = ctx.measureText(text).width;
    const fits = x + pad + size <= bbox.left + bbox.width;
    const start = fits ? x + pad : x - pad - size;
    row = start < lastEnd + pad ? row + 1 : 0;
    lastEnd = Math.max(lastEnd, start + size);
    ctx.strokeStyle = ctx.fillStyle = colour(markerColours[k % markerColours.length]!);
    ctx.lineWidth = 1.5 * ratio;
    ctx.setLineDash([4 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.fillText(text, start, bbox.top + 2 * ratio + row * 16 * ratio);
  }
  ctx.restore();
}
