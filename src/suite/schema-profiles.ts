// The schema of profiles and scenarios: chosen by `executor`, so that each field answers for itself.

import { z } from 'zod';
import { mostIterations, mostVus } from '../model/bounds.ts';
import type { ComparisonDefinition } from '../model/comparison.ts';
import type {
  CapacitySearchDefinition,
  ConstantArrivalRateDefinition,
  ConstantVusDefinition,
  ExternallyControlledDefinition,
  PerVuIterationsDefinition,
  RampingArrivalRateDefinition,
  RampingVusDefinition,
  ScenarioDefinition,
  SharedIterationsDefinition,
  StageDefinition,
  ThresholdDefinition,
} from '../model/suite.ts';
import { recordOf } from './mistake.ts';
import { executorNames } from './rules-executors.ts';
import { alerts } from './schema-alerts.ts';
import {
  chosenBy,
  duration,
  flag,
  list,
  number,
  positive,
  probability,
  record,
  type ShapeOf,
  shortestRunMs,
  strictObject,
  tags,
  text,
  thinkTime,
  userMix,
  where,
  whole,
} from './schema-fields.ts';
import { httpSchema } from './schema-http.ts';
import { monitorSchema } from './schema-monitors.ts';
import { redisSchema } from './schema-redis.ts';
import { sqlSchema } from './schema-sql.ts';

const aRate = positive('a rate above 0, such as 300');
const run = duration(shortestRunMs);
const vus = whole(1, mostVus);

const commonShape = {
  users: userMix.optional(),
  tasks: record(
    record(number(0, Number.MAX_VALUE, 'a weight or a probability'), 'tasks with weights'),
    'a mix such as { buyer: { price: 60, search: 40 } }',
  ).optional(),
  thinkTime: thinkTime.optional(),
  startTime: duration().optional(),
  gracefulStop: duration().optional(),
  iterationTimeout: duration().optional(),
  tags: tags.optional(),
};

const stageShape = {
  duration: duration(),
  target: whole(0, mostVus),
} satisfies ShapeOf<StageDefinition>;

const arrivalShape = {
  timeUnit: duration(1).optional(),
  preAllocatedVUs: vus,
  maxVUs: vus.optional(),
};
const arrivals = where((value) => value === 'even' || value === 'poisson', '"even" or "poisson"').optional();

const rateStageShape = {
  duration: duration(),
  target: number(0, Number.MAX_VALUE, 'a rate from 0 up, such as 300'),
} satisfies ShapeOf<StageDefinition>;

const literal = (name: (typeof executorNames)[number]): z.ZodType => z.literal(name);

const executorShapes = {
  'constant-vus': {
    ...commonShape,
    executor: literal('constant-vus'),
    vus,
    duration: run,
    rampUp: duration().optional(),
  } satisfies ShapeOf<ConstantVusDefinition>,
  'ramping-vus': {
    ...commonShape,
    executor: literal('ramping-vus'),
    startVUs: whole(0, mostVus).optional(),
    stages: list(
      strictObject(stageShape, 'a stage such as { duration: "1m", target: 50 }'),
      'a list of one or more stages such as [{ duration: "1m", target: 50 }]',
      1,
    ),
    gracefulRampDown: duration().optional(),
  } satisfies ShapeOf<RampingVusDefinition>,
  'per-vu-iterations': {
    ...commonShape,
    executor: literal('per-vu-iterations'),
    vus,
    iterations: whole(1, mostIterations),
    rampUp: duration().optional(),
    maxDuration: run.optional(),
  } satisfies ShapeOf<PerVuIterationsDefinition>,
  'shared-iterations': {
    ...commonShape,
    executor: literal('shared-iterations'),
    vus,
    iterations: whole(1, mostIterations),
    rampUp: duration().optional(),
    maxDuration: run.optional(),
  } satisfies ShapeOf<SharedIterationsDefinition>,
  'constant-arrival-rate': {
    ...commonShape,
    ...arrivalShape,
    executor: literal('constant-arrival-rate'),
    rate: aRate,
    duration: run,
    arrivals,
  } satisfies ShapeOf<ConstantArrivalRateDefinition>,
  'ramping-arrival-rate': {
    ...commonShape,
    ...arrivalShape,
    executor: literal('ramping-arrival-rate'),
    startRate: number(0, Number.MAX_VALUE, 'a rate from 0 up, such as 300').optional(),
    stages: list(
      strictObject(rateStageShape, 'a stage such as { duration: "1m", target: 50 }'),
      'a list of one or more stages such as [{ duration: "1m", target: 50 }]',
      1,
    ),
    arrivals,
  } satisfies ShapeOf<RampingArrivalRateDefinition>,
  'externally-controlled': {
    ...commonShape,
    executor: literal('externally-controlled'),
    vus: whole(0, mostVus),
    maxVUs: vus.optional(),
    duration: run,
  } satisfies ShapeOf<ExternallyControlledDefinition>,
  'capacity-search': {
    ...commonShape,
    ...arrivalShape,
    executor: literal('capacity-search'),
    startRate: aRate,
    stepRate: aRate,
    maxRate: aRate,
    stepDuration: run,
  } satisfies ShapeOf<CapacitySearchDefinition>,
} satisfies Record<ScenarioDefinition['executor'], Record<string, z.ZodType>>;

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

const comparisonShape = {
  metric: text('the name of a trend such as "sql_op_duration"'),
  of: tags,
  against: tags,
  statistic: where((value) => value === 'med' || value === 'avg', '"med" or "avg"').optional(),
  limit: text('a limit such as "<10%"').optional(),
} satisfies ShapeOf<ComparisonDefinition>;

export const comparisons = record(
  strictObject(comparisonShape, 'a comparison such as { metric: "...", of: { ... }, against: { ... } }'),
  'comparisons by name',
);

const profileShape = {
  description: z.string({ error: 'a text' }).optional(),
  whenToRun: z.string({ error: 'a text' }).optional(),
  http: httpSchema.optional(),
  sql: sqlSchema.optional(),
  redis: redisSchema.optional(),
  thresholds: thresholds.optional(),
  comparisons: comparisons.optional(),
  monitors: monitorSchema.optional(),
  alerts: alerts.optional(),
  tags: tags.optional(),
};

/**
 * The fields of all executors, none of them required: for a scenario whose executor is unknown, which
 * rules-executors.ts reports. A field that several executors have is wrong when it fits none of them.
 */
function anyExecutorShape(): Record<string, z.ZodType> {
  const variants = new Map<string, Set<z.ZodType>>();
  for (const shape of Object.values<Record<string, z.ZodType>>(executorShapes)) {
    for (const [key, schema] of Object.entries(shape)) {
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
    const known = executorNames.find((name) => name === executor);
    if (known === undefined) return strictObject({ ...anyExecutorShape(), ...extra }, anExample);
    const schema = schemas.get(known) ?? strictObject({ ...executorShapes[known], ...extra }, anExample);
    schemas.set(known, schema);
    return schema;
  };
}
const anExample = 'a scenario such as { executor: "constant-vus", vus: 10, duration: "1m" }';

const inlineProfile = scenarioWith(profileShape);
const withScenarios = strictObject(
  { ...profileShape, scenarios: record(chosenBy(scenarioWith({})), 'scenarios by name') },
  'a profile',
);
const withPhases = strictObject(
  {
    ...profileShape,
    phases: list(
      chosenBy(scenarioWith({ name: text('the name of the phase'), pause: duration().optional() })),
      'a list of one or more phases',
      1,
    ),
  },
  'a profile',
);

/** A profile; which of its three forms it takes is told by the keys it has. */
export const profileSchema = chosenBy((value) => {
  const { executor, scenarios, phases } = recordOf(value);
  // Several forms at once are reported by rules.ts; here every key counts as known, to report it only once.
  if ([executor, scenarios, phases].filter((form) => form !== undefined).length > 1) return z.looseObject({});
  if (scenarios !== undefined) return withScenarios;
  return phases !== undefined ? withPhases : inlineProfile(value);
});
