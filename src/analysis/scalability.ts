// How throughput follows load, from the levels of one or several runs: the Universal Scalability Law with intervals, its
// peak, a safe load, and estimates at other loads. Refuses where the levels cannot support it.

import type { Measurements } from '../model/run-record.ts';
import { sortedQuantile } from '../stats/median.ts';
import {
  fitUsl,
  resampleUsl,
  type UslFit,
  type UslParameters,
  uslGreatestThroughput,
  uslPeakLoad,
  uslThroughput,
} from '../stats/usl.ts';
import { formatCount, formatFigure } from '../text/format-figure.ts';
import { linearCapacity, responseTimeBeyond } from './operations-assessment.ts';
import { findLevels, type Level, type LoadUnit } from './scaling-levels.ts';

const fewestLevels = 4;
/** Loads that differ by less are one level. */
const sameLoad = 1.05;
/** The largest load must be so many times the smallest. */
const leastRange = 2;
/** A curve that the levels lie further from, as a share of the throughput, does not describe them. */
const mostDeviation = 0.15;
/** No estimate goes further beyond the largest level than so many times. */
const furthest = 10;
/** Of the linear estimate, as in its first use. */
export const defaultTargetMs = 500;
const replicateCount = 500;
/** More are thinned evenly: each is fitted hundreds of times. */
const mostLevels = 200;

/** A figure with its 95 % interval; infinite where nothing bounds it. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface ScalabilityModel {
  readonly sigma: Estimate;
  readonly kappa: Estimate;
  /** Iterations per second of one user alone. */
  readonly gamma: Estimate;
  /** Share of the variance of throughput that the curve explains, at most 1. */
  readonly rSquared: number;
  /** Root mean square of the levels' distance from the curve, as a share of their throughput. */
  readonly deviation: number;
  /** Absent when the levels prove no peak: the interval of kappa reaches 0. */
  readonly peak?: { readonly load: Estimate; readonly throughput: Estimate };
  /** Largest load that was measured, or the low end of the peak if that is lower; with the throughput there. */
  readonly capacity: { readonly load: number; readonly throughput: number };
}

export interface Scalability {
  readonly unit: LoadUnit;
  readonly levels: readonly Level[];
  /** Why there is no model, in a sentence; absent when there is one. */
  readonly refusal?: string;
  readonly model?: ScalabilityModel;
  /** One for each load asked for. */
  readonly estimates: readonly LoadEstimate[];
}

/** What is to be expected at a load. */
export interface LoadEstimate {
  readonly load: number;
  /** Iterations per second and mean time of an iteration in ms; absent when nothing can be said. */
  readonly throughput?: Estimate;
  readonly iterationMs?: Estimate;
  /** Of users: what a straight line through the largest level says (`responseTimeBeyond`), ms. */
  readonly linearMs?: number;
  /** A sentence: how far it lies beyond what was measured, or why nothing is said. */
  readonly note: string;
}

export interface Questions {
  /** Users, or iterations in flight, that estimates are wanted at; each above 0. */
  readonly loads: readonly number[];
  /** Mean time of an iteration that the linear estimate takes for the limit, ms. */
  readonly targetMs: number;
}

/**
 * The scalability that one or several records show; `undefined` when none of them has a level. Records must be of the same
 * users, tasks and think times, and of one model.
 */
export function findScalability(
  records: readonly Measurements[],
  { loads, targetMs }: Questions = { loads: [], targetMs: defaultTargetMs },
): Scalability | undefined {
  const found = records.flatMap((record) => findLevels(record) ?? []);
  const [first] = found;
  if (first === undefined) return undefined;
  const all = found.flatMap((one) => one.levels).sort((a, b) => a.load - b.load);
  const every = Math.ceil(all.length / mostLevels);
  // The largest level stays: estimates begin there.
  const levels = all.filter((_, i) => (all.length - 1 - i) % every === 0);
  if (levels.length === 0) return undefined;
  const { unit, work } = first;
  const mixed = found.length < records.length || found.some((one) => one.work !== work || one.unit !== unit);
  const counted = levels.filter(({ leftOut }) => leftOut === undefined);
  const refusal = mixed ? mixedSentence : refusalOf(levels, counted);
  const fit = refusal === undefined ? fitOf(counted) : undefined;
  const linear = mixed ? () => ({}) : linearOf(unit, counted.at(-1), targetMs);
  const refused = (why: string): Scalability => {
    return {
      unit,
      levels,
      refusal: why,
      estimates: loads.map((load) => ({ load, ...linear(load), note: why })),
    };
  };
  if (fit === undefined) return refused(refusal ?? 'No curve of the law goes through the levels.');
  const { model, replicates } = describe(counted, fit);
  if (model.deviation > mostDeviation) {
    const off = formatFigure(model.deviation, 'ratio');
    return refused(
      `The levels lie ${off} from the best curve (root mean square), more than ${formatFigure(mostDeviation, 'ratio')}: the law does not describe them.`,
    );
  }
  const thinkMs = thinkTimeOf(unit, counted);
  const largest = counted.at(-1)!.load;
  const estimates = loads.map((load) => {
    return { ...estimateAt(load, largest, thinkMs, fit, replicates), ...linear(load) };
  });
  return { unit, levels, model, estimates };
}

/** The estimate of a straight line, from the largest level; none where loads are not users. */
function linearOf(unit: LoadUnit, largest: Level | undefined, targetMs: number) {
  return (load: number): { linearMs?: number } => {
    if (unit !== 'users' || largest === undefined) return {};
    const capacity = linearCapacity(largest.iterationMs, largest.load, targetMs);
    return { linearMs: responseTimeBeyond(largest.iterationMs, capacity, load) };
  };
}

const mixedSentence =
  'The runs are not of the same work: suites, users, tasks or think times differ, or open and closed models are mixed.';

/** Levels of which each is above the one counted before by more than what is one level. */
function distinctCount(ascending: readonly Level[]): number {
  let count = 0;
  let last = 0;
  for (const { load } of ascending) {
    if (count > 0 && load <= sameLoad * last) continue;
    count++;
    last = load;
  }
  return count;
}

function refusalOf(levels: readonly Level[], counted: readonly Level[]): string | undefined {
  const limited = levels.filter(({ cause }) => cause === 'generator').length;
  const failing = levels.length - counted.length - limited;
  const without = [
    ...(limited === 0 ? [] : [`in ${formatCount(limited, 'level')} the generator was the limit`]),
    ...(failing === 0 ? [] : [`in ${formatCount(failing, 'level')} too many operations failed`]),
  ];
  const rest = without.length === 0 ? '' : ` (${without.join('; ')})`;
  const distinct = distinctCount(counted);
  if (distinct < fewestLevels) {
    return `A curve needs ${fewestLevels} levels of load or more; there ${distinct === 1 ? 'is' : 'are'} ${distinct}${rest}.`;
  }
  const [least, most] = [counted[0]!.load, counted.at(-1)!.load];
  if (most >= leastRange * least) return undefined;
  return `The levels are too close together: the largest load is ${formatCount(most / least)} times the smallest, and must be ${leastRange} times${rest}.`;
}

/** Errors in proportion to the throughput, and smaller the longer a level was held. */
function pointsOf(levels: readonly Level[]) {
  return levels.map(({ load, throughput, seconds }) => ({
    ...{ load, throughput },
    weight: seconds / throughput ** 2,
  }));
}

function fitOf(levels: readonly Level[]): UslFit | undefined {
  return fitUsl(pointsOf(levels));
}

function describe(
  levels: readonly Level[],
  fit: UslFit,
): { readonly model: ScalabilityModel; readonly replicates: readonly UslParameters[] } {
  const replicates = resampleUsl(pointsOf(levels), fit, replicateCount);
  const estimate = (of: (parameters: UslParameters) => number): Estimate =>
    intervalOf(of(fit), replicates.map(of));
  const kappa = estimate((one) => one.kappa);
  const peakLoad = estimate(uslPeakLoad);
  const hasPeak = kappa.low > 0;
  const largest = levels.at(-1)!.load;
  const capacity = hasPeak ? Math.min(largest, Math.max(levels[0]!.load, peakLoad.low)) : largest;
  const mean = levels.reduce((sum, { throughput }) => sum + throughput, 0) / levels.length;
  const [left, all, relative, seconds] = levels.reduce(
    ([a, b, c, d], one) => {
      const off = one.throughput - uslThroughput(fit, one.load);
      const share = one.seconds * (off / one.throughput) ** 2;
      return [a + off ** 2, b + (one.throughput - mean) ** 2, c + share, d + one.seconds] as const;
    },
    [0, 0, 0, 0] as readonly [number, number, number, number],
  );
  return {
    replicates,
    model: {
      sigma: estimate((one) => one.sigma),
      kappa,
      gamma: estimate((one) => one.gamma),
      rSquared: all === 0 ? 1 : 1 - left / all,
      deviation: Math.sqrt(relative / seconds),
      ...(hasPeak && { peak: { load: peakLoad, throughput: estimate(uslGreatestThroughput) } }),
      capacity: { load: capacity, throughput: uslThroughput(fit, capacity) },
    },
  };
}

/** What users wait between iterations, ms, by the levels: load / throughput, less the time of an iteration. */
function thinkTimeOf(unit: LoadUnit, levels: readonly Level[]): number {
  if (unit === 'in flight') return 0;
  const seconds = levels.reduce((sum, one) => sum + one.seconds, 0);
  const waited = levels.reduce((sum, one) => {
    const cycleMs = (1000 * one.load) / one.throughput;
    return sum + one.seconds * Math.max(0, cycleMs - one.iterationMs);
  }, 0);
  return waited / seconds;
}

function estimateAt(
  load: number,
  largest: number,
  thinkMs: number,
  fit: UslFit,
  replicates: readonly UslParameters[],
): LoadEstimate {
  const times = load / largest;
  if (times > furthest) {
    const note = `Nothing can be said of a load ${formatCount(times)} times the largest that was measured (${formatCount(largest)}): measure higher loads.`;
    return { load, note };
  }
  const throughputOf = (one: UslParameters): number => uslThroughput(one, load);
  // The law of interactive response time: users / throughput is one iteration with its think time.
  const timeOf = (one: UslParameters): number => Math.max(0, (1000 * load) / throughputOf(one) - thinkMs);
  const note =
    times <= 1
      ? 'Within what was measured.'
      : `${formatFigure(times - 1, 'ratio')} beyond the largest load that was measured (${formatCount(largest)}): the range holds if nothing else becomes the limit up to there.`;
  return {
    load,
    throughput: intervalOf(throughputOf(fit), replicates.map(throughputOf)),
    iterationMs: intervalOf(timeOf(fit), replicates.map(timeOf)),
    note,
  };
}

function intervalOf(value: number, replicates: readonly number[]): Estimate {
  const sorted = Float64Array.from(replicates).sort();
  return { value, low: sortedQuantile(sorted, 0.025), high: sortedQuantile(sorted, 0.975) };
}
