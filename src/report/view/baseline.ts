// Baselines and their gates as sections. cli/baseline.ts puts them into a paper, and report-view.ts into the reports of runs.

import type { Baseline, StatedBaseline } from '../../model/baseline.ts';
import type { BaselineOutcome, GateStatus } from '../../model/gate.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { gateText } from '../../regression/gates.ts';
import { comparedWords } from '../../regression/row-words.ts';
import { figureKey, unitOfStatistic } from '../../regression/run-figures.ts';
import { formatCount, formatFigure } from '../../text/format-figure.ts';
import { formatUtc } from '../format-values.ts';
import { code, figure, figureColumn, notInTerminal, row, state, table, text, textColumn } from './cells.ts';
import { regressionSection } from './regression.ts';
import type { Note, Section, StatusCell } from './section.ts';

/** A file with many names has a note for each. */
const shownNotes = 30;

const states: Readonly<Record<GateStatus, StatusCell>> = {
  held: state('good', 'held'),
  broken: state('bad', 'broken'),
  unproven: state('open', 'not proven'),
  unjudged: state('open', 'unjudged'),
};

/** Each gate with what became of it, and what should be known. */
export function gatesSection({ gates: results, obstacles, notes, accepted }: BaselineOutcome): Section {
  const held = results.filter(({ status }) => status === 'held').length;
  return {
    id: 'gates',
    title: 'Gates',
    summary:
      obstacles.length > 0
        ? 'not judged'
        : results.length === 0
          ? 'none'
          : `${held} of ${results.length} held`,
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
      {
        kind: 'notes',
        look: 'lines',
        notes: [
          ...(accepted === undefined
            ? []
            : [`The baseline was accepted at ${formatUtc(accepted.acceptedAt)}: ${accepted.reason}`]),
          ...notes.slice(0, shownNotes),
          ...(notes.length > shownNotes ? [`... and ${notes.length - shownNotes} more in the JSON.`] : []),
        ].map((text): Note => ({ text })),
      },
    ],
  };
}

/** What a run record says of its baseline: the gates, then figure by figure; without blocks where it was held to none. */
export function baselineSections({ baseline }: RunRecord): Section[] {
  if (baseline === undefined) return [{ id: 'gates', title: 'Baseline', blocks: [] }];
  const { comparison, obstacles } = baseline;
  const gates = gatesSection(baseline);
  const why = obstacles.map((text): Note => ({ text, status: 'open' }));
  return [
    { ...gates, title: 'Baseline', blocks: [{ kind: 'notes', look: 'lines', notes: why }, ...gates.blocks] },
    // A terminal has the gates; the figures are in all other reports.
    ...(comparison === undefined
      ? []
      : [{ ...regressionSection(comparison, 'regression', false), ...notInTerminal }]),
  ];
}

/** The figures of a file of another tool, and how it was read. */
export function statedSection({ entries, notes }: StatedBaseline): Section {
  const percentiles = [...new Set(entries.flatMap(({ times }) => times.map((one) => one.percentile)))];
  const columns = [
    textColumn('Endpoint', { width: 40 }),
    ...percentiles.sort((a, b) => a - b).map((one) => figureColumn(`p${one}`)),
    figureColumn('Throughput'),
    figureColumn('Failed'),
  ];
  const rows = entries.map(({ name = 'the whole run', times, perSec, failed }) =>
    row(
      text(name),
      ...percentiles.map((one) =>
        figure(times.find(({ percentile }) => percentile === one)?.ms ?? null, 'ms'),
      ),
      figure(perSec ?? null, 'per s'),
      figure(failed ?? null, 'ratio'),
    ),
  );
  return {
    id: 'stated',
    title: 'Figures',
    blocks: [
      table('Figures of the file', columns, rows),
      { kind: 'notes', look: 'lines', notes: notes.map((one): Note => ({ text: one })) },
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
