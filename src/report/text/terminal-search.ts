// The steps of a capacity search in the terminal, each with what was asked of it. Used by terminal.ts.

import type { RunRecord } from '../../model/run-record.ts';
import { formatCount, formatMs, formatPercent, oneLine } from '../format-values.ts';
import { type StepRow, searchSummary, stepRows } from '../view/search.ts';
import type { Palette } from './palette.ts';
import { left, renderTable, right, wrapText } from './text-table.ts';

const pageWidth = 100;

/** Empty for a run that is no search. */
export function renderSearchSteps(record: RunRecord, palette: Palette): string[] {
  if (record.plan.search === undefined) return [];
  const rows = stepRows(record);
  const table = renderTable(
    [
      left('', 3),
      right('load'),
      ...['failed', 'dropped', 'p50', 'p95', 'p99'].map((title) => right(title)),
      left(''),
    ],
    rows.map(({ state, loadText, note, failedRatio, droppedIterations, duration }) => [
      stepMark(state, palette),
      loadText,
      formatPercent(failedRatio),
      formatCount(droppedIterations),
      ...[duration.med, duration['p(95)'], duration['p(99)']].map((ms) => formatMs(ms)),
      { text: note, paint: palette.dim },
    ]),
    palette.dim,
  );
  const [titles = '', ...lines] = table;
  const detailed = lines.flatMap((line, k) => [line, ...objectiveLines(rows[k]!, palette)]);
  return [`${palette.bold('Capacity search')}  ${searchSummary(record)}`, titles, ...detailed];
}

function stepMark(state: StepRow['state'], palette: Palette) {
  if (state === 'held') return { text: '  ✓', paint: palette.green };
  return state === 'broke' ? { text: '  ✗', paint: palette.yellow } : { text: '  ?', paint: palette.magenta };
}

/** What the search asked of a step, with the step's figures. */
function objectiveLines({ objectives, remarks }: StepRow, palette: Palette): string[] {
  const marks = { held: '✓', broke: '✗', unknown: '?' };
  const texts = objectives.map(({ state, text }) => `${marks[state]} ${oneLine(text)}`);
  return [...remarks.map((one) => oneLine(one)), texts.join('; ')]
    .filter((text) => text !== '')
    .flatMap((text) => wrapText(text, pageWidth - 6))
    .map((line) => palette.dim(`      ${line}`));
}
