// The record of a capacity search for tests: four steps planned, the third breaks, the fourth is never reached.

import { builtInMetrics, seriesKey } from '../model/metric.ts';
import type { MetricEntry, RunRecord } from '../model/run-record.ts';
import { makeRecord } from './record.cases.ts';

export function makeSearchRecord(): RunRecord {
  const record = makeRecord('passing', 20);
  const scenario = record.plan.scenarios[0]!;
  const steps = [100, 200, 300, 400].map((load, k) => ({ scenario: `step-${k + 1}`, load }));
  const stepMs = 5000;
  const thresholds = steps.map(({ scenario: name }, k) => ({
    metric: 'http_req_duration',
    tags: { scenario: name },
    expression: 'p(95)<100',
    aggregation: { kind: 'percentile', p: 95 } as const,
    operator: '<' as const,
    limit: 100,
    level: 'search' as const,
    abortOnFail: true,
    delayAbortEvalMs: (k + 0.3) * stepMs,
    warnMargin: 0,
  }));
  const metrics: Record<string, MetricEntry> = {};
  // Thresholds of the whole run go: a search has those of its steps only.
  for (const [key, { thresholds: _, ...entry }] of Object.entries(record.metrics)) metrics[key] = entry;
  for (const [k, { scenario: name, load }] of steps.entries()) {
    const tags = { scenario: name };
    const reached = k < 3;
    const p95 = reached ? 40 * (k + 1) : 0;
    const values = {
      avg: p95 / 2,
      min: 1,
      med: p95 / 2,
      max: p95 * 2,
      'p(90)': p95,
      'p(95)': p95,
      'p(99)': p95 * 1.5,
      count: 100,
    };
    metrics[seriesKey('iterations', tags)] = {
      ...builtInMetrics.iterations,
      values: { count: reached ? 5 * load : 0, rate: reached ? load : 0 },
      metric: 'iterations',
      tags,
    };
    metrics[seriesKey('http_req_duration', tags)] = {
      ...builtInMetrics.http_req_duration,
      values,
      metric: 'http_req_duration',
      tags,
      thresholds: {
        'p(95)<100': {
          ok: p95 < 100,
          level: 'search',
          actual: reached ? p95 : null,
          limit: 100,
          close: false,
          aborted: p95 >= 100,
        },
      },
    };
  }
  const check = { name: 'is 200', tags: { user: 'visitor', task: 'pricing' }, passes: 10, fails: 0 };
  const { thresholds: _, ...others } = record;
  return {
    ...others,
    metrics,
    plan: {
      ...record.plan,
      scenarios: steps.map(({ scenario: name, load }, k) => ({
        ...scenario,
        name,
        startAtMs: k * stepMs,
        executor: {
          kind: 'constant-arrival-rate',
          ...{ ratePerSec: load, durationMs: stepMs, preAllocatedVUs: 10, maxVUs: 10 },
        },
      })),
      thresholds,
      search: { unit: 'iterations/s', steps },
    },
    checks: steps.map(({ scenario: name }) => ({ ...check, tags: { ...check.tags, scenario: name } })),
    verdict: { status: 'pass', reasons: ['The highest load that met the thresholds was 200 iterations/s.'] },
  };
}
