// The schemas of what a run came to in its parts: windows of thresholds, phases, stages, steady states. Only
// run-record-schema.ts uses them, and proves that they agree with the interfaces.

import { z } from 'zod';
import { type OperationKind, operationMetrics } from '../model/operation.ts';
import { count, ms, text } from './schema-parts.ts';

export const trendValues = z
  .strictObject({
    avg: z.number(),
    min: z.number(),
    med: z.number(),
    max: z.number(),
    'p(90)': z.number(),
    'p(95)': z.number(),
    'p(99)': z.number(),
    count,
  })
  .describe('Values of a trend with k6’s keys; all 0 without a sample.');

export const windowTallySchema = z.strictObject({
  held: count,
  broken: count,
  open: count.describe(
    'Undecided windows: the result depends on work that was cut off or did not end within the window.',
  ),
  longestBroken: z
    .strictObject({ fromMs: ms.nullable(), lengthMs: ms })
    .describe(
      'The longest uninterrupted time for which the threshold was broken; `fromMs` is null when it never was.',
    ),
  worst: z
    .strictObject({ value: z.number(), fromMs: ms })
    .nullable()
    .describe('The worst figure of a window, and the start of that window.'),
});

const part = {
  fromMs: ms,
  untilMs: ms,
  figures: z
    .array(
      z.strictObject({
        kind: z.enum(Object.keys(operationMetrics) as [OperationKind, ...OperationKind[]]),
        count,
        perSec: z.number().describe('Of those that ended within its time.'),
        failed: count,
        durations: trendValues,
      }),
    )
    .max(20),
};

export const phaseSchema = z.strictObject({
  ...part,
  scenario: text,
  stage: count.exactOptional().describe('From 1; absent for a scenario as a whole.'),
});

export const steadySchema = z.strictObject({
  ...part,
  warmUpMs: ms.describe('What was left out at its start.'),
  reason: z.string().exactOptional().describe('Why nothing of it is steady; `figures` are empty then.'),
});
