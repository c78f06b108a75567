// The schema of the plan inside a run record. Only run-record-schema.ts uses it, and proves that it agrees
// with the interface.

import { z } from 'zod';
import { type ExecutorPlan, executors } from '../executors/executors.ts';
import type { PlanField } from '../executors/fields.ts';
import type { SettingsInPlans } from '../protocols/registry.ts';
import { protocolSettings } from '../protocols/settings-registry.ts';
import { faultPlanSchema, processPlanSchema, proxyPlanSchema } from './fault-schemas.ts';
import { feederPlanSchema } from './feeder-schemas.ts';
import { aggregationSchema, alertPlanSchema, monitorPlanSchema } from './monitor-schemas.ts';
import { objectivePlanSchema } from './objective-schemas.ts';
import { capacityPlanSchema, mostRules, recommendationPlanSchema } from './planning-schemas.ts';
import { scalingPlanSchema } from './scaling-schema.ts';
import * as words from './schema-parts.ts';
import { count, mostEntries, ms, series, tags, text } from './schema-parts.ts';

const stage = z.strictObject({ durationMs: ms, target: z.number() });

const thinkTime = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('fixed'), ms }),
  z.strictObject({ kind: z.literal('uniform'), minMs: ms, maxMs: ms }),
  z.strictObject({ kind: z.literal('suite') }).describe('A function of the suite returns each think time.'),
]);

const timeUnitMs = z
  .number()
  .exactOptional()
  .describe(
    'Time unit of the suite’s rates; absent: 1000. Rates per second are rounded, this value is exact.',
  );

const arrivals = z
  .literal('poisson')
  .exactOptional()
  .describe('Absent: evenly spaced starts. `poisson`: random starts, determined by the seed.');

const fieldSchemas: Readonly<Record<PlanField, z.ZodType>> = {
  count,
  ms,
  stages: z.array(stage),
  'rate-stages': z.array(stage).describe('Each target is a rate per second.'),
  'time-unit': timeUnitMs,
  arrivals,
};

/** The types of the fields are those of the executors' own plans, whose fields executors/ names. */
const executor = z
  .discriminatedUnion(
    'kind',
    Object.entries(executors).map(([kind, { planFields }]) => {
      const fields = Object.entries<PlanField>(planFields).map(([name, field]) => [
        name,
        fieldSchemas[field],
      ]);
      return z.strictObject({ kind: z.literal(kind), ...Object.fromEntries(fields) });
    }) as never,
  )
  .describe(
    'When iterations start. Times are in ms from the start of the scenario.',
  ) as unknown as z.ZodType<ExecutorPlan>;

const user = z.strictObject({
  name: text,
  weight: count,
  thinkTime,
  mix: z
    .enum(['tasks', 'flow'])
    .describe(
      '`tasks`: each iteration runs one task, drawn by weight. `flow`: each iteration runs all steps in order.',
    ),
  tasks: z.array(
    z.strictObject({
      name: text,
      share: z.number().describe('A weight (tasks) or a probability from 0 to 1 (flow).'),
    }),
  ),
});

const scenario = z.strictObject({
  name: text,
  startAtMs: ms.describe('Run time at which the scenario starts.'),
  executor,
  gracefulStopMs: ms,
  iterationTimeoutMs: ms.describe('0 means no limit.'),
  users: z.array(user),
  tags,
});

const threshold = z.strictObject({
  metric: text,
  tags,
  expression: text,
  aggregation: aggregationSchema,
  operator: z.enum(['<', '<=', '>', '>=', '==', '!=']),
  limit: z.number(),
  level: z.enum(['target', 'critical', 'search']),
  abortOnFail: z.boolean(),
  delayAbortEvalMs: ms,
  warnMargin: z
    .number()
    .describe('A threshold that holds counts as close when it is within this share of its limit.'),
  optional: z
    .literal(true)
    .exactOptional()
    .describe('True: the threshold holds when the run recorded no sample that it selects.'),
  windows: z
    .strictObject({
      lengthMs: ms,
      withinMs: ms.describe('Windows that begin before this time do not count.'),
      forMs: ms
        .exactOptional()
        .describe('The threshold is broken when its limit is broken for this time without interruption.'),
      share: z
        .number()
        .exactOptional()
        .describe('The threshold is broken when it holds in a smaller share of the windows than this.'),
      stage: z
        .strictObject({ scenario: text.exactOptional(), fromMs: ms, untilMs: ms })
        .exactOptional()
        .describe('Run times of the stage, or of the fault, that the selector names.'),
      outside: z
        .array(z.strictObject({ fromMs: ms, untilMs: ms }))
        .exactOptional()
        .describe('Run times without faults, where the selector names these.'),
    })
    .exactOptional()
    .describe('Present when the threshold is judged window by window.'),
});

const comparison = z.strictObject({
  name: text,
  metric: text,
  of: tags,
  against: tags,
  statistic: z.enum(['med', 'avg']),
  limit: z
    .strictObject({ expression: text, operator: z.enum(['<', '<=', '>', '>=']), ratio: z.number() })
    .exactOptional(),
});

const analysis = z.strictObject({
  rules: series(
    z.strictObject({
      off: z.literal(true).exactOptional(),
      limits: series(z.number()).exactOptional().describe('By sign; ratios 0 to 1, times in ms.'),
    }),
  ).describe('By rule.'),
});

type SettingsSchemas = {
  readonly [Key in keyof SettingsInPlans]-?: undefined extends SettingsInPlans[Key]
    ? z.ZodExactOptional<z.ZodType<NonNullable<SettingsInPlans[Key]>>>
    : z.ZodType<SettingsInPlans[Key]>;
};

/** As the settings of each protocol have them, whose types hold the keys, and whose tests hold the values. */
const settingsSchemas = Object.fromEntries(
  protocolSettings.map(({ name, everywhere, recorded }) => {
    const schema = z.strictObject(recorded(words));
    return [name, everywhere ? schema : schema.exactOptional()];
  }),
) as unknown as SettingsSchemas;

/** Exactly `Plan`. */
const searchUnit = z.enum(['iterations/s', 'users']);
const searchRules = { from: z.number(), to: z.number(), precision: z.number(), warmUpMs: ms };
export const searchRulesSchema = z.strictObject({ unit: searchUnit, ...searchRules });
export const searchTrialSchema = z.strictObject({
  purpose: z.enum(['grow', 'narrow', 'repeat', 'confirm']),
  outcome: z.enum(['held', 'broke', 'noisy', 'saturated']),
  reasons: z.array(text).exactOptional().describe('Why the step did not hold, one sentence each.'),
});

export const planSchema = z
  .strictObject({
    suite: text,
    profile: text,
    description: z.string(),
    whenToRun: z.string().exactOptional(),
    baseUrl: z.string().exactOptional(),
    environment: text,
    seed: z.number(),
    tags,
    workers: count.max(10_000),
    ...settingsSchemas,
    scenarios: z.array(scenario).max(2000),
    data: z.array(feederPlanSchema).exactOptional().describe('Test data of the suite.'),
    monitors: z
      .array(monitorPlanSchema)
      .exactOptional()
      .describe('Sources that are watched during the load.'),
    thresholds: z.array(threshold).max(mostEntries),
    alerts: z.array(alertPlanSchema).exactOptional(),
    comparisons: z.array(comparison).exactOptional(),
    proxies: z
      .array(proxyPlanSchema)
      .max(mostEntries)
      .exactOptional()
      .describe('TCP proxies that stood before addresses during the run.'),
    processes: z
      .array(processPlanSchema)
      .max(mostEntries)
      .exactOptional()
      .describe('Processes that were started for the run.'),
    faults: z
      .array(faultPlanSchema)
      .max(mostEntries)
      .exactOptional()
      .describe('What was to be done to the system during the load, ascending by time.'),
    scaling: scalingPlanSchema
      .exactOptional()
      .describe('How the system’s instances are scaled, as the suite says; a run scales nothing.'),
    objectives: z
      .array(objectivePlanSchema)
      .max(mostEntries)
      .exactOptional()
      .describe('What the owner of the system requires.'),
    compressed: z
      .number()
      .gt(1)
      .exactOptional()
      .describe('How many times shorter the load is than the profile says; absent at full length.'),
    isOverridden: z
      .literal(true)
      .exactOptional()
      .describe('The load is not that of the profile as written; told where there are objectives.'),
    analysis: analysis.exactOptional().describe('What the suite changes of the rules about bottlenecks.'),
    operationsReport: z
      .strictObject({ users: count, targetMs: ms, recommendation: text.exactOptional() })
      .exactOptional()
      .describe('Present when the suite asks for a text report on operations.'),
    recommendations: z.array(recommendationPlanSchema).max(mostRules).exactOptional(),
    capacity: capacityPlanSchema
      .exactOptional()
      .describe('Present when the suite says what capacity is planned with.'),
    metrics: series(z.strictObject({ type: text, contains: text })),
    search: z
      .strictObject({
        unit: searchUnit,
        steps: z
          .array(
            z.strictObject({
              scenario: text,
              load: z.number(),
              trial: searchTrialSchema
                .exactOptional()
                .describe('Adaptive searches only: the purpose of the step, and its outcome.'),
            }),
          )
          .max(2000),
        adaptive: z
          .strictObject({
            ...searchRules,
            endedBy: text
              .exactOptional()
              .describe('Why the search ended without a result, other than an interruption.'),
          })
          .exactOptional()
          .describe(
            'Present when earlier steps decided about each step; otherwise the loads of the steps ascend.',
          ),
      })
      .exactOptional()
      .describe('Present when the run was a capacity search.'),
    durationMs: ms.describe('Planned end of the last scenario, without graceful stops.'),
    maxDurationMs: ms.describe('Longest time that the run may take.'),
  })
  .describe('Everything that was decided before the load.');
