// Connections that virtual users hold open, such as WebSockets, as the reports show them: rows taken from the record, and
// their section. Which metrics count them is said by the facts of each protocol.

import { seriesKey, type Tags, type TrendValues } from '../../model/metric.ts';
import type { RunRecord } from '../../model/run-record.ts';
import type { HeldFacts } from '../../protocols/facts.ts';
import { protocols } from '../../protocols/registry.ts';
import {
  code,
  failedCell,
  figure,
  figureColumn,
  pageOnly,
  row,
  table,
  text,
  textColumn,
  timeCell,
} from './cells.ts';
import { counterOf, rateOf, taskLabel, taskRows, trendOf } from './record-figures.ts';
import type { Section } from './section.ts';

/** The connections of one name that one task of a user opened. */
export interface ConnectionRow {
  /** The protocol, as user code calls it: `ws`. */
  readonly protocol: string;
  readonly name: string;
  readonly user: string;
  readonly task: string;
  readonly sessions: number;
  readonly failedCount: number;
  readonly failedRatio: number;
  /** Messages; `null` where the protocol only receives. */
  readonly sent: number | null;
  /** Messages, or events. */
  readonly received: number;
  /** From connecting to the first message or event, in ms. */
  readonly first: TrendValues;
  /** From a message to its answer, in ms; `null` where the protocol has no answers. */
  readonly request: TrendValues | null;
  /** How long sessions lasted, in ms. */
  readonly length: TrendValues;
}

const tagNames = 'name,task,user';

/** One row per protocol, name, task and user; none for a run without such connections. */
export function connectionRows(record: RunRecord): ConnectionRow[] {
  const rows = protocols.flatMap(({ name, held }) =>
    held === undefined
      ? []
      : Object.values(record.metrics).flatMap(({ metric, tags }) =>
          metric === held.count && tags !== undefined && Object.keys(tags).sort().join() === tagNames
            ? [makeRow(record, name, held, tags)]
            : [],
        ),
  );
  const keyOf = (one: ConnectionRow): string => seriesKey(one.protocol, { name: one.name, task: one.task });
  return rows.sort((a, b) => b.sessions - a.sessions || (keyOf(a) < keyOf(b) ? -1 : 1));
}

function makeRow(record: RunRecord, protocol: string, held: HeldFacts, tags: Tags): ConnectionRow {
  const failed = rateOf(record, held.failed, tags);
  return {
    protocol,
    name: tags.name ?? '',
    user: tags.user ?? '',
    task: tags.task ?? '',
    sessions: counterOf(record, held.count, tags).count,
    failedCount: failed.passes,
    failedRatio: failed.rate,
    sent: held.sent === undefined ? null : counterOf(record, held.sent, tags).count,
    received: counterOf(record, held.received, tags).count,
    first: trendOf(record, held.first, tags),
    request: held.request === undefined ? null : trendOf(record, held.request, tags),
    length: trendOf(record, held.length, tags),
  };
}

const titles = ['Sessions', 'Failed', 'Sent', 'Received', 'First p95', 'Request p95', 'Length p50'];

/** Without blocks for a run without such connections. */
export function connectionsSection(record: RunRecord): Section {
  const rows = connectionRows(record);
  const tasks = taskRows(record);
  const body = rows.map((one) =>
    row(
      code(one.name, { prefix: one.protocol }),
      text(taskLabel(one, tasks)),
      figure(one.sessions, 'count'),
      failedCell(one.failedRatio, one.failedCount),
      figure(one.sent, 'count'),
      figure(one.received, 'count'),
      timeCell(one.first, 'p(95)'),
      one.request === null ? figure(null, 'ms') : timeCell(one.request, 'p(95)'),
      figure(one.length.count === 0 ? null : one.length.med, 'duration'),
    ),
  );
  const columns = [
    textColumn('Connection', { width: 28 }),
    textColumn('Task', pageOnly),
    ...titles.map((title) => figureColumn(title)),
  ];
  const blocks = rows.length === 0 ? [] : [table('Connections', columns, body, { limits: { terminal: 30 } })];
  return { id: 'connections', title: 'Connections', blocks };
}
