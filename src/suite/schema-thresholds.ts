// The schema of thresholds. Used by schema.ts, schema-profiles.ts and schema-objectives.ts.

import { z } from 'zod';
import type { ThresholdDefinition } from '../model/suite.ts';
import {
  chosenBy,
  duration,
  flag,
  list,
  probability,
  record,
  type ShapeOf,
  strictObject,
  text,
} from './schema-fields.ts';

const thresholdShape = {
  threshold: text('an expression such as "p(95)<100"').optional(),
  target: text('an expression such as "p(95)<100"').optional(),
  critical: text('an expression such as "p(95)<200"').optional(),
  abortOnFail: flag.optional(),
  delayAbortEval: duration().optional(),
  warnMargin: probability.optional(),
  optional: flag.optional(),
} satisfies ShapeOf<Exclude<ThresholdDefinition, string>>;

const threshold = chosenBy((value) =>
  typeof value === 'string'
    ? z.string()
    : strictObject(thresholdShape, 'a threshold such as "p(95)<100" or { target: "...", critical: "..." }'),
);

export const thresholds = record(
  list(threshold, 'a list of thresholds such as ["p(95)<100"]', 1),
  'thresholds by metric, such as { http_req_failed: ["rate<0.01"] }',
);
