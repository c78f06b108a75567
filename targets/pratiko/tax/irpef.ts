// IRPEF, the Italian income tax: national tax, regional and municipal addition of a taxable income, before the taxpayer's
// own credits. Called by calculations.ts.

import { invalidInput, type Rules, readFields } from '../../../src/target-kit/http-error.ts';
import { type Credit, nationalBrackets, type Territory, taxYear, territories } from './irpef-rates.ts';
import {
  type Brackets,
  inBrackets,
  pointsPerCent,
  roundedQuotient,
  toCents,
  toEuro,
  toPoints,
} from './money.ts';

const rules = {
  /** Taxable income of the year (reddito imponibile). */
  income: { kind: 'number', min: 0, max: 1e8, decimals: 2 },
  /** `none`: the national tax alone. */
  region: { kind: 'text', fallback: 'none' },
} as const satisfies Rules;

/** Euro. */
export interface IrpefAnswer {
  readonly tax: 'irpef';
  readonly year: number;
  readonly income: number;
  readonly region: string;
  /** The municipality whose addition is in it: the region's capital. */
  readonly municipality: string | null;
  readonly national: number;
  readonly regional: number;
  readonly municipal: number;
  readonly total: number;
}

/** Throws a 400 for a region that does not exist. */
export function calculateIrpef(body: unknown, path = ''): IrpefAnswer {
  const { income, region } = readFields(body, rules, path);
  const territory = Object.hasOwn(territories, region)
    ? (territories as Readonly<Record<string, Territory>>)[region]
    : undefined;
  if (territory === undefined && region !== 'none') {
    const expected = `none or one of ${Object.keys(territories).join(', ')}`;
    throw invalidInput([{ field: `${path}region`, expected, found: JSON.stringify(region.slice(0, 60)) }]);
  }
  const cents = toCents(income);
  const national = taxOf(cents, nationalBrackets);
  const regional = territory === undefined ? 0 : regionalAddition(cents, territory.regional);
  const municipal = territory === undefined ? 0 : municipalAddition(cents, territory.municipal);
  return {
    tax: 'irpef',
    year: taxYear,
    income,
    region,
    municipality: territory?.municipal.name ?? null,
    national: toEuro(national),
    regional: toEuro(regional),
    municipal: toEuro(municipal),
    total: toEuro(national + regional + municipal),
  };
}

const taxOf = (cents: number, brackets: Brackets): number =>
  roundedQuotient(inBrackets(cents, brackets), pointsPerCent);

function regionalAddition(cents: number, rule: Territory['regional']): number {
  const { brackets, lowIncome, credits = [] } = rule;
  const isLow = lowIncome !== undefined && cents <= toCents(lowIncome.upTo);
  const due = isLow ? cents * toPoints(lowIncome.percent) : inBrackets(cents, brackets);
  const less = credits.reduce((sum, credit) => sum + creditFor(cents, credit), 0);
  return roundedQuotient(Math.max(0, due - less), pointsPerCent);
}

/** In cents times points. */
function creditFor(cents: number, { above, upTo, amount, percent }: Credit): number {
  if (cents <= toCents(above) || cents > toCents(upTo)) return 0;
  const whole = toCents(amount) * pointsPerCent;
  return percent === undefined ? whole : Math.min(whole, (cents - toCents(above)) * toPoints(percent));
}

const municipalAddition = (cents: number, { brackets, exemptUpTo }: Territory['municipal']): number =>
  cents <= toCents(exemptUpTo) ? 0 : taxOf(cents, brackets);
