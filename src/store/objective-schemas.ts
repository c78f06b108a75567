// The schemas of objectives in plans and of compliance in run records. Used by plan-schema.ts and run-record-schema.ts,
// which prove that they agree with the interfaces.

import { z } from 'zod';
import { complianceBands, objectiveClasses, objectiveDimensions } from '../model/objective.ts';
import { aggregationSchema } from './monitor-schemas.ts';
import { mostEntries, text } from './schema-parts.ts';

const operator = z.enum(['<', '<=', '>', '>=', '==', '!=']);
const dimension = z.enum(objectiveDimensions);
const objectiveClass = z.enum(objectiveClasses);
const share = z.number().min(0).max(1);

const reference = z.strictObject({
  series: text.describe('Series key.'),
  expression: text.describe('As written.'),
  level: z.enum(['target', 'critical']),
});
const profiles = z.array(text).describe('The profiles that judge it.');
const isElsewhere = z
  .literal(true)
  .exactOptional()
  .describe('The profile of the run does not judge it; it is no part of the score then.');

export const objectivePlanSchema = z.strictObject({
  name: text,
  title: text,
  description: z.string().exactOptional(),
  dimension,
  weight: z.number().positive().describe('Its part in the score.'),
  thresholds: z
    .array(reference)
    .max(mostEntries)
    .describe('The thresholds of the plan that decide it: all must hold.'),
  classes: z
    .strictObject({
      series: text.describe('Series key of the figure.'),
      aggregation: aggregationSchema,
      limits: z
        .array(
          z.strictObject({
            class: objectiveClass.exclude(['needs-work']),
            expression: text,
            operator,
            limit: z.number(),
          }),
        )
        .max(3)
        .describe('The best class first.'),
    })
    .exactOptional(),
  impact: z.string().exactOptional(),
  remediation: z.string().exactOptional(),
  profiles,
  isElsewhere,
  untested: z
    .array(text)
    .exactOptional()
    .describe('What it takes that the profile does not do or does not watch, in words.'),
});

const status = z
  .enum(['pass', 'warning', 'fail', 'unjudged'])
  .describe(
    '`warning`: a target is missed or a limit is close. `unjudged`: nobody knows, never counted as met.',
  );
const classRange = z.strictObject({ worst: objectiveClass, best: objectiveClass });
const scoreRange = z.strictObject({ low: share, high: share });

const objectiveResult = z.strictObject({
  name: text,
  title: text,
  dimension,
  weight: z.number().positive(),
  status,
  reason: z.string().describe('Why, in a sentence.'),
  credit: scoreRange.describe('What it adds to the score, as a share of its weight.'),
  isCritical: z.boolean().describe('It has a critical limit.'),
  isUntested: z
    .literal(true)
    .exactOptional()
    .describe('The profile does not do, or watch, what it is about.'),
  profiles,
  isElsewhere,
  decidedBy: text
    .exactOptional()
    .describe('The profile whose run decides, where several are judged together.'),
  figures: z
    .array(
      reference.extend({
        state: z.enum(['held', 'close', 'missed', 'broken', 'open']),
        words: z.string(),
        actual: z.number().nullable(),
        limit: z.number(),
        unit: z.string(),
        margin: z
          .number()
          .nullable()
          .describe('From the figure to its limit: above 0 headroom, below 0 how far it is beyond.'),
        marginRatio: z.number().nullable().describe('The margin as a share of the limit.'),
      }),
    )
    .max(mostEntries),
  class: classRange.exactOptional(),
  impact: z.string().exactOptional(),
  remediation: z.string().exactOptional(),
});

export const complianceSchema = z.strictObject({
  objectives: z.array(objectiveResult).max(mostEntries),
  score: scoreRange.describe(
    'Shares: what is surely earned, and what would be if all that is open were met.',
  ),
  band: z.strictObject({ low: z.enum(complianceBands), high: z.enum(complianceBands) }),
  dimensions: z.array(
    z.strictObject({
      dimension,
      status,
      objectives: z.number().int().nonnegative(),
      class: classRange.exactOptional(),
    }),
  ),
  class: classRange
    .extend({ dimensions: z.array(dimension) })
    .exactOptional()
    .describe('The class of the worst dimension.'),
  readiness: z.strictObject({
    status: z.enum(['ready', 'conditional', 'not-ready', 'open']),
    reasons: z.array(z.string()).min(1),
  }),
});
