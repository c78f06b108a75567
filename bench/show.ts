// Findings as text for a terminal: the table, each floor beside what was measured, the notes.

import { renderTable, wrapText } from '../src/report/text/text-table.ts';
import { type Bench, type Findings, left, right } from './bench.ts';
import { type Floor, outcomeOf } from './floors.ts';

const textWidth = 110;
const plain = (title: string): string => title;

export function renderFindings({ name, shows }: Bench, findings: Findings): string {
  const { setup, columns, rows, floors, notes } = findings;
  return [
    `${name}: ${shows}`,
    ...wrapText(setup, textWidth),
    '',
    ...indented(renderTable(columns, rows, plain)),
    '',
    ...indented(renderFloors(floors)),
    '',
    ...notes.flatMap(renderNote),
    '',
  ].join('\n');
}

/** One line per floor: what is wanted, what was measured, whether it holds. */
export function renderFloors(floors: readonly Floor[]): string[] {
  return renderTable(
    [left('floor'), right('wanted'), right('measured'), left('')],
    floors.map((floor) => [
      floor.figure,
      `${floor.bound} ${withUnit(floor.limit, floor.unit)}`,
      floor.measured === undefined ? '-' : withUnit(floor.measured, floor.unit),
      outcomeOf(floor),
    ]),
    plain,
  );
}

function withUnit(value: number, unit: string): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return unit === '' ? `${value.toFixed(2)} x` : `${value.toFixed(digits)} ${unit}`;
}

function renderNote(note: string): string[] {
  return wrapText(note, textWidth - 2).map((line, k) => `${k === 0 ? '- ' : '  '}${line}`);
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
