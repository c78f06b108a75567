// The schemas of what capacity is planned with, of rules of recommendations, and of recommendations. plan-schema.ts and
// run-record-schema.ts use them, and prove that they agree with the interfaces.

import { z } from 'zod';
import { ranks } from '../model/recommendation.ts';
import { aggregationSchema } from './monitor-schemas.ts';
import { count, ms, text } from './schema-parts.ts';

/** Rules that a suite may have, and recommendations that a record may. */
export const mostRules = 200;
const mostConditions = 100;

const rank = z.enum(ranks);
const share = z.number().min(0).max(1);
const cost = z
  .strictObject({ currency: text, low: count, high: count })
  .describe('Per month, as somebody estimates it.');

export const evidenceSchema = z.strictObject({
  name: text,
  value: z.number(),
  unit: z.string(),
  limit: z.number().exactOptional(),
  fromMs: ms.exactOptional().describe('Run time from which on it was seen.'),
  untilMs: ms.exactOptional(),
});

/** Exactly `RecommendationPlan`. */
export const recommendationPlanSchema = z
  .strictObject({
    id: text,
    off: z.literal(true).exactOptional(),
    component: text.exactOptional(),
    current: text.exactOptional(),
    recommended: text.exactOptional(),
    priority: rank.exactOptional(),
    effort: rank.exactOptional(),
    cost: cost.exactOptional(),
    improvement: text.exactOptional(),
    change: text.exactOptional(),
    verify: text.exactOptional(),
    options: z.array(text).max(mostConditions).exactOptional(),
    when: z
      .array(
        z.strictObject({
          metric: text,
          expression: text,
          aggregation: aggregationSchema,
          operator: z.enum(['<', '<=', '>', '>=', '==', '!=']),
          limit: z.number(),
        }),
      )
      .max(mostConditions)
      .exactOptional(),
  })
  .describe('What the suite says of one rule of recommendations.');

/** Exactly `CapacityPlan`. */
export const capacityPlanSchema = z.strictObject({
  instances: count.describe('Instances of the target that the run measured together.'),
  usersPerInstance: count.exactOptional().describe('As somebody states; not measured.'),
  buffers: z
    .strictObject({ users: share, rate: share, connections: share, memory: share, cpu: share })
    .describe('Shares that are kept free of what was found.'),
  database: z.strictObject({ vcpus: count, memoryBytes: count }).exactOptional(),
  costs: z.strictObject({ instance: cost.exactOptional(), database: cost.exactOptional() }).exactOptional(),
  growth: z
    .strictObject({
      users: count.exactOptional().describe('Users at the same time today.'),
      perMonth: z.number().exactOptional().describe('A share: 0.1 for 10 % more each month.'),
      expected: z.array(z.strictObject({ title: text, months: count, users: count })).max(mostConditions),
    })
    .exactOptional(),
});

/** Exactly `Recommendation`. */
export const recommendationSchema = z.strictObject({
  id: text.describe('Of its rule.'),
  component: text,
  current: text,
  recommended: text,
  priority: rank,
  effort: rank,
  cost: cost.exactOptional(),
  improvement: z
    .strictObject({ text, source: text })
    .exactOptional()
    .describe('An estimate of somebody, which was not measured.'),
  trigger: text.describe('The condition that held, with its figures.'),
  evidence: z.array(evidenceSchema).max(mostConditions),
  change: text.describe('What would change if it is followed.'),
  verify: text.describe('How to see whether it helped.'),
  options: z.array(text).max(mostConditions).exactOptional(),
  source: text.describe('Where the rule comes from.'),
  bottleneck: text
    .exactOptional()
    .describe('Title of the bottleneck of the same component that the run was found to have.'),
});
