// Means and spread of repeated runs as a section. cli/spread-book.ts prints it.

import { comparedWords } from '../../regression/row-words.ts';
import { type SpreadRow, wideVariation } from '../../regression/spread.ts';
import { formatCount, formatPercent } from '../../text/format-figure.ts';
import { figure, figureColumn, row, state, stateColumn, table, text, textColumn } from './cells.ts';
import type { Note, Section } from './section.ts';

/** `left` are sentences about runs that do not count. */
export function spreadSection(profile: string, rows: readonly SpreadRow[], left: readonly string[]): Section {
  const columns = [
    stateColumn,
    textColumn('Figure', { width: 42 }),
    ...['Mean', 'Least', 'Greatest', 'Deviation', 'Variation'].map((title) => figureColumn(title)),
  ];
  const body = rows.map(({ figure: of, unit, mean, least, greatest, deviation, variation, isWide }) =>
    row(
      state(isWide ? 'caution' : 'none', isWide ? 'varies much' : ''),
      text(comparedWords(of)),
      figure(mean, unit),
      figure(least, unit),
      figure(greatest, unit),
      figure(deviation, unit),
      figure(variation ?? null, 'ratio', variation === undefined ? {} : { text: formatPercent(variation) }),
    ),
  );
  const wide = rows.filter(({ isWide }) => isWide).map(({ figure: of }) => comparedWords(of));
  const advice: Note[] =
    wide.length === 0
      ? []
      : [
          {
            status: 'caution',
            text: `Equal runs differ much (more than ${formatPercent(wideVariation)}): ${wide.join(', ')}. Warm the target up before the load, keep other load off its machines and the generator's, run at the same time of day, and take the mean of more runs.`,
          },
        ];
  const [first] = rows;
  return {
    id: 'spread',
    title: `Runs of ${profile} together`,
    summary: first === undefined ? 'nothing to compare' : formatCount(first.count, 'run'),
    blocks: [
      table(`Runs of ${profile} together`, columns, body),
      { kind: 'notes', look: 'lines', notes: [...advice, ...left.map((one): Note => ({ text: one }))] },
    ],
  };
}
