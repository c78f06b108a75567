// The schema of `scaling`: the shape of an autoscaling policy, whose texts are taken apart in read-scaling.ts. Called by
// schema.ts.

import type { z } from 'zod';
import {
  type HpaDefinition,
  type HpaRulesDefinition,
  isDnsLabel,
  isDnsName,
  longestLabel,
  type ScalingDefinition,
  type ScalingLoadDefinition,
  type ScalingRuleDefinition,
  type ScalingSimulationDefinition,
  type ScalingWorkload,
  workloadKinds,
} from '../model/scaling.ts';
import { longestMs } from '../time/duration.ts';
import { parseTime } from './alert-expression.ts';
import {
  anyText,
  chosenBy,
  duration,
  list,
  number,
  oneOf,
  record,
  type ShapeOf,
  strictObject,
  text,
  where,
  whole,
} from './schema-fields.ts';

const mostInstances = 100_000;
const instances = whole(1, mostInstances);
/** Also in words, as policies that are written elsewhere have it. */
const spokenTime = where((value) => {
  const ms = typeof value === 'number' ? value : typeof value === 'string' ? parseTime(value) : undefined;
  return ms !== undefined && ms >= 0 && ms <= longestMs;
}, 'a duration such as "5m" or "5 minutes"');

const ruleShape = {
  trigger: text('a trigger such as "cpu_percent > 75% for 2 minutes"'),
  action: text('an action such as "Add 1 instance"'),
  cooldown: spokenTime.optional(),
  maxInstances: instances.optional(),
  max_instances: instances.optional(),
  minInstances: instances.optional(),
  min_instances: instances.optional(),
} satisfies ShapeOf<ScalingRuleDefinition>;

const rule = strictObject(
  ruleShape,
  'a rule such as { trigger: "cpu_percent > 75% for 2m", action: "Add 1 instance" }',
);
const someRules =
  'rules by name, such as { cpu: { trigger: "cpu_percent > 75% for 2m", action: "Add 1 instance" } }';

const rate = number(0, 1e9, 'a rate of iterations per second, 0 or more');

const loadShape = {
  startRate: rate.optional(),
  stages: list(
    strictObject(
      { duration: duration(1000), target: rate },
      'a stage such as { duration: "1m", target: 300 }',
    ),
    'stages such as [{ duration: "1m", target: 300 }]',
    1,
  ),
} satisfies ShapeOf<ScalingLoadDefinition>;

const quantities = (example: string): z.ZodType => record(text('a figure such as "35%"'), example);

const simulationShape = {
  capacityPerInstance: number(1e-6, 1e9, 'iterations per second, above 0').optional(),
  startUp: duration().optional(),
  metricDelay: duration().optional(),
  interval: duration(1000).optional(),
  load: strictObject(loadShape, 'a load such as { stages: [{ duration: "1m", target: 300 }] }').optional(),
  cpuAtCapacity: text('a share such as "85%"').optional(),
  responseTime: duration().optional(),
  assume: quantities('figures such as { memory_percent: "35%" }').optional(),
} satisfies ShapeOf<ScalingSimulationDefinition>;

const hpaPolicy = strictObject(
  { type: oneOf('Pods', 'Percent'), value: whole(1, mostInstances), period: duration(1000) },
  'a policy such as { type: "Pods", value: 1, period: "60s" }',
);
const hpaRulesShape = {
  stabilizationWindow: duration().optional(),
  selectPolicy: oneOf('Max', 'Min', 'Disabled').optional(),
  policies: list(hpaPolicy, 'policies such as [{ type: "Pods", value: 1, period: "60s" }]', 1).optional(),
} satisfies ShapeOf<HpaRulesDefinition>;
const hpaRules = strictObject(hpaRulesShape, 'behaviour such as { stabilizationWindow: "5m" }');

const hpaShape = {
  targets: quantities('targets such as { cpu_percent: "60%" }'),
  minReplicas: instances.optional(),
  maxReplicas: instances.optional(),
  tolerance: number(0, 1, 'a tolerance from 0 to 1, such as 0.1').optional(),
  scaleUp: hpaRules.optional(),
  scaleDown: hpaRules.optional(),
} satisfies ShapeOf<HpaDefinition>;

const characters = 'of lower-case letters, digits and "-", with a letter or digit at both ends';
const workloadShape = {
  name: where(
    (value) => typeof value === 'string' && isDnsName(value),
    `the name of a Deployment such as "shop", ${characters}`,
  ),
  namespace: where(
    (value) => typeof value === 'string' && isDnsLabel(value),
    `a namespace such as "production", ${characters}, at most ${longestLabel} characters`,
  ).optional(),
  kind: oneOf(...workloadKinds).optional(),
} satisfies ShapeOf<ScalingWorkload>;

const scalingShape = {
  rules: chosenBy((value) => (Array.isArray(value) ? list(rule, someRules, 1) : record(rule, someRules))),
  minInstances: instances.optional(),
  maxInstances: instances.optional(),
  cooldownAfter: oneOf('any', 'own').optional(),
  instances: where(
    (value) =>
      (typeof value === 'string' && value !== '') ||
      (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= mostInstances),
    'how many instances run, such as 2, or the metric that tells, such as "monitor_cluster_replicas"',
  ).optional(),
  metrics: record(anyText, 'metrics by word, such as { cpu_percent: "monitor_host_cpu_ratio" }').optional(),
  simulation: strictObject(simulationShape, 'a simulation such as { startUp: "90s" }').optional(),
  hpa: strictObject(hpaShape, 'an HPA such as { targets: { cpu_percent: "60%" } }').optional(),
  workload: strictObject(workloadShape, 'a workload such as { name: "shop" }').optional(),
} satisfies ShapeOf<ScalingDefinition>;

export const scaling = strictObject(
  scalingShape,
  'a policy such as { rules: { cpu: { trigger: "cpu_percent > 75% for 2m", action: "Add 1 instance" } } }',
);
