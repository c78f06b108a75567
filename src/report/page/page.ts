// What report.html does in the browser: draws the charts, switches the theme, sorts tables. Bundled at build time
// (scripts/build-page.ts); `tests/report-html.test.ts` drives it in a real browser.

import type uPlot from 'uplot';
import type { ChartData } from '../view/charts.ts';
import { drawCapacity } from './capacity-chart.ts';
import { forgetColours } from './colours.ts';
import { drawDistributions } from './distribution-chart.ts';
import { drawScaling } from './scaling-chart.ts';
import { sortableTables } from './sortable-tables.ts';
import { themeSwitch } from './theme-switch.ts';
import { drawTimeCharts } from './time-charts.ts';
import { createTip } from './tip.ts';

const data = JSON.parse(document.getElementById('chart-data')!.textContent) as ChartData;
const tip = createTip();
let plots: readonly uPlot[] = [];

/** Draws all charts anew, in the colours and at the width of now. */
function draw(): void {
  for (const plot of plots) plot.destroy();
  forgetColours();
  plots = [
    ...drawTimeCharts(data, tip),
    ...drawCapacity(data),
    ...drawScaling(data),
    ...drawDistributions(data),
  ];
}

let drawnWidth = document.documentElement.clientWidth;
let waiting = 0;
addEventListener('resize', () => {
  const { clientWidth } = document.documentElement;
  if (clientWidth === drawnWidth) return;
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(() => {
    drawnWidth = clientWidth;
    draw();
  });
});
sortableTables();
// It draws as soon as it knows the theme, and whenever that changes.
themeSwitch(draw);
