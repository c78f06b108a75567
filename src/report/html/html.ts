// report.html: one file that works offline, light and dark, on any width and on paper.

import type { RunRecord } from '../../model/run-record.ts';
import { inRoom } from '../view/cells.ts';
import type { Headline } from '../view/headline.ts';
import { viewOf } from '../view/report-view.ts';
import { drawSection } from './draw-section.ts';
import { states } from './draw-table.ts';
import { escapeHtml, jsonForScript } from './escape.ts';
import { readPageAssets } from './page-assets.ts';
import { pageStyle } from './page-style.ts';

/** The browser itself refuses any request, should one ever slip in. */
const contentPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

export function renderHtml(record: RunRecord): string {
  const assets = readPageAssets();
  const { headline, sections, charts } = viewOf(record);
  const body = inRoom('page', sections)
    .map(drawSection)
    .filter((html) => html !== '');
  const title = `${headline.verdict}: ${headline.suite} / ${headline.profile}`;
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
${drawHeadline(headline)}
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

function drawHeadline(headline: Headline): string {
  const { verdict, status, suite, profile, purpose, target, reasons } = headline;
  const facts = [
    headline.startedAt,
    headline.duration,
    ...(target === null ? [] : [target]),
    `environment ${headline.environment}`,
  ].map((fact) =>
    fact === target ? `<span><code>${escapeHtml(fact)}</code></span>` : `<span>${escapeHtml(fact)}</span>`,
  );
  return `<section class="verdict" aria-labelledby="verdict-title">
<p class="status"><span class="mark" aria-hidden="true">${states[status][1]}</span> <strong>${verdict}</strong></p>
<h1 id="verdict-title">${escapeHtml(suite)} <span class="dim">/</span> ${escapeHtml(profile)}</h1>
${purpose === '' ? '' : `<p class="purpose">${escapeHtml(purpose)}</p>`}
<ul class="reasons">${reasons.map((reason) => `<li>${escapeHtml(reason)}</li>`).join('')}</ul>
<p class="facts">${facts.join('')}</p>
</section>`;
}
