// The top of a report in Markdown. Called by markdown.ts and ../paper.ts.

import type { Status } from '../view/section.ts';
import { marks } from './draw-section.ts';
import { escapeMarkdown } from './markdown-text.ts';

interface Heading {
  /** In capitals: `FAIL`, `WORSE`. */
  readonly answer: string;
  readonly status: Status;
  readonly title: string;
  /** One sentence each. */
  readonly reasons: readonly string[];
  /** What to do first, one sentence each. */
  readonly advice?: readonly string[];
}

export function drawHeading({ answer, status, title, reasons, advice = [] }: Heading): string {
  return [
    `## ${marks[status]} ${answer}: ${escapeMarkdown(title)}`,
    '',
    ...reasons.map((reason) => `- ${escapeMarkdown(reason)}`),
    ...advice.map((sentence) => `- **Advice:** ${escapeMarkdown(sentence)}`),
  ].join('\n');
}
