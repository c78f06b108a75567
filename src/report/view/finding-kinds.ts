// What kinds of findings are called where people read them.

import type { Finding, FindingKind } from '../../model/verdict.ts';

const labels: Readonly<Record<FindingKind | 'anomaly', string>> = {
  'threshold-breach': 'threshold',
  'threshold-close': 'threshold',
  'generator-saturation': 'load generator',
  'dropped-iterations': 'load generator',
  'resent-requests': 'connections',
  'cut-off': 'cut off',
  'worker-lost': 'load generator',
  'coordinator-lost': 'load generator',
  'mix-deviation': 'mix of tasks',
  errors: 'errors',
  capacity: 'capacity',
  scalability: 'scalability',
  'breaking-point': 'breaking point',
  scaling: 'autoscaling',
  comparison: 'comparison',
  alert: 'alert',
  'alert-blind': 'alert without data',
  'monitor-gap': 'not watched',
  outage: 'outage',
  fault: 'fault',
  spike: 'spike',
  leak: 'leak',
  degradation: 'degradation',
  anomaly: 'out of the ordinary',
  objective: 'objective',
  bottleneck: 'bottleneck',
  regression: 'regression',
  data: 'test data',
  suite: 'found by the suite',
};

/** In a word or two. */
export function findingLabel({ kind }: Finding): string {
  return labels[kind];
}
