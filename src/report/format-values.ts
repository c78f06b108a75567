// How every report prints what it shows: figures in the one format there is, and text of others on one line.

import { type FigureUnit, formatCount, formatFigure } from '../text/format-figure.ts';

export {
  type FigureUnit,
  formatBytes,
  formatCount,
  formatFigure,
  formatLimit,
  formatMs,
  formatPercent,
  formatPerSec,
} from '../text/format-figure.ts';

const figureUnits: readonly string[] = [
  'ms',
  'bytes',
  'ratio',
  'per s',
  'iterations/s',
  'count',
] satisfies FigureUnit[];

/** A finding's evidence, whose unit is free text: the known ones get our format, others stand behind a number. */
export function formatEvidence(value: number, unit: string): string {
  if (figureUnits.includes(unit)) return formatFigure(value, unit as FigureUnit);
  return unit === '' ? formatCount(value) : `${formatCount(value)} ${unit}`;
}

/**
 * Text of somebody else's on one line: control characters (escape sequences of terminals among them) and
 * direction overrides become `�`, and what is longer than `maxLength` ends in `…`.
 */
export function oneLine(text: string, maxLength = Number.POSITIVE_INFINITY): string {
  const clean = text
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
    .trim();
  const letters = [...clean];
  return letters.length <= maxLength ? clean : `${letters.slice(0, maxLength - 1).join('')}…`;
}

/** `2026-03-14 09:05:07 UTC` */
export function formatUtc(isoTime: string): string {
  return `${oneLine(isoTime).slice(0, 19).replace('T', ' ')} UTC`;
}
