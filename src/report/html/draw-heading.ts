// The top of a report as a page. Called by html.ts and ../paper.ts.

import type { Status } from '../view/section.ts';
import { states } from './draw-table.ts';
import { escapeHtml } from './escape.ts';

interface Heading {
  /** In capitals: `FAIL`, `WORSE`. */
  readonly answer: string;
  readonly status: Status;
  /** The parts of the title, with a slash between them. */
  readonly title: readonly string[];
  /** What the run is for; nothing when empty. */
  readonly purpose?: string;
  /** One sentence each. */
  readonly reasons: readonly string[];
  /** HTML of what stands in a line below. */
  readonly facts?: readonly string[];
}

export function drawHeading({ answer, status, title, purpose = '', reasons, facts = [] }: Heading): string {
  return [
    '<section class="verdict" aria-labelledby="verdict-title">',
    `<p class="status"><span class="mark" aria-hidden="true">${states[status][1]}</span> <strong>${escapeHtml(answer)}</strong></p>`,
    `<h1 id="verdict-title">${title.map(escapeHtml).join(' <span class="dim">/</span> ')}</h1>`,
    ...(purpose === '' ? [] : [`<p class="purpose">${escapeHtml(purpose)}</p>`]),
    `<ul class="reasons">${reasons.map((reason) => `<li>${escapeHtml(reason)}</li>`).join('')}</ul>`,
    ...(facts.length === 0
      ? []
      : [`<p class="facts">${facts.map((fact) => `<span>${fact}</span>`).join('')}</p>`]),
    '</section>',
  ].join('\n');
}
