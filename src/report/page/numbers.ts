// How charts print numbers: the formats of the report's tables, and shorter ones for axes, whose room is small.

import { formatBytes, formatCount, formatMs, formatPercent, formatPerSec } from '../../text/format-figure.ts';

export type ChartUnit =
  | 'ms'
  | 'per-second'
  | 'count'
  | 'ratio'
  | 'bytes'
  | 'ms-per-second'
  | 'ratio-per-second'
  | 'bytes-per-second';

export type Format = (value: number) => string;

const perSecond =
  (format: Format): Format =>
  (value) =>
    value === 0 ? '0' : `${format(value)}/s`;

/** For legends. */
export const formats: Readonly<Record<ChartUnit, Format>> = {
  ms: formatMs,
  'per-second': formatPerSec,
  count: formatCount,
  ratio: formatPercent,
  bytes: formatBytes,
  'ms-per-second': (value) => `${formatMs(value)}/s`,
  'ratio-per-second': (value) => `${formatPercent(value)}/s`,
  'bytes-per-second': (value) => `${formatBytes(value)}/s`,
};

/** 2,500,000 is 2.5 M. */
function short(value: number): string {
  return Math.abs(value) < 1e6 ? formatCount(value) : `${formatCount(value / 1e6)} M`;
}

/** Labels are round, so they need no zeros to say how exact they are. */
function shortMs(value: number): string {
  if (value === 0) return '0';
  return Math.abs(value) < 1000 ? `${formatCount(value)} ms` : `${formatCount(value / 1000)} s`;
}

const shortBytes: Format = (value) => (value === 0 ? '0' : formatBytes(value));

/** For axes. */
export const axisFormats: Readonly<Record<ChartUnit, Format>> = {
  ms: shortMs,
  'per-second': (value) => `${short(value)}/s`,
  count: short,
  ratio: formatPercent,
  bytes: shortBytes,
  'ms-per-second': perSecond(shortMs),
  'ratio-per-second': perSecond(formatPercent),
  'bytes-per-second': perSecond(shortBytes),
};

/** `1:05`, `1:00:05` */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds + 1e-6);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Seconds between the labels of a time axis, such as people count in. */
export const clockSteps = [
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800],
  ...[3600, 7200, 14_400, 21_600, 43_200, 86_400],
];

/** 1, 2, 5, 10, 20, 50, ... */
export const wholeSteps = Array.from({ length: 10 }, (_, power) =>
  [1, 2, 5].map((m) => m * 10 ** power),
).flat();
