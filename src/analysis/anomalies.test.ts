import { describe, expect, test } from 'vitest';
import type { ExecutorPlan } from '../executors/executors.ts';
import type { MonitorRecord } from '../model/monitor.ts';
import { findAnomalies } from './anomalies.ts';
import { type Course, gauge, monitor, noisy, run, timeline } from './course-runs.cases.ts';
import { findSteadyParts } from './steady-parts.ts';

/** Figures in which nothing happens, of every kind of noise. */
function quietMonitors(seconds: number, seed: number, count: number): Record<string, MonitorRecord> {
  const kinds = ['white', 'heavy', 'ar 0.3', 'ar 0.7', 'counts'] as const;
  const figures = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `f${i}`,
      gauge(
        `figure ${i}`,
        noisy(kinds[i % kinds.length]!, seed * 1000 + i, () => 20, 2),
      ),
    ]),
  );
  return { db: monitor('Quiet', figures, seconds) };
}

describe('the steady parts of a run', () => {
  test('leave out warm-up and end', () => {
    expect(findSteadyParts(run(200, {}))).toEqual([{ fromMs: 20_000, untilMs: 199_000 }]);
  });

  test('lie between the ramps of stages', () => {
    const stages = [
      { durationMs: 30_000, target: 10 },
      { durationMs: 60_000, target: 10 },
      { durationMs: 0, target: 20 },
      { durationMs: 60_000, target: 20 },
      { durationMs: 50_000, target: 0 },
    ];
    const executor: ExecutorPlan = { kind: 'ramping-vus', startVUs: 0, stages, gracefulRampDownMs: 0 };
    expect(findSteadyParts(run(200, {}, executor))).toEqual([
      { fromMs: 36_000, untilMs: 89_000 },
      { fromMs: 96_000, untilMs: 149_000 },
    ]);
  });

  test('end where fixed iterations are done, which only the measured users tell', () => {
    const executor: ExecutorPlan = {
      kind: 'per-vu-iterations',
      vus: 10,
      iterations: 100,
      rampUpMs: 0,
      maxDurationMs: 200_000,
    };
    const windows = timeline(
      200,
      () => 12,
      () => 100,
    ).map((window, i) => ({
      ...window,
      metrics: {
        ...window.metrics,
        vus: i < 100 ? { value: 10, min: 10, max: 10 } : { value: 200 - i, min: 1, max: 9 },
      },
    }));
    expect(findSteadyParts(run(200, { timeline: windows }, executor))).toEqual([
      { fromMs: 1000 + 9900, untilMs: 99_000 },
    ]);
  });
});

describe('anomalies', () => {
  test('of one moment are one finding, the strongest first', () => {
    const seconds = 200;
    const stepping =
      (low: number, high: number): Course =>
      (second) =>
        second < 130 ? low : high;
    const findings = findAnomalies(
      run(seconds, {
        timeline: timeline(
          seconds,
          noisy('heavy', 1, stepping(12, 480), 2),
          noisy('white', 2, () => 100, 3),
        ),
        monitors: {
          ...quietMonitors(seconds, 1, 20),
          pg: monitor(
            'PostgreSQL',
            {
              connections_active: gauge('active connections', noisy('counts', 3, stepping(2, 36), 1)),
              cache_hit_ratio: gauge(
                'cache hits',
                noisy('white', 4, () => 0.98, 0.002),
                'ratio',
              ),
            },
            seconds,
          ),
        },
      }),
    );
    expect(findings).toHaveLength(1);
    const [finding] = findings;
    expect(finding).toMatchObject({ kind: 'anomaly', severity: 'info' });
    expect(finding!.title).toMatch(
      /^At 2m10s: p\(95\) of http_req_duration 1[12]\.\d ms → 480 ms, PostgreSQL active connections 4 → 38$/,
    );
    expect(finding!.detail).toContain('times its usual spread');
    expect(finding!.evidence.map(({ name, unit }) => [name, unit])).toEqual([
      ['p(95) of http_req_duration before', 'ms'],
      ['p(95) of http_req_duration after', 'ms'],
      ['monitor_pg_connections_active before', 'count'],
      ['monitor_pg_connections_active after', 'count'],
    ]);
  });

  test('are rarely found where nothing is wrong, among a hundred series', () => {
    let alarms = 0;
    for (let seed = 1; seed <= 6; seed++) {
      if (findAnomalies(run(100, { monitors: quietMonitors(100, seed, 100) })).length > 0) alarms++;
    }
    // Meant to be 1 in 20; a fifth of the figures has an autocorrelation of 0.7, which makes it somewhat more.
    expect(alarms).toBeLessThanOrEqual(2);
  });

  test('a single reading is told as of a moment', () => {
    const load = gauge(
      'latency',
      noisy('white', 5, (second) => (second === 90 ? 900 : 10), 0.3),
      'ms',
    );
    const [finding, ...rest] = findAnomalies(
      run(200, { monitors: { web: monitor('health', { latency: load }, 200) } }),
    );
    expect(rest).toEqual([]);
    expect(finding!.title).toMatch(/^At 1m30s: health latency 10\.\d ms → 900 ms for a moment$/);
  });

  test('a leak is a drift, with its rate per hour and an interval', () => {
    const memory = gauge(
      'resident memory',
      noisy('white', 6, (second) => 1e8 + second * 1e5, 5e5),
      'bytes',
    );
    const [finding, ...rest] = findAnomalies(
      run(400, { monitors: { app: monitor('app', { rss_bytes: memory }, 400) } }),
    );
    expect(rest).toEqual([]);
    expect(finding!.title).toBe('From 40s to 6m39s: app resident memory drifts');
    // 1e5 a second is 360 MB an hour.
    expect(finding!.detail).toMatch(/by 3[56]\d MB an hour \(95 % interval 3\d\d MB to 3\d\d MB\)/);
  });

  test('changes that the plan makes are none', () => {
    const stages = [
      { durationMs: 100_000, target: 10 },
      { durationMs: 0, target: 40 },
      { durationMs: 100_000, target: 40 },
    ];
    const executor: ExecutorPlan = { kind: 'ramping-vus', startVUs: 10, stages, gracefulRampDownMs: 0 };
    const steps = timeline(
      200,
      noisy('white', 1, (second) => (second < 100 ? 12 : 50), 0.5),
      noisy('white', 2, (second) => (second < 100 ? 100 : 400), 3),
    );
    expect(findAnomalies(run(200, { timeline: steps }, executor))).toEqual([]);
    expect(findAnomalies(run(200, { timeline: steps }))).toHaveLength(1);
  });

  test('are not looked for in short runs', () => {
    const jump = timeline(
      24,
      (second) => (second < 14 ? 12 : 500),
      () => 100,
    );
    expect(findAnomalies(run(24, { timeline: jump }))).toEqual([]);
  });

  test('beyond ten are counted', () => {
    // A figure per moment, each at another time.
    const figures = Object.fromEntries(
      Array.from({ length: 14 }, (_, i) => [
        `f${i}`,
        gauge(
          `figure ${i}`,
          noisy('white', 50 + i, (second) => (second < 60 + 25 * i ? 10 : 60 + 10 * i), 1),
        ),
      ]),
    );
    const findings = findAnomalies(run(480, { monitors: { m: monitor('M', figures, 480) } }));
    expect(findings).toHaveLength(10);
    expect(findings[0]!.title).toMatch(/M figure 1\d /);
    expect(findings[9]!.detail).toMatch(/4 weaker anomalies are not listed\.$/);
  });

  test('of a hundred series of 600 readings are found within a second or so', () => {
    const measured = run(600, { monitors: quietMonitors(600, 1, 100) });
    const startedAtMs = performance.now();
    findAnomalies(measured);
    expect(performance.now() - startedAtMs).toBeLessThan(4000);
  });
});
