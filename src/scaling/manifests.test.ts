import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import type { ScalingDefinition, ScalingWorkload } from '../model/scaling.ts';
import { platformRules } from '../suite/platform-rules.cases.ts';
import { hpaOfPolicy } from './hpa-of-rules.ts';
import { hpaManifest, kedaManifest } from './manifests.ts';
import { policyOf, scalingRun } from './scaling-runs.cases.ts';

// The limits are those of the API reference of autoscaling/v2 and of KEDA's ScaledObject; unknown keys are mistakes.
const name = z.string().regex(/^[a-z\d]([a-z\d-]{0,61}[a-z\d])?$/);
const quantity = z.string().regex(/^\d+m?$/);
const scalingRules = z.union([
  z.strictObject({ selectPolicy: z.literal('Disabled') }),
  z.strictObject({
    stabilizationWindowSeconds: z.number().int().min(0).max(3600),
    selectPolicy: z.enum(['Max', 'Min']),
    policies: z
      .array(
        z.strictObject({
          type: z.enum(['Pods', 'Percent']),
          value: z.number().int().min(1),
          periodSeconds: z.number().int().min(1).max(1800),
        }),
      )
      .min(1),
  }),
]);
const behavior = z.strictObject({ scaleUp: scalingRules, scaleDown: scalingRules });
const metadata = z.strictObject({ name, namespace: name.optional() });
const hpaSchema = z.strictObject({
  apiVersion: z.literal('autoscaling/v2'),
  kind: z.literal('HorizontalPodAutoscaler'),
  metadata,
  spec: z
    .strictObject({
      scaleTargetRef: z.strictObject({ apiVersion: z.literal('apps/v1'), kind: z.string(), name }),
      minReplicas: z.number().int().min(1),
      maxReplicas: z.number().int().min(1),
      metrics: z
        .array(
          z.discriminatedUnion('type', [
            z.strictObject({
              type: z.literal('Resource'),
              resource: z.strictObject({
                name: z.enum(['cpu', 'memory']),
                target: z.strictObject({
                  type: z.literal('Utilization'),
                  averageUtilization: z.number().int().min(1),
                }),
              }),
            }),
            z.strictObject({
              type: z.literal('External'),
              external: z.strictObject({
                metric: z.strictObject({ name: z.string().regex(/^\w+$/) }),
                target: z.union([
                  z.strictObject({ type: z.literal('Value'), value: quantity }),
                  z.strictObject({ type: z.literal('AverageValue'), averageValue: quantity }),
                ]),
              }),
            }),
          ]),
        )
        .min(1),
      behavior,
    })
    .refine(({ minReplicas, maxReplicas }) => minReplicas <= maxReplicas),
});
const kedaSchema = z.strictObject({
  apiVersion: z.literal('keda.sh/v1alpha1'),
  kind: z.literal('ScaledObject'),
  metadata,
  spec: z.strictObject({
    scaleTargetRef: z.strictObject({ name, apiVersion: z.string().optional(), kind: z.string().optional() }),
    pollingInterval: z.number().int().min(1),
    minReplicaCount: z.number().int().min(0),
    maxReplicaCount: z.number().int().min(1),
    advanced: z.strictObject({ horizontalPodAutoscalerConfig: z.strictObject({ behavior }) }),
    triggers: z
      .array(
        z.discriminatedUnion('type', [
          z.strictObject({
            type: z.enum(['cpu', 'memory']),
            metricType: z.literal('Utilization'),
            metadata: z.strictObject({ value: z.string().regex(/^\d+$/) }),
          }),
          z.strictObject({
            type: z.literal('prometheus'),
            metricType: z.enum(['Value', 'AverageValue']),
            metadata: z.strictObject({
              serverAddress: z.url(),
              query: z.string().min(1),
              threshold: z.string().regex(/^\d+(\.\d+)?$/),
            }),
          }),
        ]),
      )
      .min(1),
  }),
});

const { plan } = scalingRun({});
const hpaOf = (definition: ScalingDefinition): string => {
  const policy = policyOf(definition);
  return hpaManifest(plan, policy, hpaOfPolicy(policy));
};
const kedaOf = (definition: ScalingDefinition): string => {
  const policy = policyOf(definition);
  return kedaManifest(plan, policy, hpaOfPolicy(policy));
};
/** Comments as one line of text. */
const notesOf = (yaml: string): string =>
  yaml
    .split('\n')
    .filter((line) => line.startsWith('#'))
    .map((line) => line.slice(1).trim())
    .join(' ');

describe('an HPA of rules', () => {
  test('has the limits as targets, the times as window and period, and the bounds', () => {
    const yaml = hpaOf({ rules: platformRules, workload: { name: 'shop', namespace: 'production' } });
    expect(hpaSchema.parse(parse(yaml))).toEqual({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'shop', namespace: 'production' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'shop' },
        minReplicas: 2,
        maxReplicas: 10,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 75 } },
          },
          {
            type: 'Resource',
            resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 75 } },
          },
          {
            type: 'External',
            external: { metric: { name: 'p95_latency' }, target: { type: 'Value', value: '200' } },
          },
        ],
        behavior: {
          scaleUp: {
            stabilizationWindowSeconds: 120,
            selectPolicy: 'Max',
            policies: [{ type: 'Pods', value: 1, periodSeconds: 300 }],
          },
          scaleDown: {
            stabilizationWindowSeconds: 600,
            selectPolicy: 'Max',
            policies: [{ type: 'Pods', value: 1, periodSeconds: 600 }],
          },
        },
      },
    });
    const notes = notesOf(yaml);
    expect(notes).toContain('beyond 82.5 %, and below 67.5 %');
    expect(notes).toContain(
      'Rule calm ("cpu_percent < 30% AND memory_percent < 40% for 10 minutes") gives the HPA its pace',
    );
    expect(notes).toContain('p95_latency (200 ms) must come from a metrics adapter');
    expect(notes).toContain('differ in their times: the HPA has one set, the shortest');
  });

  test('tells what it leaves out, and what it cuts', () => {
    const yaml = hpaOf({
      rules: {
        both: { trigger: 'cpu_percent > 75% and memory_percent > 75%', action: 'Add 1 instance' },
        idle: { trigger: 'cpu_percent < 10%', action: 'Add 1 instance' },
        bigger: { trigger: 'db_pool_percent >= 90%', action: 'Use bigger instances' },
        errors: { trigger: 'error_rate > 3% for 2h', action: 'Add 2 instances', cooldown: '1h' },
      },
      maxInstances: 8,
    });
    const { spec, metadata: meta } = hpaSchema.parse(parse(yaml));
    expect(meta.name).toBe('shop');
    expect(spec.metrics).toEqual([
      {
        type: 'External',
        external: { metric: { name: 'error_rate' }, target: { type: 'Value', value: '30m' } },
      },
    ]);
    expect(spec.behavior.scaleUp).toMatchObject({
      stabilizationWindowSeconds: 3600,
      policies: [{ value: 2, periodSeconds: 1800 }],
    });
    expect(spec.behavior.scaleDown).toEqual({ selectPolicy: 'Disabled' });
    const notes = notesOf(yaml);
    for (const told of [
      'Rule both is left out',
      'Rule idle is left out',
      'Rule bigger is left out',
      'is cut to 1h',
      'is cut to 30m',
      'scaling down is disabled',
    ]) {
      expect(notes).toContain(told);
    }
  });

  test('is refused without an upper bound, and without a rule that has its form', () => {
    expect(() =>
      hpaOf({ rules: { up: { trigger: 'cpu_percent > 75%', action: 'Add 1 instance' } } }),
    ).toThrow('needs an upper bound');
    expect(() =>
      hpaOf({
        rules: { down: { trigger: 'cpu_percent < 30%', action: 'Remove 1 instance' } },
        maxInstances: 4,
      }),
    ).toThrow('No rule that adds instances');
  });

  test('that the suite states is taken as it is', () => {
    const yaml = hpaOf({
      rules: platformRules,
      maxInstances: 20,
      hpa: {
        targets: { cpu_percent: '60%', iteration_rate: '40/s' },
        tolerance: 0.05,
        scaleDown: { selectPolicy: 'Min', policies: [{ type: 'Percent', value: 10, period: '1m' }] },
      },
    });
    const { spec } = hpaSchema.parse(parse(yaml));
    expect(spec.metrics[1]).toMatchObject({
      external: { target: { type: 'AverageValue', averageValue: '40' } },
    });
    expect(spec).toMatchObject({ minReplicas: 1, maxReplicas: 20 });
    expect(spec.behavior.scaleDown).toMatchObject({ selectPolicy: 'Min', stabilizationWindowSeconds: 300 });
    expect(notesOf(yaml)).toContain('tolerance of 5 %');
  });

  test('has a name that Kubernetes takes, however the suite is called', () => {
    const bounded = policyOf({ rules: platformRules });
    const named = (suite: string): string =>
      hpaSchema.parse(parse(hpaManifest({ ...plan, suite }, bounded, hpaOfPolicy(bounded)))).metadata.name;
    // The 63rd character is the "-" of the blank.
    expect(named(`${'a'.repeat(62)} b`)).toBe('a'.repeat(62));
    expect(named('-- My Shop! --')).toBe('my-shop');
    expect(named('é')).toBe('system');
  });

  test('is refused for a workload that Kubernetes does not take', () => {
    const policy = policyOf({ rules: platformRules });
    const write = (workload: ScalingWorkload): string =>
      hpaManifest(plan, { ...policy, workload }, hpaOfPolicy(policy));
    for (const workload of [
      { name: 'My Shop!' },
      { name: 'shop-' },
      { name: '' },
      { name: 'a'.repeat(254) },
      { name: 'shop', namespace: 'x y' },
      { name: 'shop', namespace: 'a.b' },
      { name: 'shop', namespace: 'a'.repeat(64) },
      { name: 'shop', kind: 'DaemonSet' },
    ]) {
      expect(() => write(workload)).toThrow('Kubernetes takes no');
      expect(() => kedaManifest(plan, { ...policy, workload }, hpaOfPolicy(policy))).toThrow();
    }
    const { metadata: meta } = parse(write({ name: 'shop.v2', kind: 'StatefulSet' })) as {
      metadata: object;
    };
    expect(meta).toEqual({ name: 'shop.v2' });
  });

  test('texts of a suite stay within comments', () => {
    const yaml = hpaOf({
      rules: {
        'x\nkind: Secret': { trigger: 'cpu_percent > 75%', action: 'Add 1 instance' },
        'y\nkind: Pod': { trigger: 'cpu_percent < 20%', action: 'Remove 1 instance' },
      },
      maxInstances: 3,
    });
    expect(parse(yaml)).toMatchObject({ kind: 'HorizontalPodAutoscaler' });
    hpaSchema.parse(parse(yaml));
  });
});

describe('a ScaledObject of KEDA', () => {
  test('has triggers for CPU, memory, and queries of Prometheus', () => {
    const yaml = kedaOf({
      rules: platformRules,
      metrics: { p95_latency: 'monitor_cluster_replicas' },
    });
    const { spec } = kedaSchema.parse(parse(yaml));
    expect(spec.triggers).toEqual([
      { type: 'cpu', metricType: 'Utilization', metadata: { value: '75' } },
      { type: 'memory', metricType: 'Utilization', metadata: { value: '75' } },
      {
        type: 'prometheus',
        metricType: 'Value',
        metadata: { serverAddress: 'http://127.0.0.1:9090', query: 'sum(x)', threshold: '200' },
      },
    ]);
    expect(spec).toMatchObject({ minReplicaCount: 2, maxReplicaCount: 10 });
    expect(notesOf(kedaOf({ rules: platformRules }))).toContain('p95_latency is left out');
  });

  test('is refused where KEDA has no trigger', () => {
    const rules = { slow: { trigger: 'p95_latency > 200ms', action: 'Add 1 instance', maxInstances: 3 } };
    expect(() => kedaOf({ rules })).toThrow('no trigger of KEDA');
  });
});
