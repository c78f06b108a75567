// The course of the key figures over the runs of one profile: changes of level, slow trends, and the last run against those
// before it. Called by cli/history.ts.

import type { ComparedFigure, RegressionRow } from '../model/regression.ts';
import { divisiveChanges } from '../stats/e-divisive.ts';
import { testTrend, theilSen } from '../stats/theil-sen.ts';
import { type CompareOptions, usualComparison } from './compare-runs.ts';
import { type DifferenceKind, differencesOf } from './differences.ts';
import { newestObstacles } from './history-obstacles.ts';
import { judgeRows } from './judge-rows.ts';
import type { KeptRun } from './kept-run.ts';
import { figureKey, type RunFigure, unitOfStatistic } from './run-figures.ts';

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
  /** It may be worse at present: times of runs in which work was cut off are bounds. */
  readonly isOpen: boolean;
}

export interface History {
  readonly status: 'worse' | 'better' | 'unchanged' | 'unjudged';
  /** Ascending by time; `left` says why a run is left out. */
  readonly runs: readonly (Pick<KeptRun, 'id' | 'startedAt' | 'verdict'> & { readonly left?: string })[];
  /** Whole metrics first. */
  readonly series: readonly HistorySeries[];
  /** What keeps the newest run from being judged, one sentence each. */
  readonly obstacles: readonly string[];
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
/** The newest runs that are compared: the work grows with the square of their number. */
const mostCompared = 200;
/** Parts of a run that are followed, the busiest. */
const mostParts = 10;

/**
 * The runs of one profile, at least one. Those that cannot be used, or differ in what must be alike from the last one that
 * can, are left out with the reason. Of the others each figure is looked at by itself:
 *
 * - shifts of level by `divisiveChanges` with 3 runs on either side, from 8 runs on;
 * - a trend where there is no shift (Mann and Kendall, Theil and Sen), when the whole of it is at least the minimum;
 * - the last run against those since the last shift, as `judgeRows` compares sides.
 *
 * Runs beyond the newest 200 that may be compared are left out. The 5 % of false alarms are for all figures together: each is tested at 5 % divided by their number. Changes below the
 * minimum are not told. `worse` when the present level of any figure is; `unjudged` with fewer than 4 runs, and where something
 * keeps the newest run from being judged (`newestObstacles`).
 */
export function historyOf(runs: readonly KeptRun[], options: HistoryOptions): History {
  const sorted = [...runs].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const reference = sorted.findLast(({ unusable }) => unusable === undefined);
  const told = withoutOld(sorted.map((run) => ({ run, left: leftReason(run, reference, options.allowed) })));
  const kept = told.flatMap(({ run, left }, index) => (left === undefined ? [{ run, index }] : []));
  const found = seriesOf(kept);
  const level = significance / Math.max(1, found.length);
  const last = lastRows(kept, options);
  const series = found.map((one): HistorySeries => {
    return { ...one, ...changesOf(one, level, options, last(one)) };
  });
  const present = series.flatMap(({ changes }) => changes.filter(({ isPresent }) => isPresent));
  const has = (answer: HistoryChange['answer']): boolean =>
    present.some((change) => change.answer === answer);
  const obstacles = newestObstacles(
    sorted,
    kept.map(({ run }) => run),
    series,
  );
  const isOpen = kept.length <= fewestBeforeLast || obstacles.length > 0;
  return {
    status: has('worse') ? 'worse' : isOpen ? 'unjudged' : has('better') ? 'better' : 'unchanged',
    runs: told.map(({ run: { id, startedAt, verdict }, left }) => ({
      ...{ id, startedAt, verdict },
      ...(left !== undefined && { left }),
    })),
    series,
    obstacles,
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

interface ToldRun {
  readonly run: KeptRun;
  readonly left: string | undefined;
}

function withoutOld(told: readonly ToldRun[]): ToldRun[] {
  const first = told.flatMap(({ left }, i) => (left === undefined ? [i] : [])).at(-mostCompared) ?? 0;
  return told.map(({ run, left }, i) => ({
    run,
    left: left ?? (i < first ? `only the newest ${mostCompared} runs are compared` : undefined),
  }));
}

function notesOf(count: number): string[] {
  if (count < fewestRuns)
    return [`Shifts are looked for from ${fewestRuns} runs on that may be compared, and there are ${count}.`];
  return [
    'A shift is seen when three runs are at the new level. What changed meanwhile on the machines counts as well.',
    ...(count === mostCompared ? [`Only the newest ${mostCompared} runs are compared.`] : []),
  ];
}

interface KeptAt {
  readonly run: KeptRun;
  /** Among all runs. */
  readonly index: number;
}
type FoundSeries = Omit<HistorySeries, 'changes' | 'isOpen'>;

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
): Pick<HistorySeries, 'changes' | 'isOpen'> {
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
  const present = found.length - 1;
  let isOpen = points.at(-1)?.isLeast === true;
  const shifts = found.flatMap(({ index, pValue }, i): HistoryChange[] => {
    const [before, after] = [levels[i]!, levels[i + 1]!];
    if (!matters(before, after)) return [];
    const answer = answerOf(before, after);
    const isPresent = i === present;
    // Times of which some were cut off may be longer than they look.
    const mustBeExact =
      answer === 'better' ? points.slice(index, edges[i + 2]) : points.slice(edges[i], index);
    if (hasBound(mustBeExact)) {
      if (answer === 'worse' && isPresent) isOpen = true;
      return [];
    }
    return [{ kind: 'shift', answer, run: points[index]!.run, before, after, pValue, isPresent }];
  });
  if (found.length === 0) {
    const trend = trendOf(points, level, { answerOf, matters });
    const isExact = trend === undefined || !hasBound(halfOf(points, trend.answer));
    if (trend !== undefined && isExact) shifts.push(trend);
    if (trend?.answer === 'worse' && !isExact) isOpen = true;
  }
  const since = found.at(-1)?.index ?? 0;
  const lastRun = last(since, points);
  const changes = [...shifts, ...lastRun.changes];
  const isWorse = changes.some(({ answer, isPresent }) => answer === 'worse' && isPresent);
  return { changes, isOpen: (isOpen || lastRun.isOpen) && !isWorse };
}

function hasBound(points: readonly HistoryPoint[]): boolean {
  return points.some(({ isLeast }) => isLeast);
}

/** The points that make a trend: late ones that look too low feign a gain, early ones a loss. */
function halfOf(points: readonly HistoryPoint[], answer: HistoryChange['answer']): readonly HistoryPoint[] {
  const middle = Math.floor(points.length / 2);
  return answer === 'better' ? points.slice(middle) : points.slice(0, middle + 1);
}

/** The least p-value must be below the level. */
function permutationsFor(level: number): number {
  return Math.max(permutations, Math.ceil(2 / level));
}

interface Judging {
  answerOf(before: number, after: number): HistoryChange['answer'];
  matters(before: number, after: number): boolean;
}

function trendOf(
  points: readonly HistoryPoint[],
  level: number,
  judging: Judging,
): HistoryChange | undefined {
  if (points.length < fewestRuns) return undefined;
  const values = points.map(({ value }) => value);
  const { pValue } = testTrend(values, 0);
  if (pValue > level) return undefined;
  const line = theilSen(
    values.map((_, i) => i),
    values,
  );
  if (line === undefined) return undefined;
  const [before, after] = [line.intercept, line.intercept + line.slope * (values.length - 1)];
  if (!judging.matters(before, after)) return undefined;
  const answer = judging.answerOf(before, after);
  return { kind: 'trend', answer, run: points[0]!.run, before, after, pValue, isPresent: true };
}

/** By series: the last run against those since the last shift that have the figure. */
function lastRows(kept: readonly KeptAt[], options: HistoryOptions) {
  const newest = kept.at(-1);
  const figuresAt = new Map(kept.map(({ run, index }) => [index, run.figures]));
  const judged = new Map<string, Map<string, RegressionRow>>();
  const rowsAgainst = (earlier: readonly HistoryPoint[]): Map<string, RegressionRow> => {
    const which = earlier.map(({ run }) => run).join();
    const known = judged.get(which);
    if (known !== undefined) return known;
    const before = earlier.map(({ run }) => figuresAt.get(run)!);
    const limits = { ...usualComparison, ...options };
    const rows = judgeRows(before, [newest!.run.figures], limits);
    const byKey = new Map(rows.map((row) => [figureKey(row), row]));
    judged.set(which, byKey);
    return byKey;
  };
  return ({ key, figure }: FoundSeries) =>
    (since: number, points: readonly HistoryPoint[]): Pick<HistorySeries, 'changes' | 'isOpen'> => {
      const earlier = points.slice(since, -1);
      if (figure === undefined || earlier.length < fewestBeforeLast) return { changes: [], isOpen: false };
      const row = rowsAgainst(earlier).get(key);
      // A bound before would make a slower last run look worse than the change is.
      const isOpen = row?.open?.includes('worse') === true && (row.change ?? 0) >= row.minimum;
      if (row === undefined || (row.status !== 'worse' && row.status !== 'better'))
        return { changes: [], isOpen };
      const { status: answer, before, after, pValue } = row;
      if (before === null || after === null || pValue === null) return { changes: [], isOpen };
      const run = newest!.index;
      return { changes: [{ kind: 'last', answer, run, before, after, pValue, isPresent: true }], isOpen };
    };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
