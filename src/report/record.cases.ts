// Realistic run records for the tests of reports and store: a small simulation, the same every time.

import { builtInMetrics, seriesKey, type TrendValues } from '../model/metric.ts';
import type { Plan } from '../model/plan.ts';
import type { MetricEntry, RunRecord, ThresholdResult } from '../model/run-record.ts';
import { makeCutOff, makeErrors } from './record-ends.cases.ts';
import {
  type Course,
  hostileNames,
  hostileTasks,
  ordinaryTasks,
  type RecordVariant,
  recordVariants,
  type SimulatedTask,
  type Simulation,
  simulate,
} from './run-simulation.cases.ts';

export { hostileNames, type RecordVariant, recordVariants };

function makePlan({ variant, tasks, windowCount, ratePerSec }: Course): Plan {
  const hostile = variant === 'hostile';
  return {
    suite: hostile ? hostileNames.script : 'jorge',
    profile: hostile ? hostileNames.markdown : 'normal',
    description: hostile ? hostileNames.html : 'Everyday traffic: the pricing mix at a steady arrival rate.',
    baseUrl: 'http://127.0.0.1:8000',
    environment: 'local',
    seed: 42,
    tags: {},
    workers: 2,
    http: { timeoutMs: 30_000, maxRedirects: 10, headers: {}, connectionsPerHost: 6 },
    scenarios: [
      {
        name: 'main',
        startAtMs: 0,
        executor: {
          kind: 'constant-arrival-rate',
          ratePerSec,
          durationMs: windowCount * 1000,
          preAllocatedVUs: 50,
          maxVUs: 200,
        },
        gracefulStopMs: 30_000,
        iterationTimeoutMs: 0,
        users: [
          {
            name: 'visitor',
            weight: 1,
            thinkTime: { kind: 'uniform', minMs: 1000, maxMs: 3000 },
            mix: 'tasks',
            tasks: tasks.map(({ name, share }) => ({ name, share })),
          },
        ],
        tags: {},
      },
    ],
    thresholds: [],
    metrics: {},
    durationMs: windowCount * 1000,
    maxDurationMs: windowCount * 1000 + 30_000,
  };
}

function makeMetrics(total: Simulation, durationMs: number): Record<string, MetricEntry> {
  const metrics: Record<string, MetricEntry> = {};
  for (const [key, values] of total.values(durationMs)) {
    const { metric, tags } = total.tagsByKey.get(key)!;
    const histogram = total.trends.get(key);
    metrics[key] = {
      ...builtInMetrics[metric],
      values,
      metric,
      ...(Object.keys(tags).length > 0 && { tags }),
      ...(histogram && { histogram: Buffer.from(histogram.encode()).toString('base64') }),
    };
  }
  for (const name of ['vus', 'vus_max'] as const) {
    metrics[name] = { ...builtInMetrics[name], values: { value: 100, min: 10, max: 100 }, metric: name };
  }
  return metrics;
}

type Limits = readonly [series: string, expression: string, result: Partial<ThresholdResult>][];

/** Attaches results of thresholds; `actual` comes from the simulated values. */
function withThresholds(metrics: Record<string, MetricEntry>, limits: Limits): Record<string, MetricEntry> {
  const all = { ...metrics };
  for (const [series, expression, result] of limits) {
    const entry = all[series];
    if (entry === undefined) continue;
    const [, aggregation = '', limit = '0'] = /^(.+?)[<>]=?(.+)$/.exec(expression) ?? [];
    const actual = (entry.values as unknown as Record<string, number>)[aggregation] ?? null;
    const full: ThresholdResult = {
      ok: actual === null || actual < Number(limit),
      level: 'critical',
      actual,
      limit: Number(limit),
      close: false,
      aborted: false,
      ...result,
    };
    all[series] = { ...entry, thresholds: { ...entry.thresholds, [expression]: full } };
  }
  return all;
}

const limitsOf: Readonly<Record<RecordVariant, Limits>> = {
  passing: [
    ['http_req_failed', 'rate<0.01', {}],
    ['http_req_duration', 'p(95)<300', {}],
    [seriesKey('http_req_duration', { task: 'pricing', user: 'visitor' }), 'p(95)<100', {}],
  ],
  failing: [
    ['http_req_failed', 'rate<0.01', {}],
    ['http_req_duration', 'p(95)<250', {}],
    ['http_req_duration', 'p(99)<5000', {}],
    ['checks', 'rate>0.5', { ok: true }],
  ],
  warning: [
    ['http_req_failed', 'rate<0.01', {}],
    ['http_req_duration', 'p(95)<200', { close: true }],
    ['http_req_duration', 'p(99)<150', { level: 'target' }],
  ],
  inconclusive: [
    [
      'http_req_failed',
      'rate<0.01',
      {
        ok: false,
        undecided: true,
        bounds: { least: 0, greatest: 0.158 },
        cut: { count: 339, of: 2139, waitedMs: { least: 30_014, most: 47_020 } },
      },
    ],
    [
      'http_req_duration',
      'p(95)<5000',
      {
        ok: false,
        bounds: { least: 45_100, greatest: null },
        cut: { count: 339, of: 2139, waitedMs: { least: 30_014, most: 47_020 } },
      },
    ],
  ],
  interrupted: [['http_req_failed', 'rate<0.01', {}]],
  hostile: [['http_req_failed', 'rate<0.01', {}]],
  empty: [],
};

const verdicts: Readonly<Record<RecordVariant, RunRecord['verdict']>> = {
  passing: { status: 'pass', reasons: ['All 3 thresholds held; no request failed.'] },
  failing: {
    status: 'fail',
    reasons: [
      'http_req_failed: 1.03 % of requests failed, the limit is 1 %.',
      'http_req_duration: p(95) was 292 ms, the limit is 250 ms.',
    ],
  },
  warning: {
    status: 'warn',
    reasons: [
      'http_req_duration: p(99) missed its target of 150 ms.',
      'http_req_duration: p(95) is close to its limit.',
    ],
  },
  inconclusive: {
    status: 'inconclusive',
    reasons: ['The load generator was the bottleneck: its CPU was busy 99 % of the time.'],
  },
  interrupted: { status: 'pass', reasons: ['Every threshold held until the run was interrupted.'] },
  hostile: { status: 'warn', reasons: [hostileNames.script, hostileNames.markdown, hostileNames.terminal] },
  empty: { status: 'inconclusive', reasons: ['No request was made, so there is nothing to judge.'] },
};

function makeFindings(variant: RecordVariant): RunRecord['findings'] {
  switch (variant) {
    case 'failing':
      return [
        {
          kind: 'errors',
          severity: 'critical',
          title: '1.03 % of requests failed',
          detail:
            'Most failures were HTTP 503 between 1m12s and 1m41s, while response times were five times as long.',
          evidence: [{ name: 'http_req_failed', value: 0.0103, unit: 'ratio', limit: 0.01 }],
          advice: 'Look at what the target did from 1m12s on: a queue that filled, a pool that ran dry.',
        },
      ];
    case 'inconclusive':
      return [
        {
          kind: 'generator-saturation',
          severity: 'critical',
          title: 'The load generator could not keep up',
          detail: 'Iterations started 220 ms late at the median.',
          evidence: [
            { name: 'generator_cpu', value: 0.99, unit: 'ratio', limit: 0.9 },
            { name: 'generator_schedule_lag p(99)', value: 320, unit: 'ms', limit: 100 },
          ],
          advice: 'Lower the rate, simplify the task code, or give the generator more cores.',
        },
      ];
    case 'hostile':
      return [
        {
          kind: 'errors',
          severity: 'warning',
          title: hostileNames.script,
          detail: hostileNames.html,
          evidence: [{ name: hostileNames.html, value: 1, unit: hostileNames.script }],
          advice: hostileNames.markdown,
        },
      ];
    default:
      return [];
  }
}

function makeChecks(variant: RecordVariant, tasks: readonly SimulatedTask[]): RunRecord['checks'] {
  if (variant === 'empty') return [];
  return tasks.map((task, k) => ({
    name: variant === 'hostile' ? task.name : 'is 200',
    tags: { scenario: 'main', user: 'visitor', task: task.name },
    passes: 1000 + k,
    fails: variant === 'failing' && k < 2 ? 50 - 20 * k : variant === 'hostile' ? 1 : 0,
  }));
}

const noTrend: TrendValues = { avg: 0, min: 0, med: 0, max: 0, 'p(90)': 0, 'p(95)': 0, 'p(99)': 0, count: 0 };

function makeGenerator(
  variant: RecordVariant,
  metrics: Readonly<Record<string, MetricEntry>>,
): RunRecord['generator'] {
  const trend = (name: string): TrendValues => (metrics[name]?.values as TrendValues | undefined) ?? noTrend;
  const saturated = variant === 'inconclusive';
  return {
    saturated,
    reasons: saturated ? ['CPU above 90 % of a core in 118 of 120 seconds.'] : [],
    cpu: trend('generator_cpu'),
    eventLoopDelayMs: trend('generator_event_loop_delay'),
    scheduleLagMs: trend('generator_schedule_lag'),
    gcPauseMs: trend('generator_gc_pause'),
    droppedIterations: saturated ? 360 : 0,
    gaps: [],
    workers: [1, 2].map((index) => ({
      index,
      pid: 4000 + index,
      cpuMs: 38_000,
      peakMemoryBytes: 91_000_000,
      completed: true,
    })),
  };
}

/** A simulation takes a tenth of a second, a copy of its record next to nothing. */
const made = new Map<string, RunRecord>();

/** A complete record of two simulated minutes (or of `windowCount` seconds), which the caller may change. */
export function makeRecord(variant: RecordVariant, windowCount = 120): RunRecord {
  const key = `${variant} ${windowCount}`;
  const record = made.get(key) ?? simulateRecord(variant, windowCount);
  made.set(key, record);
  return structuredClone(record);
}

function simulateRecord(variant: RecordVariant, windowCount: number): RunRecord {
  const tasks = variant === 'hostile' ? hostileTasks : ordinaryTasks;
  const course: Course = {
    variant,
    tasks,
    windowCount: variant === 'empty' ? 0 : windowCount,
    ratePerSec: 90,
  };
  const { total, timeline } = simulate(course);
  const durationMs = course.windowCount * 1000;
  const metrics = withThresholds(
    variant === 'empty' ? {} : makeMetrics(total, durationMs),
    limitsOf[variant],
  );
  const plan = makePlan({ ...course, windowCount });
  return {
    schemaVersion: 1,
    id: '0f9d3c1a-77b2-4c55-9a40-6f2f4f8f6f10',
    suite: plan.suite,
    profile: plan.profile,
    environment: {
      name: 'local',
      plimsoll: '0.1.0',
      node: '20.20.2',
      os: 'Linux 6.1 x64',
      cpuModel: 'Example CPU 2.4 GHz',
      cpuCount: 2,
      memoryBytes: 4_123_000_000,
      ci: false,
    },
    target: { baseUrl: 'http://127.0.0.1:8000' },
    startedAt: '2026-03-14T09:05:07.000Z',
    endedAt: new Date(Date.parse('2026-03-14T09:05:07.000Z') + durationMs).toISOString(),
    interrupted: variant === 'interrupted',
    plan,
    generator: makeGenerator(variant, metrics),
    metrics,
    ...(variant === 'inconclusive' && { cutOff: makeCutOff() }),
    timeline,
    monitors: {},
    checks: makeChecks(variant, tasks),
    errors: makeErrors(variant),
    findings: makeFindings(variant),
    verdict: verdicts[variant],
  };
}
