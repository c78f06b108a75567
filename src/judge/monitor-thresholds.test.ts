import { describe, expect, test } from 'vitest';
import { limitOn, planWith } from '../metrics/collector.cases.ts';
import type { MonitorReport } from '../model/monitor.ts';
import type { MonitorPlan } from '../model/monitor-settings.ts';
import type { Plan, ScenarioPlan } from '../model/plan.ts';
import { type JudgedCollector, judgedCollector } from './judged-collector.cases.ts';

const monitor: MonitorPlan = {
  name: 'db',
  title: 'PostgreSQL',
  intervalMs: 1000,
  timeoutMs: 500,
  share: 0.1,
  figures: {
    cpu_ratio: { type: 'gauge', unit: 'ratio', title: 'CPU', headline: true },
    size_bytes: { type: 'gauge', unit: 'bytes', title: 'size' },
    queries: { type: 'counter', unit: 'count', title: 'queries', headline: true },
  },
  source: { kind: 'postgres', url: 'postgresql://db/shop', slowStatementMs: 1000 },
};

function judge(changes: Partial<Plan>): JudgedCollector {
  return judgedCollector(planWith({ monitors: [monitor], ...changes }));
}

function sample(
  atMs: number,
  values: Record<string, number>,
  gains: Readonly<Record<string, { by: number; overMs: number }>> = {},
): MonitorReport {
  return { kind: 'sample', sample: { monitor: 'db', atMs, values, gains }, readingMs: 5 };
}

function scenario(name: string, startAtMs: number): ScenarioPlan {
  const executor = { kind: 'constant-vus', vus: 1, rampUpMs: 0, durationMs: 10_000 } as const;
  return { name, startAtMs, executor, gracefulStopMs: 0, iterationTimeoutMs: 0, users: [], tags: {} };
}

describe('thresholds on what monitors read', () => {
  test('what was never read is in the record for a threshold only, which does not hold', () => {
    const thresholds = [
      limitOn('monitor_db_size_bytes', 'max', '<', 5),
      limitOn('monitor_db_queries', 'count', '<', 5),
    ];
    const run = judge({ thresholds });
    expect(run.breachedAborts(60_000)).toEqual([]);
    const entries = run.finish(60_000).metrics;
    expect(Object.keys(entries)).toEqual(['monitor_db_size_bytes', 'monitor_db_queries']);
    for (const { thresholds: results } of Object.values(entries)) {
      for (const result of Object.values(results!)) expect(result).toMatchObject({ ok: false, actual: null });
    }
  });

  test('thresholds ask for percentiles, shares above a value and growth', () => {
    const shares = { kind: 'share_above', value: 0.8 } as const;
    const thresholds = [
      limitOn('monitor_db_cpu_ratio', 'p50', '<', 0.6),
      { ...limitOn('monitor_db_cpu_ratio', 'max', '<', 0.5), aggregation: shares, expression: 'share' },
      limitOn('monitor_db_size_bytes', 'growth', '<', 1000),
    ];
    const run = judge({ thresholds });
    for (let i = 0; i < 10; i++) {
      run.observe(sample(i * 1000, { cpu_ratio: i / 10, size_bytes: 1e6 + i }));
    }
    const entries = run.finish(60_000).metrics;
    const actual = (metric: string, expression: string) => entries[metric]?.thresholds?.[expression]?.actual;
    expect(actual('monitor_db_cpu_ratio', 'p(50)<0.6')).toBeCloseTo(0.45, 2);
    expect(actual('monitor_db_cpu_ratio', 'share')).toBe(0.1);
    expect(actual('monitor_db_size_bytes', 'growth<1000')).toBeCloseTo(3600, 6);
    expect(entries.monitor_db_size_bytes?.thresholds?.['growth<1000']?.ok).toBe(false);
  });

  test('a threshold on a scenario looks at its time alone', () => {
    const on = (name: string) =>
      limitOn('monitor_db_cpu_ratio', 'max', '<', 0.5, { tags: { scenario: name } });
    const gained = limitOn('monitor_db_queries', 'count', '<', 8, { tags: { scenario: 'two' } });
    const thresholds = [on('one'), on('two'), on('three'), gained];
    const scenarios = [scenario('one', 0), scenario('two', 10_000), scenario('three', 20_000)];
    const run = judge({ thresholds, scenarios });
    for (const [atMs, cpu] of [
      [5000, 0.3],
      [10_000, 0.4],
      [15_000, 0.9],
    ] as const) {
      run.observe(sample(atMs, { cpu_ratio: cpu }, { queries: { by: 5, overMs: 5000 } }));
    }
    const entries = run.finish(60_000).metrics;
    const result = (key: string, expression = 'max<0.5') => entries[key]?.thresholds?.[expression];
    expect(result('monitor_db_cpu_ratio{scenario:one}')).toMatchObject({ ok: true, actual: 0.3 });
    expect(result('monitor_db_cpu_ratio{scenario:two}')).toMatchObject({ ok: false, actual: 0.9 });
    expect(result('monitor_db_cpu_ratio{scenario:three}')).toMatchObject({ ok: false, actual: null });
    expect(result('monitor_db_queries{scenario:two}', 'count<8')).toMatchObject({ ok: true, actual: 5 });
    expect(entries.monitor_db_cpu_ratio?.thresholds).toBeUndefined();
    expect(entries['monitor_db_cpu_ratio{scenario:one}']?.tags).toEqual({ scenario: 'one' });
  });

  test('a broken abort threshold is told after its delay', () => {
    const limit = limitOn('monitor_db_cpu_ratio', 'last', '<', 0.5, {
      abortOnFail: true,
      delayAbortEvalMs: 5000,
    });
    const run = judge({ thresholds: [limit] });
    run.observe(sample(1000, { cpu_ratio: 0.9 }));
    expect(run.breachedAborts(4999)).toEqual([]);
    expect(run.breachedAborts(5000)).toEqual([limit]);
    run.observe(sample(6000, { cpu_ratio: 0.1 }));
    expect(run.breachedAborts(6000)).toEqual([]);
  });
});
