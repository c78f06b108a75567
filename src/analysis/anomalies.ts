// Findings about figures that change although the load does not: shifts, outliers and trends of all series of a run,
// those of the same moment together. Called by analyse.ts.

import type { Measurements } from '../model/run-record.ts';
import type { Evidence, Finding } from '../model/verdict.ts';
import { formatDuration } from '../time/duration.ts';
import type { Drift } from './drift.ts';
import { formatObserved, type ObservedSeries } from './observed-series.ts';
import {
  eventsOf,
  questionsPerStretch,
  type SeriesEvent,
  type SeriesTrend,
  stretchOf,
} from './series-events.ts';
import { type SeriesOfRun, seriesOfRun } from './series-of-run.ts';

/** Of runs in which nothing is wrong, this share at the most is meant to get a finding. */
const falseAlarmRatio = 0.05;
/** Findings of a run, at the most; the strongest. */
const mostFindings = 10;
/** Series named in a title. */
const namedInTitle = 3;
/** Series told of in a finding. */
const mostTold = 10;
/** What changes within so many intervals changes at the same moment. */
const intervalsOfAMoment = 2;

interface Anomaly {
  readonly finding: Finding;
  readonly strength: number;
}

/**
 * One finding per moment at which series shift or stand out, and one per steady part in which series drift; the strongest
 * first. Only parts with a steady planned load are looked at (`findSteadyParts`), and series with 20 observations in it.
 *
 * The share of false alarms is that of the whole run, divided by the number of questions asked (Bonferroni): series that
 * vary, times parts, times four (shifts, trend, outliers above and below). What `told` holds has a finding of its own.
 */
export function findAnomalies(
  measured: Measurements,
  told: readonly Drift[] = [],
  { series, parts }: SeriesOfRun = seriesOfRun(measured),
): Finding[] {
  const stretches = parts.flatMap((part) => series.flatMap((one) => stretchOf(one, part) ?? []));
  const ofEach = falseAlarmRatio / (questionsPerStretch * stretches.length);
  const found = stretches.map((stretch) => eventsOf(stretch, ofEach));
  const isTold = ({ series: one, part }: SeriesTrend): boolean =>
    told.some(({ stretch }) => stretch.series.name === one.name && stretch.part.fromMs === part.fromMs);
  const trends = found.flatMap(({ trend }) => (trend === undefined || isTold(trend) ? [] : trend));
  const drifting = new Set(trends.map(({ part }) => part));
  const anomalies = [
    ...moments(found.flatMap(({ events }) => events)).map(momentAnomaly),
    ...[...drifting].map((part) => driftAnomaly(trends.filter((trend) => trend.part === part))),
  ].sort((a, b) => b.strength - a.strength);
  return shorten(anomalies.map(({ finding }) => finding));
}

function shorten(findings: readonly Finding[]): Finding[] {
  const left = findings.length - mostFindings;
  if (left <= 0) return [...findings];
  const last = findings[mostFindings - 1]!;
  const more = `${left} weaker ${left === 1 ? 'anomaly is' : 'anomalies are'} not listed.`;
  return [...findings.slice(0, mostFindings - 1), { ...last, detail: `${last.detail} ${more}` }];
}

/** Events that belong together, the greatest effect first. */
function moments(events: readonly SeriesEvent[]): SeriesEvent[][] {
  const groups: SeriesEvent[][] = [];
  for (const event of [...events].sort((a, b) => a.atMs - b.atMs)) {
    const first = groups.at(-1)?.[0];
    if (first !== undefined && isSameMoment(first, event)) groups.at(-1)!.push(event);
    else groups.push([event]);
  }
  return groups.map((group) => group.sort((a, b) => b.effect - a.effect));
}

function isSameMoment(first: SeriesEvent, event: SeriesEvent): boolean {
  const intervalMs = Math.max(first.series.intervalMs, event.series.intervalMs);
  return event.atMs - first.atMs <= intervalsOfAMoment * intervalMs;
}

function momentAnomaly(events: readonly SeriesEvent[]): Anomaly {
  const at = formatDuration(Math.min(...events.map(({ atMs }) => atMs)));
  const told = events.slice(0, mostTold);
  const sentences = told.map((event) => `${changeText(event)}${sigmaText(event)}`);
  return {
    strength: events[0]!.effect,
    finding: {
      kind: 'anomaly',
      severity: 'info',
      title: `At ${at}: ${titleList(events.map(changeText))}`,
      detail: `While the planned load stayed the same: ${detailList(sentences, events.length)}`,
      evidence: told.flatMap(({ series, before, after }) => pairEvidence(series, before, after)),
    },
  };
}

function driftAnomaly(trends: readonly SeriesTrend[]): Anomaly {
  const sorted = [...trends].sort((a, b) => shareGained(b) - shareGained(a));
  const { part } = sorted[0]!;
  const span = `${formatDuration(part.fromMs)} to ${formatDuration(part.untilMs)}`;
  const told = sorted.slice(0, mostTold);
  const sentences = told.map(({ series, from, to, perHour, low, high }) => {
    const show = (value: number): string => formatObserved(value, series.unit);
    return `${series.title} ${show(from)} → ${show(to)}, by ${show(perHour)} an hour (95 % interval ${show(low)} to ${show(high)})`;
  });
  const titles = sorted.map(({ series }) => `${series.title}`);
  return {
    // A trend has no moment and no sigmas; how much it gained says how it ranks: by half is like a shift of 10 sigmas.
    strength: 20 * shareGained(sorted[0]!),
    finding: {
      kind: 'anomaly',
      severity: 'info',
      title: `From ${span}: ${titleList(titles)} ${sorted.length === 1 ? 'drifts' : 'drift'}`,
      detail: `While the planned load stayed the same: ${detailList(sentences, sorted.length)}`,
      evidence: told.flatMap(({ series, from, to }) => pairEvidence(series, from, to)),
    },
  };
}

/** 0..1: what a trend gained or lost, as a share of the greater end. */
function shareGained({ from, to }: SeriesTrend): number {
  return Math.min(1, Math.abs(to - from) / Math.max(Math.abs(from), Math.abs(to)));
}

function changeText({ series, before, after, kind }: SeriesEvent): string {
  const [from, to] = [formatObserved(before, series.unit), formatObserved(after, series.unit)];
  return `${series.title} ${from} → ${to}${kind === 'outlier' ? ' for a moment' : ''}`;
}

function sigmaText({ effect }: SeriesEvent): string {
  if (effect >= 100) return ' (over 100 times its usual spread)';
  return ` (${effect.toFixed(1)} times its usual spread)`;
}

function titleList(texts: readonly string[]): string {
  const more = texts.length - namedInTitle;
  return more > 0 ? `${texts.slice(0, namedInTitle).join(', ')}, and ${more} more` : texts.join(', ');
}

function detailList(sentences: readonly string[], count: number): string {
  const more = count - sentences.length;
  return `${sentences.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
}

function pairEvidence(series: ObservedSeries, before: number, after: number): Evidence[] {
  return [
    { name: `${series.name} before`, value: before, unit: series.unit },
    { name: `${series.name} after`, value: after, unit: series.unit },
  ];
}
