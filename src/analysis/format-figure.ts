// Numbers with their units as sentences of findings and verdicts print them.

/** What an evidence's number is. `ratio` is 0..1 and printed as percent; `count` has no unit. */
export type FigureUnit = 'ms' | 'bytes' | 'ratio' | 'per s' | 'count' | 'iterations/s';

/** Prints a figure: `153 ms`, `1.25 %`, `12,500`, `98.4 per s`. Three significant digits below 1,000. */
export function formatFigure(value: number, unit: FigureUnit): string {
  switch (unit) {
    case 'ms':
      return `${formatNumber(value)} ms`;
    case 'bytes':
      return `${formatNumber(value)} bytes`;
    case 'ratio':
      return `${formatNumber(value * 100)} %`;
    case 'per s':
      return `${formatNumber(value)} per s`;
    case 'iterations/s':
      return `${formatNumber(value)} iterations/s`;
    case 'count':
      return formatNumber(value);
  }
}

/** `1 request`, `2,000 requests`. */
export function formatCount(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function formatNumber(value: number): string {
  // Rounding 1,234.5 to three digits would hide a difference that can be seen; only decimals are cut there.
  const rounded = Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 20 });
}
