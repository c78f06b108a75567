// Tax calculations, each answer held against a case that was worked independently. Called by users.ts.

import type { HttpResponse, TaskContext } from 'plimsoll';
import { imuCases, irpefCases, ivaCases } from '../tax-cases.ts';
import { ask, oneOf, type Vu } from './platform.ts';

/** A calculation as the platform takes it, and what it must answer. */
interface TaxCase {
  readonly tax: 'iva' | 'irpef' | 'imu';
  readonly input: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, number>>;
}

const ivaOf = ([amount, rate, gross, net, iva, total]: (typeof ivaCases)[number]): TaxCase => ({
  tax: 'iva',
  input: { amount, rate, gross },
  expected: { net, iva, total },
});

const irpefOf = ([region, income, national, regional, municipal]: (typeof irpefCases)[number]): TaxCase => ({
  tax: 'irpef',
  input: { region, income },
  expected: { national, regional, municipal },
});

const imuOf = ({ property, ...expected }: (typeof imuCases)[number]): TaxCase => ({
  tax: 'imu',
  input: property,
  expected,
});

const regional = irpefCases.filter(([region]) => region !== 'none').map(irpefOf);
const drawn = {
  iva: ivaCases.map(ivaOf),
  basicIrpef: irpefCases.filter(([region]) => region === 'none').map(irpefOf),
  irpef: regional,
  imu: imuCases.map(imuOf),
};

/** MIX-9: IVA, IRPEF and IMU, over all regions, incomes and properties; one in four is several taxes at once. */
export async function calculateTax(context: TaskContext): Promise<void> {
  const kind = Math.floor(context.vu.random() * 4);
  if (kind === 0) return await calculateOne(context, oneOf(context.vu, drawn.iva));
  if (kind === 1) return await calculateOne(context, oneOf(context.vu, drawn.irpef));
  if (kind === 2) return await calculateOne(context, oneOf(context.vu, drawn.imu));
  return await calculateComplexTax(context);
}

/** SLO-14, simple: IVA, or IRPEF without additions. */
export async function calculateSimpleTax(context: TaskContext): Promise<void> {
  const { vu } = context;
  await calculateOne(context, oneOf(vu, vu.random() < 0.5 ? drawn.iva : drawn.basicIrpef), 'tax_simple');
}

/** SLO-14, complex: several regions and several taxes in one request. */
export async function calculateComplexTax(context: TaskContext): Promise<void> {
  const { vu } = context;
  const cases = [...draw(vu, drawn.irpef, 3), ...draw(vu, drawn.imu, 2), ...draw(vu, drawn.iva, 1)];
  await calculateMany(context, cases, 'tax_complex');
}

/** SLO-14, bulk: 100 calculations in one request. */
export async function calculateBulk(context: TaskContext): Promise<void> {
  const { vu } = context;
  const cases = [...draw(vu, drawn.irpef, 60), ...draw(vu, drawn.imu, 20), ...draw(vu, drawn.iva, 20)];
  await calculateMany(context, cases, 'tax_bulk');
}

const draw = (vu: Vu, cases: readonly TaxCase[], count: number): TaxCase[] =>
  Array.from({ length: count }, () => oneOf(vu, cases));

async function calculateOne(
  context: TaskContext,
  { tax, input, expected }: TaxCase,
  operation = `tax_${tax}`,
): Promise<void> {
  const response = await ask(context, 'POST', `/api/tax/${tax}`, { json: input, operation });
  checkTaxes(context, response, [{ tax, input, expected }], () => [response.json<Figures>()]);
}

async function calculateMany(
  context: TaskContext,
  cases: readonly TaxCase[],
  operation: string,
): Promise<void> {
  const items = cases.map(({ tax, input }) => ({ tax, ...input }));
  const response = await ask(context, 'POST', '/api/tax/bulk', { json: { items }, operation });
  checkTaxes(context, response, cases, () => response.json<{ results: readonly Figures[] }>().results);
}

type Figures = Readonly<Record<string, unknown>>;

/** An answer that is not 200 is a failed request, and says nothing of accuracy. */
function checkTaxes(
  { check, log, session }: TaskContext,
  response: HttpResponse,
  cases: readonly TaxCase[],
  read: () => readonly Figures[],
): void {
  if (!check(response, { 'tax: status is 200': (r) => r.status === 200 })) return;
  let wrong: number | undefined;
  const isExact = check(response, {
    'tax: the answer is exact': () => {
      const answers = read();
      const found = cases.findIndex(({ expected }, i) => !holds(answers[i], expected));
      if (found >= 0) wrong = found;
      return found < 0 && answers.length === cases.length;
    },
  });
  // The first of each user tells enough.
  if (isExact || wrong === undefined || session.hasToldTax === true) return;
  session.hasToldTax = true;
  const told = { ...cases[wrong], answer: read()[wrong] };
  log.warn(`a tax is wrong: ${JSON.stringify(told)}`);
}

const holds = (answer: Figures | undefined, expected: TaxCase['expected']): boolean =>
  answer !== undefined && Object.entries(expected).every(([figure, value]) => answer[figure] === value);
