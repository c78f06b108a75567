// The charts over time, the load's and the monitors': one x axis from start to end of the run, one cursor.

import uPlot from 'uplot';
import type { ChartData, TimeChart } from '../view/charts.ts';
import { fromZeroWithLabel, legendValue, timeAxis, valueAxis } from './axes.ts';
import { colour } from './colours.ts';
import { remark } from './marks.ts';
import { axisFormats, type ChartUnit, clock, formats, wholeSteps } from './numbers.ts';
import { inPlace, lonePoints, shadeTimes, timeBase, timeScales } from './time-base.ts';
import type { Tip } from './tip.ts';
import { drawWatched } from './watched-charts.ts';

/** All widths are read before anything is drawn: each drawing would make the browser lay out the page again. */
export function drawTimeCharts(data: ChartData, tip: Tip): uPlot[] {
  const drawings = [
    ...data.charts.flatMap((chart) =>
      inPlace(chart.id, (place, width) => {
        const columns = [data.timeSec, ...chart.series.map(({ values }) => values)];
        return new uPlot(optionsOf(data, chart, width, tip), columns as uPlot.AlignedData, place);
      }),
    ),
    ...drawWatched(data, tip),
  ];
  return drawings
    .map((drawing) => ({ drawing, width: drawing.place.clientWidth }))
    .map(({ drawing, width }) => drawing.draw(width));
}

function optionsOf(data: ChartData, chart: TimeChart, width: number, tip: Tip): uPlot.Options {
  const left = chart.series.find(({ side }) => side === 'left');
  const right = chart.series.find(({ side }) => side === 'right');
  return {
    ...timeBase(data, width, chart.small),
    scales: { ...timeScales(data, chart.small), right: { range: fromZeroWithLabel } },
    axes: [
      timeAxis(),
      ...(left === undefined ? [] : [valueAxis(left.unit, left.unit === 'count')]),
      ...(right === undefined ? [] : [{ scale: 'right', side: 1 as const, show: false }]),
    ],
    hooks: {
      drawClear: [(plot) => shadeTimes(plot, data)],
      draw: [
        (plot) => {
          if (right !== undefined) drawRightLabels(plot, right);
          remark(
            plot,
            { alerts: data.alertsSec, events: faultEvents(data), takesFocus: chart === data.charts[0] },
            tip,
          );
        },
      ],
    },
    series: [
      { label: 'at', value: legendValue(clock) },
      ...chart.series.map((one) => seriesOf(one, data.timeSec.length < 3)),
    ],
  };
}

/** Where faults began. */
function faultEvents({ faultsSec }: ChartData): { readonly at: number; readonly text: string }[] {
  return faultsSec.map(({ from, text }) => ({ at: from, text }));
}

function seriesOf(
  { label, side, style, unit, colour: name }: TimeChart['series'][number],
  showsPoints: boolean,
): uPlot.Series {
  const stroke = colour(name);
  return {
    label,
    scale: side,
    stroke,
    width: style === 'faint' ? 1 : 1.75,
    ...(style === 'faint' && { dash: [3, 3] }),
    ...(style === 'area' && { fill: `${stroke}22` }),
    ...(style === 'step' && { paths: uPlot.paths.stepped!({ align: 1 }) }),
    points: { show: showsPoints, filter: lonePoints },
    spanGaps: false,
    value: legendValue(formats[unit]),
  };
}

/**
 * The labels of the right scale stand inside the plot and above their height, where a level line does not cross them:
 * so every plot is equally wide, and all share one time scale.
 */
function drawRightLabels(
  plot: uPlot,
  { colour: name, unit }: { readonly colour: string; readonly unit: ChartUnit },
): void {
  const { ctx, bbox } = plot;
  const ratio = uPlot.pxRatio;
  const top = plot.scales.right!.max ?? 0;
  const step = wholeSteps.find((one) => top / one <= 5)!;
  ctx.save();
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  ctx.textBaseline = 'bottom';
  ctx.textAlign = 'right';
  ctx.fillStyle = colour(name);
  for (let at = step; at <= top; at += step) {
    const y = plot.valToPos(at, 'right', true) - 2 * ratio;
    ctx.fillText(axisFormats[unit](at), bbox.left + bbox.width - 4 * ratio, y);
  }
  ctx.restore();
}
