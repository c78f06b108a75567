// Reads the chart library that report.html carries inside. The only place in report/ that touches the disk.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export interface ChartAssets {
  readonly script: string;
  readonly style: string;
}

let cached: ChartAssets | undefined;

/** uPlot's built script and style sheet, read once from the installed package. */
export function readChartAssets(): ChartAssets {
  const { resolve } = createRequire(import.meta.url);
  cached ??= {
    script: readFileSync(resolve('uplot/dist/uPlot.iife.min.js'), 'utf8'),
    style: readFileSync(resolve('uplot/dist/uPlot.min.css'), 'utf8'),
  };
  return cached;
}
