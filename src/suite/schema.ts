// The door of the suite schema: any value in, all its mistakes out. Only the coordinator loads this, since zod
// takes about 50 ms to import; what workers need of suite/ stays free of it.

import { z } from 'zod';
import type { Mistake } from '../model/errors.ts';
import type {
  CourseDefinition,
  EnvironmentDefinition,
  OperationsReportDefinition,
  SuiteDefinition,
} from '../model/suite.ts';
import { parseAllowedHost } from '../network/allowed-hosts.ts';
import type { ServersInSuites, SettingsInSuites } from '../protocols/registry.ts';
import { parsePath } from './mistake.ts';
import { findRuleMistakes } from './rules.ts';
import { alerts, outputs } from './schema-alerts.ts';
import { analysisSchema } from './schema-analysis.ts';
import { data } from './schema-data.ts';
import { processes, proxies } from './schema-faults.ts';
import {
  aFunction,
  chosenBy,
  duration,
  flag,
  list,
  record,
  type ShapeOf,
  strictObject,
  tags,
  text,
  userMix,
  webUrl,
  where,
  whole,
} from './schema-fields.ts';
import { toMistakes, valueAt } from './schema-issues.ts';
import { monitorSchema } from './schema-monitors.ts';
import { objectives } from './schema-objectives.ts';
import { capacity, recommendations } from './schema-planning.ts';
import { comparisons, profileSchema } from './schema-profiles.ts';
import { serversShape, settingsShape } from './schema-protocols.ts';
import { userSchema } from './schema-requests.ts';
import { scaling } from './schema-scaling.ts';
import { schedules } from './schema-schedules.ts';
import { thresholds } from './schema-thresholds.ts';

const metricShape = {
  type: z.enum(['counter', 'gauge', 'rate', 'trend'], { error: '"counter", "gauge", "rate" or "trend"' }),
  contains: z.enum(['default', 'time', 'data'], { error: '"default", "time" or "data"' }).optional(),
} satisfies ShapeOf<NonNullable<SuiteDefinition['metrics']>[string]>;

const environmentShape = {
  baseUrl: webUrl.optional(),
  env: record(z.string({ error: 'a text' }), 'environment variables such as { REGION: "eu" }').optional(),
  monitors: monitorSchema.optional(),
  production: flag.optional(),
} satisfies ShapeOf<Omit<EnvironmentDefinition, keyof ServersInSuites>>;

const safetyShape = {
  allowedHosts: list(
    where(
      (value) => typeof value === 'string' && parseAllowedHost(value) !== undefined,
      'a host such as "shop.example.com", "shop.example.com:8443", "*.example.com", "[2001:db8::1]:443" or "203.0.113.0/24"',
    ),
    'a list of hosts',
  ).optional(),
  allowFaults: flag.optional(),
} satisfies ShapeOf<NonNullable<SuiteDefinition['safety']>>;

const targetShape = {
  name: text('the name of a target such as "members"'),
  unless: chosenBy((value) =>
    Array.isArray(value)
      ? list(text('the name of an environment variable'), 'names of environment variables', 1)
      : text('the name of an environment variable'),
  ).optional(),
} satisfies ShapeOf<NonNullable<SuiteDefinition['target']>>;

const profileNames = list(text('the name of a profile'), 'a list of profiles such as ["smoke"]');

const courseShape = {
  order: profileNames.optional(),
  gates: profileNames.optional(),
  without: profileNames.optional(),
} satisfies ShapeOf<CourseDefinition>;

const operationsReportShape = {
  users: whole(1, 1_000_000_000),
  targetResponseTime: duration(1).optional(),
  recommendation: text('a sentence').optional(),
} satisfies ShapeOf<OperationsReportDefinition>;

const suiteShape = {
  name: text('a name such as "shop"'),
  description: z.string({ error: 'a text' }).optional(),
  baseUrl: webUrl.optional(),
  target: strictObject(
    targetShape,
    'a target such as { name: "members", unless: "DATABASE_URL" }',
  ).optional(),
  proxies: proxies.optional(),
  processes: processes.optional(),
  requiredEnv: list(text('the name of an environment variable'), 'names such as ["API_KEY"]').optional(),
  secrets: list(
    text('a secret, or the name of an environment variable that holds one'),
    'names of variables such as ["SHOP_LOGIN"], or the secrets themselves',
  ).optional(),
  setup: aFunction.optional(),
  teardown: aFunction.optional(),
  data: data.optional(),
  users: record(userSchema, 'users by name, such as { buyer: { tasks: { ... } } }'),
  profiles: record(profileSchema, 'profiles by name, such as { smoke: { executor: "constant-vus", ... } }'),
  defaultProfile: text('the name of a profile').optional(),
  patterns: record(
    userMix,
    'mixes of users by name, such as { browsing: { visitor: 90, buyer: 10 } }',
  ).optional(),
  course: strictObject(
    courseShape,
    'a course such as { order: ["smoke", "normal"], gates: ["smoke"] }',
  ).optional(),
  schedules: schedules.optional(),
  operationsReport: strictObject(
    operationsReportShape,
    'what to estimate, such as { users: 4000, targetResponseTime: "500ms" }',
  ).optional(),
  thresholds: thresholds.optional(),
  comparisons: comparisons.optional(),
  monitors: monitorSchema.optional(),
  alerts: alerts.optional(),
  scaling: scaling.optional(),
  objectives: objectives.optional(),
  outputs: outputs.optional(),
  recommendations: recommendations.optional(),
  capacity: capacity.optional(),
  analysis: analysisSchema.optional(),
  metrics: record(
    strictObject(metricShape, 'a metric such as { type: "trend" }'),
    'metrics by name',
  ).optional(),
  environments: record(
    strictObject(
      { ...environmentShape, ...serversShape },
      'an environment such as { baseUrl: "http://..." }',
    ),
    'environments by name',
  ).optional(),
  safety: strictObject(safetyShape, 'safety rules such as { allowedHosts: ["..."] }').optional(),
  tags: tags.optional(),
} satisfies ShapeOf<Omit<SuiteDefinition, keyof SettingsInSuites>>;

const suiteSchema = strictObject(
  { ...suiteShape, ...settingsShape },
  'a suite: an object with name, users and profiles',
);

/**
 * Where a mistake stands in the file: at each level the position of its key. What is missing stands before
 * everything that its parent has.
 */
function positionOf({ path }: Mistake, suite: unknown): number[] {
  let value = suite;
  return parsePath(path).map((part) => {
    const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
    value = valueAt(value, [part]);
    return keys.indexOf(String(part));
  });
}

function inOrderOfFile(mistakes: readonly Mistake[], suite: unknown): Mistake[] {
  const placed = mistakes.map((mistake) => ({ mistake, position: positionOf(mistake, suite) }));
  placed.sort(({ position: a }, { position: b }) => {
    const differing = a.findIndex((index, level) => index !== b[level]);
    return differing === -1
      ? a.length - b.length
      : a[differing]! - (b[differing] ?? Number.NEGATIVE_INFINITY);
  });
  return placed.map(({ mistake }) => mistake);
}

/** What is wrong with the shape of an autoscaling policy that stands alone, as if at `scaling`. */
export function findScalingShapeMistakes(policy: unknown): Mistake[] {
  const result = scaling.safeParse(policy);
  if (result.success) return [];
  return result.error.issues.flatMap((issue) =>
    toMistakes({ ...issue, path: ['scaling', ...issue.path] }, { scaling: policy }),
  );
}

/** Everything wrong with a suite, in the order of the file; empty for a sound one. */
export function findMistakes(suite: unknown): Mistake[] {
  const result = suiteSchema.safeParse(suite);
  const shape = result.success ? [] : result.error.issues.flatMap((issue) => toMistakes(issue, suite));
  const reported = new Set(shape.map((mistake) => mistake.path));
  // Where the shape is wrong already, a rule has nothing to add.
  const rules = findRuleMistakes(suite).filter((mistake) => !reported.has(mistake.path));
  return inOrderOfFile([...shape, ...rules], suite);
}
