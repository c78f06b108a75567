// What a record means, for terminals and text files: the verdict, then every finding with its evidence and advice.

import type { RunRecord } from '../../model/run-record.ts';
import type { Finding } from '../../model/verdict.ts';
import { formatEvidence, oneLine } from '../format-values.ts';
import type { Palette } from './palette.ts';
import { headline } from './terminal.ts';
import { wrapText } from './text-table.ts';

const pageWidth = 100;
const marks = { critical: '✗', warning: '!', info: '·' } as const;
const shownEvidence = 6;

/** The text ends with a line feed. */
export function renderAnalysis(record: RunRecord, palette: Palette): string {
  const { findings } = record;
  const title = findings.length === 0 ? 'Findings  none: nothing stood out' : `Findings  ${findings.length}`;
  const [word, ...rest] = title.split('  ');
  const blocks = [
    headline(record, palette),
    [`${palette.bold(word!)}  ${rest.join('  ')}`],
    ...findings.map((finding) => findingLines(finding, palette)),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function findingLines({ severity, title, detail, evidence, advice }: Finding, palette: Palette): string[] {
  const paint = { critical: palette.red, warning: palette.yellow, info: palette.dim }[severity];
  const indented = (text: string, mark = '    '): string[] =>
    wrapText(oneLine(text), pageWidth - 4).map((line, k) => `${k === 0 ? mark : '    '}${line}`);
  return [
    `  ${paint(`${marks[severity]} ${severity}`)}  ${palette.bold(oneLine(title))}`,
    ...(detail === title ? [] : indented(detail)),
    ...evidence.slice(0, shownEvidence).map(({ name, value, unit, limit }) => {
      const bound = limit === undefined ? '' : palette.dim(`  limit ${formatEvidence(limit, unit)}`);
      return `      ${oneLine(name)}  ${formatEvidence(value, unit)}${bound}`;
    }),
    ...(advice === undefined ? [] : indented(advice, '  → ')),
  ];
}
