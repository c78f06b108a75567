// summary.md: the result as a comment under a pull request or a page of a wiki.

import type { RunRecord } from '../../model/run-record.ts';
import { formatPercent } from '../format-values.ts';
import { inRoom } from '../view/cells.ts';
import type { Headline } from '../view/headline.ts';
import { inSummaryOrder, viewOf } from '../view/report-view.ts';
import { drawSection, marks } from './draw-section.ts';
import { code, escapeMarkdown } from './markdown-text.ts';

export function renderMarkdown(record: RunRecord): string {
  const { headline, sections } = viewOf(record);
  const parts = [
    drawHeadline(headline),
    ...inRoom('document', inSummaryOrder(sections)).map((section) => drawSection(section)),
    footer(record, headline),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function drawHeadline({ verdict, status, suite, profile, reasons, advice }: Headline): string {
  return [
    `## ${marks[status]} ${verdict}: ${escapeMarkdown(`${suite} / ${profile}`)}`,
    '',
    ...reasons.map((reason) => `- ${escapeMarkdown(reason)}`),
    ...advice.map((sentence) => `- **Advice:** ${escapeMarkdown(sentence)}`),
  ].join('\n');
}

function footer({ generator, environment, plan }: RunRecord, headline: Headline): string {
  const health = generator.saturated ? '**saturated**' : 'kept up';
  const facts = [
    `${headline.duration} from ${headline.startedAt}`,
    `target ${code(headline.target ?? 'none')}`,
    `load generator ${health} (CPU ${formatPercent(generator.cpu['p(95)'])} of a core at p95)`,
    `seed ${plan.seed}`,
    `Plimsoll ${escapeMarkdown(environment.plimsoll)}, Node ${escapeMarkdown(environment.node)}`,
  ];
  return `<sub>${facts.join(' · ')}</sub>`;
}
