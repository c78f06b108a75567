// What experiments found out about a load, as sections. cli/explain.ts puts them into a paper.

import { percentText } from '../../analysis/explanation.ts';
import type { Effect, EffectStatus, Explanation } from '../../model/explanation.ts';
import { formatCount, formatFigure } from '../../text/format-figure.ts';
import { figure, figureColumn, state, stateColumn, table, textColumn } from './cells.ts';
import type { Note, Row, Section, Status, StatusCell } from './section.ts';

const states: Readonly<Record<EffectStatus, StatusCell>> = {
  restores: state('good', 'faster'),
  slows: state('bad', 'slower'),
  none: state('none', 'the same'),
  open: state('open', 'unclear'),
};

/** How each answer looks at the top of a report. */
export const statusOfExplanation: Readonly<Record<Explanation['status'], Status>> = {
  explained: 'caution',
  nothing: 'good',
  open: 'open',
};

const columns = [
  stateColumn,
  textColumn('Others are', { rooms: ['document'] }),
  textColumn('Experiment', { width: 38 }),
  figureColumn('p95 before', {}),
  figureColumn('p95 then', {}),
  figureColumn('Change of p95', { isFixed: true }),
  figureColumn('Change of the median', { isFixed: true, rooms: ['document', 'page'] }),
  figureColumn('Failed before', { rooms: ['document', 'page'] }),
  figureColumn('Failed then', { rooms: ['document', 'page'] }),
  figureColumn('Of the slowdown', { rooms: ['document', 'page'] }),
];

export function explanationSections({ hurt, effects, unusable, confidence, runs }: Explanation): Section[] {
  const all = [...effects, ...(hurt === null ? [] : [hurt])];
  const rounds = Math.max(0, ...all.map((effect) => effect.rounds));
  const how: Note[] = [
    {
      text: `${formatCount(runs.length, 'run')} in ${formatCount(rounds, 'round')} that count. Of each round the operations that an experiment leaves in are compared with the same operations under the load as it is.`,
    },
    {
      text: `The intervals of all experiments hold together with ${formatFigure(confidence, 'ratio')} confidence.`,
    },
    ...unusable.map(
      ({ experiment, round, reason }): Note => ({
        text: `Left out: ${experiment} in round ${round + 1}, since ${reason}.`,
      }),
    ),
  ];
  return [
    {
      id: 'experiments',
      title: 'Experiments',
      blocks: [
        table('What each experiment did to the operations that it leaves in', columns, all.map(rowOf)),
        { kind: 'notes', look: 'lines', notes: how },
      ],
    },
  ];
}

function rowOf({ experiment, status, p95, median, p95Ms, failed, restored }: Effect): Row {
  const word = states[status];
  return {
    cells: [
      word,
      { kind: 'text', text: word.text, status: word.status },
      { kind: 'text', text: experiment, look: 'name' },
      figure(p95Ms.base, 'ms'),
      figure(p95Ms.changed, 'ms'),
      figure(p95 === null ? null : p95.ratio - 1, 'ratio', {
        text: p95 === null ? 'not known' : percentText(p95),
      }),
      figure(median === null ? null : median.ratio - 1, 'ratio', {
        text: median === null ? 'not known' : percentText(median),
      }),
      figure(failed.base, 'ratio'),
      figure(failed.changed, 'ratio'),
      figure(restored ?? null, 'ratio'),
    ],
  };
}
