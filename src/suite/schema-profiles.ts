// The schema of profiles and scenarios: chosen by `executor`, so that each field answers for itself.

import { z } from 'zod';
import type { LoadForm } from '../executors/executor.ts';
import { loadForms } from '../executors/executors.ts';
import type { Field } from '../executors/fields.ts';
import type { StageDefinition } from '../executors/load-values.ts';
import type { ComparisonDefinition } from '../model/comparison.ts';
import { assertNever } from '../model/errors.ts';
import { recordOf } from './mistake.ts';
import { alerts } from './schema-alerts.ts';
import { faults, processes, proxies } from './schema-faults.ts';
import {
  chosenBy,
  duration,
  greatestWeight,
  list,
  number,
  positive,
  record,
  type ShapeOf,
  strictObject,
  tags,
  text,
  thinkTime,
  userMix,
  where,
  whole,
} from './schema-fields.ts';
import { monitorSchema } from './schema-monitors.ts';
import { objectivesOfProfile } from './schema-objectives.ts';
import { settingsShape } from './schema-protocols.ts';
import { thresholds } from './schema-thresholds.ts';

const commonShape = {
  users: userMix.optional(),
  tasks: record(
    record(
      number(0, greatestWeight, `a weight of at most ${greatestWeight}, or a probability`),
      'tasks with weights',
    ),
    'a mix such as { buyer: { price: 60, search: 40 } }',
  ).optional(),
  thinkTime: thinkTime.optional(),
  startTime: duration().optional(),
  gracefulStop: duration().optional(),
  iterationTimeout: duration().optional(),
  tags: tags.optional(),
};

/** The schema of one field that an executor names. */
function schemaOf(field: Field): z.ZodType {
  const schema = requiredSchemaOf(field);
  return field.optional ? schema.optional() : schema;
}

function requiredSchemaOf(field: Field): z.ZodType {
  switch (field.kind) {
    case 'whole':
      return whole(field.least, field.most);
    case 'rate':
      return field.orZero
        ? number(0, Number.MAX_VALUE, 'a rate from 0 up, such as 300')
        : positive('a rate above 0, such as 300');
    case 'duration':
      return duration(field.leastMs);
    case 'choice':
      return where(
        (value) => field.values.some((one) => one === value),
        field.values.map((one) => `"${one}"`).join(' or '),
      );
    case 'stages':
      return list(
        strictObject(
          { duration: duration(), target: schemaOf(field.target) } satisfies ShapeOf<StageDefinition>,
          'a stage such as { duration: "1m", target: 50 }',
        ),
        'a list of one or more stages such as [{ duration: "1m", target: 50 }]',
        1,
      );
    default:
      return assertNever(field);
  }
}

/** The shape of a scenario with this executor. */
function shapeOf(executor: string, { fields }: LoadForm<never>): Record<string, z.ZodType> {
  const own = Object.entries<Field>(fields).map(([key, field]) => [key, schemaOf(field)] as const);
  return { ...commonShape, executor: z.literal(executor), ...Object.fromEntries(own) };
}

const comparisonShape = {
  metric: text('the name of a trend such as "http_req_duration"'),
  of: tags,
  against: tags,
  statistic: where((value) => value === 'med' || value === 'avg', '"med" or "avg"').optional(),
  limit: text('a limit such as "<10%"').optional(),
} satisfies ShapeOf<ComparisonDefinition>;

export const comparisons = record(
  strictObject(comparisonShape, 'a comparison such as { metric: "...", of: { ... }, against: { ... } }'),
  'comparisons by name',
);

/** The words of expressions are no markers: `load and not slow`. */
const markerName = where(
  (value) => typeof value === 'string' && /^[\w-]+$/.test(value) && !/^(and|or|not)$/.test(value),
  'a marker of letters, digits, _ and -, such as "load"; not and, or, not',
);

const profileShape = {
  description: z.string({ error: 'a text' }).optional(),
  whenToRun: z.string({ error: 'a text' }).optional(),
  markers: list(markerName, 'a list of markers such as ["load", "slow"]').optional(),
  needs: list(text('the name of a profile'), 'a list of profiles such as ["smoke"]').optional(),
  ...settingsShape,
  thresholds: thresholds.optional(),
  comparisons: comparisons.optional(),
  monitors: monitorSchema.optional(),
  alerts: alerts.optional(),
  objectives: objectivesOfProfile.optional(),
  proxies: proxies.optional(),
  processes: processes.optional(),
  faults: faults.optional(),
  tags: tags.optional(),
};

/**
 * The fields of all executors, none of them required: for a scenario whose executor is unknown, which
 * rules-executors.ts reports. A field that several executors have is wrong when it fits none of them.
 */
function anyExecutorShape(): Record<string, z.ZodType> {
  const variants = new Map<string, Set<z.ZodType>>();
  for (const [name, form] of loadForms()) {
    for (const [key, schema] of Object.entries(shapeOf(name, form))) {
      variants.set(key, (variants.get(key) ?? new Set()).add(schema));
    }
  }
  const shape = Object.fromEntries(
    [...variants].map(([key, schemas]) => [key, fittingOne([...schemas]).optional()]),
  );
  return { ...shape, executor: z.unknown().optional() };
}

function fittingOne(schemas: readonly z.ZodType[]): z.ZodType {
  return chosenBy((value) => schemas.find((schema) => schema.safeParse(value).success) ?? schemas[0]!);
}

/** The schema of one scenario, beside which the keys of `extra` are allowed. */
function scenarioWith(extra: Record<string, z.ZodType>): (value: unknown) => z.ZodType {
  const schemas = new Map<string, z.ZodType>();
  return (value) => {
    const { executor } = recordOf(value);
    const form = typeof executor === 'string' ? loadForms().get(executor) : undefined;
    if (typeof executor !== 'string' || form === undefined) {
      return strictObject({ ...anyExecutorShape(), ...extra }, anExample);
    }
    const schema = schemas.get(executor) ?? strictObject({ ...shapeOf(executor, form), ...extra }, anExample);
    schemas.set(executor, schema);
    return schema;
  };
}
const anExample = 'a scenario such as { executor: "constant-vus", vus: 10, duration: "1m" }';

const scenarioRecord = record(chosenBy(scenarioWith({})), 'scenarios by name');
const phaseList = list(
  chosenBy(scenarioWith({ name: text('the name of the phase'), pause: duration().optional() })),
  'a list of one or more phases',
  1,
);

const inlineProfile = scenarioWith(profileShape);
const withScenarios = strictObject({ ...profileShape, scenarios: scenarioRecord }, 'a profile');
const withPhases = strictObject({ ...profileShape, phases: phaseList }, 'a profile');

/** Several forms at once, which rules-profiles.ts reports: what stands in each is checked, what is absent is not missed. */
function withSeveralForms(): z.ZodType {
  const forms = { scenarios: scenarioRecord.optional(), phases: phaseList.optional() };
  return strictObject({ ...anyExecutorShape(), ...profileShape, ...forms }, 'a profile');
}

/** A profile; which of its three forms it takes is told by the keys it has. */
export const profileSchema = chosenBy((value) => {
  const { executor, scenarios, phases } = recordOf(value);
  if ([executor, scenarios, phases].filter((form) => form !== undefined).length > 1)
    return withSeveralForms();
  if (scenarios !== undefined) return withScenarios;
  return phases !== undefined ? withPhases : inlineProfile(value);
});
