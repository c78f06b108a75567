// Thresholds as the reports show them.

import { tallyText } from '../../analysis/window-words.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { formatLimit } from '../format-values.ts';
import {
  code,
  emptyNotes,
  figure,
  figureColumn,
  row,
  state,
  stateColumn,
  table,
  text,
  textColumn,
} from './cells.ts';
import type { Section, StatusCell } from './section.ts';
import { actualText, cutNote, operatorOf, type ThresholdRow, thresholdRows } from './threshold-rows.ts';

const states: Readonly<Record<ThresholdRow['state'], StatusCell>> = {
  pass: state('good', 'held'),
  close: state('caution', 'close'),
  warn: state('caution', 'missed'),
  open: state('open', 'undecided'),
  fail: state('bad', 'broken'),
};

/** Where there are none, terminals and pages say so; a capacity search has its own in its steps. */
export function thresholdsSection(record: RunRecord): Section {
  const rows = thresholdRows(record);
  const section = { id: 'thresholds', title: 'Thresholds' };
  if (rows.length === 0) {
    return {
      ...section,
      ...(record.plan.search === undefined && { summary: 'none set' }),
      summaryRooms: ['terminal'],
      blocks: [emptyNotes('No thresholds were set, so nothing could be broken.')],
    };
  }
  // Bounds and what makes them need room.
  const seriesWidth = rows.some(({ cut }) => cut !== undefined) ? 28 : 46;
  const columns = [
    stateColumn,
    textColumn('Series', { width: seriesWidth }),
    textColumn('Threshold', { width: 16 }),
    figureColumn('Actual'),
    figureColumn('Limit'),
    textColumn('Remark', { width: 24, isQuiet: true }),
  ];
  const held = rows.filter(({ ok }) => ok).length;
  return {
    ...section,
    summary: `${held} of ${rows.length} held`,
    blocks: [table('Thresholds', columns, rows.map(rowOf))],
  };
}

function rowOf(one: ThresholdRow) {
  const isMeasured = one.actual !== null || one.bounds !== undefined;
  return row(
    states[one.state],
    code(one.series),
    code(one.expression),
    figure(
      one.actual ?? one.bounds?.least ?? (isMeasured ? 0 : null),
      one.unit,
      isMeasured ? { text: actualText(one, 'no sample') } : {},
    ),
    figure(one.limit, one.unit, {
      text: `${operatorOf(one.expression)} ${formatLimit(one.limit, one.unit)}`,
    }),
    text(remarkOn(one)),
  );
}

/** What is worth adding to a threshold's line, in a word or two. */
export function remarkOn(one: ThresholdRow): string {
  const level = one.hasBothLevels && one.state !== 'warn' ? [one.level] : [];
  return [...level, ...marksOf(one), ...remarksOf(one)].join(', ');
}

/** What tells it from one that is written alike: `abortOnFail, after 10s`. */
function marksOf({ id }: ThresholdRow): string[] {
  const marks = /\[([^[\]]+)\](?: #\d+)?$/.exec(id)?.[1];
  return marks === undefined ? [] : [marks];
}

function countOf({ held, broken, open }: NonNullable<ThresholdRow['windows']>): number {
  return held + broken + open;
}

function remarksOf(one: ThresholdRow): string[] {
  if (one.windows !== undefined && countOf(one.windows) > 1)
    return [tallyText(one.windows), ...(one.aborted ? ['ended the run'] : [])];
  if (one.cut !== undefined) return [cutNote(one), ...(one.aborted ? ['ended the run'] : [])];
  if (one.actual === null) return ['no sample'];
  if (one.aborted) return ['ended the run'];
  if (one.state === 'warn') return ['target missed'];
  if (one.state !== 'close') return [];
  return [one.hasBothLevels ? 'close' : 'close to its limit'];
}
