// report.html: one file that works offline, light and dark, on any width and on paper.

import type { RunRecord } from '../../model/run-record.ts';
import { drivesLoad, endpointRows, verdictTitle } from '../view/record-figures.ts';
import { noAlertFired, renderAlerts } from './html-alerts.ts';
import {
  type ChartData,
  chartData,
  distributionSummary,
  renderFigure,
  renderTimelineTable,
  type TimeChart,
} from './html-charts.ts';
import {
  renderCommands,
  renderConnections,
  renderEndpoints,
  renderOutages,
  renderStatements,
  renderTasks,
} from './html-operations.ts';
import {
  renderEnvironment,
  renderFindings,
  renderGeneratorFacts,
  renderKeyFigures,
  renderPlan,
  renderVerdict,
} from './html-sections.ts';
import { pageStyle } from './html-style.ts';
import { emptyNote } from './html-table.ts';
import {
  renderChecks,
  renderComparisons,
  renderCutOff,
  renderErrors,
  renderSteps,
  renderThresholds,
} from './html-tables.ts';
import { escapeHtml, jsonForScript } from './html-text.ts';
import { renderOwnMonitors, renderWatched } from './html-watched.ts';
import { readPageAssets } from './page-assets.ts';

/** The browser itself refuses any request, should one ever slip in. */
const contentPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

type Section = readonly [id: string, title: string, content: string];

function figuresOf({ charts }: ChartData, isShown: (chart: TimeChart) => boolean): string {
  return charts
    .filter(isShown)
    .map((chart) => renderFigure(chart))
    .join('\n');
}

function timeSection(record: RunRecord, charts: ChartData): string {
  const figures = figuresOf(charts, ({ small }) => !small);
  const marks = [
    charts.outagesSec.length === 0 ? '' : 'Outages are shaded.',
    charts.alertsSec.length === 0
      ? ''
      : 'Bars along the upper edge are the times at which alerts were firing.',
  ].filter((sentence) => sentence !== '');
  const legend = marks.length === 0 ? '' : `<p class="dim key">${marks.join(' ')}</p>`;
  const shown = figures === '' ? emptyNote('Nothing was measured.') : `${legend}${figures}`;
  return `${shown}${renderTimelineTable(record)}`;
}

function distributionSection({ distributions }: ChartData): string {
  if (distributions.length === 0) {
    return emptyNote('No response was measured, so there is no distribution.');
  }
  return distributions
    .map((one) => renderFigure({ id: one.id, title: one.title, summary: distributionSummary(one) }))
    .join('\n');
}

function searchSection(record: RunRecord, { capacity }: ChartData): string {
  if (record.plan.search === undefined) return '';
  const title = 'Response time by throughput (iterations finished per second)';
  const figure = capacity === null ? '' : renderFigure({ id: 'capacity', title, summary: capacity.summary });
  return `${figure}${renderSteps(record)}`;
}

function generatorSection(record: RunRecord, charts: ChartData): string {
  const figures = figuresOf(charts, ({ small }) => small);
  return `${renderGeneratorFacts(record)}<div class="smalls">${figures}</div>${renderOwnMonitors(record, charts.watched)}`;
}

/** Of a record of `plimsoll monitor`: nothing about load, since there was none. */
function watchSections(record: RunRecord, { watched }: ChartData): readonly Section[] {
  const limits = record.plan.thresholds.length === 0 ? '' : renderThresholds(record);
  return [
    ['alerts', 'Alerts', `${renderAlerts(record)}${noAlertFired(record)}`],
    ['watched', 'Watched', `${renderWatched(record, watched)}${renderOwnMonitors(record, watched)}`],
    ['thresholds', 'Thresholds', limits],
    ['findings', 'Findings', renderFindings(record)],
    ['environment', 'Environment', renderEnvironment(record)],
  ];
}

function loadSections(record: RunRecord, charts: ChartData): readonly Section[] {
  const connections = renderConnections(record);
  const statements = renderStatements(record);
  const commands = renderCommands(record);
  // Other operations stand in for the endpoints of a run without HTTP requests.
  const hasOthers = connections !== '' || statements !== '' || commands !== '';
  const hasEndpoints = !hasOthers || endpointRows(record).length > 0;
  return [
    ['figures', 'Key figures', `${renderKeyFigures(record)}${noAlertFired(record)}`],
    ['alerts', 'Alerts', renderAlerts(record)],
    ['time', 'Over time', timeSection(record, charts)],
    ['watched', 'Watched beside the load', renderWatched(record, charts.watched)],
    ['distribution', 'Latency distribution', distributionSection(charts)],
    ['search', 'Capacity search', searchSection(record, charts)],
    ['tasks', 'Tasks', renderTasks(record)],
    ['endpoints', 'Endpoints', hasEndpoints ? renderEndpoints(record) : ''],
    ['connections', 'Connections', connections],
    ['statements', 'Statements', statements],
    ['commands', 'Redis commands', commands],
    ['checks', 'Checks', renderChecks(record)],
    ['outages', 'Outages', renderOutages(record)],
    ['errors', 'Errors', renderErrors(record)],
    ['cut-off', 'Cut off at the end', renderCutOff(record)],
    ['thresholds', 'Thresholds', renderThresholds(record)],
    ['comparisons', 'Comparisons', renderComparisons(record)],
    ['findings', 'Findings', renderFindings(record)],
    ['generator', 'Load generator', generatorSection(record, charts)],
    ['plan', 'Plan', renderPlan(record)],
    ['environment', 'Environment', renderEnvironment(record)],
  ];
}

export function renderHtml(record: RunRecord): string {
  const assets = readPageAssets();
  const charts = chartData(record);
  // Sections that are left out when they have nothing to say are empty here.
  const sections = drivesLoad(record) ? loadSections(record, charts) : watchSections(record, charts);
  const body = sections
    .filter(([, , content]) => content !== '')
    .map(
      ([id, title, content]) =>
        `<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>\n${content}</section>`,
    );
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
</body>
</html>
`;
}
