// IVA, the Italian value added tax: adds it to a net amount, or takes it out of a gross one. Called by calculations.ts.

import { type Fields, invalidInput, type Rules, readFields } from '../../../src/target-kit/http-error.ts';
import { roundedQuotient, shareOf, toCents, toEuro } from './money.ts';

/** The rates in force, in percent, and where the law has them (d.P.R. 633/1972). */
const ivaRates: ReadonlyMap<number, string> = new Map([
  [22, 'd.P.R. 633/1972, art. 16, c. 1'],
  [10, 'd.P.R. 633/1972, tabella A, parte III'],
  [5, 'd.P.R. 633/1972, tabella A, parte II-bis'],
  [4, 'd.P.R. 633/1972, tabella A, parte II'],
]);

const rules = {
  amount: { kind: 'number', min: 0, max: 1e9, decimals: 2 },
  rate: { kind: 'number', min: 0, max: 100, fallback: 22 },
  /** Whether `amount` includes the tax: then the tax is taken out (scorporo). */
  gross: { kind: 'boolean', fallback: false },
} as const satisfies Rules;

/** Euro, and the rate in percent. */
export interface IvaAnswer {
  readonly tax: 'iva';
  readonly net: number;
  readonly iva: number;
  readonly total: number;
  readonly rate: number;
  readonly basis: string;
}

/** Throws a 400 for a rate that the law does not have. */
export function calculateIva(body: unknown, path = ''): IvaAnswer {
  const { amount, rate, gross }: Fields<typeof rules> = readFields(body, rules, path);
  const basis = ivaRates.get(rate);
  if (basis === undefined) {
    const expected = `one of ${[...ivaRates.keys()].join(', ')}`;
    throw invalidInput([{ field: `${path}rate`, expected, found: String(rate) }]);
  }
  const cents = toCents(amount);
  const net = gross ? roundedQuotient(cents * 100, 100 + rate) : cents;
  const iva = gross ? cents - net : shareOf(cents, rate);
  return { tax: 'iva', net: toEuro(net), iva: toEuro(iva), total: toEuro(net + iva), rate, basis };
}
