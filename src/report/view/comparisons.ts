// Comparisons as the reports show them: rows taken from the record, and their cells as text.

import { differenceText } from '../../analysis/comparisons.ts';
import type { ComparisonStatus } from '../../model/comparison.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatFigure, oneLine } from '../format-values.ts';
import { type Cell, renderTable } from '../text/text-table.ts';

export interface ComparisonRow {
  readonly name: string;
  readonly status: ComparisonStatus;
  /** One text per title. */
  readonly cells: readonly string[];
}

export const comparisonTitles = ['Of', 'Against', 'Difference', 'Limit'] as const;

/** One row per comparison of the plan, in its order. */
export function comparisonRows({ plan, comparisons, metrics }: RunRecord): ComparisonRow[] {
  return (plan.comparisons ?? []).flatMap(({ name, metric, limit }) => {
    const result = comparisons?.[name];
    if (result === undefined) return [];
    const unit = metrics[metric]?.contains === 'time' ? 'ms' : 'count';
    const value = (one: number | null): string => (one === null ? 'no sample' : formatFigure(one, unit));
    const cells = [
      value(result.of),
      value(result.against),
      differenceText(result),
      limit?.expression ?? 'none',
    ];
    return [{ name, status: result.status, cells }];
  });
}

type Paint = (text: string) => string;

/** The terminal's table; no line for a run without comparisons. */
export function comparisonTable(
  record: RunRecord,
  palette: Readonly<Record<'bold' | 'dim' | 'green' | 'red' | 'magenta', Paint>>,
): string[] {
  const rows = comparisonRows(record);
  if (rows.length === 0) return [];
  const marks: Readonly<Record<ComparisonStatus, Cell>> = {
    pass: { text: '  ✓', paint: palette.green },
    fail: { text: '  ✗', paint: palette.red },
    inconclusive: { text: '  ?', paint: palette.magenta },
    told: { text: '   ', paint: palette.dim },
  };
  const titles = comparisonTitles.map((title) => ({ title: title.toLowerCase(), align: 'right' }) as const);
  const table = renderTable(
    [{ title: '', align: 'left' }, { title: 'comparison', align: 'left', maxWidth: 24 }, ...titles],
    rows.map(({ name, status, cells }) => [marks[status], oneLine(name), ...cells]),
    palette.dim,
  );
  return [palette.bold('Comparisons'), ...table];
}
