// How throughput follows load, as the reports and `plimsoll analyze` show it: the levels, the curve through them, and what it says of
// loads that were asked for. report-view.ts and
// ../text/analysis.ts call it.

import type { Estimate, LoadEstimate, Scalability } from '../../analysis/scalability.ts';
import { loadText, rangeText, scalabilitySentences } from '../../analysis/scalability-findings.ts';
import { formatCount, formatFigure } from '../../text/format-figure.ts';
import {
  figure,
  figureColumn,
  notInTerminal,
  pageOnly,
  row,
  state,
  stateColumn,
  table,
  text,
  textColumn,
} from './cells.ts';
import { scalingCurve } from './scaling-curve.ts';
import type { Chart, Note, Section } from './section.ts';

const levelColumns = [
  stateColumn,
  figureColumn('Load'),
  figureColumn('Iterations/s'),
  figureColumn('Iteration'),
  textColumn('Level', { isQuiet: true }),
  { title: 'Left out', kind: 'detail' } as const,
];

const estimateColumns = [
  figureColumn('Load'),
  figureColumn('Iterations/s'),
  textColumn('Range'),
  figureColumn('Iteration'),
  textColumn('Range'),
  figureColumn('Straight line'),
  figureColumn('Instances'),
];

/** On terminals the summary of a run leaves the levels out. `instances`: how many made the capacity that was measured; absent when nobody asked. */
export function scalabilitySection(
  scalability: Scalability,
  instances?: number,
  place: 'report' | 'analysis' = 'analysis',
): Section {
  const { levels, unit, model, refusal, estimates } = scalability;
  const sentences = model === undefined ? [refusal ?? ''] : scalabilitySentences(scalability, model);
  const notes = sentences.map((sentence): Note => ({ text: sentence }));
  const rows = levels.map(({ load, throughput, iterationMs, title, leftOut }) =>
    row(
      leftOut === undefined ? state('good', 'counted') : state('open', 'left out'),
      figure(load, 'count', { text: loadText(load, unit) }),
      figure(throughput, 'per s'),
      figure(iterationMs, 'ms'),
      text(title),
      { kind: 'list', items: leftOut === undefined ? [] : [{ text: leftOut }] },
    ),
  );
  const capacity = model?.capacity.load;
  const needed = (load: number): number | null =>
    instances === undefined || capacity === undefined
      ? null
      : Math.ceil((load * instances) / capacity - 1e-9);
  return {
    id: 'scalability',
    title: 'Scalability',
    summary: formatCount(levels.length, 'level'),
    blocks: [
      ...chartOf(scalability),
      table('Levels of load', levelColumns, rows, place === 'report' ? notInTerminal : {}),
      { kind: 'notes', look: 'lines', notes },
      ...(estimates.length === 0
        ? []
        : [
            table(
              'Estimates',
              estimateColumns.filter(({ title }) => title !== 'Instances' || instances !== undefined),
              estimates.map((one) => estimateRow(one, scalability, instances, needed(one.load))),
            ),
            { kind: 'notes' as const, look: 'lines' as const, notes: estimateNotes(scalability, instances) },
          ]),
    ],
  };
}

function chartOf(scalability: Scalability): Chart[] {
  const curve = scalingCurve(scalability);
  if (curve === undefined) return [];
  const title = `Throughput (iterations finished per second) by load (${scalability.unit})`;
  return [
    { ...{ kind: 'chart', id: 'scaling', isSmall: false, summary: curve.summary }, title, ...pageOnly },
  ];
}

function estimateRow(
  { load, throughput, iterationMs, linearMs }: LoadEstimate,
  { unit }: Scalability,
  instances: number | undefined,
  needed: number | null,
) {
  return row(
    figure(load, 'count', { text: loadText(load, unit) }),
    figure(throughput?.value ?? null, 'per s'),
    text(rangeOf(throughput, (value) => formatFigure(value, 'per s'))),
    figure(iterationMs?.value ?? null, 'ms'),
    text(rangeOf(iterationMs, (value) => formatFigure(value, 'ms'))),
    figure(linearMs ?? null, 'ms'),
    ...(instances === undefined ? [] : [figure(needed, 'count')]),
  );
}

/** Without the value itself: `80/s to 120/s`. */
function rangeOf(estimate: Estimate | undefined, show: (value: number) => string): string {
  return estimate === undefined ? '' : rangeText(estimate, show).replace(/^.*?\((.*)\)$/, '$1');
}

function estimateNotes({ estimates, unit, model }: Scalability, instances: number | undefined): Note[] {
  const told = estimates.map(({ load, note }): Note => ({ text: `${loadText(load, unit)}: ${note}` }));
  const line =
    'Straight line: the mean time of an iteration if it grew in proportion to the users beyond (target / mean) × users of the largest level.';
  const scaled =
    instances === undefined || model === undefined
      ? []
      : [
          {
            text: `Instances: load ÷ (${loadText(model.capacity.load, unit)} ÷ ${instances}), rounded up, without a buffer. They add up only where they share nothing.`,
          },
        ];
  return [
    ...told,
    ...(estimates.some(({ linearMs }) => linearMs !== undefined) ? [{ text: line }] : []),
    ...scaled,
  ];
}
