// The schema of `analysis`: what a suite changes of the rules about bottlenecks. Called by schema.ts; names and units of
// limits are for analysis-limits.ts to check.

import type { AnalysisDefinition, BottleneckRuleDefinition } from '../model/bottleneck.ts';
import { flag, record, type ShapeOf, strictObject, where } from './schema-fields.ts';

const limit = where(
  (value) => typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value) && value >= 0),
  'a limit such as 0.9, "90%" or "200ms"',
);

const ruleShape = {
  off: flag.optional(),
  limits: record(limit, 'limits by sign, such as { ratio: "90%" }').optional(),
} satisfies ShapeOf<BottleneckRuleDefinition>;

const analysisShape = {
  rules: record(
    strictObject(ruleShape, 'a rule such as { off: true } or { limits: { core: "95%" } }'),
    'rules by name, such as { cpu: { limits: { core: "95%" } } }',
  ).optional(),
} satisfies ShapeOf<AnalysisDefinition>;

export const analysisSchema = strictObject(
  analysisShape,
  'what differs from the usual analysis, such as { rules: { cache: { off: true } } }',
);
