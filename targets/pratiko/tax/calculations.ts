// The tax calculations of the API by the last part of their path: each takes the body of POST /api/tax/... and answers, or
// throws a 400. README.md has the rules and their sources.

import { HttpError, type Rules, readFields } from '../../../src/target-kit/http-error.ts';
import { calculateImu, type ImuAnswer } from './imu.ts';
import { calculateIrpef, type IrpefAnswer } from './irpef.ts';
import { calculateIva, type IvaAnswer } from './iva.ts';

type Answer = IvaAnswer | IrpefAnswer | ImuAnswer;

const mostItems = 100;
const single = { iva: calculateIva, irpef: calculateIrpef, imu: calculateImu } as const;
const itemRules = { tax: { kind: 'text', oneOf: Object.keys(single) } } as const satisfies Rules;

export interface BulkAnswer {
  readonly count: number;
  /** In the order of the items. */
  readonly results: readonly Answer[];
  /** Sum of what is due, in euro: the tax itself of IVA, the totals of the others. */
  readonly due: number;
}

/** `{ items: [{ tax, ...fields }] }`, 1 to 100 of them. Throws a 400 that names the first item that does not fit. */
function calculateBulk(body: unknown): BulkAnswer {
  const items: unknown =
    typeof body === 'object' && body !== null && 'items' in body ? body.items : undefined;
  if (!Array.isArray(items) || items.length === 0 || items.length > mostItems) {
    const found = Array.isArray(items) ? `${items.length} items` : 'no list';
    throw new HttpError(400, 'invalid_input', 'these fields do not fit: items', {
      fields: [{ field: 'items', expected: `a list of 1 to ${mostItems} items`, found }],
    });
  }
  const results = items.map((item: unknown, i) => {
    const path = `items[${i}].`;
    const { tax } = readFields(item, itemRules, path);
    return single[tax as keyof typeof single](item, path);
  });
  const cents = results.reduce((sum, result) => sum + Math.round(dueOf(result) * 100), 0);
  return { count: results.length, results, due: cents / 100 };
}

const dueOf = (answer: Answer): number => (answer.tax === 'iva' ? answer.iva : answer.total);

export const taxCalculations: Readonly<
  Record<'iva' | 'irpef' | 'imu' | 'bulk', (body: unknown) => Answer | BulkAnswer>
> = { ...single, bulk: calculateBulk };
