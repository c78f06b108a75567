// The operations of each protocol as the reports show them, such as SQL statements: rows taken from the record, one for
// each operation of a task, and their section. What the protocol says of its table decides about the rest.

import { type RateValues, seriesKey, type Tags, type TrendValues } from '../../model/metric.ts';
import type { RunRecord } from '../../model/run-record.ts';
import type { OperationFacts, OperationTableFacts } from '../../protocols/facts.ts';
import { metricFacts, protocols } from '../../protocols/registry.ts';
import {
  code,
  failedCell,
  figure,
  figureColumn,
  name,
  notInTerminal,
  pageOnly,
  table,
  terminalOnly,
  text,
  textColumn,
  timeCell,
} from './cells.ts';
import { counterOf, rateOf, taskLabel, trendOf } from './record-figures.ts';
import type { Cell, Section, Table } from './section.ts';

/** One operation, as one task of a user sent it. */
export interface OperationRow {
  readonly operation: string;
  readonly user: string;
  readonly task: string;
  readonly count: number;
  readonly failed: RateValues;
  /** What the protocol counts beside: a number, or a share from 0 to 1; `null` where nothing was counted. */
  readonly more: number | null;
  /** In ms. */
  readonly duration: TrendValues;
}

/** The operations of a protocol that has a table of them. */
type Operations = OperationFacts & { readonly table: OperationTableFacts };

const width = 40;
/** Room for a name within its column and behind the indent of a group. */
const nameRoom = width - 4;
/** A task cut to less says nothing. */
const leastTaskWidth = 8;

/** One row per operation, task and user, the most frequent first; none for a run that had no such operation. */
export function operationRows(record: RunRecord, operations: Operations): OperationRow[] {
  const { count, duration, table } = operations;
  const tagNames = [table.by, 'task', 'user'].sort().join();
  const found = new Map<string, Tags>();
  for (const { metric, tags } of Object.values(record.metrics)) {
    if (metric !== count && metric !== duration) continue;
    if (tags === undefined || Object.keys(tags).sort().join() !== tagNames) continue;
    found.set(seriesKey(count, tags), tags);
  }
  return [...found]
    .map(([key, tags]) => ({ key, row: makeRow(record, operations, tags) }))
    .sort((a, b) => b.row.count - a.row.count || (a.key < b.key ? -1 : 1))
    .map(({ row }) => row);
}

function makeRow(record: RunRecord, operations: Operations, tags: Tags): OperationRow {
  const duration = trendOf(record, operations.duration, tags);
  const count = counterOf(record, operations.count, tags).count;
  const { by, more } = operations.table;
  return {
    operation: tags[by] ?? '',
    user: tags.user ?? '',
    task: tags.task ?? '',
    // What several operations are sent in has a time of its own, and is no operation.
    count: count === 0 ? duration.count : count,
    failed: rateOf(record, operations.failed, tags),
    more: more === undefined ? null : amountOf(record, more.metric, tags),
    duration,
  };
}

function amountOf(record: RunRecord, metric: string, tags: Tags): number | null {
  return metricFacts(metric)?.type === 'rate'
    ? shareOf(rateOf(record, metric, tags))
    : counterOf(record, metric, tags).count;
}

function shareOf({ rate, passes, fails }: RateValues): number | null {
  return passes + fails === 0 ? null : rate;
}

/** A section for each protocol with a table of its operations; without blocks where a run had none. */
export function operationSections(record: RunRecord): Section[] {
  return protocols.flatMap(({ operation }) =>
    operation?.table === undefined
      ? []
      : [operationSection(record, { ...operation, table: operation.table })],
  );
}

function operationSection(record: RunRecord, operations: Operations): Section {
  const { id, title, heading, more } = operations.table;
  const rows = operationRows(record, operations);
  if (rows.length === 0) return { id, title, blocks: [] };
  const titles = ['Calls', 'Failed', ...(more === undefined ? [] : [more.title]), 'p50', 'p95', 'p99', 'Max'];
  const columns: Table['columns'] = [
    textColumn(heading, { width, ...terminalOnly }),
    textColumn('Task', { rooms: ['document'] }),
    textColumn(heading, notInTerminal),
    textColumn('Task', pageOnly),
    ...titles.map((one) => figureColumn(one)),
  ];
  const body = rows.map((one) => ({
    cells: [
      text(nameIn(one.task, one.operation)),
      name(taskLabel(one, rows)),
      code(one.operation),
      text(taskLabel(one, rows)),
      ...figuresOf(one, operations.table),
    ],
    ...groupOf(one.user, rows),
  }));
  return { id, title, blocks: [table(title, columns, body, { limits: { terminal: 30, document: 10 } })] };
}

function figuresOf(row: OperationRow, { more }: OperationTableFacts): Cell[] {
  const isShare = more !== undefined && metricFacts(more.metric)?.type === 'rate';
  return [
    figure(row.count, 'count'),
    failedCell(shareOf(row.failed), row.failed.passes),
    ...(more === undefined ? [] : [figure(row.more, isShare ? 'ratio' : 'count')]),
    ...(['med', 'p(95)', 'p(99)', 'max'] as const).map((key) => timeCell(row.duration, key)),
  ];
}

/** Where there are several users, each is a group; the suite's own `setup` is no user's. */
function groupOf(user: string, rows: readonly { readonly user: string }[]): { group?: string } {
  const users = new Set(rows.map((one) => one.user));
  users.delete('suite');
  return users.size > 1 ? { group: user } : {};
}

/** `task: name`, the task cut short where both are too long; the name alone where it says it all, or takes the room. */
function nameIn(task: string, operation: string): string {
  const room = nameRoom - operation.length - 2;
  const letters = [...task];
  if (task === operation || room < Math.min(task.length, leastTaskWidth)) return operation;
  return `${letters.length <= room ? task : `${letters.slice(0, room - 1).join('')}…`}: ${operation}`;
}
