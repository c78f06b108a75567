// The limit of a comparison as people write it. The schema calls it to find mistakes, plan/ to make the plan.

import type { ComparisonDefinition, ComparisonOperator, ComparisonPlan } from '../model/comparison.ts';

const pattern = /^\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)\s*%\s*$/;

/** Parses `<10%`; `undefined` for anything else. */
export function parseComparisonLimit(
  text: string,
): Omit<NonNullable<ComparisonPlan['limit']>, 'expression'> | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  return { operator: match[1] as ComparisonOperator, ratio: Number(match[2]) / 100 };
}

/** Makes the plans of `comparisons`, in its order. Throws a `TypeError` for a limit that does not parse. */
export function makeComparisonPlans(
  comparisons: Readonly<Record<string, ComparisonDefinition>>,
): ComparisonPlan[] {
  return Object.entries(comparisons).map(([name, { metric, of, against, statistic = 'med', limit }]) => {
    const plan = { name, metric, of, against, statistic };
    if (limit === undefined) return plan;
    const parsed = parseComparisonLimit(limit);
    if (parsed === undefined) throw new TypeError(`not a limit of a comparison: ${limit}`);
    return { ...plan, limit: { expression: limit, ...parsed } };
  });
}
