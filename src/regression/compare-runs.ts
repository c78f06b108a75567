// The door of this folder: earlier and later runs of the same load in, what changed out. Pure, over run records alone.

import type { Baseline } from '../model/baseline.ts';
import type { ComparedSide, Regression, RegressionRow, RegressionStatus } from '../model/regression.ts';
import type { RunRecord } from '../model/run-record.ts';
import { formatCount, formatPercent } from '../text/format-figure.ts';
import {
  type Difference,
  type DifferenceKind,
  differencesOf,
  notesOf,
  unusableReason,
} from './differences.ts';
import { judgeRows, type RegressionLimits } from './judge-rows.ts';
import { leftOf, leftText, mayHide } from './left-runs.ts';
import { rowSentence } from './row-words.ts';
import { figureKey, figuresOf, type RunFigure, type RunFigures } from './run-figures.ts';

/** Runs of one side, at least one. */
export interface RunSide {
  /** What reports call it. */
  readonly name: string;
  readonly records: readonly RunRecord[];
}

export interface CompareOptions extends RegressionLimits {
  /** Percentiles of times that are compared, 0..100. */
  readonly percentiles: readonly number[];
  /** What may differ between the sides all the same. */
  readonly allowed: readonly DifferenceKind[];
}

/** A change of 10 %, half a percentage point of failures, and 5 % between equal runs where they do not show it. */
export const usualComparison: CompareOptions = {
  minimumChange: 0.1,
  minimumShare: 0.005,
  runNoise: 0.05,
  percentiles: [50, 95],
  allowed: [],
};

/** Rows named in the reasons; the table has all. */
const namedRows = 3;

/**
 * Compares the runs of two sides, figure by figure. Whatever keeps a figure from being judged makes it `unjudged`, with the
 * reason. The whole is
 *
 * - `worse`, when any figure is;
 * - `unjudged`, when a figure of a whole metric is, or a figure of a part looks worse by the minimum and is not proven, or
 *   a later run is left out for a reason that may come of the target, or the sides may not be compared at all;
 * - `better`, when any figure is, else `same`.
 */
export function compareRuns(before: RunSide, after: RunSide, options: CompareOptions): Regression {
  const [one, two] = [usable(before), usable(after)];
  const [first, ...others] = [...one.records, ...two.records];
  const found = others.flatMap((record) => differencesOf(first!, record));
  const figures = figuresOf([first!, ...others], isOnePlan(found), options.percentiles);
  return answer({
    before: { side: sideOf(before, one), figures: figures.slice(0, one.records.length) },
    after: { side: sideOf(after, two), figures: figures.slice(one.records.length) },
    found,
    obstacles: [...obstaclesOf(one, before), ...obstaclesOf(two, after)],
    left: [...leftTexts(before, one), ...leftTexts(after, two)],
    mayHide: two.mayHide,
    notes: [
      ...others.flatMap((record) => notesOf(first!, record)),
      ...repetitionNotes(one.records.length, two.records.length, options),
      ...orderNotes(one.records, two.records),
    ],
    options,
  });
}

/** The same of later runs with the accepted figures of a baseline, whose percentiles are taken. */
export function compareWithBaseline(baseline: Baseline, after: RunSide, options: CompareOptions): Regression {
  const two = usable(after);
  const found = two.records.flatMap((record) => differencesOf(baseline.conditions, record));
  const { suite, profile } = baseline.conditions;
  const { startedAt, runs } = baseline;
  return answer({
    before: {
      side: { name: 'the baseline', suite, profile, startedAt, runs, left: [] },
      figures: acceptedFigures(baseline),
    },
    after: {
      side: sideOf(after, two),
      figures: figuresOf(two.records, isOnePlan(found), baseline.percentiles),
    },
    found,
    obstacles: obstaclesOf(two),
    left: leftTexts(after, two),
    mayHide: two.mayHide,
    notes: [
      ...two.records.flatMap((record) => notesOf(baseline.conditions, record)),
      ...repetitionNotes(runs.length, two.records.length, options),
    ],
    options,
  });
}

/** One map for each accepted run. */
function acceptedFigures({ runs, figures }: Baseline): RunFigures[] {
  return runs.map(
    (_, i) =>
      new Map(
        figures.flatMap(({ runs: values, ...figure }): [string, RunFigure][] => {
          const value = values[i];
          return value === undefined ? [] : [[figureKey(figure), { ...figure, ...value }]];
        }),
      ),
  );
}

/** Other plans have another course, which must not be taken off. */
function isOnePlan(found: readonly Difference[]): boolean {
  return !found.some(({ kind }) => kind === 'load' || kind === 'profile' || kind === 'suite');
}

interface MeasuredSide {
  readonly side: ComparedSide;
  readonly figures: readonly RunFigures[];
}

interface Question {
  readonly before: MeasuredSide;
  readonly after: MeasuredSide;
  readonly found: readonly Difference[];
  readonly obstacles: readonly string[];
  /** Which runs are left out of sides that have others. */
  readonly left: readonly string[];
  /** What is left out after may hide that something got worse. */
  readonly mayHide: boolean;
  readonly notes: readonly string[];
  readonly options: CompareOptions;
}

function answer({ before, after, found, obstacles, left, mayHide, notes, options }: Question): Regression {
  const isAllowed = ({ kind }: Difference): boolean => options.allowed.includes(kind);
  const differences = unique(found.filter((one) => !isAllowed(one)).map(({ text }) => text));
  const allowed = found.filter(isAllowed).map(({ text }) => text);
  const stops = [...obstacles, ...differences];
  const measured = judgeRows(before.figures, after.figures, options);
  const rows = stops.length === 0 ? measured : measured.map(unjudgedBy);
  const status = stops.length === 0 ? statusOf(rows, mayHide) : 'unjudged';
  return {
    status,
    reasons: reasonsOf(status, rows, { stops, left, mayHide }, options),
    before: before.side,
    after: after.side,
    differences,
    notes: unique([...allowed, ...notes]),
    rows,
  };
}

interface Usable {
  /** Those that can be used; all of them where none can. */
  readonly records: readonly RunRecord[];
  readonly left: ComparedSide['left'];
  readonly isNone: boolean;
  readonly mayHide: boolean;
}

function usable({ records }: RunSide): Usable {
  const sorted = [...records].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const left = leftOf(sorted);
  const kept = sorted.filter((record) => unusableReason(record) === undefined);
  return {
    records: kept.length === 0 ? sorted : kept,
    left,
    isNone: kept.length === 0,
    mayHide: sorted.some(mayHide),
  };
}

function sideOf({ name }: RunSide, { records, left, isNone }: Usable): ComparedSide {
  const { suite, profile, startedAt } = records[0]!;
  return { name, suite, profile, startedAt, left, runs: isNone ? [] : records.map(({ id }) => id) };
}

function obstaclesOf({ left, isNone }: Usable, side?: RunSide): string[] {
  if (!isNone) return [];
  const of = side === undefined ? '' : ` of ${side.name}`;
  return left.length === 1
    ? [`The run${of} cannot be used: ${left[0]!.reason}.`]
    : [`No run${of} can be used. ${leftText(left, left.length)!}`];
}

function leftTexts({ name, records }: RunSide, { left, isNone }: Usable): string[] {
  const text = isNone ? undefined : leftText(left, records.length, ` of ${name}`);
  return text === undefined ? [] : [text];
}

function unjudgedBy(row: RegressionRow): RegressionRow {
  return { ...row, status: 'unjudged', reason: 'the runs are not comparable' };
}

function statusOf(rows: readonly RegressionRow[], hides: boolean): RegressionStatus {
  const has = (status: RegressionStatus): boolean => rows.some((row) => row.status === status);
  if (has('worse')) return 'worse';
  if (rows.length === 0 || hides || rows.some(isInDoubt)) return 'unjudged';
  return has('better') ? 'better' : 'same';
}

/** An unjudged row that keeps the whole from being called the same. */
function isInDoubt(row: RegressionRow): boolean {
  const { status, tags, change, high, minimum, statistic, before, after, open = [] } = row;
  if (status !== 'unjudged') return false;
  // What is gone, or known by a bound alone, is no part with too few requests.
  if (tags === undefined || before === null || after === null || open.length > 0) return true;
  if (change === null) return false;
  // How often a rare endpoint was asked for varies by the draws alone; the whole has its throughput judged by itself.
  if (statistic === 'per second') return -change >= minimum && high !== null && high < 0;
  return change >= minimum;
}

function reasonsOf(
  status: RegressionStatus,
  rows: readonly RegressionRow[],
  { stops, left, mayHide }: { stops: readonly string[] } & Pick<Question, 'left' | 'mayHide'>,
  { minimumChange }: CompareOptions,
): string[] {
  if (stops.length > 0) return [...stops, ...left];
  if (rows.length === 0) return ['The runs have no figure in common.', ...left];
  const isHiding = mayHide && status !== 'worse';
  const named = (some: readonly RegressionRow[], noun: string): string[] => [
    ...some.slice(0, namedRows).map(rowSentence),
    ...(some.length > namedRows ? [`${some.length - namedRows} more ${noun}.`] : []),
  ];
  const of = (one: RegressionStatus): RegressionRow[] =>
    rows.filter((row) => row.status === one).sort((a, b) => sizeOf(b) - sizeOf(a));
  const doubtful = rows.filter(isInDoubt);
  const others = of('unjudged').filter((row) => !isInDoubt(row));
  return [
    ...named(of('worse'), 'figures are worse'),
    ...(isHiding ? left.map((text) => `${text} What they measured is not known.`) : []),
    ...(status === 'worse' ? [] : named(doubtful, 'figures cannot be judged')),
    ...named(of('better'), 'figures are better'),
    ...(status === 'same'
      ? [
          `No change of ${formatPercent(minimumChange)} or more: ${of('same').length} of ${rows.length} figures are the same.`,
        ]
      : []),
    ...(others.length > 0
      ? [`Not judged: ${formatCount(others.length, 'figure')} of single endpoints or tasks, see the table.`]
      : []),
    ...(isHiding ? [] : left),
  ];
}

/** How many times the least change that matters it changed. */
function sizeOf({ change, minimum }: RegressionRow): number {
  return Math.abs(change ?? 0) / minimum;
}

/** What the number of the runs leaves open. */
function repetitionNotes(before: number, after: number, { runNoise }: CompareOptions): string[] {
  if (before + after >= 4) return [];
  return [
    `There are too few runs to measure the spread between equal runs; ${formatPercent(runNoise)} is assumed. Three runs on each side (--repeat 3) measure it.`,
  ];
}

/** What the order of the runs leaves open. */
function orderNotes(before: readonly RunRecord[], after: readonly RunRecord[]): string[] {
  const isBefore = (one: readonly RunRecord[], other: readonly RunRecord[]): boolean =>
    one.at(-1)!.startedAt < other[0]!.startedAt;
  const isApart = isBefore(before, after) || isBefore(after, before);
  return !isApart || before.length + after.length < 4
    ? []
    : [
        'All runs of one side were made before those of the other, so a change of the machines in between counts as a change of the system.',
      ];
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
