// The charts of what was watched beside the load, as data for report.html: which figures share a chart, and where their
// lines break. page/ draws them in the browser.

import type { MonitorGap, MonitorRecord } from '../../model/monitor.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { type FigureUnit, formatFigure } from '../../text/format-figure.ts';
import { formatDuration } from '../../time/duration.ts';
import { oneLine } from '../format-values.ts';
import { unitOfCourse, watchedMonitors } from './monitors.ts';

/** Units by the names that the page's formats have. */
const pageUnits = {
  count: 'count',
  ratio: 'ratio',
  ms: 'ms',
  bytes: 'bytes',
  'per s': 'per-second',
  'ratio/s': 'ratio-per-second',
  'ms/s': 'ms-per-second',
  'bytes/s': 'bytes-per-second',
} as const satisfies Partial<Record<FigureUnit, string>>;

type Values = readonly (number | null)[];

interface WatchedSeries {
  readonly label: string;
  /** Name of a CSS variable that holds its colour. */
  readonly colour: string;
  /** One value per moment of the monitor; null where there was no reading. */
  readonly avg: Values;
  readonly min?: Values;
  readonly max?: Values;
}

export interface WatchedChart {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly unit: (typeof pageUnits)[keyof typeof pageUnits];
  readonly series: readonly WatchedSeries[];
}

export interface WatchedCharts {
  readonly monitor: string;
  /** Seconds of the run. */
  readonly timeSec: readonly number[];
  readonly gapsSec: readonly (readonly [from: number, until: number])[];
  readonly events: readonly { readonly at: number; readonly text: string }[];
  /** Of the headline figures. */
  readonly charts: readonly WatchedChart[];
}

const colours = ['--c2', '--c1', '--c3'] as const;
/** A chart whose figures differ more in size would show one of them as a line along the bottom. */
const greatestDifference = 30;

/** When the last thing in the charts happened: the load's last window or a monitor's last reading. */
export function endOfCharts(record: RunRecord): number {
  const lastRead = Object.values(record.monitors).map(({ times }) => times.at(-1) ?? 0);
  return Math.max(record.timeline.at(-1)?.endAtMs ?? 0, ...lastRead);
}

/** One per monitor that read anything, in the order of the record. */
export function watchedCharts(record: RunRecord): WatchedCharts[] {
  const endMs = endOfCharts(record);
  return watchedMonitors(record).map(([name, monitor], position) => {
    const { moments, timeSec } = momentsOf(monitor);
    return {
      monitor: name,
      timeSec,
      gapsSec: monitor.gaps.map(({ fromMs, untilMs }) => [fromMs / 1000, (untilMs ?? endMs) / 1000]),
      events: monitor.events.map(({ atMs, text }) => ({ at: atMs / 1000, text: oneLine(text) })),
      charts: chartGroups(monitor).map((figures, k) =>
        chartOf(monitor, figures, `watched-${position}-${k}`, moments),
      ),
    };
  });
}

/**
 * The entries of a monitor, and between two with a gap between them a moment of which nothing is known, so that no line
 * bridges it.
 */
function momentsOf({ times, gaps }: MonitorRecord): {
  moments: readonly (number | null)[];
  timeSec: readonly number[];
} {
  const middles = gaps.map(middleOf).filter((middle) => middle !== null);
  const known = times.map((atMs, entry): [number, number | null] => [atMs, entry]);
  const unknown = middles.map((atMs): [number, null] => [atMs, null]);
  // Sorting is stable: a gap within an entry comes after it.
  const all = [...known, ...unknown].sort(([a], [b]) => a - b);
  return { moments: all.map(([, entry]) => entry), timeSec: all.map(([atMs]) => atMs / 1000) };
}

function middleOf({ fromMs, untilMs }: MonitorGap): number | null {
  return untilMs === null ? null : (fromMs + untilMs) / 2;
}

/** Headline figures, in order; those of one unit and of similar size together. */
function chartGroups(monitor: MonitorRecord): string[][] {
  const groups: { unit: FigureUnit; figures: string[]; greatest: number[] }[] = [];
  for (const [figure, definition] of Object.entries(monitor.figures)) {
    if (definition.headline === undefined) continue;
    const unit = unitOfCourse(definition);
    const greatest = greatestOf(monitor, figure);
    const fits = (others: readonly number[]): boolean =>
      others.every((other) => {
        const [less, more] = [Math.min(other, greatest), Math.max(other, greatest)];
        return less === 0 || more / less <= greatestDifference;
      });
    const group = groups.find(
      (one) => one.unit === unit && one.figures.length < colours.length && fits(one.greatest),
    );
    if (group === undefined) {
      groups.push({ unit, figures: [figure], greatest: [greatest] });
    } else {
      group.figures.push(figure);
      group.greatest.push(greatest);
    }
  }
  return groups.map(({ figures }) => figures);
}

function greatestOf({ series }: MonitorRecord, figure: string): number {
  const { avg = [], max = avg } = series[figure] ?? {};
  return max.reduce<number>((greatest, value) => Math.max(greatest, Math.abs(value ?? 0)), 0);
}

function chartOf(
  monitor: MonitorRecord,
  figures: readonly string[],
  id: string,
  moments: readonly (number | null)[],
): WatchedChart {
  const titles = figures.map((figure) => monitor.figures[figure]!.title);
  const first = monitor.figures[figures[0]!]!;
  const together = titles.join(', ');
  const title = `${together.charAt(0).toUpperCase()}${together.slice(1)}${first.type === 'counter' ? ' per second' : ''}`;
  const unit = unitOfCourse(first);
  const parts = figures.map((figure, k) => {
    const { avg = [] } = monitor.series[figure] ?? {};
    return `${titles[k]} ${rangeText(monitor.times, avg, unit)}`;
  });
  return {
    id,
    title,
    summary: `${monitor.title}: ${title} over time: ${parts.join('; ')}.`,
    unit: pageUnits[unit as keyof typeof pageUnits],
    series: figures.map((figure, k) => seriesOf(monitor, figure, colours[k]!, moments)),
  };
}

function seriesOf(
  { figures, series }: MonitorRecord,
  figure: string,
  colour: string,
  moments: readonly (number | null)[],
): WatchedSeries {
  const { avg = [], min, max } = series[figure] ?? {};
  const at = (values: Values): Values =>
    moments.map((entry) => {
      const value = entry === null ? null : (values[entry] ?? null);
      // Five digits draw the same line as sixteen, in a third of the bytes.
      return value === null ? null : Number(value.toPrecision(5));
    });
  return {
    label: oneLine(figures[figure]!.title),
    colour,
    avg: at(avg),
    ...(min !== undefined && max !== undefined && { min: at(min), max: at(max) }),
  };
}

/** The course of a figure in words. */
function rangeText(times: readonly number[], values: Values, unit: FigureUnit): string {
  let least: number | undefined;
  let most: number | undefined;
  let mostAt = 0;
  for (const [k, value] of values.entries()) {
    if (value === null) continue;
    if (least === undefined || value < least) least = value;
    if (most === undefined || value > most) [most, mostAt] = [value, k];
  }
  if (least === undefined || most === undefined) return 'was not read';
  return `from ${formatFigure(least, unit)} to ${formatFigure(most, unit)} (highest at ${formatDuration(times[mostAt] ?? 0)})`;
}
