// Writes an HPA as manifests for Kubernetes: HorizontalPodAutoscaler (autoscaling/v2), or a ScaledObject of KEDA. Called by
// cli/scaling.ts.
//
// Source of the fields: the API reference of autoscaling/v2, and KEDA 2.21's ScaledObject. manifests.test.ts checks both by
// schemas.

import { Document } from 'yaml';
import { UsageError } from '../model/errors.ts';
import { monitorMetric } from '../model/monitor.ts';
import type { Plan } from '../model/plan.ts';
import {
  type HpaPlan,
  type HpaRules,
  isDnsLabel,
  isDnsName,
  longestLabel,
  type ScalingPlan,
  workloadKinds,
} from '../model/scaling.ts';
import { type HpaOfPolicy, targetText } from './hpa-of-rules.ts';

const msPerSec = 1000;
const commentWidth = 110;

type Target = HpaPlan['targets'][number];

/** A manifest as YAML, what it cannot express in comments above. Throws a `UsageError` where there is no HPA. */
export function hpaManifest(
  plan: Plan,
  policy: ScalingPlan,
  { plan: hpa, refusal, notes }: HpaOfPolicy,
): string {
  if (hpa === undefined) throw noHpa(refusal);
  const { name, namespace, kind } = workloadOf(plan, policy);
  const external = hpa.targets.filter(({ metric }) => resourceOf(metric) === undefined);
  return written(
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name, ...(namespace !== undefined && { namespace }) },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind, name },
        minReplicas: hpa.minReplicas,
        maxReplicas: hpa.maxReplicas,
        metrics: hpa.targets.map(metricOf),
        behavior: behaviorOf(hpa),
      },
    },
    [
      ...notes,
      ...external.map(
        (one) =>
          `The metric ${externalName(one.metric)} (${targetText(one)}) must come from a metrics adapter that serves external.metrics.k8s.io.`,
      ),
      ...toleranceNote(hpa),
      ...workloadNote(policy),
    ],
  );
}

/**
 * The same for KEDA. Its triggers are CPU, memory, and what a `prometheus-query` monitor of the suite reads. Throws a
 * `UsageError` where there is no HPA, or no trigger that KEDA has.
 */
export function kedaManifest(
  plan: Plan,
  policy: ScalingPlan,
  { plan: hpa, refusal, notes }: HpaOfPolicy,
): string {
  if (hpa === undefined) throw noHpa(refusal);
  const { name, namespace, kind } = workloadOf(plan, policy);
  const found = hpa.targets.map((target) => ({ target, trigger: triggerOf(target, plan, policy) }));
  const triggers = found.flatMap(({ trigger }) => trigger ?? []);
  if (triggers.length === 0) {
    throw new UsageError('no trigger of KEDA can be made of this policy', {
      hint: 'KEDA reads CPU, memory and queries of Prometheus: name a figure of a prometheus-query monitor in scaling.metrics',
    });
  }
  const left = found.flatMap(({ target, trigger }) => (trigger === undefined ? [target] : []));
  return written(
    {
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata: { name, ...(namespace !== undefined && { namespace }) },
      spec: {
        scaleTargetRef: { name, ...(kind !== 'Deployment' && { apiVersion: 'apps/v1', kind }) },
        pollingInterval: 15,
        minReplicaCount: hpa.minReplicas,
        maxReplicaCount: hpa.maxReplicas,
        advanced: { horizontalPodAutoscalerConfig: { behavior: behaviorOf(hpa) } },
        triggers,
      },
    },
    [
      ...notes,
      ...left.map(
        ({ metric }) =>
          `${metric} is left out: name a figure of a prometheus-query monitor for it in scaling.metrics, which KEDA can ask Prometheus for.`,
      ),
      'cooldownPeriod of KEDA is about scaling to 0 alone, which this does not do.',
      ...toleranceNote(hpa),
      ...workloadNote(policy),
    ],
  );
}

function noHpa(refusal = ''): UsageError {
  return new UsageError(`no HPA can be made of this policy: ${refusal}`);
}

/** Throws a `UsageError` for names that Kubernetes does not take, as records of another make may hold them. */
function workloadOf({ suite }: Plan, { workload }: ScalingPlan) {
  const name = workload?.name ?? nameOf(suite);
  const namespace = workload?.namespace;
  const kind = workload?.kind ?? 'Deployment';
  const isSound =
    isDnsName(name) &&
    (namespace === undefined || isDnsLabel(namespace)) &&
    workloadKinds.some((one) => one === kind);
  if (!isSound) {
    throw new UsageError(
      `Kubernetes takes no ${[kind, name, namespace].filter((one) => one !== undefined).join(' ')}`,
      {
        hint: `in scaling.workload, name and namespace are lower-case letters, digits and "-", such as "shop"; kind is ${workloadKinds.join(', ')}`,
      },
    );
  }
  return { name, namespace, kind };
}

/** A name for Kubernetes that is made of any text. */
function nameOf(suite: string): string {
  const name = suite
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/g, '-')
    .replace(/^-/, '')
    .slice(0, longestLabel)
    .replace(/-$/, '');
  return name === '' ? 'system' : name;
}

function workloadNote({ workload }: ScalingPlan): string[] {
  if (workload !== undefined) return [];
  return ['The name is that of the suite: state the one of the Deployment in scaling.workload.'];
}

function toleranceNote({ tolerance }: HpaPlan): string[] {
  if (tolerance === 0.1) return [];
  return [
    `The simulation has a tolerance of ${targetText({ value: tolerance, unit: 'ratio' })}; a cluster has 10 %, unless its controller is told otherwise.`,
  ];
}

function resourceOf(metric: string): 'cpu' | 'memory' | undefined {
  return metric === 'cpu_percent' ? 'cpu' : metric === 'memory_percent' ? 'memory' : undefined;
}

/** Kubernetes takes whole percent above 0. */
function wholePercent(value: number): number {
  return Math.max(1, Math.round(100 * value));
}

function metricOf({ metric, value, unit }: Target): object {
  const resource = resourceOf(metric);
  if (resource !== undefined) {
    const target = { type: 'Utilization', averageUtilization: wholePercent(value) };
    return { type: 'Resource', resource: { name: resource, target } };
  }
  const amount = quantityOf(value);
  const target =
    unit === 'per s' ? { type: 'AverageValue', averageValue: amount } : { type: 'Value', value: amount };
  return { type: 'External', external: { metric: { name: externalName(metric) }, target } };
}

/** Of a metric with an aggregation: `http_req_duration p(95)` is `http_req_duration_p_95`. */
function externalName(metric: string): string {
  return metric.replaceAll(/[^\w]+/g, '_').replaceAll(/^_+|_+$/g, '');
}

/** In thousandths where it is not whole, as Kubernetes writes quantities: 0.03 is `30m`. */
function quantityOf(value: number): string {
  return Number.isInteger(value) ? String(value) : `${Math.max(1, Math.round(1000 * value))}m`;
}

function behaviorOf({ scaleUp, scaleDown }: HpaPlan): object {
  return { scaleUp: rulesOf(scaleUp), scaleDown: rulesOf(scaleDown) };
}

function rulesOf({ stabilizationMs, selectPolicy, policies }: HpaRules): object {
  // Where scaling is disabled, nothing else may matter.
  if (selectPolicy === 'Disabled') return { selectPolicy };
  return {
    stabilizationWindowSeconds: Math.round(stabilizationMs / msPerSec),
    selectPolicy,
    policies: policies.map(({ type, value, periodMs }) => ({
      type,
      value,
      periodSeconds: Math.max(1, Math.round(periodMs / msPerSec)),
    })),
  };
}

function triggerOf(
  { metric, value, unit }: Target,
  plan: Plan,
  { metrics }: ScalingPlan,
): object | undefined {
  const resource = resourceOf(metric);
  if (resource !== undefined) {
    return { type: resource, metricType: 'Utilization', metadata: { value: String(wholePercent(value)) } };
  }
  const figure = Object.hasOwn(metrics, metric) ? metrics[metric]! : metric;
  for (const { name, source } of plan.monitors ?? []) {
    if (source.kind !== 'prometheus-query') continue;
    const asked = Object.entries(source.queries).find(([one]) => monitorMetric(name, one) === figure);
    if (asked === undefined) continue;
    return {
      type: 'prometheus',
      metricType: unit === 'per s' ? 'AverageValue' : 'Value',
      metadata: { serverAddress: source.url, query: asked[1], threshold: String(value) },
    };
  }
  return undefined;
}

function written(manifest: object, notes: readonly string[]): string {
  const document = new Document(manifest);
  const lines = ['Made by Plimsoll from the rules of a suite. What it does otherwise than they say:', ''];
  document.commentBefore = [...lines, ...notes.map((note) => `- ${note}`)].flatMap(wrapped).join('\n');
  return document.toString({ lineWidth: 0 });
}

function wrapped(line: string): string[] {
  if (line === '') return [' '];
  const lines: string[] = [];
  let now = '';
  // A note is one paragraph of a comment, whatever its texts hold.
  for (const word of line.split(/\s+/)) {
    if (now !== '' && now.length + word.length >= commentWidth) {
      lines.push(` ${now}`);
      now = ' ';
    }
    now += now === '' || now === ' ' ? (now === ' ' ? ` ${word}` : word) : ` ${word}`;
  }
  return [...lines, ` ${now}`];
}
