// Numbers with a unit, as people write limits: `80%`, `200ms`, `4GB`, `10/min`, `100MB/h`. Thresholds and alerts read
// their limits with it.

/** What a number is of. `none` is a bare number, which fits everything. */
export type Dimension = 'none' | 'ratio' | 'time' | 'data';

export interface Quantity {
  /** Ratios 0..1, times in ms, data in bytes; of `per` ms where there is a `per`. */
  readonly value: number;
  readonly dimension: Dimension;
  /** The time that the value is for: 3,600,000 in `100MB/h`. */
  readonly perMs?: number;
}

const units: Readonly<Record<string, { readonly factor: number; readonly dimension: Dimension }>> = {
  '': { factor: 1, dimension: 'none' },
  '%': { factor: 0.01, dimension: 'ratio' },
  ms: { factor: 1, dimension: 'time' },
  s: { factor: 1000, dimension: 'time' },
  min: { factor: 60_000, dimension: 'time' },
  h: { factor: 3_600_000, dimension: 'time' },
  b: { factor: 1, dimension: 'data' },
  kb: { factor: 1e3, dimension: 'data' },
  mb: { factor: 1e6, dimension: 'data' },
  gb: { factor: 1e9, dimension: 'data' },
  tb: { factor: 1e12, dimension: 'data' },
  kib: { factor: 2 ** 10, dimension: 'data' },
  mib: { factor: 2 ** 20, dimension: 'data' },
  gib: { factor: 2 ** 30, dimension: 'data' },
};
const timesMs: Readonly<Record<string, number>> = {
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

//   quantity = number [unit] ["/" [whole number] time]        time = s | min | h | d
const pattern = /^(-?\d+(?:\.\d+)?)\s*(%|[a-z]+)?(?:\s*\/\s*(\d+)?\s*(s|min|h|d))?$/i;

/** Parses a number with or without a unit; `undefined` for anything else. Decimal units: 1 MB is 1,000,000 bytes. */
export function parseQuantity(text: string): Quantity | undefined {
  const [, number, unitText = '', times = '1', time] = pattern.exec(text.trim()) ?? [];
  const unitName = unitText.toLowerCase();
  const unit = Object.hasOwn(units, unitName) ? units[unitName] : undefined;
  if (number === undefined || unit === undefined || Number(times) === 0) return undefined;
  const value = Number((Number(number) * unit.factor).toPrecision(15));
  const { dimension } = unit;
  if (time === undefined) return { value, dimension };
  return { value, dimension, perMs: Number(times) * timesMs[time.toLowerCase()]! };
}
