// report.html: one file that works offline, light and dark, on any width and on paper.

import type { RunRecord } from '../../model/run-record.ts';
import { inRoom } from '../view/cells.ts';
import type { Headline } from '../view/headline.ts';
import { viewOf } from '../view/report-view.ts';
import { drawSection } from './draw-section.ts';
import { states } from './draw-table.ts';
import { escapeHtml } from './escape.ts';
import { drawPage } from './page-shell.ts';

export function renderHtml(record: RunRecord): string {
  const { headline, sections, charts } = viewOf(record);
  const body = inRoom('page', sections)
    .map(drawSection)
    .filter((html) => html !== '');
  const version = record.environment.plimsoll;
  return drawPage({
    title: `${headline.verdict}: ${headline.suite} / ${headline.profile}`,
    kind: 'load test report',
    version,
    accent: record.verdict.status,
    main: [drawHeadline(headline), ...body].join('\n'),
    footer: `Made by Plimsoll ${version} from run.json alone. Response times of arrival-rate scenarios count from the planned start.`,
    charts,
  });
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
