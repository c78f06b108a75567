// What every page has around its content: head, style, theme switch, script and data of the charts. Called by html.ts, and
// by ../paper.ts for reports of several runs.

import type { VerdictStatus } from '../../model/verdict.ts';
import type { ChartData } from '../view/charts.ts';
import { escapeHtml, jsonForScript } from './escape.ts';
import { readPageAssets } from './page-assets.ts';
import { pageStyle } from './page-style.ts';

export interface Page {
  readonly title: string;
  /** Beside the name at the top: `load test report`. */
  readonly kind: string;
  readonly version: string;
  readonly accent: VerdictStatus;
  /** HTML. */
  readonly main: string;
  /** Text. */
  readonly footer: string;
  /** Absent without charts. */
  readonly charts?: ChartData;
}

/** The browser itself refuses any request, should one ever slip in. */
const contentPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

const noCharts: ChartData = {
  timeSec: [],
  endSec: 0,
  outagesSec: [],
  faultsSec: [],
  alertsSec: [],
  charts: [],
  watched: [],
  distributions: [],
  capacity: null,
  scaling: null,
};

/** The whole document. */
export function drawPage({ title, kind, version, accent, main, footer, charts }: Page): string {
  const assets = readPageAssets();
  const noScript =
    charts === undefined
      ? ''
      : '<noscript><p class="page">The charts need JavaScript; every figure is in the tables as well.</p></noscript>\n';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Plimsoll ${escapeHtml(version)}">
<title>${escapeHtml(title)}</title>
<style>${assets.style}</style>
<style>${pageStyle(accent)}</style>
</head>
<body>
<div class="page">
<header class="top"><b>Plimsoll</b> <span>${escapeHtml(kind)}</span><button type="button" id="theme" hidden>Dark</button></header>
<main>
${main}
</main>
<footer>${escapeHtml(footer)}</footer>
</div>
${noScript}<script type="application/json" id="chart-data">${jsonForScript(charts ?? noCharts)}</script>
<script>${assets.script}</script>
</body>
</html>
`;
}
