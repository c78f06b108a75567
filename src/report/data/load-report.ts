// load-report.json: a run in the few figures that dashboards of response times, throughput and reliability take. The format
// `load-report` in ../report.ts writes it.

import { operationMetrics } from '../../model/operation.ts';
import type { RunRecord } from '../../model/run-record.ts';
import { keyFigures } from '../view/record-figures.ts';
import { type SentRow, sentRows } from '../view/sent.ts';

/**
 * A run counts as one scenario: `passed` when its verdict is pass or warn, `failed` when it is fail, neither when it is
 * inconclusive. Times in ms, of what the run is mainly about: requests, or what it sends in their place; rates per second;
 * shares 0 to 1. What was not measured is `null`.
 */
export function renderLoadReport(record: RunRecord): string {
  const { status } = record.verdict;
  const passed = Number(status === 'pass' || status === 'warn');
  const [sent] = sentRows(record);
  const time = (ms: number): number | null => (sent.duration.count === 0 ? null : rounded(ms));
  const isMeasured = sent.count > 0;
  const report = {
    test_suite: record.suite,
    generated: record.endedAt,
    profile: record.profile,
    verdict: status,
    ...(record.plan.compressed !== undefined && { compressed: record.plan.compressed }),
    execution_summary: {
      duration_seconds: keyFigures(record).durationMs / 1000,
      total_scenarios: 1,
      passed_scenarios: passed,
      failed_scenarios: Number(status === 'fail'),
      success_rate: passed,
    },
    performance_metrics: {
      response_times: {
        p50_ms: time(sent.duration.med),
        p95_ms: time(sent.duration['p(95)']),
        p99_ms: time(sent.duration['p(99)']),
      },
      throughput: {
        avg_rps: isMeasured ? rounded(sent.perSec) : null,
        peak_rps: peakPerSec(record, sent),
      },
      reliability: {
        success_rate: isMeasured ? rounded(1 - sent.failedRatio) : null,
        error_rate: isMeasured ? rounded(sent.failedRatio) : null,
      },
    },
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

const leastWindowMs = 1000;

/** The most within a whole window of the timeline: what a part of a second would have come to is not known. */
export function peakPerSec({ timeline }: RunRecord, { kind }: SentRow): number | null {
  const metric = operationMetrics[kind].count;
  let peak: number | null = null;
  for (const { startAtMs, endAtMs, metrics } of timeline) {
    const values = Object.hasOwn(metrics, metric) ? metrics[metric] : undefined;
    const lengthMs = endAtMs - startAtMs;
    if (values === undefined || !('count' in values) || lengthMs < leastWindowMs) continue;
    peak = Math.max(peak ?? 0, (values.count * 1000) / lengthMs);
  }
  return peak === null ? null : rounded(peak);
}

function rounded(value: number): number {
  return Number(value.toFixed(6));
}
