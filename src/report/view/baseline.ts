// Baselines and their gates as sections. cli/baseline.ts puts them into a paper.

import type { Baseline } from '../../model/baseline.ts';
import { type GateResult, type GateStatus, gateText } from '../../regression/gates.ts';
import { comparedWords } from '../../regression/row-words.ts';
import { figureKey, unitOfStatistic } from '../../regression/run-figures.ts';
import { formatCount, formatFigure } from '../../text/format-figure.ts';
import { formatUtc } from '../format-values.ts';
import { code, figure, figureColumn, row, state, table, text, textColumn } from './cells.ts';
import type { Note, Section, StatusCell } from './section.ts';

const states: Readonly<Record<GateStatus, StatusCell>> = {
  held: state('good', 'held'),
  broken: state('bad', 'broken'),
  unproven: state('open', 'not proven'),
  unjudged: state('open', 'unjudged'),
};

/** Each gate with what became of it. */
export function gatesSection(results: readonly GateResult[]): Section {
  const held = results.filter(({ status }) => status === 'held').length;
  return {
    id: 'gates',
    title: 'Gates',
    summary: results.length === 0 ? 'none' : `${held} of ${results.length} held`,
    blocks: [
      {
        kind: 'notes',
        look: 'lines',
        notes: results.map(
          ({ gate, status, text: words }): Note => ({
            text: gate.level === 'warning' ? `${words} A warning only.` : words,
            status: states[status].status,
          }),
        ),
      },
    ],
  };
}

/** The accepted figures of one profile in one environment. */
export function baselineSection(baseline: Baseline, id: string): Section {
  const { conditions, runs, reason, acceptedAt, figures, gates, earlier } = baseline;
  const { profile, environment, target } = conditions;
  const lines = [
    `Accepted at ${formatUtc(acceptedAt)}: ${reason}`,
    `${formatCount(runs.length, 'run')} against ${target.baseUrl ?? 'no target'}: ${runs.join(', ')}`,
    ...gates.map((gate) => `Gate: ${gateText(gate, figures)}`),
    ...earlier.map((one) => `Before, at ${formatUtc(one.acceptedAt)}: ${one.reason}`),
  ];
  const columns = [
    textColumn('Figure', { width: 56 }),
    figureColumn('Value', { isFixed: true }),
    figureColumn('Runs', { isFixed: true }),
  ];
  const rows = figures.map((one) => {
    const values = one.runs.map((value) => (value.kind === 'level' ? value.value : value.count / value.of));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const unit = unitOfStatistic(one.statistic);
    const range = [Math.min(...values), Math.max(...values)].map((value) => formatFigure(value, unit));
    return row(
      one.tags === undefined ? code(figureKey(one)) : text(comparedWords(one)),
      figure(mean, unit),
      figure(null, unit, { text: range[0] === range[1] ? range[0]! : range.join(' to ') }),
    );
  });
  return {
    id,
    title: `${profile} in ${environment.name}`,
    blocks: [
      { kind: 'notes', look: 'lines', notes: lines.map((line) => ({ text: line })) },
      table(`Figures of ${profile} in ${environment.name}`, columns, rows),
    ],
  };
}
