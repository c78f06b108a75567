// Reports that are of several runs, or of none: a headline and sections, in the formats that sections can be drawn in.

import type { VerdictStatus } from '../model/verdict.ts';
import { packageVersion } from '../model/version.ts';
import { drawHeading as drawHtmlHeading } from './html/draw-heading.ts';
import { drawSection as drawHtml } from './html/draw-section.ts';
import { drawPage } from './html/page-shell.ts';
import { drawHeading as drawMarkdownHeading } from './markdown/draw-heading.ts';
import { drawSection as drawMarkdown } from './markdown/draw-section.ts';
import { escapeMarkdown } from './markdown/markdown-text.ts';
import { drawHeading as drawTextHeading } from './text/draw-heading.ts';
import { drawSection as drawText } from './text/draw-section.ts';
import type { Palette } from './text/palette.ts';
import { inRoom } from './view/cells.ts';
import type { Heading } from './view/headline.ts';
import type { Section, Status } from './view/section.ts';

/** Its title is such as `shop / normal`; its answer a word or two. */
export interface Paper extends Omit<Heading, 'advice'> {
  /** Beside the name at the top of a page: `comparison of load tests`. */
  readonly kind: string;
  readonly sections: readonly Section[];
}

/** Lines of at most 100 columns, ending with a line feed. */
export function renderPaperText(paper: Paper, palette: Palette): string {
  const blocks = [
    drawTextHeading(paper, palette),
    ...inRoom('terminal', paper.sections).map((section) => drawText(section, palette)),
  ];
  const shown = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${shown.join('\n\n')}\n`;
}

/** As a comment under a pull request. */
export function renderPaperMarkdown(paper: Paper): string {
  const parts = [
    drawMarkdownHeading(paper),
    ...inRoom('document', paper.sections).map((section) => drawMarkdown(section)),
    `<sub>Plimsoll ${escapeMarkdown(packageVersion)}</sub>`,
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

const accents: Readonly<Record<Status, VerdictStatus>> = {
  good: 'pass',
  caution: 'warn',
  bad: 'fail',
  open: 'inconclusive',
  none: 'pass',
};

/** One file that works offline, as report.html does; without charts. */
export function renderPaperHtml({ kind, answer, status, title, reasons, sections }: Paper): string {
  const head = drawHtmlHeading({ answer, status, title: [title], reasons });
  const body = inRoom('page', sections)
    .map(drawHtml)
    .filter((html) => html !== '');
  return drawPage({
    title: `${answer}: ${title}`,
    kind,
    version: packageVersion,
    accent: accents[status],
    main: [head, ...body].join('\n'),
    footer: `Made by Plimsoll ${packageVersion} from run records alone.`,
  });
}
