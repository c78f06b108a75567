// What a run does, counted one by one: HTTP requests, SQL statements, Redis commands, and the iterations that make
// them. Metrics, analysis and reports read the figures of each kind by the names given here.

import type { BuiltInMetric, MetricValues } from './metric.ts';

export type OperationKind = 'request' | 'statement' | 'command' | 'iteration';

/** Where the figures of a kind are, and what its operations are called. */
export interface OperationMetrics {
  readonly count: BuiltInMetric;
  /** A rate, or a counter. */
  readonly failed: BuiltInMetric;
  readonly duration: BuiltInMetric;
  /** One of them; `s` makes several. */
  readonly noun: string;
}

export const operationMetrics: Readonly<Record<OperationKind, OperationMetrics>> = {
  request: {
    count: 'http_reqs',
    failed: 'http_req_failed',
    duration: 'http_req_duration',
    noun: 'request',
  },
  statement: {
    count: 'sql_ops',
    failed: 'sql_op_failed',
    duration: 'sql_op_duration',
    noun: 'statement',
  },
  command: {
    count: 'redis_ops',
    failed: 'redis_op_failed',
    duration: 'redis_op_duration',
    noun: 'Redis command',
  },
  iteration: {
    count: 'iterations',
    failed: 'iterations_failed',
    duration: 'iteration_duration',
    noun: 'iteration',
  },
};

const sentKinds: readonly OperationKind[] = ['request', 'statement', 'command'];

/**
 * The kinds that speak for a run, the most telling first: what it sent; its iterations when it sent none of that; none
 * when it has not even iterations. `countOf` says how many operations a metric counts.
 */
export function kindsOfRun(countOf: (metric: BuiltInMetric) => number): OperationKind[] {
  const sent = sentKinds.filter((kind) => countOf(operationMetrics[kind].count) > 0);
  if (sent.length > 0) return sent;
  return countOf(operationMetrics.iteration.count) > 0 ? ['iteration'] : [];
}

/** How many operations failed, from the values of a kind's `failed` metric. */
export function failedCountOf(values: MetricValues | undefined): number {
  if (values === undefined) return 0;
  if ('passes' in values) return values.passes;
  return 'count' in values ? values.count : 0;
}
