// The schema of the autoscaling policy in a plan. Used by plan-schema.ts.

import { z } from 'zod';
import type { ScalingPlan } from '../model/scaling.ts';
import { conditionSchema } from './monitor-schemas.ts';
import { count, ms, series, text } from './schema-parts.ts';

const instances = count.int().max(1_000_000);
/** No policy that a suite may have is longer. */
const mostRules = 100;
const mostConditions = 20;
const mostStages = 2000;

const rule = z.strictObject({
  name: text,
  trigger: text.describe('As written.'),
  conditions: z.array(conditionSchema).max(mostConditions),
  forMs: ms,
  action: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.enum(['add', 'remove']), count: instances }),
    z.strictObject({ kind: z.literal('resize') }),
  ]),
  cooldownMs: ms,
  minInstances: instances.exactOptional(),
  maxInstances: instances.exactOptional(),
});

const hpaRules = z.strictObject({
  stabilizationMs: ms,
  selectPolicy: z.enum(['Max', 'Min', 'Disabled']),
  policies: z
    .array(z.strictObject({ type: z.enum(['Pods', 'Percent']), value: count, periodMs: ms }))
    .max(mostRules),
});

/** Exactly `ScalingPlan`. */
export const scalingPlanSchema = z.strictObject({
  rules: z.array(rule).max(mostRules),
  minInstances: instances,
  maxInstances: instances.exactOptional(),
  cooldownAfter: z
    .enum(['any', 'own'])
    .describe('What begins a cooldown: an action of any rule, or of the rule itself.'),
  instances: z
    .union([z.number(), z.string()])
    .exactOptional()
    .describe('How many ran during the test, or the metric that tells.'),
  metrics: series(z.string()).describe('Metrics that words of rules stand for.'),
  simulation: z.strictObject({
    capacityPerInstance: z.number().positive().exactOptional().describe('Iterations per second.'),
    startUpMs: ms.exactOptional(),
    metricDelayMs: ms.exactOptional(),
    intervalMs: ms.exactOptional(),
    load: z
      .strictObject({
        startRate: count,
        stages: z.array(z.strictObject({ durationMs: ms, target: count })).max(mostStages),
      })
      .exactOptional(),
    cpuAtCapacity: z.number().exactOptional(),
    responseMs: ms.exactOptional(),
    assume: series(z.number()),
  }),
  hpa: z
    .strictObject({
      targets: z
        .array(
          z.strictObject({
            metric: text,
            value: z.number().positive(),
            unit: z.enum(['count', 'ratio', 'ms', 'bytes', 'per s']),
          }),
        )
        .max(mostRules),
      minReplicas: instances,
      maxReplicas: instances.exactOptional(),
      tolerance: count,
      scaleUp: hpaRules,
      scaleDown: hpaRules,
    })
    .exactOptional(),
  workload: z
    .strictObject({ name: text, namespace: text.exactOptional(), kind: text.exactOptional() })
    .exactOptional()
    .describe('What exported manifests scale.'),
}) satisfies z.ZodType<ScalingPlan>;
