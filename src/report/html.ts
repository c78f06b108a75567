// report.html: one file that works offline, light and dark, on any width and on paper.

import type { RunRecord } from '../model/run-record.ts';
import {
  type ChartData,
  chartData,
  distributionSummary,
  renderFigure,
  renderTimelineTable,
} from './html-charts.ts';
import { pageScript } from './html-page-script.ts';
import {
  renderEnvironment,
  renderFindings,
  renderGeneratorFacts,
  renderKeyFigures,
  renderPlan,
  renderVerdict,
} from './html-sections.ts';
import { pageStyle } from './html-style.ts';
import {
  emptyNote,
  renderChecks,
  renderComparisons,
  renderConnections,
  renderEndpoints,
  renderErrors,
  renderSteps,
  renderTasks,
  renderThresholds,
} from './html-tables.ts';
import { escapeHtml, jsonForScript } from './html-text.ts';
import { verdictTitle } from './record-view.ts';
import { readChartAssets } from './uplot-assets.ts';

/** The browser itself refuses any request, should one ever slip in. */
const contentPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

function capacityFigure({ capacity }: ChartData): string {
  if (capacity === null) return '';
  const title = 'Response time by throughput (iterations finished per second)';
  return renderFigure({ id: 'capacity', title, summary: capacity.summary });
}

export function renderHtml(record: RunRecord): string {
  const assets = readChartAssets();
  const charts = chartData(record);
  const figure = (id: string): string => {
    const chart = charts.charts.find((one) => one.id === id);
    return chart === undefined ? '' : renderFigure(chart);
  };
  const generatorFigures = ['generator-cpu', 'generator-delay', 'generator-lag'].map(figure).join('');
  const timeCharts = ['latency', 'throughput', 'failures'].map(figure).join('\n');
  const distribution =
    charts.distribution === null
      ? emptyNote('No response was measured, so there is no distribution.')
      : renderFigure({
          id: 'distribution',
          title: 'Response times, logarithmic scale',
          summary: distributionSummary(charts.distribution),
        });
  const connections = renderConnections(record);
  const comparisons = renderComparisons(record);
  const sections: [id: string, title: string, content: string][] = [
    ['figures', 'Key figures', renderKeyFigures(record)],
    ['time', 'Over time', timeCharts === '\n\n' ? emptyNote('Nothing was measured.') : timeCharts],
    ['distribution', 'Latency distribution', distribution],
    ...(record.plan.search === undefined
      ? []
      : [
          ['search', 'Capacity search', `${capacityFigure(charts)}${renderSteps(record)}`] as [
            string,
            string,
            string,
          ],
        ]),
    ['tasks', 'Tasks', renderTasks(record)],
    ['endpoints', 'Endpoints', renderEndpoints(record)],
    ...(connections === '' ? [] : [['connections', 'Connections', connections] as [string, string, string]]),
    ['checks', 'Checks', renderChecks(record)],
    ['errors', 'Errors', renderErrors(record)],
    ['thresholds', 'Thresholds', renderThresholds(record)],
    ...(comparisons === '' ? [] : [['comparisons', 'Comparisons', comparisons] as [string, string, string]]),
    ['findings', 'Findings', renderFindings(record)],
    [
      'generator',
      'Load generator',
      `${renderGeneratorFacts(record)}<div class="smalls">${generatorFigures}</div>`,
    ],
    ['plan', 'Plan', renderPlan(record)],
    ['environment', 'Environment', renderEnvironment(record)],
  ];
  const body = sections.map(([id, title, content]) => {
    const extra = id === 'time' ? renderTimelineTable(record) : '';
    return `<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>\n${content}${extra}</section>`;
  });
  const title = `${verdictTitle(record)}: ${record.suite} / ${record.profile}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Plimsoll ${escapeHtml(record.environment.plimsoll)}">
<title>${escapeHtml(title)}</title>
<style>${assets.style}</style>
<style>${pageStyle(record.verdict.status)}</style>
</head>
<body>
<div class="page">
<header class="top"><b>Plimsoll</b> <span>load test report</span><button type="button" id="theme" hidden>Dark</button></header>
<main>
${renderVerdict(record)}
${body.join('\n')}
</main>
<footer>Made by Plimsoll ${escapeHtml(record.environment.plimsoll)} from run.json alone. Response times of arrival-rate scenarios count from the planned start.</footer>
</div>
<noscript><p class="page">The charts need JavaScript; every figure is in the tables as well.</p></noscript>
<script type="application/json" id="chart-data">${jsonForScript(charts)}</script>
<script>${assets.script}</script>
<script>${pageScript}</script>
</body>
</html>
`;
}
