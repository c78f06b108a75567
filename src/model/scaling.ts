// Autoscaling policies: as a suite writes them, and as plans and records have them.

import type { Duration } from '../time/duration.ts';
import type { AlertCondition } from './alert.ts';
import type { MetricDefinition } from './metric.ts';

/** One rule of a policy. The words with `_` are those of policies written as YAML elsewhere, and mean the same. */
export interface ScalingRuleDefinition {
  /** `condition [and condition ...] [for duration]`, such as `cpu_percent > 75% for 2 minutes`. */
  readonly trigger: string;
  /** `Add 1 instance`, `Remove 2 instances`, or `Use bigger instances`. */
  readonly action: string;
  /** How long nothing is done after an action; `"5m"` when absent. */
  readonly cooldown?: Duration;
  /** The rule adds no instance beyond so many. */
  readonly maxInstances?: number;
  readonly max_instances?: number;
  /** The rule leaves so many instances. */
  readonly minInstances?: number;
  readonly min_instances?: number;
}

/** The load of a simulation, in iterations per second; stages are those of `ramping-arrival-rate`. */
export interface ScalingLoadDefinition {
  readonly startRate?: number;
  readonly stages: readonly { readonly duration: Duration; readonly target: number }[];
}

export interface ScalingSimulationDefinition {
  /** Iterations per second that one instance can finish; from the run's levels of load when absent. */
  readonly capacityPerInstance?: number;
  /** From the decision to add an instance until it serves; `"1m"` when absent. */
  readonly startUp?: Duration;
  /** How old a figure is when the policy sees it; `"15s"` when absent. */
  readonly metricDelay?: Duration;
  /** How often the policy is evaluated; `"15s"` when absent. */
  readonly interval?: Duration;
  /** That of the run when absent. */
  readonly load?: ScalingLoadDefinition;
  /** CPU of an instance at its capacity, such as `"85%"`; `"100%"` when absent. */
  readonly cpuAtCapacity?: string;
  /** Response time of an instance without a queue, for rules on latencies. */
  readonly responseTime?: Duration;
  /** Figures that do not follow from load and capacity, held constant: `{ memory_percent: "35%" }`. */
  readonly assume?: Readonly<Record<string, string>>;
}

/** How fast an HPA may scale one way; keys are those of `autoscaling/v2`, times are durations. */
export interface HpaRulesDefinition {
  readonly stabilizationWindow?: Duration;
  readonly selectPolicy?: HpaSelectPolicy;
  readonly policies?: readonly {
    readonly type: 'Pods' | 'Percent';
    readonly value: number;
    readonly period: Duration;
  }[];
}

/** A Kubernetes HPA to simulate and to export, in place of one that is made of the rules. */
export interface HpaDefinition {
  /** Average per instance that each metric is held at: `{ cpu_percent: "60%" }`. */
  readonly targets: Readonly<Record<string, string>>;
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
  /** 0.1 when absent. */
  readonly tolerance?: number;
  readonly scaleUp?: HpaRulesDefinition;
  readonly scaleDown?: HpaRulesDefinition;
}

/** What an exported manifest scales. */
export interface ScalingWorkload {
  /** Name of the Deployment, as Kubernetes takes it (`isDnsName`). */
  readonly name: string;
  /** As Kubernetes takes it (`isDnsLabel`). */
  readonly namespace?: string;
  /** One of `workloadKinds`; `Deployment` when absent. */
  readonly kind?: string;
}

/** Kinds of `apps/v1` that have a scale. */
export const workloadKinds = ['Deployment', 'StatefulSet', 'ReplicaSet'] as const;

export const longestLabel = 63;
const longestName = 253;

/**
 * A label as namespaces have it: lower-case letters, digits and `-`, beginning and ending with a letter or digit, at most
 * 63 characters.
 *
 * **Source:** RFC 1123, as the Kubernetes documentation "Object Names and IDs" takes it.
 */
export function isDnsLabel(text: string): boolean {
  return text.length <= longestLabel && /^[a-z\d]$|^[a-z\d][a-z\d-]*[a-z\d]$/.test(text);
}

/** A name as Deployments have it: the same with `.`, each part beginning and ending with a letter or digit, at most 253. */
export function isDnsName(text: string): boolean {
  if (text.length > longestName) return false;
  return text.split('.').every((part) => /^[a-z\d]$|^[a-z\d][a-z\d-]*[a-z\d]$/.test(part));
}

export interface ScalingDefinition {
  /** By name, or as a list. */
  readonly rules: Readonly<Record<string, ScalingRuleDefinition>> | readonly ScalingRuleDefinition[];
  /** Of the policy as a whole; 1 when absent. */
  readonly minInstances?: number;
  readonly maxInstances?: number;
  /** What begins a cooldown: an action of any rule of the policy, or of the rule itself; `"any"` when absent. */
  readonly cooldownAfter?: ScalingCooldown;
  /** How many instances ran during the test: a number, or the metric that tells, such as `monitor_cluster_replicas`. */
  readonly instances?: number | string;
  /** Metrics that words of rules stand for, such as `{ cpu_percent: "monitor_app_cpu_ratio" }`. */
  readonly metrics?: Readonly<Record<string, string>>;
  readonly simulation?: ScalingSimulationDefinition;
  readonly hpa?: HpaDefinition;
  readonly workload?: ScalingWorkload;
}

export type ScalingCooldown = 'any' | 'own';

/** `resize`: bigger instances, which only people can decide on. */
export type ScalingAction =
  | { readonly kind: 'add' | 'remove'; readonly count: number }
  | { readonly kind: 'resize' };

export interface ScalingRule {
  readonly name: string;
  /** As written. */
  readonly trigger: string;
  /** All must hold. */
  readonly conditions: readonly AlertCondition[];
  /** How long they must have held. */
  readonly forMs: number;
  readonly action: ScalingAction;
  readonly cooldownMs: number;
  readonly minInstances?: number;
  readonly maxInstances?: number;
}

export interface ScalingLoad {
  /** Iterations per second. */
  readonly startRate: number;
  readonly stages: readonly { readonly durationMs: number; readonly target: number }[];
}

/** What was said about the simulation; what is absent has its default, or comes from the run. */
export interface ScalingSimulationPlan {
  readonly capacityPerInstance?: number;
  readonly startUpMs?: number;
  readonly metricDelayMs?: number;
  readonly intervalMs?: number;
  readonly load?: ScalingLoad;
  /** 0..1 */
  readonly cpuAtCapacity?: number;
  readonly responseMs?: number;
  readonly assume: Readonly<Record<string, number>>;
}

export type HpaSelectPolicy = 'Max' | 'Min' | 'Disabled';

export interface HpaRules {
  readonly stabilizationMs: number;
  readonly selectPolicy: HpaSelectPolicy;
  readonly policies: readonly {
    readonly type: 'Pods' | 'Percent';
    readonly value: number;
    readonly periodMs: number;
  }[];
}

/** An HPA with its defaults filled in. */
export interface HpaPlan {
  /** Averages per instance: shares 0..1, times in ms, or a plain number. */
  readonly targets: readonly {
    readonly metric: string;
    readonly value: number;
    readonly unit: AlertCondition['unit'];
  }[];
  readonly minReplicas: number;
  /** Absent: the suite names no upper bound, and the HPA can be neither simulated nor exported. */
  readonly maxReplicas?: number;
  /** 0..1 */
  readonly tolerance: number;
  readonly scaleUp: HpaRules;
  readonly scaleDown: HpaRules;
}

export interface ScalingPlan {
  /** In the order of the suite. */
  readonly rules: readonly ScalingRule[];
  readonly minInstances: number;
  readonly maxInstances?: number;
  readonly cooldownAfter: ScalingCooldown;
  readonly instances?: number | string;
  readonly metrics: Readonly<Record<string, string>>;
  readonly simulation: ScalingSimulationPlan;
  readonly hpa?: HpaPlan;
  readonly workload?: ScalingWorkload;
}

const share: MetricDefinition = { type: 'rate', contains: 'default' };
const time: MetricDefinition = { type: 'gauge', contains: 'time' };
const perSecond: MetricDefinition = { type: 'counter', contains: 'default' };

/** Words that rules use for what every system has. scaling/find-signals.ts says which series of a run each stands for. */
export const scalingWords = {
  cpu_percent: share,
  memory_percent: share,
  db_pool_percent: share,
  error_rate: share,
  avg_latency: time,
  p50_latency: time,
  p90_latency: time,
  p95_latency: time,
  p99_latency: time,
  request_rate: perSecond,
  iteration_rate: perSecond,
} as const satisfies Readonly<Record<string, MetricDefinition>>;
