import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtInMetrics, seriesKey, type Tags, type TrendValues } from '../../model/metric.ts';
import type { ScenarioPlan } from '../../model/plan.ts';
import type { MetricEntry, RunRecord } from '../../model/run-record.ts';
import { makeRecord } from '../record.cases.ts';
import { renderReport } from '../report.ts';
import { renderOperations } from './operations.ts';

const trend = (values: Partial<TrendValues>): TrendValues => ({
  avg: 0,
  min: 0,
  med: 0,
  max: 0,
  'p(90)': 0,
  'p(95)': 0,
  'p(99)': 0,
  count: 0,
  ...values,
});

function entries(
  metric: 'iterations' | 'iteration_duration' | 'vus',
  values: MetricEntry['values'],
  tags?: Tags,
) {
  const entry: MetricEntry = { ...builtInMetrics[metric], values, metric, ...(tags && { tags }) };
  return { [seriesKey(metric, tags)]: entry };
}

function operation(user: string, task: string, count: number, avg: number): Record<string, MetricEntry> {
  const tags = { user, task };
  return {
    ...entries('iterations', { count, rate: 1 }, tags),
    ...entries('iteration_duration', trend({ avg, count }), tags),
  };
}

const user = (name: string, weight: number) => ({
  name,
  weight,
  thinkTime: { kind: 'fixed', ms: 100 } as const,
  mix: 'tasks' as const,
  tasks: [
    { name: 'look', share: 3 },
    { name: 'save', share: 1 },
  ],
});

const scenario: ScenarioPlan = {
  name: 'default',
  startAtMs: 0,
  executor: { kind: 'per-vu-iterations', vus: 50, iterations: 50, rampUpMs: 10_000, maxDurationMs: 65_000 },
  gracefulStopMs: 30_000,
  iterationTimeoutMs: 0,
  users: [user('reader', 50), user('writer', 20), user('mixed', 25), user('filer', 5)],
  tags: {},
};

interface Figures {
  readonly avg?: number;
  readonly failed?: number;
  readonly total?: number;
  readonly users?: number;
  readonly interrupted?: boolean;
  readonly scenarios?: readonly ScenarioPlan[];
}

/** 2,500 operations in 45.23 s by 50 users, unless told otherwise: the sample of the source document. */
function recordOf(figures: Figures = {}): RunRecord {
  const { avg = 185.34, failed = 5, total = 2500, users = 50, scenarios = [scenario] } = figures;
  const base = makeRecord('passing', 20);
  const failedEntry: MetricEntry = {
    type: 'rate',
    contains: 'default',
    metric: 'operation_failed',
    values: { rate: failed / total, passes: failed, fails: total - failed },
  };
  return {
    ...base,
    interrupted: figures.interrupted ?? false,
    plan: {
      ...base.plan,
      scenarios,
      operationsReport: { users: 4000, targetMs: 500, recommendation: 'Add replicas' },
    },
    timeline: [{ startAtMs: 0, endAtMs: 45_230, metrics: {} }],
    errors:
      failed === 0
        ? []
        : [
            {
              ...makeRecord('failing', 20).errors[0]!,
              code: 'deadlock',
              message: 'deadlock detected',
              count: failed,
            },
          ],
    metrics: {
      ...entries('iterations', { count: total, rate: total / 45.23 }),
      ...entries(
        'iteration_duration',
        trend({ avg, med: 142.15, 'p(95)': 412.5, 'p(99)': 589.23, min: 12.45, max: 1245.67, count: total }),
      ),
      ...entries('vus', { value: 0, min: 0, max: users }),
      operation_failed: failedEntry,
      ...operation('reader', 'look', 900, 100),
      ...operation('mixed', 'look', 600, 250),
      ...operation('writer', 'save', 1000, 200),
    },
  };
}

describe('operations.txt', () => {
  it('has every section, in order, between rules of 70 characters', () => {
    const text = renderOperations(recordOf());
    const lines = text.split('\n');
    expect(lines.filter((line) => /^=+$/.test(line))).toEqual([
      '='.repeat(70),
      '='.repeat(70),
      '='.repeat(70),
    ]);
    expect(lines.filter((line) => /^\S/u.test(line) && !line.startsWith('='))).toEqual([
      '📊 LOAD TEST REPORT',
      '⚙️  Test Configuration:',
      '👥 User Pattern Distribution:',
      '📈 Overall Results:',
      '⏱️  Response Times (ms):',
      '🔍 Operation Breakdown:',
      '🎯 Performance Assessment:',
      '🧯 Failures:',
      '📊 Scaling to 4000 Users:',
      '🏁 Verdict: PASS',
    ]);
  });

  it('tells what was done, by whom, and how it went', () => {
    const text = renderOperations(recordOf());
    for (const line of [
      '   Concurrent Users: 50',
      '   Operations per User: 50',
      '   Think Time: 100ms',
      '   Ramp-up Time: 10s',
      '   Test Duration: 45.23s',
      '   reader: 25 users (50.0%)',
      '   writer: 10 users (20.0%)',
      '   mixed: 12 users (24.0%)',
      '   filer: 3 users (6.0%)',
      '   Total Operations: 2,500',
      '   Successful: 2,495 (99.80%)',
      '   Failed: 5 (0.20%)',
      '   Throughput: 55.27 ops/sec',
      '   Average: 185.34 ms',
      '   Median: 142.15 ms',
      '   95th Percentile: 412.50 ms',
      '   99th Percentile: 589.23 ms',
      '   Min: 12.45 ms',
      '   Max: 1245.67 ms',
      '   look: 1,500 ops, avg 160.00 ms',
      '   save: 1,000 ops, avg 200.00 ms',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
  });

  it('does not call five failed operations none', () => {
    const text = renderOperations(recordOf());
    expect(text).not.toContain('No failed operations');
    expect(text).toContain('⚠️  5 failed operations');
    expect(text).toContain('5 × deadlock: deadlock detected');
    const sound = renderOperations(recordOf({ failed: 0 }));
    expect(sound).toContain('✅ No failed operations');
    expect(sound).toContain('🧯 Failures:\n   None\n');
  });

  it('shows by which formula it estimates', () => {
    const text = renderOperations(recordOf());
    expect(text).toContain('Current capacity: ~134 concurrent users');
    expect(text).toContain('= (500 ms target / 185.34 ms average) × 50 users');
    expect(text).toContain('Estimated response time at 4000 users: 5533 ms');
    expect(text).toContain('= 185.34 ms × 4000 / 134');
    expect(text).toContain('⚠️  System may handle 4000 users with degraded performance');
    expect(text).toContain('💡 Recommendation: Add replicas');
    expect(text).not.toContain('at work at the same time');
  });

  it('puts no tick behind what is far from what was tried, or rests on failures', () => {
    expect(renderOperations(recordOf({ avg: 2, users: 20 }))).toMatch(/80\s+times what was tried/);
    expect(renderOperations(recordOf({ avg: 2, users: 20 }))).toContain('At most 20 of the 50 users');
    expect(renderOperations(recordOf({ failed: 1000 }))).toContain('❌ This run does not allow an estimate');
    const empty = renderOperations(recordOf({ total: 0, failed: 0, avg: 0 }));
    expect(empty).toContain('❌ No operation was completed');
    expect(empty).not.toMatch(/NaN|Infinity|undefined/);
    const wide = { ...scenario, executor: { ...scenario.executor, vus: 500 } } as ScenarioPlan;
    expect(renderOperations(recordOf({ avg: 20, users: 500, scenarios: [wide] }))).toContain(
      '✅ System is estimated to handle 4000 users',
    );
  });

  it('says when the load itself offers no more', () => {
    const gentle = { ...scenario, users: [{ ...user('reader', 1), thinkTime: { kind: 'fixed', ms: 700 } }] };
    const text = renderOperations(recordOf({ scenarios: [gentle as ScenarioPlan] }));
    expect(text).toContain('This load offers at most 56.69 ops/sec');
    expect(renderOperations(recordOf())).not.toContain('offers at most');
  });

  it('does not add up the users of phases that follow each other, and knows their pauses', () => {
    const phases = [0, 125_000].map((startAtMs) => ({ ...scenario, name: `at-${startAtMs}`, startAtMs }));
    const text = renderOperations(recordOf({ scenarios: phases }));
    expect(text).toContain('× 50 users');
    // 5,000 operations until the second phase has had its ramp of 9.8 s and its pauses of 4.9 s.
    expect(text).toContain('This load offers at most 35.79 ops/sec');
    const together = phases.map((phase) => ({ ...phase, startAtMs: 0 }));
    expect(renderOperations(recordOf({ scenarios: together }))).toContain('× 100 users');
  });

  it('lists several scenarios by name, and marks an interrupted run', () => {
    const text = renderOperations(
      recordOf({
        scenarios: [
          { ...scenario, name: 'east' },
          { ...scenario, name: 'west' },
        ],
        interrupted: true,
      }),
    );
    expect(text).toContain('   west:\n      Concurrent Users: 50\n');
    expect(text).toContain('   reader: 50 users (50.0%)');
    expect(text).toContain('these results are partial');
  });

  it('is written beside the summary, and first, where a suite asks for it', () => {
    expect(renderReport('txt', recordOf()).map(({ fileName }) => fileName)).toEqual([
      'operations.txt',
      'summary.txt',
    ]);
    expect(renderReport('txt', makeRecord('passing', 20))).toHaveLength(1);
  });
});

describe("the source's own commands", () => {
  let folder: string;
  let file: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'plimsoll-report-'));
    file = join(folder, 'performance_report.txt');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const gate = `grep "Average:" "$1" | \\
    awk '{if ($2 > 500) exit 1}'`;

  it.each([
    [185.34, 0],
    [5.34, 0],
    [60.12, 0],
    [500, 0],
    [500.01, 1],
    [1245.67, 1],
    [12_345.6, 1],
  ])('the gate takes an average of %d ms to exit code %i', (avg, code) => {
    writeFileSync(file, renderOperations(recordOf({ avg })));
    expect(spawnSync('sh', ['-c', gate, 'sh', file]).status).toBe(code);
  });

  it('the weekly script reads plain numbers', () => {
    writeFileSync(file, renderOperations(recordOf({ avg: 1245.67 })));
    const read = (name: string): string =>
      execFileSync('sh', ['-c', `grep "${name}:" "$1" | awk '{print $2}'`, 'sh', file], { encoding: 'utf8' });
    expect([read('Average'), read('Throughput')]).toEqual(['1245.67\n', '55.27\n']);
  });
});
