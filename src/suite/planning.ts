// `recommendations` and `capacity` of a suite become parts of the plan. Called by plan/plan.ts; schema-planning.ts and
// rules-planning.ts find mistakes with the same words.

import {
  type CapacityDefinition,
  type CapacityPlan,
  defaultBuffers,
  type ExpectedUsers,
  type GrowthDefinition,
  type GrowthPlan,
} from '../model/capacity-plan.ts';
import type {
  RecommendationCondition,
  RecommendationDefinition,
  RecommendationPlan,
} from '../model/recommendation.ts';
import { parseQuantity } from './quantity.ts';
import { parseSpan } from './span.ts';
import { parseThresholdExpression } from './threshold-expression.ts';

/** A share of growth in a month, written as `'10%'` or 0.1; `undefined` where it is neither. */
function parseGrowth(perMonth: string | number): number | undefined {
  return typeof perMonth === 'number' ? perMonth : parseQuantity(perMonth)?.value;
}

/** Of a valid suite. */
export function makeCapacityPlan(definition: CapacityDefinition): CapacityPlan {
  const { instances = 1, usersPerInstance, buffers, database, costs, growth } = definition;
  return {
    instances,
    ...(usersPerInstance !== undefined && { usersPerInstance }),
    buffers: { ...defaultBuffers, ...buffers },
    ...(database !== undefined && {
      database: { vcpus: database.vcpus, memoryBytes: parseQuantity(database.memory)?.value ?? 0 },
    }),
    ...(costs !== undefined && { costs }),
    ...(growth !== undefined && { growth: makeGrowthPlan(growth) }),
  };
}

function makeGrowthPlan({ users, perMonth, expected = {} }: GrowthDefinition): GrowthPlan {
  const share = perMonth === undefined ? undefined : parseGrowth(perMonth);
  const rows = Object.entries(expected).flatMap(([title, count]): ExpectedUsers[] => {
    const months = parseSpan(title);
    return months === undefined ? [] : [{ title, months, users: count }];
  });
  return {
    ...(users !== undefined && { users }),
    ...(share !== undefined && { perMonth: share }),
    expected: rows.sort((a, b) => a.months - b.months),
  };
}

/** What a valid suite says of the rules of recommendations, in its order. */
export function makeRecommendationPlans(
  definitions: Readonly<Record<string, RecommendationDefinition | false>>,
): RecommendationPlan[] {
  return Object.entries(definitions).map(([id, definition]): RecommendationPlan => {
    if (definition === false) return { id, off: true };
    const { when, ...fields } = definition;
    return { id, ...fields, ...(when !== undefined && { when: conditionsOf(when) }) };
  });
}

function conditionsOf(when: NonNullable<RecommendationDefinition['when']>): RecommendationCondition[] {
  return Object.entries(when).flatMap(([metric, expressions]) =>
    [expressions].flat().flatMap((expression): RecommendationCondition[] => {
      const parsed = parseThresholdExpression(expression);
      if (parsed === undefined) return [];
      const { aggregation, operator, limit } = parsed;
      return [{ metric, expression, aggregation, operator, limit }];
    }),
  );
}
