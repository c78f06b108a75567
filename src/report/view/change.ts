// How memory and response times changed within the run, as the reports show it: a section.

import { type Change, findChanges } from '../../analysis/change-over-run.ts';
import { formatObserved } from '../../analysis/observed-series.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatDuration } from '../../time/duration.ts';
import { formatFigure } from '../format-values.ts';
import { figure, figureColumn, row, table, text, textColumn } from './cells.ts';
import type { FigureCell, Section } from './section.ts';

/** Without blocks where no steady load lasts a minute. */
export function changeSection(record: RunRecord): Section {
  const changes = record.generator.saturated ? [] : findChanges(record);
  const titles = ['First fifth', 'Last fifth', 'Change', 'Per test', 'Per hour', 'Per 24 h'];
  const columns = [
    textColumn('Figure', { width: 36 }),
    ...titles.map((title) => figureColumn(title, { isFixed: true })),
  ];
  const rows = changes.map((one) =>
    row(
      text(one.title),
      valueCell(one.first, one),
      valueCell(one.last, one),
      figure(
        one.ratio,
        'ratio',
        one.ratio === null ? {} : { text: signed(formatFigure(one.ratio, 'ratio')) },
      ),
      gainCell(one.last - one.first, one),
      gainCell(one.perHour, one),
      gainCell(one.perDay, one),
    ),
  );
  const [first] = changes;
  const when =
    first === undefined
      ? ''
      : `Medians of the first and the last fifth of the steady load from ${formatDuration(first.part.fromMs)} to ${formatDuration(first.part.untilMs)}.`;
  const later = changes.some(({ perHour }) => perHour === null)
    ? ' Rates per hour need ten minutes of it.'
    : ' Rates are robust slopes; whether growth is proven is among the findings.';
  return {
    id: 'change',
    title: 'Change during the run',
    blocks:
      changes.length === 0
        ? []
        : [
            table('Change during the run', columns, rows, { limits: { terminal: 20, document: 10 } }),
            { kind: 'notes', look: 'lines', notes: [{ text: `${when}${later}` }] },
          ],
  };
}

function valueCell(value: number, { unit }: Change): FigureCell {
  return figure(value, unit === 'bytes' ? 'bytes' : 'ms');
}

function gainCell(value: number | null, { unit }: Change): FigureCell {
  const cellUnit = unit === 'bytes' ? 'bytes' : 'ms';
  return figure(value, cellUnit, value === null ? {} : { text: signed(formatObserved(value, unit)) });
}

function signed(shown: string): string {
  return /^[-−]/.test(shown) ? shown : `+${shown}`;
}
