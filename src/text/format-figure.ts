// How sentences and tables print numbers, the same way everywhere: with a unit, and with as many digits as mean
// something. Used by analysis/, report/ and cli/.

/** Thin enough to read, and plain ASCII: `1,234,567`. */
function grouped(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const separated = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? separated : `${separated}.${fraction}`;
}

/**
 * Three significant digits, all digits of the whole part: `0.42`, `4.2`, `12.3`, `1,235`. With `keepZeros` a
 * rounded number keeps the zeros that say how exact it is, as `12.0`; one that is 12 to the last digit has none.
 */
function significant(value: number, keepZeros = false): string {
  const size = Math.abs(value);
  if (size === 0) return '0';
  const digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  const text = value.toFixed(digits);
  if (keepZeros && Number(text) !== value) return grouped(text);
  return grouped(digits === 0 ? text : text.replace(/\.?0+$/, ''));
}

/** Milliseconds: `0.42 ms`, `12.3 ms`, `123 ms`, `1.24 s`, `75.2 s`; exactly 10 s is `10 s`, about 10 s `10.0 s`. */
export function formatMs(ms: number): string {
  const size = Math.abs(ms);
  if (size === 0) return '0 ms';
  if (size < 0.005) return '<0.01 ms';
  return size < 999.5 ? `${significant(ms, true)} ms` : `${significant(ms / 1000, true)} s`;
}

/** Counts: `12,345`, `1 request`, `2,000 requests`; a count that is not whole keeps three digits. */
export function formatCount(value: number, noun?: string): string {
  const text = Number.isInteger(value) ? grouped(String(value)) : significant(value);
  if (noun === undefined) return text;
  return `${text} ${noun}${value === 1 ? '' : 's'}`;
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

/** A planned rate per second, to two decimals: `300/s`, `0.33/s`. */
export function formatRate(ratePerSec: number): string {
  return `${grouped(String(Number(ratePerSec.toFixed(2))))}/s`;
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes in decimal units: `512 B`, `1.24 kB`, `3.5 MB`. */
export function formatBytes(bytes: number): string {
  let size = bytes;
  let unit = 'B';
  for (const larger of byteUnits.slice(1)) {
    if (Math.abs(size) < 999.5) break;
    size /= 1000;
    unit = larger;
  }
  return `${significant(size)} ${unit}`;
}

/** All digits that a number was written with; what computing with it added after the twelfth is left out. */
function exact(value: number): string {
  const known = Number(value.toPrecision(12));
  const text = String(known);
  return grouped(/e-/.test(text) ? known.toFixed(20).replace(/\.?0+$/, '') : text);
}

/** Prints a limit, which somebody wrote, with all of its digits: `0.005 %`, `1.2345 s`, `99.995 %`. */
export function formatLimit(value: number, unit: FigureUnit): string {
  switch (unit) {
    case 'ms':
      return Math.abs(value) < 1000 ? `${exact(value)} ms` : `${exact(value / 1000)} s`;
    case 'bytes': {
      const [, name = 'B'] = formatBytes(value).split(' ');
      return `${exact(value / 1000 ** byteUnits.indexOf(name))} ${name}`;
    }
    case 'ratio':
      return `${exact(value * 100)} %`;
    case 'per s':
      return `${exact(value)}/s`;
    case 'iterations/s':
      return `${exact(value)} iterations/s`;
    case 'users':
      return `${exact(value)} user${value === 1 ? '' : 's'}`;
    case 'count':
      return exact(value);
    default: {
      const [plain, time] = unit.split('/') as [Plain, string];
      return `${formatLimit(value, plain)}/${time}`;
    }
  }
}

/** `20 times`, `6.67 times`. */
export function factorText(factor: number): string {
  return `${significant(factor)} times`;
}

/** What a figure is. `ratio` is 0..1 and printed as percent; `count` has no unit. */
export type FigureUnit = 'per s' | 'iterations/s' | 'users' | Plain | `${Plain}/${'s' | 'h'}`;
type Plain = 'ms' | 'bytes' | 'ratio' | 'count';

/** Prints a figure: `153 ms`, `1.25 %`, `12,500`, `98.4/s`, `20 iterations/s`, `1.2 MB/h`. */
export function formatFigure(value: number, unit: FigureUnit): string {
  switch (unit) {
    case 'ms':
      return formatMs(value);
    case 'bytes':
      return formatBytes(value);
    case 'ratio':
      return formatPercent(value);
    case 'per s':
      return formatPerSec(value);
    case 'iterations/s':
      return `${formatCount(value)} iterations/s`;
    case 'users':
      return formatCount(value, 'user');
    case 'count':
      return formatCount(value);
    default: {
      const [plain, time] = unit.split('/') as [Plain, string];
      return `${formatFigure(value, plain)}/${time}`;
    }
  }
}
