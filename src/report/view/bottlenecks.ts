// What limits a run as the reports show it, most likely first: a table where there is little room, else each with what it
// rests on and what to do about it.

import type { RunRecord } from '../../model/run-record.ts';
import type { Finding } from '../../model/verdict.ts';
import { formatEvidence } from '../format-values.ts';
import { notInTerminal, row, state, table, terminalOnly, text, textColumn } from './cells.ts';
import { noteOf } from './findings.ts';
import type { Notes, Section } from './section.ts';

const statuses = { critical: 'bad', warning: 'caution', info: 'none' } as const;

const columns = [
  { title: 'State', kind: 'state' } as const,
  textColumn('What', { width: 44 }),
  textColumn('Shown by', { width: 46, isQuiet: true }),
];

/** In the order of their ranks; one that only says what to watch comes last. */
export function bottlenecksOf({ findings }: Pick<RunRecord, 'findings'>): Finding[] {
  return findings
    .filter(({ kind }) => kind === 'bottleneck')
    .sort((a, b) => (a.rank ?? Number.MAX_SAFE_INTEGER) - (b.rank ?? Number.MAX_SAFE_INTEGER));
}

/** Without blocks where there is nothing to tell. A terminal has those that explain what went badly, and what to watch. */
export function bottlenecksSection(record: RunRecord): Section {
  const section = { id: 'bottlenecks', title: 'Bottlenecks' };
  const found = bottlenecksOf(record);
  if (found.length === 0) return { ...section, blocks: [] };
  const told = found.filter(({ severity, rank }) => severity !== 'info' || rank === undefined);
  const rows = told.map((one) =>
    row(state(statuses[one.severity], one.severity), text(one.title), text(shownBy(one))),
  );
  return {
    ...section,
    blocks: [
      ...(rows.length === 0 ? [] : [table('Bottlenecks', columns, rows, terminalOnly)]),
      { ...cards(found), ...notInTerminal },
    ],
  };
}

/** All of them with what they rest on, for `plimsoll analyze`. */
export function bottleneckCards(record: RunRecord): Section {
  const found = bottlenecksOf(record);
  const summary = found.length === 0 ? 'none' : String(found.length);
  const blocks = found.length === 0 ? [] : [cards(found)];
  return { id: 'bottlenecks', title: 'Bottlenecks', summary, blocks };
}

function cards(found: readonly Finding[]): Notes {
  return { kind: 'notes', look: 'cards', notes: found.map(noteOf) };
}

function shownBy({ evidence }: Finding): string {
  const [first] = evidence;
  if (first === undefined) return '';
  const limit = first.limit === undefined ? '' : ` (limit ${formatEvidence(first.limit, first.unit)})`;
  return `${first.name}: ${formatEvidence(first.value, first.unit)}${limit}`;
}
