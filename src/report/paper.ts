// Reports that are of several runs, or of none: a headline and sections, in the formats that sections can be drawn in.

import type { VerdictStatus } from '../model/verdict.ts';
import { packageVersion } from '../model/version.ts';
import { oneLine } from './format-values.ts';
import { drawSection as drawHtml } from './html/draw-section.ts';
import { states } from './html/draw-table.ts';
import { escapeHtml } from './html/escape.ts';
import { drawPage } from './html/page-shell.ts';
import { drawSection as drawMarkdown, marks as markdownMarks } from './markdown/draw-section.ts';
import { escapeMarkdown } from './markdown/markdown-text.ts';
import { drawSection as drawText } from './text/draw-section.ts';
import { marks, pageWidth, paintOf } from './text/draw-table.ts';
import type { Palette } from './text/palette.ts';
import { wrapText } from './text/text-table.ts';
import { inRoom } from './view/cells.ts';
import type { Section, Status } from './view/section.ts';

export interface Paper {
  /** Beside the name at the top of a page: `comparison of load tests`. */
  readonly kind: string;
  /** The answer in a word or two, in capitals: `WORSE`. */
  readonly answer: string;
  readonly status: Status;
  /** What it is about: `shop / normal`. */
  readonly title: string;
  /** One sentence each. */
  readonly reasons: readonly string[];
  readonly sections: readonly Section[];
}

/** Lines of at most 100 columns, ending with a line feed. */
export function renderPaperText(
  { answer, status, title, reasons, sections }: Paper,
  palette: Palette,
): string {
  const head = `${palette.bold(paintOf(status, palette)(`${marks[status]} ${answer}`))}  ${palette.bold(oneLine(title, pageWidth - answer.length - 4))}`;
  const listed = reasons.flatMap((reason) =>
    wrapText(oneLine(reason), pageWidth - 4).map((line, k) => `  ${k === 0 ? '-' : ' '} ${line}`),
  );
  const blocks = [
    [head, ...listed],
    ...inRoom('terminal', sections).map((section) => drawText(section, palette)),
  ];
  const shown = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${shown.join('\n\n')}\n`;
}

/** As a comment under a pull request. */
export function renderPaperMarkdown({ answer, status, title, reasons, sections }: Paper): string {
  const parts = [
    [
      `## ${markdownMarks[status]} ${answer}: ${escapeMarkdown(title)}`,
      '',
      ...reasons.map((one) => `- ${escapeMarkdown(one)}`),
    ].join('\n'),
    ...inRoom('document', sections).map((section) => drawMarkdown(section)),
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
  const list = reasons.map((reason) => `<li>${escapeHtml(reason)}</li>`).join('');
  const head = `<section class="verdict" aria-labelledby="verdict-title">
<p class="status"><span class="mark" aria-hidden="true">${states[status][1]}</span> <strong>${escapeHtml(answer)}</strong></p>
<h1 id="verdict-title">${escapeHtml(title)}</h1>
<ul class="reasons">${list}</ul>
</section>`;
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
