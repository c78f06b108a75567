// What a run does, counted one by one: the operations of each protocol, and the iterations that make them. Metrics, analysis and reports read the figures of each kind by the names given here.

import type { OperationFacts } from '../protocols/facts.ts';
import { protocols, type SentKind } from '../protocols/registry.ts';
import type { BuiltInMetric, MetricValues } from './metric.ts';

export type OperationKind = SentKind | 'iteration';

/** Where the figures of a kind are, and what its operations are called. */
export type OperationMetrics = Omit<OperationFacts, 'kind' | 'count' | 'failed' | 'duration'> &
  Readonly<Record<'count' | 'failed' | 'duration', BuiltInMetric>>;

const iteration: OperationMetrics = {
  count: 'iterations',
  /** A counter, where those of protocols are rates. */
  failed: 'iterations_failed',
  duration: 'iteration_duration',
  noun: 'iteration',
  perSec: 'iterations/s',
  colour: 2,
};

const sent = protocols.flatMap(({ operation }) => (operation === undefined ? [] : [operation]));

/** The kinds of operations that protocols send, in the order of the registry. */
export const sentKinds = sent.map(({ kind }) => kind as SentKind);

export const operationMetrics = Object.fromEntries([
  ...sent.map((operation) => [operation.kind, operation]),
  ['iteration', iteration],
]) as Readonly<Record<OperationKind, OperationMetrics>>;

/**
 * The kinds that speak for a run, the most telling first: what it sent; its iterations when it sent none of that; none
 * when it has not even iterations. `countOf` says how many operations a metric counts.
 */
export function kindsOfRun(countOf: (metric: BuiltInMetric) => number): OperationKind[] {
  const used = sentKinds.filter((kind) => countOf(operationMetrics[kind].count) > 0);
  if (used.length > 0) return used;
  return countOf(operationMetrics.iteration.count) > 0 ? ['iteration'] : [];
}

/** How many operations failed, from the values of a kind's `failed` metric. */
export function failedCountOf(values: MetricValues | undefined): number {
  if (values === undefined) return 0;
  if ('passes' in values) return values.passes;
  return 'count' in values ? values.count : 0;
}
