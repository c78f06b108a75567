// Reads figures of monitors over the time that matters, by what they are of. Used by rules-machine.ts and all other rules.

import { type FigureDefinition, monitorMetric } from '../../model/monitor.ts';
import type { Evidence } from '../../model/verdict.ts';
import { sortedQuantile } from '../../stats/median.ts';
import type { ObservedSeries } from '../observed-series.ts';
import type { Measured } from './rule.ts';
import { type Part, type Scene, seriesOf, type Watched } from './scene.ts';
import { hull, overlapMs, type Span } from './spans.ts';

/** A single reading is a moment, and no state. */
const fewestReadings = 2;

/** The readings of a series that tell of a time in the spans: those of which half of the time before them lies there. */
export function valuesIn({ observations, intervalMs }: ObservedSeries, spans: readonly Span[]): number[] {
  return observations
    .filter(({ atMs }) => {
      const before = { fromMs: Math.max(0, atMs - intervalMs), untilMs: atMs };
      const lengthMs = before.untilMs - before.fromMs;
      return lengthMs > 0 && overlapMs(before, spans) >= lengthMs / 2;
    })
    .map(({ value }) => value);
}

export interface Level {
  readonly mean: number;
  readonly most: number;
  readonly upper: number;
  readonly readings: number;
}

/** Mean, upper tenth and greatest of the readings in the spans; `undefined` of fewer than two. */
export function levelOf(series: ObservedSeries | undefined, spans: readonly Span[]): Level | undefined {
  const values = series === undefined ? [] : valuesIn(series, spans);
  if (values.length < fewestReadings) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    most: sorted.at(-1)!,
    upper: sortedQuantile(sorted, 0.9),
    readings: values.length,
  };
}

/** Those that watch one of these parts. */
export function watching({ watched }: Scene, ...parts: readonly Part[]): Watched[] {
  return watched.filter(({ part }) => parts.includes(part));
}

/** The mean of a figure while the run went badly, one for each monitor of these parts that has it. */
export function means(scene: Scene, parts: readonly Part[], figure: string): Measured[] {
  return watching(scene, ...parts).flatMap(({ name }): Measured[] => {
    const series = seriesOf(scene, name, figure);
    const level = levelOf(series, scene.condition.hot);
    if (series === undefined || level === undefined) return [];
    return [
      {
        name: `mean of ${series.name}`,
        title: series.title,
        value: level.mean,
        unit: series.unit,
        readings: level.readings,
        series,
      },
    ];
  });
}

/** What counters gained during the whole load. */
export function totals(scene: Scene, parts: readonly Part[], figure: string): Measured[] {
  return watching(scene, ...parts).flatMap(({ name }): Measured[] => {
    const series = seriesOf(scene, name, figure);
    const gained = gainOf(series, [scene.condition.load]);
    if (series === undefined || gained === undefined) return [];
    return [{ name: series.name, title: series.title, value: gained, unit: 'count', series }];
  });
}

/** What a counter gained in the spans; `undefined` when it was not read there. */
function gainOf(series: ObservedSeries | undefined, spans: readonly Span[]): number | undefined {
  if (series === undefined) return undefined;
  let seen = false;
  let gained = 0;
  for (const { fromMs, untilMs, value } of series.observations) {
    const share = overlapMs({ fromMs, untilMs }, spans);
    if (share <= 0) continue;
    seen = true;
    gained += (value * share) / 1000;
  }
  return seen ? gained : undefined;
}

/** A counter per second while the run went badly. */
export function rateIn(series: ObservedSeries | undefined, spans: readonly Span[]): number | undefined {
  const values = series === undefined ? [] : valuesIn(series, spans);
  if (values.length < fewestReadings) return undefined;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A figure of what the target says of itself, found by its words. */
export interface Own {
  readonly series: ObservedSeries;
  readonly definition: FigureDefinition;
  /** Name, title, metric and labels in one, in lower case. */
  readonly words: string;
  /** What makes ms of its value; `undefined` where it is no time. */
  readonly toMs: number | undefined;
  /** A mean, and no quantile. */
  readonly isMean: boolean;
}

/** The figures of the target's own pages and queries whose words fit. */
export function ownFigures(scene: Scene, fits: RegExp, unless?: RegExp): Own[] {
  return watching(scene, 'application').flatMap(({ name, monitor, plan }) =>
    Object.entries(monitor.figures).flatMap(([figure, definition]): Own[] => {
      const series = scene.series.get(monitorMetric(name, figure));
      if (series === undefined) return [];
      const source = plan?.source;
      const selection =
        source !== undefined && 'select' in source && Object.hasOwn(source.select, figure)
          ? source.select[figure]
          : undefined;
      const metric = selection?.metric ?? '';
      const words = [figure, definition.title, metric, ...Object.values(selection?.labels ?? {})]
        .join(' ')
        .toLowerCase();
      if (!fits.test(words) || unless?.test(words)) return [];
      const isSeconds = /_seconds(_|$)/.test(metric) && (selection?.scale ?? 1) === 1;
      const toMs = definition.unit === 'ms' ? 1 : isSeconds && definition.unit === 'count' ? 1000 : undefined;
      return [{ series, definition, words, toMs, isMean: selection?.quantile === undefined }];
    }),
  );
}

/** When a figure was seen, as evidence shows it. */
export function seenIn({ condition }: Scene): Pick<Evidence, 'fromMs' | 'untilMs'> {
  const span = hull(condition.hot);
  return span === undefined || span.untilMs <= span.fromMs
    ? {}
    : { fromMs: span.fromMs, untilMs: span.untilMs };
}
