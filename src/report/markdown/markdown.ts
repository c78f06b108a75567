// summary.md: the result as a comment under a pull request or a page of a wiki.

import type { RunRecord } from '../../model/run-record.ts';
import { formatPercent } from '../format-values.ts';
import { inRoom } from '../view/cells.ts';
import type { Headline } from '../view/headline.ts';
import { inSummaryOrder, viewOf } from '../view/report-view.ts';
import { drawHeading } from './draw-heading.ts';
import { drawSection } from './draw-section.ts';
import { code, escapeMarkdown } from './markdown-text.ts';

export function renderMarkdown(record: RunRecord): string {
  const { headline, sections } = viewOf(record);
  const { verdict, status, suite, profile, reasons, advice } = headline;
  const parts = [
    drawHeading({ answer: verdict, status, title: `${suite} / ${profile}`, reasons, advice }),
    ...inRoom('document', inSummaryOrder(sections)).map((section) => drawSection(section)),
    footer(record, headline),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
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
