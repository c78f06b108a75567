// A small simulated run, the same every time: the numbers behind the records of record.cases.ts.

import { type BuiltInMetric, type MetricValues, seriesKey, type Tags } from '../model/metric.ts';
import type { TimelineWindow } from '../model/run-record.ts';
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

export interface SimulatedTask {
  readonly name: string;
  readonly share: number;
  readonly method: string;
  readonly url: string;
  readonly medianMs: number;
}

export const ordinaryTasks: readonly SimulatedTask[] = [
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
export const hostileTasks: readonly SimulatedTask[] = [
  { name: hostileNames.script, share: 3, method: 'GET', url: hostileNames.html, medianMs: 10 },
  { name: hostileNames.formula, share: 2, method: 'GET', url: hostileNames.markdown, medianMs: 10 },
  { name: hostileNames.terminal, share: 1, method: 'GET', url: hostileNames.cdata, medianMs: 10 },
];

/** Sums of one run while it is simulated. */
export class Simulation {
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

export interface Course {
  readonly variant: RecordVariant;
  readonly tasks: readonly SimulatedTask[];
  readonly windowCount: number;
  readonly ratePerSec: number;
}

/** Share of the run in which the failing variant's target breaks down. */
const breakdown = { from: 0.6, to: 0.85 };

export function simulate(course: Course): { total: Simulation; timeline: TimelineWindow[] } {
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
