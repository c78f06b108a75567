// Objectives as the reports show them: the score with its band and what it takes to be ready, then each objective with the
// figure that decides it. Called by report-view.ts.

import { bandWords, isOwn, scoreRangeText } from '../../analysis/compliance.ts';
import { remedyOf } from '../../analysis/objective-findings.ts';
import type {
  ClassRange,
  Compliance,
  ObjectiveClass,
  ObjectiveFigure,
  ObjectiveResult,
  ReadinessStatus,
} from '../../model/objective.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { type FigureUnit, formatCount, formatFigure } from '../format-values.ts';
import {
  code,
  figure,
  figureColumn,
  name,
  notInTerminal,
  pageOnly,
  row,
  state,
  stateColumn,
  table,
  text,
  textColumn,
} from './cells.ts';
import type { Block, Note, Row, Section, Status, StatusCell, Table } from './section.ts';

const states: Readonly<Record<ObjectiveResult['status'], StatusCell>> = {
  pass: state('good', 'met'),
  warning: state('caution', 'warning'),
  fail: state('bad', 'not met'),
  unjudged: state('open', 'TBD'),
};
const inOtherProfiles = state('none', 'other profile');

export const readinessWords: Readonly<
  Record<ReadinessStatus, { readonly status: Status; readonly text: string }>
> = {
  ready: { status: 'good', text: 'ready for production' },
  conditional: { status: 'caution', text: 'ready once its warnings are accepted' },
  'not-ready': { status: 'bad', text: 'not ready for production' },
  open: { status: 'open', text: 'not shown to be ready' },
};

const classTitles: Readonly<Record<ObjectiveClass, string>> = {
  excellent: 'Excellent',
  good: 'Good',
  acceptable: 'Acceptable',
  'needs-work': 'Needs work',
};

/** Without blocks for a run without objectives. */
export function objectivesSection({ compliance }: RunRecord): Section {
  return compliance === undefined
    ? { id: 'objectives', title: 'Objectives', blocks: [] }
    : complianceSection(compliance);
}

/**
 * The section of one run, or of several that are judged together. `isReadinessTold`: what it takes to be ready stands above
 * the section already.
 */
export function complianceSection(compliance: Compliance, { isReadinessTold = false } = {}): Section {
  const { objectives } = compliance;
  const own = objectives.filter(isOwn);
  const count = (status: ObjectiveResult['status']): number =>
    own.filter((one) => one.status === status).length;
  const warned = count('warning') === 0 ? '' : `, ${formatCount(count('warning'))} met with a warning`;
  const section = { id: 'objectives', title: 'Objectives' };
  if (own.length === 0) {
    const summary = `none judged in this profile, ${formatCount(objectives.length)} in others`;
    return { ...section, summary, blocks: [{ ...tableOf(objectives), ...notInTerminal }] };
  }
  return {
    ...section,
    summary: `${count('pass')} of ${own.length} met${warned}, compliance ${scoreRangeText(compliance.score)}, ${readinessWords[compliance.readiness.status].text}`,
    blocks: [
      ...factsOf(compliance),
      tableOf(objectives),
      ...(isReadinessTold ? [] : readinessNotes(compliance)),
      ...consequences(objectives),
      ...allFigures(objectives),
    ],
  };
}

function tableOf(objectives: readonly ObjectiveResult[]): Table {
  return table('Objectives', columns, objectives.map(rowOf), {
    limits: { terminal: 40, document: 100, page: 1000 },
  });
}

function factsOf(compliance: Compliance): Block[] {
  const { score, band, dimensions, readiness } = compliance;
  const open = score.low === score.high ? '' : ', depending on what is still open';
  return [
    {
      kind: 'facts',
      facts: [
        { label: 'Compliance', value: scoreRangeText(score), note: `${bandText(band)}${open}` },
        ...(compliance.class === undefined
          ? []
          : [
              {
                label: 'Class',
                value: classText(compliance.class),
                note: `by the worst dimension: ${compliance.class.dimensions.join(', ')}`,
              },
            ]),
        {
          label: 'Readiness',
          value: readinessWords[readiness.status].text,
          status: readinessWords[readiness.status].status,
          ...notInTerminal,
        },
        ...dimensions
          .filter((one) => one.class !== undefined)
          .map((one) => ({
            label: `Class of ${one.dimension}`,
            value: classText(one.class!),
            ...notInTerminal,
          })),
      ],
    },
  ];
}

/** `good: minor optimisations needed`, or from the band of the low score to that of the high one. */
export function bandText({ low, high }: Compliance['band']): string {
  const { title, meaning } = bandWords[low];
  return low === high ? `${title}: ${meaning}` : `${title} to ${bandWords[high].title}`;
}

/** `Good`, `Good to Excellent`, or `TBD` where it may be any. */
export function classText({ worst, best }: ClassRange): string {
  if (worst === best) return classTitles[worst];
  const isAny = worst === 'needs-work' && best === 'excellent';
  return isAny ? 'TBD' : `${classTitles[worst]} to ${classTitles[best]}`;
}

const columns = [
  stateColumn,
  textColumn('Objective', { width: 34 }),
  textColumn('Dimension', notInTerminal),
  textColumn('Series', { rooms: ['document'] }),
  textColumn('Limit', { width: 18 }),
  figureColumn('Actual', { isFixed: true }),
  figureColumn('Headroom', { isFixed: true }),
  textColumn('Class'),
  textColumn('Decided by', { width: 16 }),
  figureColumn('Weight', notInTerminal),
];

const stateRank: Readonly<Record<ObjectiveFigure['state'], number>> = {
  broken: 0,
  open: 1,
  missed: 2,
  close: 3,
  held: 4,
};

/** The figure that decides an objective: the worst, and of several alike the one with the least headroom. */
export function decidingFigure({ figures }: ObjectiveResult): ObjectiveFigure | undefined {
  return [...figures].sort(
    (a, b) =>
      stateRank[a.state] - stateRank[b.state] ||
      (a.marginRatio ?? Number.MAX_VALUE) - (b.marginRatio ?? Number.MAX_VALUE),
  )[0];
}

function rowOf(one: ObjectiveResult): Row {
  const { profiles, title, dimension, weight } = one;
  const deciding = decidingFigure(one);
  const where = isOwn(one) ? (one.decidedBy ?? '') : profiles.join(', ');
  return row(
    isOwn(one) ? states[one.status] : inOtherProfiles,
    text(title),
    text(dimension),
    code(deciding?.series ?? ''),
    code(deciding?.expression ?? ''),
    actualCell(deciding),
    marginCell(deciding),
    text(one.class === undefined ? '' : classText(one.class)),
    name(where),
    figure(weight, 'count'),
  );
}

function actualCell(one: ObjectiveFigure | undefined) {
  return one?.actual === undefined || one.actual === null
    ? figure(null, 'count', { text: 'TBD' })
    : figure(one.actual, one.unit as FigureUnit);
}

/** `20 ms (20 %)`, and below 0 how far it is beyond: `-30 ms (-60 %)`. */
function marginCell(one: ObjectiveFigure | undefined) {
  if (one?.margin === undefined || one.margin === null) return figure(null, 'count', { text: '' });
  return figure(one.margin, one.unit as FigureUnit, { text: marginText(one) });
}

/** Of a figure whose margin is known. */
export function marginText({ margin, marginRatio, unit }: ObjectiveFigure): string {
  const signed = (value: number, of: FigureUnit): string =>
    `${value < 0 ? '-' : ''}${formatFigure(Math.abs(value), of)}`;
  const distance = signed(margin ?? 0, unit as FigureUnit);
  return marginRatio === null ? distance : `${distance} (${signed(marginRatio, 'ratio')})`;
}

function readinessNotes({ readiness }: Compliance): Block[] {
  const { status } = readinessWords[readiness.status];
  const notes = readiness.reasons.map((reason): Note => ({ text: reason, status }));
  return [{ kind: 'notes', look: 'lines', notes }];
}

/** Why objectives are not met or not judged, what it means, and what to do; of those that are open what is at stake. */
function consequences(objectives: readonly ObjectiveResult[]): Block[] {
  const rows = objectives
    .filter((one) => isOwn(one) && one.status !== 'pass')
    .map((one) =>
      row(
        states[one.status],
        text(one.title),
        text(one.reason),
        text(one.impact ?? ''),
        text(one.status === 'unjudged' ? '' : remedyOf(one)),
      ),
    );
  const titles = [
    stateColumn,
    ...['Objective', 'Why', 'What it means', 'What to do'].map((title) => textColumn(title)),
  ];
  return rows.length === 0
    ? []
    : [
        table('What follows from objectives that are not simply met', titles, rows, {
          ...notInTerminal,
          limits: { document: 100, page: 1000 },
        }),
      ];
}

function allFigures(objectives: readonly ObjectiveResult[]): Block[] {
  const words: Readonly<Record<ObjectiveFigure['state'], StatusCell>> = {
    held: state('good', 'held'),
    close: state('caution', 'close'),
    missed: state('caution', 'missed'),
    broken: state('bad', 'broken'),
    open: state('open', 'TBD'),
  };
  const rows = objectives.flatMap((one) =>
    one.figures.map((of) =>
      row(
        words[of.state],
        text(one.title),
        code(of.series),
        code(of.expression),
        text(of.level),
        actualCell(of),
        marginCell(of),
      ),
    ),
  );
  if (objectives.every(({ figures }) => figures.length < 2)) return [];
  const titles = [
    stateColumn,
    ...['Objective', 'Series', 'Limit', 'Level'].map((title) => textColumn(title)),
    ...['Actual', 'Headroom'].map((title) => figureColumn(title, { isFixed: true })),
  ];
  const folded = `All limits of objectives (${formatCount(rows.length)})`;
  return [table('Limits of objectives', titles, rows, { folded, limits: { page: 2000 }, ...pageOnly })];
}
