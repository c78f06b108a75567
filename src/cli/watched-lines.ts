// What monitors see and which alerts fire, as lines while a run goes on. Used by the displays of runs and of
// `plimsoll monitor`.

import { figureText } from '../analysis/alert-findings.ts';
import type { AlertTransition } from '../model/alert.ts';
import type { LiveMonitor, LiveProgress } from '../model/progress.ts';
import { formatFigure, oneLine } from '../report/format-values.ts';
import type { Palette } from '../report/text/palette.ts';
import { unitOfCourse } from '../report/view/monitors.ts';
import { formatDuration } from '../time/duration.ts';

const titleWidth = 22;

function figuresOf({ figures, failing }: LiveMonitor, separator: string): string {
  const texts = figures.map(
    ({ definition, value }) => `${definition.title} ${formatFigure(value, unitOfCourse(definition))}`,
  );
  return [...texts, ...(failing ? ['cannot be read'] : [])].join(separator);
}

/** One line per monitor, and one for all alerts that fire. */
export function watchedLines(
  { watched, alerts }: Pick<LiveProgress, 'watched' | 'alerts'>,
  palette: Palette,
): string[] {
  const separator = palette.dim('  |  ');
  const lines = watched.flatMap((monitor) => {
    const figures = figuresOf(monitor, separator);
    if (figures === '') return [];
    return [`  ${palette.dim(oneLine(monitor.title, titleWidth).padEnd(titleWidth))}  ${figures}`];
  });
  if (alerts.length === 0) return lines;
  const titles = alerts.map(({ title, level }) =>
    (level === 'critical' ? palette.red : palette.yellow)(`${oneLine(title)} (${level})`),
  );
  return [...lines, `  ${palette.bold('alerts')}  ${titles.join(separator)}`];
}

/** All monitors in one line, for logs; empty when none has read anything. */
export function watchedLine({ watched }: Pick<LiveProgress, 'watched'>): string {
  return watched
    .flatMap((monitor) => {
      const figures = figuresOf(monitor, ', ');
      return figures === '' ? [] : [`${oneLine(monitor.title, titleWidth)}: ${figures}`];
    })
    .join('  |  ');
}

/** What is said when an alert begins, changes its level, or ends; the first line stands for itself. */
export function alertLines({
  title,
  state,
  level,
  atMs,
  figures,
  respond,
  abort,
}: AlertTransition): string[] {
  const at = formatDuration(Math.round(atMs / 1000) * 1000);
  const because = figures.map(figureText).join('; ');
  const why = because === '' ? '' : `: ${because}`;
  if (state === 'resolved') return [`alert resolved at ${at}: ${oneLine(title)}${why}`];
  const ends = abort ? '; this ends the run' : '';
  return [
    `${level === 'critical' ? 'ALERT (critical)' : 'alert (warning)'} at ${at}: ${oneLine(title)}${why}${ends}`,
    ...respond.map((step, i) => `    ${i + 1}. ${oneLine(step)}`),
  ];
}
