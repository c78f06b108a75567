// The course of the key figures over the runs of one profile: changes of level, slow trends, and the last run against those
// before it. Called by cli/history.ts.

import type { RunConditions } from '../model/baseline.ts';
import type { ComparedFigure, RegressionRow } from '../model/regression.ts';
import type { RunRecord } from '../model/run-record.ts';
import { divisiveChanges } from '../stats/e-divisive.ts';
import { testTrend, theilSen } from '../stats/theil-sen.ts';
import { type CompareOptions, usualComparison } from './compare-runs.ts';
import { type DifferenceKind, differencesOf, unusableReason } from './differences.ts';
import { judgeRows } from './judge-rows.ts';
import { figureKey, figuresOf, type RunFigure, type RunFigures, unitOfStatistic } from './run-figures.ts';

/** What is kept of a run; its record may go. */
export interface KeptRun {
  readonly id: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly conditions: RunConditions;
  readonly verdict: RunRecord['verdict']['status'];
  /** Why it says nothing about its target. */
  readonly unusable: string | undefined;
  readonly figures: RunFigures;
  /** By metric: how much memory grew, bytes per hour. */
  readonly growth: ReadonlyMap<string, number>;
}

export interface HistoryPoint {
  /** Index of the run. */
  readonly run: number;
  readonly value: number;
  /** Work was cut off that may have taken longer. */
  readonly isLeast: boolean;
}

export interface HistoryChange {
  readonly kind: 'shift' | 'trend' | 'last';
  readonly answer: 'worse' | 'better';
  /** Index of the first run at the new level; of a trend, the first run. */
  readonly run: number;
  readonly before: number;
  readonly after: number;
  readonly pValue: number;
  /** The level that it led to is the present one. */
  readonly isPresent: boolean;
}

export interface HistorySeries {
  readonly key: string;
  /** Absent for the growth of memory, whose key is that of a metric. */
  readonly figure?: ComparedFigure;
  readonly unit: RegressionRow['unit'] | 'bytes/h';
  readonly points: readonly HistoryPoint[];
  readonly changes: readonly HistoryChange[];
}

export interface History {
  readonly status: 'worse' | 'better' | 'unchanged' | 'unjudged';
  /** Ascending by time; `left` says why a run is left out. */
  readonly runs: readonly (Pick<KeptRun, 'id' | 'startedAt' | 'verdict'> & { readonly left?: string })[];
  /** Whole metrics first. */
  readonly series: readonly HistorySeries[];
  readonly notes: readonly string[];
}

export interface HistoryOptions extends Pick<CompareOptions, 'minimumChange' | 'minimumShare'> {
  readonly allowed: readonly DifferenceKind[];
}

/** With fewer runs no level can be told from another, however far apart they are. */
const fewestRuns = 8;
const fewestOnASide = 3;
const fewestBeforeLast = 3;
const permutations = 999;
const significance = 0.05;
/** Parts of a run that are followed, the busiest. */
const mostParts = 10;

export function keepRun(record: RunRecord): KeptRun {
  const { id, startedAt, suite, profile, environment, target, plan, verdict } = record;
  const [figures = new Map() as RunFigures] = figuresOf([record], false, [95]);
  const growth = Object.entries(record.metrics).flatMap(([key, { contains, values, tags }]) => {
    const isMemory =
      contains === 'data' && tags === undefined && 'growth' in values && /memory|rss|heap/i.test(key);
    return isMemory && values.growth !== undefined ? [[key, values.growth] as const] : [];
  });
  return {
    ...{ id, startedAt, figures, verdict: verdict.status },
    conditions: { suite, profile, environment, target, plan },
    unusable: unusableReason(record),
    growth: new Map(growth),
  };
}

/**
 * The runs of one profile, at least one. Those that cannot be used, or differ in what must be alike from the last one that
 * can, are left out with the reason. Of the others each figure is looked at by itself:
 *
 * - shifts of level by `divisiveChanges` with 3 runs on either side, from 8 runs on;
 * - a trend where there is no shift (Mann and Kendall, Theil and Sen), when the whole of it is at least the minimum;
 * - the last run against those since the last shift, as `judgeRows` compares sides.
 *
 * The 5 % of false alarms are for all figures together: each is tested at 5 % divided by their number. Changes below the
 * minimum are not told. `worse` when the present level of any figure is; `unjudged` with fewer than 4 runs.
 */
export function historyOf(runs: readonly KeptRun[], options: HistoryOptions): History {
  const sorted = [...runs].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const reference = sorted.findLast(({ unusable }) => unusable === undefined);
  const told = sorted.map((run) => ({ run, left: leftReason(run, reference, options.allowed) }));
  const kept = told.flatMap(({ run, left }, index) => (left === undefined ? [{ run, index }] : []));
  const found = seriesOf(kept);
  const level = significance / Math.max(1, found.length);
  const last = lastRows(kept, options);
  const series = found.map((one): HistorySeries => {
    const changes = changesOf(one, level, options, last(one));
    return { ...one, changes };
  });
  const present = series.flatMap(({ changes }) => changes.filter(({ isPresent }) => isPresent));
  const has = (answer: HistoryChange['answer']): boolean =>
    present.some((change) => change.answer === answer);
  const isFew = kept.length <= fewestBeforeLast;
  return {
    status: has('worse') ? 'worse' : isFew ? 'unjudged' : has('better') ? 'better' : 'unchanged',
    runs: told.map(({ run: { id, startedAt, verdict }, left }) => ({
      ...{ id, startedAt, verdict },
      ...(left !== undefined && { left }),
    })),
    series,
    notes: notesOf(kept.length),
  };
}

function leftReason(
  run: KeptRun,
  reference: KeptRun | undefined,
  allowed: readonly DifferenceKind[],
): string | undefined {
  if (run.unusable !== undefined) return run.unusable;
  const [difference] = differencesOf(run.conditions, reference!.conditions).filter(
    ({ kind }) => !allowed.includes(kind),
  );
  return difference === undefined ? undefined : `it differs from the last run. ${difference.text}`;
}

function notesOf(count: number): string[] {
  if (count < fewestRuns)
    return [`Shifts are looked for from ${fewestRuns} runs on that may be compared, and there are ${count}.`];
  return [
    'A shift is seen when three runs are at the new level. What changed meanwhile on the machines counts as well.',
  ];
}

interface KeptAt {
  readonly run: KeptRun;
  /** Among all runs. */
  readonly index: number;
}
type FoundSeries = Omit<HistorySeries, 'changes'>;

function seriesOf(kept: readonly KeptAt[]): FoundSeries[] {
  const newest = kept.at(-1)?.run;
  if (newest === undefined) return [];
  const parts = new Set<string>();
  const figures = [...newest.figures.values()].filter(({ tags, statistic }) => {
    if (tags === undefined) return true;
    // Of parts their times alone: each further figure makes all others harder to tell from chance.
    if (!statistic.startsWith('p(') || parts.size >= mostParts) return false;
    parts.add(figureKey({ metric: '', tags, statistic }));
    return true;
  });
  const ofFigures = figures.map((figure): FoundSeries => {
    const { metric, tags, statistic } = figure;
    const own = { metric, ...(tags !== undefined && { tags }), statistic };
    const key = figureKey(own);
    const points = kept.flatMap(({ run, index }): HistoryPoint[] => {
      const one = run.figures.get(key);
      return one === undefined ? [] : [{ run: index, ...pointOf(one) }];
    });
    return { key, figure: own, unit: unitOfStatistic(statistic), points };
  });
  const ofGrowth = [...newest.growth.keys()].map((key): FoundSeries => {
    const points = kept.flatMap(({ run, index }): HistoryPoint[] => {
      const value = run.growth.get(key);
      return value === undefined ? [] : [{ run: index, value, isLeast: false }];
    });
    return { key, unit: 'bytes/h', points };
  });
  return [...ofFigures, ...ofGrowth];
}

function pointOf(figure: RunFigure): { value: number; isLeast: boolean } {
  if (figure.kind === 'share') return { value: figure.count / figure.of, isLeast: false };
  return { value: figure.value, isLeast: figure.isLeast === true };
}

function changesOf(
  { figure, unit, points }: FoundSeries,
  level: number,
  options: HistoryOptions,
  last: ReturnType<ReturnType<typeof lastRows>>,
): HistoryChange[] {
  const values = points.map(({ value }) => value);
  const answerOf = (before: number, after: number): HistoryChange['answer'] =>
    (figure?.statistic === 'per second') === after > before ? 'better' : 'worse';
  const matters = (before: number, after: number): boolean => {
    const size = Math.abs(after - before);
    if (unit === 'ratio') return size >= options.minimumShare;
    return (
      size > 0 &&
      size >=
        options.minimumChange * (unit === 'bytes/h' ? Math.max(Math.abs(before), Math.abs(after)) : before)
    );
  };
  const seed = 1;
  const common = { significance: level, permutations: permutationsFor(level), fewest: fewestOnASide, seed };
  const found = values.length < fewestRuns ? [] : divisiveChanges(values, { ...common, leastShare: 0 });
  const edges = [0, ...found.map(({ index }) => index), values.length];
  const levels = edges.slice(1).map((edge, i) => meanOf(values.slice(edges[i], edge)));
  const shifts = found.flatMap(({ index, pValue }, i): HistoryChange[] => {
    const [before, after] = [levels[i]!, levels[i + 1]!];
    if (!matters(before, after)) return [];
    const answer = answerOf(before, after);
    // Times of which some were cut off may be longer than they look.
    if (answer === 'better' && points.slice(index, edges[i + 2]).some(({ isLeast }) => isLeast)) return [];
    const isPresent = i === found.length - 1;
    return [{ kind: 'shift', answer, run: points[index]!.run, before, after, pValue, isPresent }];
  });
  if (found.length === 0) shifts.push(...trendOf(points, level, { answerOf, matters }));
  const since = found.at(-1)?.index ?? 0;
  return [...shifts, ...last(since, points)];
}

/** The least p-value must be below the level. */
function permutationsFor(level: number): number {
  return Math.max(permutations, Math.ceil(2 / level));
}

interface Judging {
  answerOf(before: number, after: number): HistoryChange['answer'];
  matters(before: number, after: number): boolean;
}

function trendOf(points: readonly HistoryPoint[], level: number, judging: Judging): HistoryChange[] {
  if (points.length < fewestRuns) return [];
  const values = points.map(({ value }) => value);
  const { pValue } = testTrend(values, 0);
  if (pValue > level) return [];
  const line = theilSen(
    values.map((_, i) => i),
    values,
  );
  if (line === undefined) return [];
  const [before, after] = [line.intercept, line.intercept + line.slope * (values.length - 1)];
  if (!judging.matters(before, after)) return [];
  const answer = judging.answerOf(before, after);
  return [{ kind: 'trend', answer, run: points[0]!.run, before, after, pValue, isPresent: true }];
}

/** By series: the last run against those since the last shift. */
function lastRows(kept: readonly KeptAt[], options: HistoryOptions) {
  const newest = kept.at(-1);
  const judged = new Map<number, Map<string, RegressionRow>>();
  const rowsSince = (since: number): Map<string, RegressionRow> => {
    const known = judged.get(since);
    if (known !== undefined) return known;
    const before = kept.slice(since, -1).map(({ run }) => run.figures);
    const limits = { ...usualComparison, ...options };
    const rows = judgeRows(before, [newest!.run.figures], limits);
    const byKey = new Map(rows.map((row) => [figureKey(row), row]));
    judged.set(since, byKey);
    return byKey;
  };
  return ({ key, figure }: FoundSeries) =>
    (since: number, points: readonly HistoryPoint[]): HistoryChange[] => {
      const isWhole = points.length === kept.length;
      if (figure === undefined || !isWhole || kept.length - 1 - since < fewestBeforeLast) return [];
      const row = rowsSince(since).get(key);
      if (row === undefined || (row.status !== 'worse' && row.status !== 'better')) return [];
      const { status: answer, before, after, pValue } = row;
      if (before === null || after === null || pValue === null) return [];
      return [{ kind: 'last', answer, run: newest!.index, before, after, pValue, isPresent: true }];
    };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
