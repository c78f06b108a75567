import { expect, test } from 'vitest';
import { HttpError } from '../../../src/target-kit/http-error.ts';
import { imuCases, irpefCases, ivaCases } from '../../../suites/pratiko/tax-cases.ts';
import { taxCalculations } from './calculations.ts';
import { territories } from './irpef-rates.ts';

/** The message and the fields of a refusal, as the caller sees them. */
function refusal(tax: keyof typeof taxCalculations, body: unknown): unknown {
  try {
    return taxCalculations[tax](body);
  } catch (error) {
    if (error instanceof HttpError)
      return [error.status, ...error.fields.map(({ field, expected }) => `${field}: ${expected}`)];
    throw error;
  }
}

test.each(irpefCases)('IRPEF: %s, %d', (region, income, national, regional, municipal) => {
  expect(taxCalculations.irpef({ region, income })).toMatchObject({ national, regional, municipal });
});

test.each(ivaCases)('IVA: %d at %d %%, included: %s', (amount, rate, gross, net, iva, total) => {
  expect(taxCalculations.iva({ amount, rate, gross })).toMatchObject({ net, iva, total });
});

test.each(imuCases)('IMU: $property', ({ property, ...expected }) => {
  expect(taxCalculations.imu(property)).toMatchObject(expected);
});

test('the cases cover every region, every rate of IVA and every coefficient of IMU', () => {
  const regions = new Set(irpefCases.map(([region]) => region));
  expect([...regions].filter((region) => region !== 'none')).toEqual(Object.keys(territories).sort());
  expect(new Set(ivaCases.map(([, rate]) => rate))).toEqual(new Set([22, 10, 5, 4]));
  const coefficients = imuCases
    .map(({ property }) => taxCalculations.imu(property))
    .map((answer) => 'coefficient' in answer && answer.coefficient);
  expect(new Set(coefficients)).toEqual(new Set([160, 140, 80, 65, 55]));
});

test('the total of IRPEF is the sum of its parts; without a region it is the national tax', () => {
  expect(taxCalculations.irpef({ income: 37_419.8, region: 'lombardia' })).toEqual({
    tax: 'irpef',
    year: 2026,
    income: 37_419.8,
    region: 'lombardia',
    municipality: 'Milano',
    national: 9548.53,
    regional: 551.92,
    municipal: 299.36,
    total: 10_399.81,
  });
  expect(taxCalculations.irpef({ income: 28_000 })).toMatchObject({ municipality: null, total: 6440 });
});

test('a bulk calculation answers item by item and adds up what is due', () => {
  const items = [
    { tax: 'iva', amount: 100 },
    { tax: 'irpef', income: 28_000 },
    { tax: 'imu', rendita: 745.34, category: 'A/2' },
  ];
  const answer = taxCalculations.bulk({ items });
  expect(answer).toMatchObject({ count: 3, due: 22 + 6440 + 1077 });
  const hundred = Array.from({ length: 100 }, () => ({ tax: 'iva', amount: 0.05 }));
  expect(taxCalculations.bulk({ items: hundred })).toMatchObject({ count: 100, due: 1 });
});

test('a refusal names what does not fit', () => {
  expect(refusal('iva', { amount: 1.005 })).toEqual([
    400,
    'amount: number from 0 to 1000000000 with at most 2 decimals',
  ]);
  expect(refusal('iva', { amount: 1, rate: 21, gross: 'yes' })).toEqual([400, 'gross: true or false']);
  expect(refusal('iva', { amount: 1, rate: 21 })).toEqual([400, 'rate: one of 22, 10, 5, 4']);
  expect(refusal('irpef', { income: 1, region: 'toString' })).toEqual([
    400,
    expect.stringMatching(/^region: none or one of abruzzo, .*, veneto$/),
  ]);
  expect(refusal('imu', { rendita: 1, category: 'A/2', rate: 1.2 })).toEqual([
    400,
    expect.stringMatching(/^rate: number from 0/),
  ]);
  expect(refusal('imu', { rendita: 1, category: 'D/1', rate: 0.5 })).toEqual([
    400,
    'rate: 0.76 to 1.14 for D/1',
  ]);
  expect(refusal('imu', { rendita: 1, category: 'C/1', mainHome: true })).toEqual([
    400,
    'mainHome: false: only A/1 to A/9 and A/11 can be a main home',
  ]);
  expect(refusal('bulk', { items: [] })).toEqual([400, 'items: a list of 1 to 100 items']);
  expect(refusal('bulk', { items: [{ tax: 'iva', amount: 1 }, { tax: 'irpef' }] })).toEqual([
    400,
    expect.stringMatching(/^items\[1\]\.income: /),
  ]);
  expect(refusal('bulk', { items: [{ tax: 'ires' }] })).toEqual([
    400,
    'items[0].tax: one of iva, irpef, imu',
  ]);
  expect(refusal('bulk', { items: [5] })).toEqual([400]);
});
