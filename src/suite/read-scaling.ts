// Autoscaling policies as people write them, turned into plans, with every mistake on the way. rules-scaling.ts asks it for
// the mistakes, plan/plan.ts for the plan.

import type { Mistake } from '../model/errors.ts';
import type { MetricDefinition } from '../model/metric.ts';
import {
  type HpaPlan,
  type HpaRules,
  type ScalingAction,
  type ScalingCooldown,
  type ScalingPlan,
  type ScalingRule,
  type ScalingSimulationPlan,
  type ScalingWorkload,
  scalingWords,
} from '../model/scaling.ts';
import { nearestName } from '../text/nearest-name.ts';
import { parseDuration } from '../time/duration.ts';
import { type AlertTrouble, parseRule, parseTime } from './alert-expression.ts';
import { mistakeAt, type Path, recordOf } from './mistake.ts';

const defaultCooldownMs = 300_000;
const mostRules = 100;
const mostConditions = 20;
const actionPattern =
  /^(?:scale (?:up|out) by|(add)|scale (?:down|in) by|(remove))\s+(\d+)\s+(?:more\s+)?(?:instance|replica|pod)s?$/i;
const resizePattern = /^use (?:a )?bigger (?:instance|pod)s?$/i;

type Metrics = Readonly<Record<string, MetricDefinition>>;

export interface ReadScaling {
  /** Sound only when there are no mistakes. */
  readonly plan: ScalingPlan;
  readonly mistakes: readonly Mistake[];
}

/**
 * Reads a policy whose shape the schema has accepted, with the metrics that its rules may be on; of one that is not so, it
 * reads what it can.
 */
export function readScaling(path: Path, definition: unknown, metrics: Metrics): ReadScaling {
  const scaling = recordOf(definition);
  const mistakes: Mistake[] = [];
  const note = (...found: readonly Mistake[]): void => void mistakes.push(...found);
  const words = readWords([...path, 'metrics'], scaling.metrics, metrics, note);
  const known: Metrics = Object.assign(Object.create(null) as Metrics, words.known, metrics, words.named);
  const rules = namedRules(scaling.rules).flatMap(({ name, at, rule }) => {
    const read = readRule([...path, 'rules', at], name, rule, known);
    note(...read.mistakes);
    return read.rule ?? [];
  });
  const count = namedRules(scaling.rules).length;
  if (count === 0 || count > mostRules) {
    note(mistakeAt([...path, 'rules'], `from 1 to ${mostRules} rules`, scaling.rules));
  }
  const { minInstances = 1, maxInstances } = bounds(path, scaling, note);
  const observed = observedInstances([...path, 'instances'], scaling.instances, metrics, note);
  const hpa = readHpa([...path, 'hpa'], scaling.hpa, known, { minInstances, maxInstances }, note);
  const plan: ScalingPlan = {
    rules,
    minInstances,
    ...(maxInstances !== undefined && { maxInstances }),
    cooldownAfter: (scaling.cooldownAfter as ScalingCooldown | undefined) ?? 'any',
    ...(observed !== undefined && { instances: observed }),
    metrics: words.metrics,
    simulation: readSimulation([...path, 'simulation'], scaling.simulation, known, note),
    ...(hpa !== undefined && { hpa }),
    ...(scaling.workload !== undefined && { workload: scaling.workload as ScalingWorkload }),
  };
  return { plan, mistakes };
}

type Note = (...found: readonly Mistake[]) => void;

/** Rules of a list are called by their place, from 1. */
function namedRules(rules: unknown): { name: string; at: string | number; rule: unknown }[] {
  if (Array.isArray(rules)) return rules.map((rule, i) => ({ name: `rule ${i + 1}`, at: i, rule }));
  return Object.entries(recordOf(rules)).map(([name, rule]) => ({ name, at: name, rule }));
}

/** What words of rules stand for: those that are known everywhere, and those of `metrics`. */
function readWords(path: Path, value: unknown, metrics: Metrics, note: Note) {
  const named: Record<string, MetricDefinition> = {};
  const chosen: Record<string, string> = {};
  for (const [word, metric] of Object.entries(recordOf(value))) {
    if (typeof metric !== 'string') continue;
    const definition = Object.hasOwn(metrics, metric) ? metrics[metric] : undefined;
    if (definition === undefined) {
      note(
        mistakeAt(
          [...path, word],
          'a metric that the suite has',
          metric,
          nearestName(metric, Object.keys(metrics)),
        ),
      );
    }
    // A word that is known everywhere keeps its unit: percent stays percent, whatever figure it stands for.
    const own = Object.hasOwn(scalingWords, word)
      ? scalingWords[word as keyof typeof scalingWords]
      : definition;
    if (own !== undefined) named[word] = own;
    chosen[word] = metric;
  }
  return { known: scalingWords as Metrics, named, metrics: chosen };
}

function readRule(path: Path, name: string, value: unknown, known: Metrics) {
  const rule = recordOf(value);
  const mistakes: Mistake[] = [];
  const note: Note = (...found) => void mistakes.push(...found);
  const { minInstances, maxInstances } = bounds(path, rule, note);
  const action = typeof rule.action === 'string' ? parseAction(rule.action) : undefined;
  if (action === undefined) {
    const expected = '"Add 1 instance", "Remove 2 instances" or "Use bigger instances"';
    note(mistakeAt([...path, 'action'], expected, rule.action));
  }
  const trigger = typeof rule.trigger === 'string' ? parseRule(rule.trigger, known) : undefined;
  if (trigger !== undefined && 'expected' in trigger)
    note(triggerMistake([...path, 'trigger'], trigger, known));
  if (action === undefined || trigger === undefined || 'expected' in trigger) return { mistakes };
  if (trigger.conditions.length > mostConditions) {
    note(mistakeAt([...path, 'trigger'], `at most ${mostConditions} conditions`, rule.trigger));
  }
  const read: ScalingRule = {
    name,
    trigger: String(rule.trigger),
    ...trigger,
    action,
    cooldownMs: timeOf(rule.cooldown) ?? defaultCooldownMs,
    ...(minInstances !== undefined && { minInstances }),
    ...(maxInstances !== undefined && { maxInstances }),
  };
  return { rule: read, mistakes };
}

function triggerMistake(path: Path, { expected, found }: AlertTrouble, known: Metrics): Mistake {
  const isMetric = expected.startsWith('a metric');
  return mistakeAt(
    path,
    isMetric ? 'a metric that the suite has, or a word such as cpu_percent or p95_latency' : expected,
    found,
    isMetric ? nearestName(found, Object.keys(known)) : undefined,
  );
}

/** `undefined` for what is none. */
function parseAction(text: string): ScalingAction | undefined {
  const trimmed = text.trim();
  if (resizePattern.test(trimmed)) return { kind: 'resize' };
  const [, add, remove, amount] = actionPattern.exec(trimmed) ?? [];
  const count = Number(amount ?? 0);
  if (count < 1 || count > 10_000) return undefined;
  const isAdd = add !== undefined || (remove === undefined && /^scale (?:up|out)/i.test(trimmed));
  return { kind: isAdd ? 'add' : 'remove', count };
}

function timeOf(value: unknown): number | undefined {
  return typeof value === 'string' ? parseTime(value) : parseDuration(value);
}

/** Of a rule or the policy; a bound may be written in either manner, once. */
function bounds(path: Path, holder: Readonly<Record<string, unknown>>, note: Note) {
  const [minInstances, maxInstances] = (['min', 'max'] as const).map((end) => {
    const [camel, snake] = [`${end}Instances`, `${end}_instances`];
    if (holder[camel] !== undefined && holder[snake] !== undefined) {
      note(mistakeAt([...path, snake], `${camel} or ${snake}, not both`, holder[snake]));
    }
    const value = holder[camel] ?? holder[snake];
    return typeof value === 'number' ? value : undefined;
  });
  if (minInstances !== undefined && maxInstances !== undefined && minInstances > maxInstances) {
    const key = holder.maxInstances === undefined ? 'max_instances' : 'maxInstances';
    note(mistakeAt([...path, key], `at least the ${minInstances} of the lower bound`, maxInstances));
  }
  return { minInstances, maxInstances };
}

function observedInstances(path: Path, value: unknown, metrics: Metrics, note: Note) {
  if (typeof value === 'string' && !Object.hasOwn(metrics, value)) {
    note(
      mistakeAt(
        path,
        'a number of instances, or a metric of a monitor that tells it',
        value,
        nearestName(value, Object.keys(metrics)),
      ),
    );
  }
  return typeof value === 'number' || typeof value === 'string' ? value : undefined;
}

/** `60%` of what a word stands for, read as the limit of a condition is. */
function readQuantity(path: Path, word: string, value: unknown, known: Metrics, note: Note) {
  if (typeof value !== 'string') return undefined;
  const read = parseRule(`${word} > ${value}`, known);
  if ('expected' in read) {
    note(triggerMistake(path, read, known));
    return undefined;
  }
  const [condition] = read.conditions;
  if (condition === undefined || read.conditions.length > 1 || read.forMs > 0) {
    note(mistakeAt(path, 'a figure such as "60%" or "200ms"', value));
    return undefined;
  }
  return { metric: condition.metric, value: condition.limit, unit: condition.unit };
}

function readSimulation(path: Path, value: unknown, known: Metrics, note: Note): ScalingSimulationPlan {
  const simulation = recordOf(value);
  const load = recordOf(simulation.load);
  const stages = Array.isArray(load.stages) ? load.stages.map(recordOf) : [];
  const times = Object.entries({
    startUpMs: parseDuration(simulation.startUp),
    metricDelayMs: parseDuration(simulation.metricDelay),
    intervalMs: parseDuration(simulation.interval),
    responseMs: parseDuration(simulation.responseTime),
    capacityPerInstance: simulation.capacityPerInstance,
    cpuAtCapacity: readQuantity(
      [...path, 'cpuAtCapacity'],
      'cpu_percent',
      simulation.cpuAtCapacity,
      known,
      note,
    )?.value,
  }).filter(([, one]) => one !== undefined);
  const assume = Object.entries(recordOf(simulation.assume)).flatMap(([word, figure]) => {
    const read = readQuantity([...path, 'assume', word], word, figure, known, note);
    return read === undefined ? [] : [[word, read.value] as const];
  });
  return {
    ...(Object.fromEntries(times) as Omit<ScalingSimulationPlan, 'assume'>),
    ...(stages.length > 0 && {
      load: {
        startRate: typeof load.startRate === 'number' ? load.startRate : 0,
        stages: stages.map(({ duration, target }) => ({
          durationMs: parseDuration(duration) ?? 0,
          target: Number(target),
        })),
      },
    }),
    assume: Object.fromEntries(assume),
  };
}

const second = 1000;
/** What Kubernetes takes where nothing is said; the API's text says 60 s per period, its code and concept page 15 s. */
const defaultUp: HpaRules = {
  stabilizationMs: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodMs: 15 * second },
    { type: 'Percent', value: 100, periodMs: 15 * second },
  ],
};
const defaultDown: HpaRules = {
  stabilizationMs: 300 * second,
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodMs: 15 * second }],
};
const longestStabilizationMs = 3600 * second;
const longestPeriodMs = 1800 * second;

function readHpa(
  path: Path,
  value: unknown,
  known: Metrics,
  policy: { readonly minInstances: number; readonly maxInstances?: number | undefined },
  note: Note,
): HpaPlan | undefined {
  if (value === undefined) return undefined;
  const hpa = recordOf(value);
  const targets = Object.entries(recordOf(hpa.targets)).flatMap(([word, figure]) => {
    const read = readQuantity([...path, 'targets', word], word, figure, known, note);
    if (read !== undefined && read.value <= 0) {
      note(mistakeAt([...path, 'targets', word], 'a figure above 0', figure));
    }
    return read === undefined ? [] : [{ metric: word, value: read.value, unit: read.unit }];
  });
  if (Object.keys(recordOf(hpa.targets)).length === 0) {
    note(mistakeAt([...path, 'targets'], 'at least one target', hpa.targets));
  }
  const minReplicas = typeof hpa.minReplicas === 'number' ? hpa.minReplicas : policy.minInstances;
  const maxReplicas = typeof hpa.maxReplicas === 'number' ? hpa.maxReplicas : policy.maxInstances;
  if (maxReplicas !== undefined && maxReplicas < minReplicas) {
    note(mistakeAt([...path, 'maxReplicas'], `at least the ${minReplicas} of the lower bound`, maxReplicas));
  }
  return {
    targets,
    minReplicas,
    ...(maxReplicas !== undefined && { maxReplicas }),
    tolerance: typeof hpa.tolerance === 'number' ? hpa.tolerance : 0.1,
    scaleUp: readHpaRules([...path, 'scaleUp'], hpa.scaleUp, defaultUp, note),
    scaleDown: readHpaRules([...path, 'scaleDown'], hpa.scaleDown, defaultDown, note),
  };
}

function readHpaRules(path: Path, value: unknown, defaults: HpaRules, note: Note): HpaRules {
  const rules = recordOf(value);
  const windowMs = parseDuration(rules.stabilizationWindow);
  if (windowMs !== undefined && windowMs > longestStabilizationMs) {
    note(
      mistakeAt(
        [...path, 'stabilizationWindow'],
        'at most 1h, as Kubernetes has it',
        rules.stabilizationWindow,
      ),
    );
  }
  const policies = Array.isArray(rules.policies) ? rules.policies.map(recordOf) : undefined;
  for (const [i, { period }] of (policies ?? []).entries()) {
    if ((parseDuration(period) ?? 0) > longestPeriodMs) {
      note(mistakeAt([...path, 'policies', i, 'period'], 'at most 30m, as Kubernetes has it', period));
    }
  }
  return {
    stabilizationMs: windowMs ?? defaults.stabilizationMs,
    selectPolicy: (rules.selectPolicy as HpaRules['selectPolicy'] | undefined) ?? defaults.selectPolicy,
    policies:
      policies?.map(({ type, value: most, period }) => ({
        type: type as 'Pods' | 'Percent',
        value: Number(most),
        periodMs: parseDuration(period) ?? 0,
      })) ?? defaults.policies,
  };
}
