// How much the target carries, what should be the most, and what growth will need, as the reports show it. Called by
// report-view.ts and ../text/analysis.ts.

import type { CapacityAssessment } from '../../analysis/capacity-plan/capacity-plan.ts';
import type { GrowthRow } from '../../analysis/capacity-plan/growth.ts';
import type { CapacityRow } from '../../analysis/capacity-plan/resource-limits.ts';
import type { Estimate } from '../../analysis/scalability.ts';
import { formatCount, formatFigure } from '../format-values.ts';
import {
  figure,
  figureColumn,
  notInTerminal,
  row,
  state,
  stateColumn,
  table,
  text,
  textColumn,
} from './cells.ts';
import { costText } from './recommendations.ts';
import type { Block, Note, Section, StatusCell } from './section.ts';

const limitColumns = [
  stateColumn,
  textColumn('Figure', { width: 28 }),
  figureColumn('Current', { isFixed: true }),
  textColumn('Range'),
  figureColumn('Recommended', { isFixed: true }),
  figureColumn('Buffer'),
];
const seenColumn = figureColumn('In this run', { isFixed: true });

/** Without blocks where nothing was assessed. */
export function capacitySection(assessment: CapacityAssessment | undefined): Section {
  const section = { id: 'capacity-plan', title: 'Capacity' };
  if (assessment === undefined) return { ...section, blocks: [] };
  const { carried, rows, growth } = assessment;
  const isSeen = rows.some(({ seen }) => seen !== undefined);
  const columns = isSeen ? [...limitColumns, seenColumn] : limitColumns;
  const users =
    rows.find(({ subject }) => subject === 'users') ?? rows.find(({ subject }) => subject === 'rate');
  const known =
    'refusal' in carried
      ? `The load that the target carries is not known. ${carried.refusal}`
      : carried.sentence;
  return {
    ...section,
    ...(users !== undefined && { summary: summaryOf(users, carried) }),
    blocks: [
      ...(rows.length === 0
        ? []
        : [
            table(
              'Recommended maxima',
              columns,
              rows.map((one) => limitRow(one, isSeen)),
            ),
          ]),
      lines([known]),
      ...(rows.length === 0 ? [] : [{ ...lines([recommendedNote]), ...notInTerminal }]),
      ...(growth === undefined ? [] : growthBlocks(growth)),
    ],
  };
}

/** Where no limit was reached, what is recommended follows from what was tried, and not from what the target carries. */
function summaryOf(row: CapacityRow, carried: CapacityAssessment['carried']): string {
  const { current, range, recommended, buffer } = row;
  if (range === undefined || Number.isFinite(range.high))
    return `at most ${shown(row, recommended)} recommended`;
  const at = shown(row, current);
  const reached =
    'basis' in carried && carried.basis !== 'curve' ? `the limits held at ${at}` : `carried: ${at}`;
  const leave = row.subject === 'users' && recommended !== 1 ? 'leave' : 'leaves';
  return `${reached}, and ${shown(row, recommended)} ${leave} the buffer of ${formatFigure(buffer, 'ratio')}`;
}

const recommendedNote =
  'Recommended: current × (1 − buffer). Current is the load that was carried, or the limit of a resource; of CPU the run’s figure is the average, else the most.';

function lines(sentences: readonly string[]): Block {
  return { kind: 'notes', look: 'lines', notes: sentences.map((sentence): Note => ({ text: sentence })) };
}

/** `350 users`, `300/s`. */
function shown({ subject, unit }: CapacityRow, value: number): string {
  // The mean of a level may be 92.5 users.
  if (subject === 'users') return formatFigure(value < 1 ? value : Math.round(value), 'users');
  if (subject === 'rate') return formatFigure(value, 'per s');
  return formatFigure(value, unit);
}

function limitRow(one: CapacityRow, isSeen: boolean) {
  const { current, recommended, buffer, seen, title, range } = one;
  const value = (amount: number) => figure(amount, 'count', { text: shown(one, amount) });
  return row(
    stateOf(one),
    text(title),
    value(current),
    text(range === undefined ? '' : rangeText(range, (amount) => shown(one, amount))),
    value(recommended),
    figure(buffer, 'ratio'),
    ...(isSeen ? [seen === undefined ? figure(null, 'count') : value(seen)] : []),
  );
}

function stateOf({ subject, seen, recommended }: CapacityRow): StatusCell {
  // That a run drove as many users as were carried is how the figure was found.
  if (subject === 'users' || subject === 'rate' || seen === undefined) return state('none', 'limit');
  return seen > recommended ? state('caution', 'above') : state('good', 'within');
}

function rangeText({ low, high }: Estimate, show: (value: number) => string): string {
  if (!Number.isFinite(high)) return `${show(low)} or more`;
  return high === low ? '' : `${show(low)} to below ${show(high)}`;
}

function growthBlocks({ rows, notes }: NonNullable<CapacityAssessment['growth']>): Block[] {
  if (rows.length === 0) return [lines(notes)];
  const has = (key: 'instances' | 'database' | 'cost'): boolean => rows.some((one) => one[key] !== undefined);
  const columns = [
    textColumn('When', { width: 10 }),
    textColumn('Date', { width: 10 }),
    figureColumn('Users'),
    ...(has('instances')
      ? [figureColumn('Instances'), textColumn('Range', notInTerminal), figureColumn('With buffer')]
      : []),
    ...(has('database') ? [figureColumn('DB vCPU'), figureColumn('DB memory')] : []),
    ...(has('cost') ? [textColumn('Cost a month')] : []),
  ];
  return [
    table(
      'Growth',
      columns,
      rows.map((one) => growthRow(one, has)),
    ),
    lines(notes),
  ];
}

function growthRow(
  { title, date, users, instances, withBuffer, database, cost }: GrowthRow,
  has: (key: 'instances' | 'database' | 'cost') => boolean,
) {
  return row(
    text(title),
    text(date),
    figure(users, 'count'),
    ...(has('instances')
      ? [
          figure(instances?.value ?? null, 'count'),
          text(instances === undefined ? '' : instanceRange(instances)),
          figure(withBuffer ?? null, 'count'),
        ]
      : []),
    ...(has('database')
      ? [figure(database?.vcpus ?? null, 'count'), figure(database?.memoryBytes ?? null, 'bytes')]
      : []),
    ...(has('cost') ? [text(cost === undefined ? '' : costText(cost).replace(/ a month$/, ''))] : []),
  );
}

/** `6`, `5 to 6`; where nothing shows how much more an instance carries, `at most 6`. */
function instanceRange({ low, high }: Estimate): string {
  if (low === high) return formatCount(high);
  return low <= 1 ? `at most ${formatCount(high)}` : `${formatCount(low)} to ${formatCount(high)}`;
}
