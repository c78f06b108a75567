// Findings about long steady loads: memory, connections and descriptors that grow without end, and response times that
// rise. Called by analyse.ts.

import { monitorMetric } from '../model/monitor.ts';
import { operationMetrics, sentKinds } from '../model/operation.ts';
import type { Measurements } from '../model/run-record.ts';
import type { Evidence, Finding } from '../model/verdict.ts';
import { fewestForGrowth, findGrowth, type Growth } from '../stats/steady-growth.ts';
import { formatFigure } from '../text/format-figure.ts';
import { formatDuration } from '../time/duration.ts';
import { formatObserved, type ObservedSeries } from './observed-series.ts';
import { type Stretch, stretchOf } from './series-events.ts';
import { type SeriesOfRun, seriesOfRun } from './series-of-run.ts';
import { watchesTarget } from './watched-target.ts';

/** A shorter part shows how a system warms up, and not whether it wears down. */
const leastDriftMs = 600_000;
/** Of runs in which nothing grows, this share at the most is meant to get a finding. */
const falseAlarmRatio = 0.01;
/** Smaller gains over the part, as a share of the level at its start, are not told. */
const leastShare = 0.05;
/** A count that gains fewer is not told. */
const leastCount = 2;
/** Memory: 500 MB in 24 hours, and 100 MB an hour, are the usual limits of endurance tests. */
const strictBytesPerHour = 500e6 / 24;
const laxBytesPerHour = 100e6;
/** A response time that rises by this share during the run: the usual limits are 10 and 20 %. */
const strictRise = 0.1;
const laxRise = 0.2;
/** Findings of a run, at the most. */
const mostFindings = 5;
const msPerHour = 3_600_000;

/** Figures of which a system can run out: by the words of their names. */
const memoryWords = /(^|_)(rss|heap|mem|memory|resident)(_|$)/;
const countWords =
  /(^|_)(fds|files|descriptors|handles|connections|clients|sockets|threads|goroutines|processes)(_|$)/;

/** Growth of one series in one steady part of a run. */
export interface Drift {
  readonly stretch: Stretch;
  readonly growth: Growth;
  /** Of the line, at the first and the last observation. */
  readonly from: number;
  readonly to: number;
  /** The load generator grows, or the machine that it runs on without the target: no leak of the target. */
  readonly isOfGenerator: boolean;
}

/**
 * Growth of memory, connections, descriptors and the like, and of response times, in parts of steady load that last 10
 * minutes at least and have 30 observations. What grows by less than 5 % is left out, and of the rest there are the five
 * that weigh most: warnings first, then by the share that they gained.
 */
export function findDrifts(
  measured: Measurements,
  { series, parts }: SeriesOfRun = seriesOfRun(measured),
): Drift[] {
  const durations = sentKinds.map((kind) => `p(95) of ${operationMetrics[kind].duration}`);
  const watched = series.filter((one) => isResource(one) || durations.includes(one.name));
  const stretches = parts
    .filter(({ fromMs, untilMs }) => untilMs - fromMs >= leastDriftMs)
    .flatMap((part) => watched.flatMap((one) => stretchOf(one, part) ?? []))
    .filter(({ observations }) => observations.length >= fewestForGrowth);
  const ofGenerator = generatorSeries(measured);
  return stretches
    .flatMap((stretch) => driftOf(stretch, falseAlarmRatio / stretches.length) ?? [])
    .map((drift) => ({ ...drift, isOfGenerator: ofGenerator.has(drift.stretch.series.name) }))
    .sort((a, b) => rankOf(a) - rankOf(b) || gainOf(b) - gainOf(a))
    .slice(0, mostFindings);
}

/** Names of the series that tell nothing of the target. */
function generatorSeries(measured: Measurements): ReadonlySet<string> {
  return new Set(
    Object.entries(measured.monitors)
      .filter(([name, monitor]) => !watchesTarget(measured, name, monitor))
      .flatMap(([name, { figures }]) => Object.keys(figures).map((figure) => monitorMetric(name, figure))),
  );
}

function isResource(series: ObservedSeries): boolean {
  return isMemory(series) || (isUsed(series) && series.unit === 'count' && countWords.test(series.name));
}

/** Memory in use that a monitor reads, by the words of its name. */
export function isMemory(series: ObservedSeries): boolean {
  return isUsed(series) && series.unit === 'bytes' && memoryWords.test(series.name);
}

function isUsed({ name }: ObservedSeries): boolean {
  // Peaks only ever grow, and more of what is free is no leak.
  const isOther = /(^|_)(peak|max|limit|total|free|avail|available|idle)(_|$)/.test(name);
  return name.startsWith('monitor_') && !isOther;
}

function driftOf(stretch: Stretch, falseAlarms: number): Omit<Drift, 'isOfGenerator'> | undefined {
  const times = stretch.observations.map(({ atMs }) => atMs);
  const values = stretch.observations.map(({ value }) => value);
  const growth = findGrowth(times, values, falseAlarms);
  if (growth === undefined) return undefined;
  const { slope, intercept } = growth.line;
  const [from, to] = [intercept + slope * times[0]!, intercept + slope * times.at(-1)!];
  if (to - from < leastShare * Math.abs(from)) return undefined;
  if (stretch.series.unit === 'ms' && from <= 0) return undefined;
  if (stretch.series.unit === 'count' && to - from < leastCount) return undefined;
  return { stretch, growth, from, to };
}

/** One finding for each. A leak never decides a verdict: thresholds on `growth` do. */
export function driftFindings(drifts: readonly Drift[]): Finding[] {
  return drifts.map(findingOf);
}

function findingOf(drift: Drift): Finding {
  if (drift.isOfGenerator) return generatorGrowth(drift);
  return drift.stretch.series.unit === 'ms' ? degradation(drift) : leak(drift);
}

function rankOf(drift: Drift): number {
  return findingOf(drift).severity === 'warning' ? 0 : 1;
}

/** As a share of the level at its start. */
function gainOf({ from, to }: Drift): number {
  return from === 0 ? Number.MAX_VALUE : (to - from) / Math.abs(from);
}

function leak(drift: Drift): Finding {
  const { stretch, growth, from, to } = drift;
  const { series } = stretch;
  const show = (value: number): string => formatObserved(value, series.unit);
  const perHour = growth.line.slope * msPerHour;
  const interval = `${show(growth.line.low * msPerHour)} to ${show(growth.line.high * msPerHour)}`;
  const course = `Under a steady load, ${spanText(stretch)}, ${series.title} grew from ${show(from)} to ${show(to)} (${shareText(drift)}): ${show(perHour)} an hour (95 % interval ${interval}).`;
  const later = `In the second half it grew by ${show(growth.later.slope * msPerHour)} an hour`;
  const evidence = evidenceOf(drift);
  if (growth.course !== 'steady') {
    const what = growth.course === 'over' ? 'The growth has ended' : 'The growth slows down';
    return {
      kind: 'anomaly',
      severity: 'info',
      title: `${series.title} grows and flattens, like a cache that fills`,
      detail: `${course} ${later}: less than in the first. ${what}, which a leak does not.`,
      evidence,
      advice: 'Run longer to see whether the figure stays where it is.',
    };
  }
  const isMemory = series.unit === 'bytes';
  return {
    kind: 'leak',
    severity: isMemory && perHour < strictBytesPerHour ? 'info' : 'warning',
    title: `${series.title} grows by ${show(perHour)} an hour and does not flatten`,
    detail: `${course} ${later}. What fills up with a time constant as long as this part looks the same.${isMemory ? ` ${limitsText(perHour)}` : ''}`,
    evidence,
    advice: isMemory
      ? 'Compare heap snapshots from the beginning and the end of such a run; look for collections that are only added to, and for listeners and timers that stay.'
      : 'Look for what is opened on a path and not closed on it, such as when an error is thrown.',
  };
}

/** It limits how long a load can be driven from there, and says nothing of the target. */
function generatorGrowth(drift: Drift): Finding {
  const { title, detail, evidence } = leak(drift);
  return {
    kind: 'anomaly',
    severity: 'info',
    title,
    detail: `${detail} This is the load generator or its machine, and not the target.`,
    evidence,
    advice: 'Look for what the suite’s own code keeps, such as lists that are only added to.',
  };
}

function limitsText(perHour: number): string {
  const [strict, lax] = ['500 MB in 24 hours', '100 MB an hour'];
  if (perHour >= laxBytesPerHour) return `This is more than ${strict} and than ${lax}, the usual limits.`;
  if (perHour >= strictBytesPerHour) return `This is more than ${strict}, and less than ${lax}.`;
  return `This is less than ${strict}, the strictest of the usual limits.`;
}

function degradation(drift: Drift): Finding {
  const { stretch, growth, from, to } = drift;
  const { series, observations } = stretch;
  const rise = (to - from) / from;
  const spanMs = observations.at(-1)!.atMs - observations[0]!.atMs;
  const [low, high] = [growth.line.low, growth.line.high].map((slope) =>
    formatFigure((slope * spanMs) / from, 'ratio'),
  );
  const ends = growth.course === 'steady' ? '' : ' In the second half it rose less than in the first.';
  return {
    kind: 'degradation',
    severity: rise >= strictRise ? 'warning' : 'info',
    title: `${series.title} rises by ${formatFigure(rise, 'ratio')} during the run`,
    detail: `Under a steady load, ${spanText(stretch)}, ${series.title} rose from ${formatObserved(from, 'ms')} to ${formatObserved(to, 'ms')} (95 % interval of the rise ${low} to ${high}).${ends} ${riseText(rise)}`,
    evidence: [...evidenceOf(drift), { name: 'rise', value: rise, unit: 'ratio', limit: strictRise }],
    advice:
      'Look for what grows while the run goes on: tables and their dead rows, queues, caches, memory and garbage collection.',
  };
}

function riseText(rise: number): string {
  if (rise >= laxRise) return 'This is more than 10 % and than 20 %, the usual limits.';
  if (rise >= strictRise)
    return 'This is more than 10 %, and less than 20 %: the usual limits are one or the other.';
  return 'This is less than 10 %, the strictest of the usual limits.';
}

function spanText({ part }: Stretch): string {
  return `from ${formatDuration(part.fromMs)} to ${formatDuration(part.untilMs)}`;
}

function shareText({ from, to }: Drift): string {
  return from <= 0 ? 'from nothing' : `+${formatFigure((to - from) / from, 'ratio')}`;
}

function evidenceOf({ stretch, growth, from, to }: Drift): Evidence[] {
  const { series } = stretch;
  const { unit } = series;
  const perHour = unit === 'bytes' || unit === 'count' || unit === 'ms' ? `${unit}/h` : unit;
  return [
    { name: `${series.name} at first`, value: from, unit },
    { name: `${series.name} at last`, value: to, unit },
    {
      ...{ name: 'growth', value: growth.line.slope * msPerHour, unit: perHour },
      ...(unit === 'bytes' && { limit: strictBytesPerHour }),
    },
    { name: 'growth, low end of the 95 % interval', value: growth.line.low * msPerHour, unit: perHour },
    { name: 'growth, high end of the 95 % interval', value: growth.line.high * msPerHour, unit: perHour },
    { name: 'growth in the second half', value: growth.later.slope * msPerHour, unit: perHour },
  ];
}
