import { describe, expect, test } from 'vitest';
import type { Judged, StepAmounts } from '../judge/search-floors.ts';
import { identifyThresholds } from '../judge/threshold-outcomes.ts';
import { limitOn, planWith } from '../metrics/collector.cases.ts';
import { seriesKey } from '../model/metric.ts';
import type { Plan, ThresholdPlan } from '../model/plan.ts';
import type { MetricEntry } from '../model/run-record.ts';
import { judgeStep, type MeasuredStep } from './step-outcome.ts';

const tags = { scenario: 'step-1' };
const latency = limitOn('http_req_duration', 'p95', '<', 100, { tags, level: 'search' });
const scenario = {
  ...{ name: 'step-1', startAtMs: 0, gracefulStopMs: 0, iterationTimeoutMs: 0, users: [], tags: {} },
  executor: { kind: 'constant-vus', vus: 10, rampUpMs: 0, durationMs: 10_000 },
} as const;
const plan = planWith({ scenarios: [scenario], thresholds: [latency] });

function counter(metric: string, count: number, seconds = 10): MetricEntry {
  return { type: 'counter', contains: 'default', metric, values: { count, rate: count / seconds } };
}

/** A part of a step: each threshold with what was found of it, `null` for nothing. */
function part(
  own: Plan,
  found: readonly (number | null)[],
  { dropped = 0, done = 100 }: { dropped?: number; done?: number } = {},
): Judged {
  const ids = identifyThresholds(own.thresholds);
  const metrics = new Map<string, MetricEntry>([
    ['iterations', counter('iterations', done)],
    ['dropped_iterations', counter('dropped_iterations', dropped)],
  ]);
  const thresholds = own.thresholds.map((one, i) => {
    const actual = found[i] ?? null;
    const ok = actual !== null && (one.operator === '<' ? actual < one.limit : actual > one.limit);
    const { limit, expression, abortOnFail, delayAbortEvalMs } = one;
    const series = seriesKey(one.metric, one.tags);
    const result = { ok, level: 'search', actual, limit, close: false, aborted: false } as const;
    const entry: MetricEntry =
      one.aggregation.kind === 'rate' || one.aggregation.kind === 'count'
        ? counter(one.metric, (actual ?? 0) * (one.aggregation.kind === 'rate' ? 10 : 1))
        : one.metric.startsWith('monitor')
          ? { ...counter(one.metric, done), type: 'gauge' }
          : { ...counter(one.metric, done), type: 'trend', contains: 'time' };
    metrics.set(series, { ...entry, tags: one.tags, thresholds: { [expression]: result } });
    return { id: ids[i]!, series, expression, abortOnFail, delayAbortEvalMs, ...result };
  });
  return { metrics: Object.fromEntries(metrics), thresholds };
}

type Findings = readonly [counted: number | null, first: number | null, second: number | null];

function judge(findings: Findings, changes: Partial<MeasuredStep> = {}, own = plan) {
  const [counted, firstHalf, secondHalf] = findings.map((one) => part(own, [one]));
  return judgeStep({
    ...{ plan: own, unit: 'users', load: 10, seconds: 10, lower: [], saturation: [] },
    ...{ counted: counted!, firstHalf: firstHalf!, secondHalf: secondHalf! },
    ...changes,
  });
}

describe('a step', () => {
  test('is held when all of its objectives are', () => {
    expect(judge([80, 70, 90])).toMatchObject({ outcome: 'held', reasons: [] });
  });

  test('is broken when both halves are, and says by which figure', () => {
    expect(judge([120, 110, 130])).toMatchObject({
      outcome: 'broke',
      reasons: [expect.stringMatching(/95th percentile response time 120 ms.*100 ms/)],
    });
  });

  test.each([
    [[120, 80, 130]],
    // Also when the whole of it holds.
    [[90, 120, 60]],
  ] as const)('is noisy when its halves disagree: %j', (findings) => {
    const { outcome, reasons } = judge(findings);
    expect(outcome).toBe('noisy');
    expect(reasons.join()).toMatch(/\d+ ms in the first half and \d+ ms in the second/);
  });

  test('leaves plain counts to the whole', () => {
    const own = planWith({
      scenarios: [scenario],
      thresholds: [limitOn('errors', 'count', '<', 9, { tags, level: 'search' })],
    });
    expect(judge([8, 1, 9], {}, own).outcome).toBe('held');
    expect(judge([9, 8, 1], {}, own).outcome).toBe('broke');
  });

  test('is broken by more than 1 % of dropped iterations, and by none that finished', () => {
    const withDrops = (dropped: number) => {
      const same = part(plan, [80], { dropped });
      return judge([80, 80, 80], { counted: same, firstHalf: same, secondHalf: same });
    };
    expect(withDrops(1).outcome).toBe('held');
    expect(withDrops(2)).toMatchObject({
      outcome: 'broke',
      reasons: [expect.stringContaining('1.96 % of its iterations were dropped')],
    });
    const none = part(plan, [80], { done: 0 });
    expect(judge([80, 80, 80], { counted: none, firstHalf: none, secondHalf: none })).toMatchObject({
      outcome: 'broke',
      reasons: ['No iteration finished.'],
    });
  });

  test('is saturated when the generator was at its limit, whatever else it shows, and says why', () => {
    expect(judge([120, 80, 130], { saturation: ['A worker was busy.'] })).toMatchObject({
      outcome: 'saturated',
      reasons: ['A worker was busy.'],
    });
  });

  test('is broken when an alert has ended it, whatever its halves say', () => {
    const endedBy = 'The alert disk full ended the step.';
    expect(judge([80, 80, null], { endedBy })).toMatchObject({ outcome: 'broke', reasons: [endedBy] });
  });

  test.each([
    ['held', 'was read of it in one half only', [0.5, null, 0.5]],
    ['broke', 'breaks in the whole', [0.9, null, 0.9]],
    ['noisy', 'was not read at all', [null, null, null]],
  ] as const)('is %s when the figure of a monitor %s', (outcome, _when, findings) => {
    const limit = limitOn('monitor_db_cpu_ratio', 'max', '<', 0.8, { tags, level: 'search' });
    const figures = { cpu_ratio: { type: 'gauge', unit: 'ratio', title: 'CPU' } } as const;
    const source = { kind: 'host' } as const;
    const monitor = { name: 'db', title: 'db', intervalMs: 1000, timeoutMs: 1000, share: 1, figures, source };
    const own = { ...plan, thresholds: [limit], monitors: [monitor] };
    expect(judge(findings, {}, own).outcome).toBe(outcome);
  });
});

describe('a lower limit on throughput', () => {
  const floor = (metric: string, aggregation = 'rate', limit = 100): ThresholdPlan =>
    limitOn(metric, aggregation, '>', limit, { tags, level: 'search' });
  const planOf = (...thresholds: readonly ThresholdPlan[]): Plan =>
    planWith({ scenarios: [scenario], thresholds });
  const step = (
    own: Plan,
    found: readonly number[],
    changes: Partial<MeasuredStep> = {},
    done = Number.NaN,
  ) => {
    const same = part(own, found, Number.isNaN(done) ? {} : { done });
    return judgeStep({
      ...{ plan: own, unit: 'users', load: 10, seconds: 10, lower: [], saturation: [] },
      ...{ counted: same, firstHalf: same, secondHalf: same },
      ...changes,
    });
  };
  /** A step that made `perSec` of one series at `load`, for 10 s. */
  const made = (load: number, key: string, perSec: number): StepAmounts => ({
    ...{ load, seconds: 10, iterations: perSec * 10, iterationMs: 10 },
    amounts: new Map([[key, perSec * 10]]),
  });

  test.each([
    ['requests', 'http_reqs', 'rate', 10],
    ['iterations', 'iterations', 'rate', 10],
    ['statements', 'sql_ops', 'rate', 10],
    ['Redis commands', 'redis_ops', 'count', 90],
    ['a custom counter', 'orders', 'rate', 10],
    ['a count of a custom counter', 'orders', 'count', 99],
  ])(
    'on %s does not ask more of the first step than its load offers',
    (_name, metric, aggregation, found) => {
      expect(step(planOf(floor(metric, aggregation)), [found]).outcome).toBe('held');
    },
  );

  test('holds while throughput grows with the load, and when its limit is met', () => {
    const own = planOf(floor('http_reqs'));
    const lower = [made(10, 'http_reqs', 8)];
    expect(step(own, [16], { load: 20, lower }).outcome).toBe('held');
    // Users who wait longer ask less often: that is no shortfall once there is as much as was asked.
    expect(step(own, [101], { load: 200, lower }).outcome).toBe('held');
  });

  test('breaks when throughput does not keep up with the load, and says how much was offered', () => {
    const own = planOf(floor('http_reqs'));
    const { outcome, reasons } = step(own, [50], { load: 100, lower: [made(10, 'http_reqs', 8)] });
    expect(outcome).toBe('broke');
    expect(reasons[0]).toMatch(/50\/s.*80\/s/);
  });

  test('on a part of the load is judged by that part', () => {
    const own = planOf({ ...floor('http_reqs'), tags: { ...tags, task: 'login' } });
    const lower = [made(10, 'http_reqs{task:login}', 8)];
    expect(step(own, [76], { load: 100, lower }).outcome).toBe('held');
    expect(step(own, [40], { load: 100, lower }).outcome).toBe('broke');
  });

  test('at an arrival rate asks for the iterations that are due, also where its limit is met', () => {
    const own = planOf(floor('http_reqs'));
    const rate = { unit: 'iterations/s', load: 200 } as const;
    expect(step(own, [200], rate, 2000).outcome).toBe('held');
    expect(step(own, [150], rate, 1500)).toMatchObject({
      outcome: 'broke',
      reasons: [expect.stringMatching(/150\/s.*200\/s/)],
    });
    expect(step(own, [5], { ...rate, load: 5 }, 50).outcome).toBe('held');
  });

  test('is no reason to call a step noisy: half a step makes half the amount', () => {
    const own = planOf(floor('http_reqs'));
    const half = (perSec: number) => part(own, [perSec]);
    expect(step(own, [102], { firstHalf: half(90), secondHalf: half(110) }).outcome).toBe('held');
  });
});
