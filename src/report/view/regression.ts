// Comparisons of runs as sections: the figures of both sides, what kept them from being compared, and what to know.
// cli/compare.ts puts them into a paper.

import type { Tags } from '../../model/metric.ts';
import type { Regression, RegressionRow, RegressionStatus } from '../../model/regression.ts';
import { changeText, comparedWords, rangeText } from '../../regression/row-words.ts';
import { formatCount } from '../../text/format-figure.ts';
import { formatUtc } from '../format-values.ts';
import {
  figure,
  figureColumn,
  notInTerminal,
  state,
  stateColumn,
  table,
  terminalOnly,
  textColumn,
} from './cells.ts';
import type { Note, Row, Section, Status, StatusCell } from './section.ts';

const states: Readonly<Record<RegressionStatus, StatusCell>> = {
  better: state('good', 'better'),
  same: state('none', 'same'),
  worse: state('bad', 'worse'),
  unjudged: state('open', 'unjudged'),
};

/** How each answer looks at the top of a report. */
export const statusOfRegression: Readonly<Record<RegressionStatus, Status>> = {
  better: 'good',
  same: 'good',
  worse: 'bad',
  unjudged: 'open',
};

const columns = [
  stateColumn,
  // A page has the words in the column of states.
  textColumn('Answer', { rooms: ['document'] }),
  textColumn('Figure', { width: 42, ...terminalOnly }),
  textColumn('Figure', notInTerminal),
  figureColumn('Before', { isFixed: true }),
  figureColumn('After', { isFixed: true }),
  figureColumn('Change', { isFixed: true }),
  figureColumn('95 % interval', { isFixed: true }),
  textColumn('Why unjudged', notInTerminal),
];

/**
 * One section for each pair of sides; `id` tells the sections of a page apart. The reasons stand in it where the headline
 * is about several pairs.
 */
export function regressionSection(regression: Regression, id: string, hasReasons: boolean): Section {
  const { before, after, rows, notes, reasons, status } = regression;
  const sides = [before, after].flatMap((side): Note[] => {
    const runs = side.runs.length === 0 ? 'no run that can be used' : formatCount(side.runs.length, 'run');
    return [
      { term: side.name, text: `${runs}, the first at ${formatUtc(side.startedAt)}` },
      ...side.left.map(({ run, reason }) => ({ text: `Left out: ${run}, since ${reason}.` })),
    ];
  });
  const why = hasReasons ? reasons.map((text): Note => ({ text, status: statusOfRegression[status] })) : [];
  return {
    id,
    title: `${after.name} against ${before.name}`,
    summary: status,
    blocks: [
      { kind: 'notes', look: 'lines', notes: [...why, ...sides] },
      table(`Figures of ${after.name} against ${before.name}`, columns, rows.map(rowOf), {
        limits: { terminal: 40, document: 40 },
        rest: { noun: 'figure', place: 'the JSON report' },
      }),
      { kind: 'notes', look: 'lines', notes: notes.map((text) => ({ text })) },
    ],
  };
}

function rowOf(one: RegressionRow): Row {
  const { before, after, unit, change, status, reason, tags } = one;
  const word = states[status];
  const { tags: _, ...whole } = one;
  return {
    cells: [
      word,
      { kind: 'text', text: word.text, status: word.status },
      { kind: 'text', text: comparedWords(whole) },
      { kind: 'text', text: comparedWords(whole), ...(tags !== undefined && { remark: placeText(tags) }) },
      figure(before, unit),
      figure(after, unit),
      figure(change, 'ratio', {
        text: change === null ? 'not known' : changeText(change, one),
        ...(status === 'worse' && { status: 'bad' }),
      }),
      figure(null, 'ratio', { text: rangeText(one) ?? 'none' }),
      { kind: 'text', text: reason ?? '' },
    ],
    group: tags === undefined ? 'the whole run' : placeText(tags),
  };
}

/** `GET /api/price (visitor › buy)`, or the task alone. */
function placeText({ user = '', task = '', scenario: _, ...own }: Tags): string {
  const { method, name, ...more } = own;
  const operation = [method, name, ...Object.values(more)].filter((text) => text !== undefined).join(' ');
  return operation === '' ? `${user} › ${task}` : `${operation} (${user} › ${task})`;
}
