// The table of a protocol's operations, one row for each operation of a task: what SQL statements and Redis commands have
// in common. sql.ts and redis.ts call it.

import {
  code,
  figureColumn,
  name,
  notInTerminal,
  pageOnly,
  table,
  terminalOnly,
  text,
  textColumn,
} from './cells.ts';
import { taskLabel } from './record-figures.ts';
import type { Cell, Section, Table } from './section.ts';

interface OperationRow {
  readonly operation: string;
  readonly user: string;
  readonly task: string;
  /** One for each title. */
  readonly cells: readonly Cell[];
}

interface OperationTable {
  readonly id: string;
  readonly title: string;
  /** What one operation is called: `Statement`. */
  readonly noun: string;
  readonly titles: readonly string[];
  readonly rows: readonly OperationRow[];
}

const width = 40;
/** Room for a name within its column and behind the indent of a group. */
const nameRoom = width - 4;
/** A task cut to less says nothing. */
const leastTaskWidth = 8;

/** Without blocks for a run that had no such operation. */
export function operationSection({ id, title, noun, titles, rows }: OperationTable): Section {
  if (rows.length === 0) return { id, title, blocks: [] };
  const columns: Table['columns'] = [
    textColumn(noun, { width, ...terminalOnly }),
    textColumn('Task', { rooms: ['document'] }),
    textColumn(noun, notInTerminal),
    textColumn('Task', pageOnly),
    ...titles.map((one) => figureColumn(one)),
  ];
  const body = rows.map((one) => ({
    cells: [
      text(nameIn(one.task, one.operation)),
      name(taskLabel(one, rows)),
      code(one.operation),
      text(taskLabel(one, rows)),
      ...one.cells,
    ],
    ...groupOf(one.user, rows),
  }));
  return { id, title, blocks: [table(title, columns, body, { limits: { terminal: 30, document: 10 } })] };
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
