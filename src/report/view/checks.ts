// The checks of a run as the reports show them: those that failed first, and on pages all of them.

import { seriesKey } from '../../model/metric.ts';
import type { CheckResult, RunRecord } from '../../model/run-record.ts';
import { formatCount } from '../format-values.ts';
import {
  emptyNotes,
  figure,
  figureColumn,
  name,
  notOnPage,
  pageOnly,
  state,
  stateColumn,
  table,
  textColumn,
} from './cells.ts';
import { placeOf } from './record-figures.ts';
import type { Row, Section } from './section.ts';

/** Checks of all scenarios together, since reports show them by user and task; ascending as in the record. */
export function checkRows(record: RunRecord): CheckResult[] {
  const rows = new Map<string, CheckResult>();
  for (const { name, tags, passes, fails } of record.checks) {
    const { scenario: _, ...place } = tags;
    const key = seriesKey(name, place);
    const row = rows.get(key) ?? { name, tags: place, passes: 0, fails: 0 };
    rows.set(key, { ...row, passes: row.passes + passes, fails: row.fails + fails });
  }
  return [...rows.values()];
}

/** Checks with at least one failure, the most failures first. */
function failingChecks(record: RunRecord): CheckResult[] {
  return checkRows(record)
    .filter(({ fails }) => fails > 0)
    .sort((a, b) => b.fails - a.fails);
}

const columns = [
  stateColumn,
  textColumn('Check', { width: 40 }),
  textColumn('Where', { width: 34, isQuiet: true }),
  figureColumn('Failed', notOnPage),
  figureColumn('Failed', pageOnly),
  figureColumn('Made', pageOnly),
  figureColumn('Passed', pageOnly),
];

export function checksSection(record: RunRecord): Section {
  const all = checkRows(record);
  const section = { id: 'checks', title: 'Checks' };
  if (all.length === 0) return { ...section, blocks: [emptyNotes('The suite makes no checks.')] };
  const failing = failingChecks(record);
  const passed = all.filter(({ fails }) => fails === 0);
  const rows = [...failing.map(rowOf), ...passed.map((one) => ({ ...rowOf(one), ...pageOnly }))];
  return {
    ...section,
    summary:
      failing.length === 0
        ? `all ${all.length} passed`
        : `${failing.length} of ${all.length} failed at least once`,
    blocks: [table('Checks', columns, rows, { limits: { terminal: 10, document: 10 } })],
  };
}

function rowOf({ name: check, tags, passes, fails }: CheckResult): Row {
  const total = passes + fails;
  return {
    cells: [
      fails > 0 ? state('bad', 'failed') : state('good', 'passed'),
      name(check),
      name(placeOf(tags)),
      figure(fails, 'count', { text: `${formatCount(fails)} of ${formatCount(total)}` }),
      figure(fails, 'count'),
      figure(total, 'count'),
      figure(total === 0 ? 0 : passes / total, 'ratio'),
    ],
  };
}
