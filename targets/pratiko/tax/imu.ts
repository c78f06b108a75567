// IMU, the Italian municipal tax on real estate: from the cadastral value, by category, rate, share and months. Called by
// calculations.ts.

import { type Fields, invalidInput, type Rules, readFields } from '../../../src/target-kit/http-error.ts';

const categories = [
  ...['A/1', 'A/2', 'A/3', 'A/4', 'A/5', 'A/6', 'A/7', 'A/8', 'A/9', 'A/10', 'A/11'],
  ...['B/1', 'B/2', 'B/3', 'B/4', 'B/5', 'B/6', 'B/7', 'B/8'],
  ...['C/1', 'C/2', 'C/3', 'C/4', 'C/5', 'C/6', 'C/7'],
  ...['D/1', 'D/2', 'D/3', 'D/4', 'D/5', 'D/6', 'D/7', 'D/8', 'D/10'],
] as const;

const rules = {
  /** Cadastral income (rendita catastale) in euro, not yet raised by 5 %. */
  rendita: { kind: 'number', min: 0, max: 1e7, decimals: 2 },
  category: { kind: 'text', oneOf: categories },
  /** Percent that the municipality has set; the law's own rate when 0 or absent. */
  rate: { kind: 'number', min: 0, max: 1.14, decimals: 2, fallback: 0 },
  /** Percent of the property that the taxpayer owns. */
  share: { kind: 'integer', min: 1, max: 100, fallback: 100 },
  months: { kind: 'integer', min: 1, max: 12, fallback: 12 },
  mainHome: { kind: 'boolean', fallback: false },
  /** A historic building, or one that nobody can live in: half of the value (L. 160/2019, art. 1, c. 747). */
  halved: { kind: 'boolean', fallback: false },
  /** Let at an agreed rent (L. 431/1998): 75 % of the tax (L. 160/2019, art. 1, c. 760). */
  agreedRent: { kind: 'boolean', fallback: false },
} as const satisfies Rules;

/** Euro, and the rate in percent. */
export interface ImuAnswer {
  readonly tax: 'imu';
  readonly category: string;
  readonly cadastralValue: number;
  readonly coefficient: number;
  readonly rate: number;
  readonly exempt: boolean;
  /** What 200 euro a year for the main home take off. */
  readonly deduction: number;
  /** To the cent. */
  readonly imu: number;
  /** What is paid: whole euro, up to 49 cents rounded off (L. 296/2006, art. 1, c. 166). */
  readonly total: number;
}

type Property = Fields<typeof rules>;

/** Coefficients of L. 160/2019, art. 1, c. 745. */
function coefficientOf(category: string): number {
  if (category === 'A/10' || category === 'D/5') return 80;
  if (category === 'C/1') return 55;
  if (category.startsWith('D/')) return 65;
  if (category.startsWith('B/') || ['C/3', 'C/4', 'C/5'].includes(category)) return 140;
  return 160;
}

const isLuxury = (category: string): boolean => ['A/1', 'A/8', 'A/9'].includes(category);

/** Hundredths of a percent: the law's rate, or the municipality's within the law's limits (c. 748, 750, 753, 754). */
function pointsFor({ category, mainHome, rate }: Property, path: string): number {
  // Farm buildings pay 0.1 % at most, which municipalities may only lower.
  const limits = mainHome
    ? { base: 50, least: 0, most: 60 }
    : category === 'D/10'
      ? { base: 10, least: 0, most: 10 }
      : { base: 86, least: category.startsWith('D/') ? 76 : 0, most: 114 };
  const points = Math.round(rate * 100);
  if (points === 0) return limits.base;
  if (points >= limits.least && points <= limits.most) return points;
  const expected = `${limits.least / 100} to ${limits.most / 100} for ${mainHome ? 'a main home' : category}`;
  throw invalidInput([{ field: `${path}rate`, expected, found: String(rate) }]);
}

/** A quotient rounded half up. */
const rounded = (numerator: bigint, denominator: bigint): number =>
  Number((2n * numerator + denominator) / (2n * denominator));

/** Throws a 400 for a rate outside of the law's limits, and for a main home that is none by its category. */
export function calculateImu(body: unknown, path = ''): ImuAnswer {
  const property = readFields(body, rules, path);
  const { category, mainHome } = property;
  if (mainHome && !(category.startsWith('A/') && category !== 'A/10')) {
    const expected = 'false: only A/1 to A/9 and A/11 can be a main home';
    throw invalidInput([{ field: `${path}mainHome`, expected, found: `true for ${category}` }]);
  }
  const points = pointsFor(property, path);
  const coefficient = coefficientOf(category);
  const renditaCents = BigInt(Math.round(property.rendita * 100));
  // In cents times 100: raised by 5 %, and halved where the law halves it.
  const value = { times: renditaCents * 105n * BigInt(coefficient), over: property.halved ? 200n : 100n };
  const exempt = mainHome && !isLuxury(category);
  const part = { times: BigInt(property.share * property.months), over: 1200n };
  const gross = {
    times: value.times * BigInt(points) * part.times * (property.agreedRent ? 75n : 100n),
    over: value.over * 10_000n * part.over * 100n,
  };
  const deductionCents = mainHome && !exempt ? rounded(20_000n * part.times, part.over) : 0;
  const cents = exempt ? 0 : Math.max(0, rounded(gross.times, gross.over) - deductionCents);
  return {
    tax: 'imu',
    category,
    cadastralValue: rounded(value.times, value.over) / 100,
    coefficient,
    rate: points / 100,
    exempt,
    deduction: deductionCents / 100,
    imu: cents / 100,
    total: Math.floor((cents + 50) / 100),
  };
}
