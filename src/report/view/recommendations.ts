// What a run recommends, as the reports show it: a row for each where there is little room, else a card with its trigger, what
// would change, and how to verify it. Called by report-view.ts and ../text/analysis.ts.

import type { MonthlyCost, Recommendation } from '../../model/recommendation.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatCount, formatEvidence } from '../format-values.ts';
import { row, table, terminalOnly, text, textColumn } from './cells.ts';
import type { Block, Note, NoteItem, Section } from './section.ts';

const statuses = { high: 'bad', medium: 'caution', low: 'none' } as const;
const mostInTerminal = 6;

const columns = [
  textColumn('Priority'),
  textColumn('Component', { width: 22 }),
  textColumn('Now', { width: 24 }),
  textColumn('Recommended', { width: 40 }),
];

/** Without blocks for a run that recommends nothing. */
export function recommendationsSection({ recommendations = [] }: RunRecord): Section {
  const section = { id: 'recommendations', title: 'Recommendations' };
  if (recommendations.length === 0) return { ...section, blocks: [] };
  const rows = recommendations.map(({ priority, component, current, recommended }) =>
    row(text(priority, { status: statuses[priority] }), text(component), text(current), text(recommended)),
  );
  return {
    ...section,
    summary: formatCount(recommendations.length),
    blocks: [
      table('Recommendations', columns, rows, { ...terminalOnly, limits: { terminal: mostInTerminal } }),
      { kind: 'notes', look: 'cards', notes: recommendations.map(noteOf), rooms: ['document', 'page'] },
    ],
  };
}

/** The same with all there is to say of each, for `plimsoll analyze`. */
export function recommendationCards(record: RunRecord): Section {
  const { blocks, ...section } = recommendationsSection(record);
  const cards = blocks.flatMap((block): Block[] => {
    if (block.kind !== 'notes') return [];
    const { rooms: _rooms, ...shown } = block;
    return [shown];
  });
  return { ...section, blocks: cards };
}

function noteOf(one: Recommendation): Note {
  const { component, current, recommended, priority, effort, trigger, evidence, bottleneck } = one;
  return {
    title: `${component}: ${current} → ${recommended}`,
    tags: [`${priority} priority`, `${effort} effort`],
    status: statuses[priority],
    text: trigger,
    evidence: evidence.map(({ name, value, unit, limit }) => ({
      name,
      value: formatEvidence(value, unit),
      ...(limit !== undefined && { limit: formatEvidence(limit, unit) }),
    })),
    items: [
      ...(bottleneck === undefined ? [] : [item('Bottleneck', bottleneck)]),
      item('If followed', one.change),
      ...(one.improvement === undefined ? [] : [improvementItem(one.improvement)]),
      ...(one.cost === undefined ? [] : [item('Costs', `${costText(one.cost)} (an estimate)`)]),
      item('To verify', one.verify),
      ...(one.options === undefined ? [] : [item('Also', one.options.join(' '))]),
      item('Rule', `${one.id}, from ${one.source}`),
    ],
  };
}

function improvementItem({ text: gain, source }: NonNullable<Recommendation['improvement']>): NoteItem {
  return item('Expected', `${gain} (an estimate of ${source}, not measured)`);
}

function item(title: string, said: string): NoteItem {
  return { title, text: said, values: [] };
}

/** `50 to 100 EUR a month`. */
export function costText({ currency, low, high }: MonthlyCost): string {
  const range = low === high ? formatCount(low) : `${formatCount(low)} to ${formatCount(high)}`;
  return `${range} ${currency} a month`;
}
