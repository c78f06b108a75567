// The schema of `objectives`: what the owner of a system requires. Used by schema.ts and schema-profiles.ts.

import { z } from 'zod';
import { objectiveDimensions } from '../model/objective.ts';
import type { ObjectiveDefinition } from '../model/suite.ts';
import { chosenBy, list, record, type ShapeOf, strictObject, text, weightSuchAs } from './schema-fields.ts';
import { thresholds } from './schema-thresholds.ts';

const aClass = text('an expression such as "p(95)<50"');

const classesShape = {
  metric: text('the metric of one of its thresholds').optional(),
  excellent: aClass.optional(),
  good: aClass.optional(),
  acceptable: aClass.optional(),
} satisfies ShapeOf<NonNullable<ObjectiveDefinition['classes']>>;

const names = list(
  text('the name of a threshold: "checks", or "http_req_duration: p(95)<100"'),
  'thresholds by metric, or names of thresholds such as ["http_req_duration: p(95)<100"]',
  1,
);

const objectiveShape = {
  title: text('a title such as "Prices within 100 ms"').optional(),
  description: z.string({ error: 'a text' }).optional(),
  dimension: z
    .enum(objectiveDimensions, {
      error: `a dimension: ${objectiveDimensions.map((one) => `"${one}"`).join(', ')}`,
    })
    .optional(),
  thresholds: chosenBy((value) => (Array.isArray(value) ? names : thresholds)),
  classes: strictObject(
    classesShape,
    'classes such as { excellent: "p(95)<50", good: "p(95)<75" }',
  ).optional(),
  weight: weightSuchAs(2).optional(),
  profiles: list(text('the name of a profile'), 'names of profiles', 1).optional(),
  impact: text('a sentence').optional(),
  remediation: text('a sentence').optional(),
} satisfies ShapeOf<ObjectiveDefinition>;

const { profiles: _profiles, ...shapeInProfile } = objectiveShape;
const example = 'an objective such as { thresholds: { http_req_duration: ["p(95)<100"] } }';
const byName = 'objectives by name, such as { fast: { thresholds: { http_req_duration: ["p(95)<100"] } } }';

export const objectives = record(strictObject(objectiveShape, example), byName);
/** Of a profile, which they are for. */
export const objectivesOfProfile = record(strictObject(shapeInProfile, example), byName);
