// The schema of `recommendations` and `capacity`: what analysis advises, and what it plans with. Used by schema.ts.

import { z } from 'zod';
import {
  type CapacityBuffers,
  type CapacityDefinition,
  type GrowthDefinition,
  mostGrowthPerMonth,
  mostPlannedUsers,
} from '../model/capacity-plan.ts';
import { type MonthlyCost, type RecommendationDefinition, ranks } from '../model/recommendation.ts';
import { parseQuantity } from './quantity.ts';
import {
  chosenBy,
  list,
  number,
  oneOf,
  record,
  type ShapeOf,
  strictObject,
  text,
  unless,
  where,
  whole,
} from './schema-fields.ts';
import { parseSpan } from './span.ts';

const amount = where(
  (value) => typeof value === 'number' && value >= 0 && value < 1e12,
  'an amount of money of 0 or more',
);

const costShape = {
  currency: where(
    (value) => typeof value === 'string' && /^[A-Z]{3}$/.test(value),
    'a currency by its three letters, such as "EUR"',
  ),
  low: amount,
  high: amount,
} satisfies ShapeOf<MonthlyCost>;

const costExample = 'a cost per month such as { currency: "EUR", low: 50, high: 100 }';
const cost = chosenBy((value) => {
  const { low, high } = (value ?? {}) as { low?: unknown; high?: unknown };
  const isTurned = typeof low === 'number' && typeof high === 'number' && low > high;
  return isTurned
    ? unless(() => 'a cost whose `low` is at most its `high`')
    : strictObject(costShape, costExample);
});

const expression = text('an expression such as "avg>70%"');

const recommendationShape = {
  component: text('a part of the system such as "CPU"').optional(),
  current: text('how it is now, such as "2 cores"').optional(),
  recommended: text('what is recommended, such as "4 cores"').optional(),
  priority: oneOf(...ranks).optional(),
  effort: oneOf(...ranks).optional(),
  cost: cost.optional(),
  improvement: text('what is expected, such as "40 % performance gain"').optional(),
  change: text('what would change, in a sentence').optional(),
  verify: text('how to see whether it helped, in a sentence').optional(),
  options: list(text('a sentence'), 'sentences with further measures').optional(),
  when: record(
    chosenBy((value) =>
      Array.isArray(value) ? list(expression, 'expressions such as ["avg>70%"]', 1) : expression,
    ),
    'conditions by metric, such as { monitor_db_connections: "max>70" }',
  ).optional(),
} satisfies ShapeOf<RecommendationDefinition>;

const aRule = strictObject(
  recommendationShape,
  'a rule such as { recommended: "8 cores" }, or false to switch it off',
);

export const recommendations = record(
  chosenBy((value) => (value === false ? z.literal(false) : aRule)),
  'rules by id, such as { cpu: { recommended: "8 cores" }, sharding: false }',
);

const buffer = number(0, 0.99, 'a share from 0 to below 1, such as 0.3');

const buffersShape = {
  users: buffer.optional(),
  rate: buffer.optional(),
  connections: buffer.optional(),
  memory: buffer.optional(),
  cpu: buffer.optional(),
} satisfies ShapeOf<Partial<CapacityBuffers>>;

const memory = where((value) => {
  const quantity = typeof value === 'string' ? parseQuantity(value) : undefined;
  return quantity?.dimension === 'data' && quantity.perMs === undefined && quantity.value > 0;
}, 'a size such as "32GB"');

const growthPerMonth = where((value) => {
  const quantity = typeof value === 'string' ? parseQuantity(value) : { value, dimension: 'none' };
  if (quantity === undefined || typeof quantity.value !== 'number') return false;
  const isShare = quantity.dimension === 'none' || quantity.dimension === 'ratio';
  return isShare && quantity.value > 0 && quantity.value <= mostGrowthPerMonth && !('perMs' in quantity);
}, 'growth in a month above 0 and of 1000% at the most, such as "10%" or 0.1');

const users = where(
  (value) => typeof value === 'number' && value > 0 && value <= mostPlannedUsers,
  'a number of users above 0, of 10,000,000,000 at the most',
);

const growthShape = {
  users: users.optional(),
  perMonth: growthPerMonth.optional(),
  expected: record(users, 'users by time from today, such as { "3 months": 1000, "1 year": 5000 }')
    .superRefine((value, context) => {
      for (const key of Object.keys((value ?? {}) as object)) {
        if (parseSpan(key) !== undefined) continue;
        context.addIssue({
          code: 'custom',
          path: [key],
          message: 'a time from today such as "3 months", "6 weeks" or "1 year", of 20 years at the most',
        });
      }
    })
    .optional(),
} satisfies ShapeOf<GrowthDefinition>;

const growth = chosenBy((value) => {
  const { perMonth, expected } = (value ?? {}) as GrowthDefinition;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isObject && perMonth === undefined && expected === undefined) {
    return unless(() => '`perMonth`, `expected` or both');
  }
  return strictObject(growthShape, 'growth such as { users: 500, perMonth: "10%" }');
});

const capacityShape = {
  instances: whole(1, 1_000_000).optional(),
  usersPerInstance: users.optional(),
  buffers: strictObject(buffersShape, 'buffers such as { users: 0.3 }').optional(),
  database: strictObject(
    { vcpus: whole(1, 100_000), memory },
    'a database server such as { vcpus: 8, memory: "32GB" }',
  ).optional(),
  costs: strictObject(
    { instance: cost.optional(), database: cost.optional() },
    'costs per month such as { instance: { currency: "EUR", low: 50, high: 100 } }',
  ).optional(),
  growth: growth.optional(),
} satisfies ShapeOf<CapacityDefinition>;

export const capacity = strictObject(
  capacityShape,
  'capacity such as { instances: 3, growth: { users: 500, perMonth: "10%" } }',
);
