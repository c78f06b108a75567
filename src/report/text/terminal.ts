// The summary at the end of a run: on the terminal in colour, in summary.txt without. At most 100 columns.

import type { RunRecord } from '../../model/run-record.ts';
import { oneLine } from '../format-values.ts';
import { inRoom } from '../view/cells.ts';
import { type Headline, headlineOf } from '../view/headline.ts';
import { inSummaryOrder, viewOf } from '../view/report-view.ts';
import { drawHeading } from './draw-heading.ts';
import { drawSection } from './draw-section.ts';
import { marks, paintOf } from './draw-table.ts';
import { makePalette, type Paint, type Palette, plainPalette } from './palette.ts';

export { makePalette, type Palette, plainPalette };

export interface TerminalOptions {
  readonly palette: Palette;
  /** Folder to name as the place of the artifacts; nothing is said when absent. */
  readonly artifactsDir?: string;
}

/** Verdict and reasons first, then the sections that a terminal has room for. */
export function renderTerminal(record: RunRecord, { palette, artifactsDir }: TerminalOptions): string {
  const { headline, sections } = viewOf(record);
  const shown = inRoom('terminal', inSummaryOrder(sections));
  const blocks = [
    drawHeadline(headline, palette),
    ...shown.map((section) => drawSection(section, palette)),
    artifactsDir === undefined ? [] : [`${palette.bold('Artifacts')}  ${artifactsDir}`],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** The mark and colour of the verdict. */
export function verdictMark(record: RunRecord, palette: Palette): { mark: string; paint: Paint } {
  const { status } = headlineOf(record);
  return { mark: marks[status], paint: paintOf(status, palette) };
}

/** The verdict, the suite and its target, the reasons, and what to do first. */
export function drawHeadline(headline: Headline, palette: Palette): string[] {
  const { verdict, status, suite, profile, target, reasons, advice } = headline;
  const against = target === null ? '' : ` against ${oneLine(target)}`;
  const title = `${suite} / ${profile}${against}`;
  return drawHeading({ answer: verdict, status, title, reasons, advice }, palette);
}
