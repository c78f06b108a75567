// Comparisons as the reports show them: their section, with figures taken from the record.

import { differenceText } from '../../analysis/comparisons.ts';
import type { ComparisonStatus } from '../../model/comparison.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { code, figure, figureColumn, row, state, stateColumn, table, textColumn } from './cells.ts';
import type { Section, StatusCell } from './section.ts';

const states: Readonly<Record<ComparisonStatus, StatusCell>> = {
  pass: state('good', 'within'),
  fail: state('bad', 'beyond'),
  inconclusive: state('open', 'inconclusive'),
  unjudged: state('none', 'no limit'),
};

const columns = [
  stateColumn,
  textColumn('Comparison', { width: 24 }),
  ...['Of', 'Against', 'Difference', 'Limit'].map((title) => figureColumn(title, { isFixed: true })),
];

/** One row per comparison of the plan, in its order; without blocks for a run without comparisons. */
export function comparisonsSection({ plan, comparisons, metrics }: RunRecord): Section {
  const rows = (plan.comparisons ?? []).flatMap(({ name, metric, limit }) => {
    const result = comparisons?.[name];
    if (result === undefined) return [];
    const unit = metrics[metric]?.contains === 'time' ? 'ms' : 'count';
    const value = (one: number | null) => figure(one, unit, one === null ? { text: 'no sample' } : {});
    const limitText = limit?.expression ?? 'none';
    return [
      row(
        states[result.status],
        code(name),
        value(result.of),
        value(result.against),
        figure(null, 'ratio', { text: differenceText(result) }),
        figure(null, 'ratio', { text: limitText }),
      ),
    ];
  });
  const blocks = rows.length === 0 ? [] : [table('Comparisons', columns, rows)];
  return { id: 'comparisons', title: 'Comparisons', blocks };
}
