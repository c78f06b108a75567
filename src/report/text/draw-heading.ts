// The top of a report on the terminal. Called by terminal.ts and ../paper.ts.

import { oneLine } from '../format-values.ts';
import type { Heading } from '../view/headline.ts';
import { marks, pageWidth, paintOf } from './draw-table.ts';
import type { Palette } from './palette.ts';
import { wrapText } from './text-table.ts';

/** Answer and title in one line, then the reasons and the advice, wrapped at the width of the page. */
export function drawHeading(
  { answer, status, title, reasons, advice = [] }: Heading,
  palette: Palette,
): string[] {
  const listed = (texts: readonly string[], mark: string): string[] =>
    texts.flatMap((text) =>
      wrapText(oneLine(text), pageWidth - 4).map((line, k) => `  ${k === 0 ? mark : ' '} ${line}`),
    );
  const marked = paintOf(status, palette)(`${marks[status]} ${answer}`);
  const rest = oneLine(title, pageWidth - answer.length - 4);
  return [`${palette.bold(marked)}  ${palette.bold(rest)}`, ...listed(reasons, '-'), ...listed(advice, '→')];
}
