import { expect, test } from 'vitest';
import type { RunRecord } from '../../model/run-record.ts';
import { makeRecord } from '../record.cases.ts';
import { renderReport } from '../report.ts';

function reportOf(record: RunRecord) {
  const [file] = renderReport('load-report', record);
  expect(file!.fileName).toBe('load-report.json');
  return JSON.parse(file!.content) as Record<'execution_summary' | 'performance_metrics', object>;
}

test('a run is one scenario in the shape of the report, with shares from 0 to 1', () => {
  const record = makeRecord('passing', 20);
  const { values } = record.metrics.http_req_duration!;
  expect(reportOf(record)).toMatchObject({
    test_suite: 'jorge',
    generated: record.endedAt,
    execution_summary: {
      duration_seconds: 20,
      total_scenarios: 1,
      passed_scenarios: 1,
      failed_scenarios: 0,
      success_rate: 1,
    },
    performance_metrics: {
      response_times: { p95_ms: Number((values as { 'p(95)': number })['p(95)'].toFixed(6)) },
      reliability: { success_rate: expect.any(Number), error_rate: expect.any(Number) },
    },
  });
});

test('what failed and what is inconclusive have not passed', () => {
  expect(reportOf(makeRecord('failing', 20)).execution_summary).toMatchObject({
    passed_scenarios: 0,
    failed_scenarios: 1,
    success_rate: 0,
  });
  expect(reportOf(makeRecord('inconclusive', 20)).execution_summary).toMatchObject({
    passed_scenarios: 0,
    failed_scenarios: 0,
    success_rate: 0,
  });
});

test('the peak is that of the busiest whole window, and what was not measured is null', () => {
  const record = makeRecord('passing', 20);
  const counter = (count: number) => ({ http_reqs: { count, rate: count } });
  const timeline = [
    { startAtMs: 0, endAtMs: 1000, metrics: counter(50) },
    { startAtMs: 1000, endAtMs: 3000, metrics: counter(140) },
    { startAtMs: 3000, endAtMs: 3100, metrics: counter(60) },
  ];
  expect(reportOf({ ...record, timeline }).performance_metrics).toMatchObject({
    throughput: { peak_rps: 70 },
  });
  expect(reportOf({ ...record, timeline: [], metrics: {} }).performance_metrics).toEqual({
    response_times: { p50_ms: null, p95_ms: null, p99_ms: null },
    throughput: { avg_rps: null, peak_rps: null },
    reliability: { success_rate: null, error_rate: null },
  });
});
