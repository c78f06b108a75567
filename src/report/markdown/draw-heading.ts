// The top of a report in Markdown. Called by markdown.ts and ../paper.ts.

import type { Heading } from '../view/headline.ts';
import { marks } from './draw-section.ts';
import { escapeMarkdown } from './markdown-text.ts';

export function drawHeading({ answer, status, title, reasons, advice = [] }: Heading): string {
  return [
    `## ${marks[status]} ${answer}: ${escapeMarkdown(title)}`,
    '',
    ...reasons.map((reason) => `- ${escapeMarkdown(reason)}`),
    ...advice.map((sentence) => `- **Advice:** ${escapeMarkdown(sentence)}`),
  ].join('\n');
}
