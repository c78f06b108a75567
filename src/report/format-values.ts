// How every report prints numbers: always with a unit, with as many digits as mean something.

import type { MetricContains, MetricType } from '../model/metric.ts';

/** Thin enough to read, and plain ASCII: `1,234,567`. */
function grouped(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const separated = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? separated : `${separated}.${fraction}`;
}

/** Three significant digits, all digits of the whole part: `0.42`, `4.2`, `12.3`, `1,235`. */
function significant(value: number, keepZeros = false): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  const digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  const text = value.toFixed(digits);
  if (keepZeros) return grouped(text);
  return grouped(digits === 0 ? text : text.replace(/\.?0+$/, ''));
}

/** Milliseconds: `0.42 ms`, `12.3 ms`, `123 ms`, `1.24 s`, `75.2 s`. */
export function formatMs(ms: number): string {
  const size = Math.abs(ms);
  if (size === 0) return '0 ms';
  if (size < 0.005) return '<0.01 ms';
  return size < 999.5 ? `${significant(ms, true)} ms` : `${significant(ms / 1000, true)} s`;
}

/** Counts: `12,345`; a count that is not whole keeps three digits. */
export function formatCount(value: number): string {
  return Number.isInteger(value) ? grouped(String(value)) : significant(value);
}

/** A ratio (0..1) as percent: `0 %`, `0.03 %`, `12.4 %`; never rounded up to 100 or down to 0. */
export function formatPercent(ratio: number): string {
  const percent = ratio * 100;
  if (percent === 0) return '0 %';
  if (percent > 0 && percent < 0.01) return '<0.01 %';
  if (percent < 100 && percent > 99.95) return percent > 99.99 ? '>99.99 %' : `${percent.toFixed(2)} %`;
  return `${significant(percent)} %`;
}

/** Per second: `12.4/s`, `1,235/s`. */
export function formatPerSec(value: number): string {
  return `${significant(value)}/s`;
}

/** Bytes in decimal units: `512 B`, `1.24 kB`, `3.5 MB`. */
export function formatBytes(bytes: number): string {
  let size = bytes;
  let unit = 'B';
  for (const larger of ['kB', 'MB', 'GB', 'TB']) {
    if (Math.abs(size) < 999.5) break;
    size /= 1000;
    unit = larger;
  }
  return `${significant(size)} ${unit}`;
}

/** What a threshold compares: milliseconds, bytes, a ratio, a rate per second, or a bare number. */
export type FigureUnit = 'ms' | 'bytes' | 'ratio' | 'per-second' | 'number';

/** Unit of a threshold's value, from the metric's kind and the aggregation that the expression starts with. */
export function unitOfExpression(
  expression: string,
  metric: { readonly type: MetricType; readonly contains: MetricContains },
): FigureUnit {
  const aggregation = /^\s*([a-z]+)/.exec(expression)?.[1] ?? '';
  if (metric.type === 'rate' && aggregation === 'rate') return 'ratio';
  if (metric.type === 'counter' && aggregation === 'rate') return 'per-second';
  if (metric.type === 'trend' && aggregation === 'count') return 'number';
  if (metric.contains === 'time') return 'ms';
  return metric.contains === 'data' ? 'bytes' : 'number';
}

export function formatFigure(value: number, unit: FigureUnit): string {
  switch (unit) {
    case 'ms':
      return formatMs(value);
    case 'bytes':
      return formatBytes(value);
    case 'ratio':
      return formatPercent(value);
    case 'per-second':
      return formatPerSec(value);
    case 'number':
      return formatCount(value);
  }
}

/** A finding's evidence, whose unit is free text: the known ones get our format, others stand behind a number. */
export function formatEvidence(value: number, unit: string): string {
  if (unit === 'ms') return formatMs(value);
  if (unit === 'bytes' || unit === 'B') return formatBytes(value);
  if (unit === 'ratio') return formatPercent(value);
  if (unit === '%') return formatPercent(value / 100);
  if (unit === '/s' || unit === 'per second') return formatPerSec(value);
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
