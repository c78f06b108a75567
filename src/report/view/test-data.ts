// Test data as the reports show them: what became of the rows of each feeder.

import type { FeederPlan, FeederRecord } from '../../model/feeder.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatCount } from '../format-values.ts';
import { figure, figureColumn, row, table, text, textColumn } from './cells.ts';
import type { Section } from './section.ts';

/** Without blocks for a run without test data. */
export function testDataSection({ data = [], plan }: RunRecord): Section {
  const columns = [
    textColumn('Data'),
    textColumn('Policy', { width: 25 }),
    ...['Rows', 'Given', 'Left', 'Began again', 'Ended after', 'Users ended'].map((title) =>
      figureColumn(title),
    ),
  ];
  const rows = data.map((record) => {
    const planned = plan.data?.find(({ name }) => name === record.name);
    return row(
      text(record.name),
      text(planned === undefined ? '' : `${planned.policy}, per ${planned.per}`),
      record.rows === null ? text('endless') : figure(record.rows, 'count'),
      figure(record.given, 'count'),
      leftCell(record, planned),
      figure(record.wraps, 'count'),
      record.endedAtMs === null ? text('') : figure(record.endedAtMs, 'duration'),
      figure(record.usersEnded, 'count'),
    );
  });
  return {
    id: 'data',
    title: 'Test data',
    ...(data.length > 0 && { summary: formatCount(data.length) }),
    summaryRooms: ['terminal'],
    blocks:
      data.length === 0
        ? []
        : [table('Test data', columns, rows, { limits: { terminal: 20, document: 20 } })],
  };
}

/** Only of unique rows is there a number that is left. */
function leftCell({ rows, given, lost }: FeederRecord, plan: FeederPlan | undefined) {
  if (plan?.policy !== 'unique' || rows === null) return text('');
  const left = Math.max(0, rows - given - lost);
  return figure(
    left,
    'count',
    lost === 0 ? {} : { text: `${formatCount(left)} (${formatCount(lost)} lost with a worker)` },
  );
}
