// How throughput follows load, as the reports and `plimsoll analyze` show it: the levels, the curve through them, and what it says of
// loads that were asked for. report-view.ts and
// ../text/analysis.ts call it.

import type { CapacityAssessment } from '../../analysis/capacity-plan/capacity-plan.ts';
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

/** How many instances carried a load; `load` in the unit of the levels, absent where nobody knows. */
export interface CarriedByInstances {
  readonly instances: number;
  readonly load: number | undefined;
}

/** Of what was assessed of the same runs; `instances` as the user or the suite states them, absent when nobody asked. */
export function carriedByInstances(
  instances: number | undefined,
  assessment: CapacityAssessment | undefined,
): CarriedByInstances | undefined {
  if (instances === undefined) return undefined;
  const carried = assessment?.carried;
  if (carried === undefined || 'refusal' in carried) return { instances, load: undefined };
  return { instances, load: carried.users?.value ?? carried.inFlight };
}

/** On terminals the summary of a run leaves the levels out. `carried`: absent when nobody asked for instances. */
export function scalabilitySection(
  scalability: Scalability,
  carried?: CarriedByInstances,
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
  const needed = (load: number): number | null =>
    carried?.load === undefined ? null : Math.ceil((load * carried.instances) / carried.load - 1e-9);
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
              estimateColumns.filter(({ title }) => title !== 'Instances' || carried?.load !== undefined),
              estimates.map((one) =>
                estimateRow(one, scalability, needed(one.load), carried?.load !== undefined),
              ),
            ),
            { kind: 'notes' as const, look: 'lines' as const, notes: estimateNotes(scalability, carried) },
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
  needed: number | null,
  hasInstances: boolean,
) {
  return row(
    figure(load, 'count', { text: loadText(load, unit) }),
    figure(throughput?.value ?? null, 'per s'),
    text(rangeOf(throughput, (value) => formatFigure(value, 'per s'))),
    figure(iterationMs?.value ?? null, 'ms'),
    text(rangeOf(iterationMs, (value) => formatFigure(value, 'ms'))),
    figure(linearMs ?? null, 'ms'),
    ...(hasInstances ? [figure(needed, 'count')] : []),
  );
}

/** Without the value itself: `80/s to 120/s`. */
function rangeOf(estimate: Estimate | undefined, show: (value: number) => string): string {
  return estimate === undefined ? '' : rangeText(estimate, show).replace(/^.*?\((.*)\)$/, '$1');
}

function estimateNotes({ estimates, unit }: Scalability, carried: CarriedByInstances | undefined): Note[] {
  const told = estimates.map(({ load, note }): Note => ({ text: `${loadText(load, unit)}: ${note}` }));
  const line =
    'Straight line: the mean time of an iteration if it grew in proportion to the users beyond (target / mean) × users of the largest level.';
  const scaled =
    carried === undefined
      ? []
      : [
          {
            text:
              carried.load === undefined
                ? 'Instances cannot be told, as the load that the target carries is not known: see the capacity.'
                : `Instances: load ÷ (${loadText(carried.load, unit)} ÷ ${carried.instances}), rounded up, without a buffer. They add up only where they share nothing.`,
          },
        ];
  return [
    ...told,
    ...(estimates.some(({ linearMs }) => linearMs !== undefined) ? [{ text: line }] : []),
    ...scaled,
  ];
}
