// Realistic run records for the tests of reports and store: a small simulation, the same every time.

import {
  type BuiltInMetric,
  builtInMetrics,
  type MetricValues,
  seriesKey,
  type Tags,
  type TrendValues,
} from '../model/metric.ts';
import type { Plan } from '../model/plan.ts';
import type { MetricEntry, RunRecord, ThresholdResult, TimelineWindow } from '../model/run-record.ts';
import { Histogram } from '../stats/histogram.ts';
import { createRandom } from '../stats/random.ts';

export type RecordVariant =
  | 'passing'
  | 'failing'
  | 'warning'
  | 'inconclusive'
  | 'interrupted'
  | 'hostile'
  | 'empty';
export const recordVariants: readonly RecordVariant[] = [
  'passing',
  'failing',
  'warning',
  'inconclusive',
  'interrupted',
  'hostile',
  'empty',
];

interface SimulatedTask {
  readonly name: string;
  readonly share: number;
  readonly method: string;
  readonly url: string;
  readonly medianMs: number;
}

const ordinaryTasks: readonly SimulatedTask[] = [
  { name: 'pricing', share: 50, method: 'POST', url: '/api/pricing/calculate', medianMs: 18 },
  { name: 'analytics', share: 20, method: 'GET', url: '/api/analytics/views', medianMs: 32 },
  { name: 'roi-report', share: 15, method: 'POST', url: '/api/reports/roi', medianMs: 140 },
  { name: 'savings', share: 10, method: 'POST', url: '/api/savings', medianMs: 12 },
  { name: 'admin', share: 5, method: 'GET', url: '/api/admin/status', medianMs: 6 },
];
/** Names that try to break out of every format. */
export const hostileNames = {
  script: '</script><script>window.__broken = 1</script>',
  html: '"><img src=x onerror="window.__broken = 1">',
  formula: '=HYPERLINK("http://example.invalid";"x")',
  markdown: 'a|b`c` **d** @everyone <b>',
  cdata: ']]> & <failure/>',
  terminal: 'red\u001b[31m\u0000 alert\r\nsecond line \u202e',
} as const;
const hostileTasks: readonly SimulatedTask[] = [
  { name: hostileNames.script, share: 3, method: 'GET', url: hostileNames.html, medianMs: 10 },
  { name: hostileNames.formula, share: 2, method: 'GET', url: hostileNames.markdown, medianMs: 10 },
  { name: hostileNames.terminal, share: 1, method: 'GET', url: hostileNames.cdata, medianMs: 10 },
];

/** Sums of one run while it is simulated. */
class Simulation {
  readonly trends = new Map<string, Histogram>();
  readonly counters = new Map<string, number>();
  readonly rates = new Map<string, { passes: number; fails: number }>();
  readonly tagsByKey = new Map<string, { metric: BuiltInMetric; tags: Tags }>();

  private key(metric: BuiltInMetric, tags: Tags): string {
    const key = seriesKey(metric, tags);
    this.tagsByKey.set(key, { metric, tags });
    return key;
  }
  trend(metric: BuiltInMetric, value: number, ...tagSets: Tags[]): void {
    for (const tags of [{}, ...tagSets]) {
      const key = this.key(metric, tags);
      const histogram = this.trends.get(key) ?? new Histogram();
      this.trends.set(key, histogram);
      histogram.add(value);
    }
  }
  counter(metric: BuiltInMetric, amount: number, ...tagSets: Tags[]): void {
    for (const tags of [{}, ...tagSets]) {
      const key = this.key(metric, tags);
      this.counters.set(key, (this.counters.get(key) ?? 0) + amount);
    }
  }
  rate(metric: BuiltInMetric, passed: boolean, ...tagSets: Tags[]): void {
    for (const tags of [{}, ...tagSets]) {
      const key = this.key(metric, tags);
      const sums = this.rates.get(key) ?? { passes: 0, fails: 0 };
      this.rates.set(key, sums);
      if (passed) sums.passes++;
      else sums.fails++;
    }
  }
  values(durationMs: number): Map<string, MetricValues> {
    const all = new Map<string, MetricValues>();
    for (const [key, histogram] of this.trends) all.set(key, histogram.trendValues());
    for (const [key, count] of this.counters) all.set(key, { count, rate: count / (durationMs / 1000) });
    for (const [key, { passes, fails }] of this.rates) {
      all.set(key, { rate: passes / (passes + fails), passes, fails });
    }
    return all;
  }
}

interface Course {
  readonly variant: RecordVariant;
  readonly tasks: readonly SimulatedTask[];
  readonly windowCount: number;
  readonly ratePerSec: number;
}

/** Share of the run in which the failing variant's target breaks down. */
const breakdown = { from: 0.6, to: 0.85 };

function simulate(course: Course): { total: Simulation; timeline: TimelineWindow[] } {
  const random = createRandom(7, course.variant);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const total = new Simulation();
  const timeline: TimelineWindow[] = [];
  for (let w = 0; w < course.windowCount; w++) {
    const window = new Simulation();
    const progress = w / course.windowCount;
    const rampUp = Math.min(1, (w + 1) / 10);
    const broken =
      course.variant === 'failing' && progress >= breakdown.from && progress < breakdown.to ? 1 : 0;
    const requests = Math.round(course.ratePerSec * rampUp * (0.95 + 0.1 * random()) * (1 - 0.35 * broken));
    for (let k = 0; k < requests; k++) {
      const task = pick(course.tasks, random());
      const ms = task.medianMs * Math.exp(0.35 * normal()) * (1 + broken * (4 + 6 * random()));
      const failed = random() < (broken ? 0.06 : course.variant === 'passing' ? 0 : 0.0004);
      for (const sums of [total, window]) recordRequest(sums, task, ms, failed);
    }
    for (const sums of [total, window]) recordGenerator(sums, course, random);
    const metrics: Record<string, MetricValues> = Object.fromEntries(
      [...window.values(1000)].filter(([key]) => !key.includes('{')),
    );
    const vus = Math.round(100 * rampUp);
    metrics.vus = { value: vus, min: vus, max: vus };
    timeline.push({ startAtMs: w * 1000, endAtMs: (w + 1) * 1000, metrics });
  }
  return { total, timeline };
}

function recordRequest(sums: Simulation, task: SimulatedTask, ms: number, failed: boolean): void {
  const byTask = { user: 'visitor', task: task.name };
  const byEndpoint = { ...byTask, method: task.method, name: task.url };
  sums.counter('http_reqs', 1, byTask, byEndpoint);
  sums.trend('http_req_duration', ms, byTask, byEndpoint);
  sums.trend('http_req_waiting', ms * 0.9);
  sums.rate('http_req_failed', failed, byTask, byEndpoint);
  sums.counter('iterations', 1, byTask);
  sums.trend('iteration_duration', ms + 1, byTask);
  sums.rate('checks', !failed);
  sums.counter('data_sent', 240);
  sums.counter('data_received', 1830);
}

function recordGenerator(sums: Simulation, { variant }: Course, random: () => number): void {
  const load = variant === 'inconclusive' ? 0.99 : 0.32;
  sums.trend('generator_cpu', load * (0.9 + 0.1 * random()));
  sums.trend('generator_event_loop_delay', (variant === 'inconclusive' ? 140 : 1.2) * (0.5 + random()));
  sums.trend('generator_schedule_lag', (variant === 'inconclusive' ? 220 : 0.3) * (0.5 + random()));
  sums.trend('generator_gc_pause', 2 * random());
  if (variant === 'inconclusive') sums.counter('dropped_iterations', 3);
}

function pick(tasks: readonly SimulatedTask[], at: number): SimulatedTask {
  let left = at * tasks.reduce((sum, { share }) => sum + share, 0);
  for (const task of tasks) {
    left -= task.share;
    if (left < 0) return task;
  }
  return tasks[0]!;
}

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
  inconclusive: [['http_req_failed', 'rate<0.01', {}]],
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

function makeErrors(variant: RecordVariant): RunRecord['errors'] {
  const pricing = {
    scenario: 'main',
    user: 'visitor',
    task: 'pricing',
    method: 'POST',
    name: '/api/pricing/calculate',
  };
  const base = { source: 'request', firstAtMs: 72_000, lastAtMs: 101_000 } as const;
  switch (variant) {
    case 'failing':
      return [
        { ...base, code: 'http_503', message: 'HTTP 503 Service Unavailable', tags: pricing, count: 93 },
        {
          ...base,
          code: 'timeout',
          message: 'no answer within 30 s',
          tags: { ...pricing, task: 'roi-report', name: '/api/reports/roi' },
          count: 21,
        },
        { ...base, code: 'ECONNRESET', message: 'read ECONNRESET', tags: pricing, count: 4 },
        {
          ...base,
          source: 'iteration',
          code: 'exception',
          message: "TypeError: cannot read properties of undefined (reading 'total')",
          tags: { scenario: 'main', user: 'visitor', task: 'savings' },
          count: 2,
        },
      ];
    case 'interrupted':
      return [
        { ...base, code: 'aborted', message: 'cut off at the end of the run', tags: pricing, count: 17 },
      ];
    case 'hostile':
      return Object.values(hostileNames).map((message, k) => ({
        ...base,
        code: message,
        message,
        tags: { ...pricing, task: message },
        count: k + 1,
      }));
    default:
      return [];
  }
}

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
    workers: [1, 2].map((index) => ({
      index,
      pid: 4000 + index,
      cpuMs: 38_000,
      peakMemoryBytes: 91_000_000,
      completed: true,
    })),
  };
}

/** A complete record of two simulated minutes (or of `windowCount` seconds). */
export function makeRecord(variant: RecordVariant, windowCount = 120): RunRecord {
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
    timeline,
    monitors: {},
    checks: makeChecks(variant, tasks),
    errors: makeErrors(variant),
    findings: makeFindings(variant),
    verdict: verdicts[variant],
  };
}
