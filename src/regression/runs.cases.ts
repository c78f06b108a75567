// Makes records of runs with known noise and known changes, for the tests of comparisons, baselines and trends, and for
// scripts/measure-regression.ts.

import {
  builtInMetrics,
  type MetricValues,
  seriesKey,
  type Tags,
  type TrendValues,
} from '../model/metric.ts';
import type { Plan } from '../model/plan.ts';
import type { MetricEntry, RunRecord, TimelineWindow } from '../model/run-record.ts';
import { Histogram } from '../stats/histogram.ts';
import { createRandom } from '../stats/random.ts';

export interface SimulatedRuns {
  readonly seed: number;
  /** Which run it is; also the hour of its start. */
  readonly run?: number;
  readonly seconds?: number;
  readonly perSec?: number;
  /** How many times slower all answers are. */
  readonly slower?: number;
  /** How many times slower those of the second endpoint are beyond that. */
  readonly secondSlower?: number;
  /** Standard deviation between equal runs, as a share. */
  readonly runNoise?: number;
  /** The same from second to second, and how much a second depends on the one before. */
  readonly windowNoise?: number;
  readonly dependence?: number;
  readonly failedShare?: number;
  /** The rate is that of arrivals; else users wait for the answers all the time, and are slowed by them. */
  readonly isOpen?: boolean;
  /** The rate rises over the first half of the run, and times with it. */
  readonly hasRamp?: boolean;
  readonly change?: (record: RunRecord) => RunRecord;
}

const endpoints = [
  { name: '/api/price', share: 0.7, upTo: 0.7, ms: 10 },
  { name: '/api/report', share: 0.25, upTo: 0.95, ms: 40 },
  { name: '/api/rare', share: 0.05, upTo: 1, ms: 20 },
].map((one) => ({
  ...one,
  tags: { method: 'GET', name: one.name, task: one.name.slice(5), user: 'visitor' } as Tags,
}));
const whole: Tags = {};

function endpointAt(draw: number): (typeof endpoints)[number] {
  return endpoints.find(({ upTo }) => draw < upTo) ?? endpoints[0]!;
}

const none: TrendValues = { avg: 0, min: 0, med: 0, max: 0, 'p(90)': 0, 'p(95)': 0, 'p(99)': 0, count: 0 };

/** A record of one run: log-normal times at three endpoints, each second slower or faster than the one before. */
export function simulateRun(options: SimulatedRuns): RunRecord {
  const { seed, run = 0, seconds = 30, perSec = 100, slower = 1, runNoise = 0, failedShare = 0 } = options;
  const random = createRandom(seed, 'run', run);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const level = Math.log(slower) + runNoise * normal();
  const book = new Book();
  const timeline: TimelineWindow[] = [];
  let wave = normal();
  for (let second = 0; second < seconds; second++) {
    const { dependence = 0.3, windowNoise = 0.05, hasRamp = false, isOpen = true } = options;
    wave = dependence * wave + Math.sqrt(1 - dependence ** 2) * normal();
    const ramp = hasRamp ? Math.min(1, (2 * (second + 1)) / seconds) : 1;
    const pace = Math.exp(level + windowNoise * wave) * (hasRamp ? 0.5 + ramp : 1);
    const window = new Book();
    const count = Math.round(perSec * ramp * (isOpen ? 1 : 1 / pace) * (1 + 0.02 * normal()));
    for (let i = 0; i < count; i++) {
      const { name, ms, tags } = endpointAt(random());
      const own = name === '/api/report' ? (options.secondSlower ?? 1) : 1;
      const time = ms * own * pace * Math.exp(0.3 * normal());
      const hasFailed = random() < failedShare;
      book.add(time, hasFailed, tags);
      window.add(time, hasFailed, whole);
    }
    timeline.push({
      startAtMs: second * 1000,
      endAtMs: (second + 1) * 1000,
      metrics: Object.fromEntries(window.values(1)),
    });
  }
  const record = makeRecord({ seed, run, seconds, perSec, isOpen: options.isOpen ?? true }, book, timeline);
  return options.change?.(record) ?? record;
}

/** Several runs of one side, an hour apart. */
export function simulateRuns(count: number, options: SimulatedRuns): RunRecord[] {
  return Array.from({ length: count }, (_, i) => simulateRun({ ...options, run: (options.run ?? 0) + i }));
}

class Book {
  readonly #series = new Map<Tags, { times: Histogram; failed: number }>();

  add(time: number, hasFailed: boolean, tags: Tags): void {
    for (const one of tags === whole ? [whole] : [whole, tags]) {
      let series = this.#series.get(one);
      if (series === undefined) {
        series = { times: new Histogram(), failed: 0 };
        this.#series.set(one, series);
      }
      series.times.add(time);
      if (hasFailed) series.failed++;
    }
  }

  *values(seconds: number): Generator<[key: string, MetricValues, Tags, metric: string, Histogram?]> {
    for (const [tags, { times, failed }] of this.#series) {
      const { count } = times;
      const of = (metric: string): string => seriesKey(metric, tags);
      const [reqs, fails, duration] = ['http_reqs', 'http_req_failed', 'http_req_duration'];
      yield [of(reqs!), { count, rate: count / seconds }, tags, reqs!];
      yield [of(fails!), { rate: failed / count, passes: failed, fails: count - failed }, tags, fails!];
      yield [of(duration!), times.trendValues(), tags, duration!, times];
    }
  }
}

interface Kind {
  readonly seed: number;
  readonly run: number;
  readonly seconds: number;
  readonly perSec: number;
  readonly isOpen: boolean;
}

function makeRecord(kind: Kind, book: Book, timeline: readonly TimelineWindow[]): RunRecord {
  const { seed, run, seconds } = kind;
  const startMs = Date.UTC(2026, 0, 1) + run * 3_600_000;
  const metrics: Record<string, MetricEntry> = {};
  for (const [key, values, tags, metric, times] of book.values(seconds)) {
    metrics[key] = {
      ...builtInMetrics[metric as keyof typeof builtInMetrics],
      values,
      metric,
      ...(Object.keys(tags).length > 0 && { tags }),
      ...(times !== undefined && { histogram: Buffer.from(times.encode()).toString('base64') }),
    };
  }
  metrics.vus = { ...builtInMetrics.vus, values: { value: 2, min: 0, max: 2 }, metric: 'vus' };
  return {
    schemaVersion: 1,
    id: `run-${seed}-${run}`,
    suite: 'shop',
    profile: 'normal',
    environment: {
      name: 'local',
      plimsoll: '0.1.0',
      node: 'v20.20.2',
      os: 'linux',
      cpuModel: 'Example CPU',
      cpuCount: 2,
      memoryBytes: 8e9,
      ci: false,
    },
    target: { baseUrl: 'http://shop.example:8000' },
    startedAt: new Date(startMs).toISOString(),
    endedAt: new Date(startMs + 1000 * seconds).toISOString(),
    interrupted: false,
    plan: makePlan(kind),
    generator: {
      saturated: false,
      reasons: [],
      cpu: none,
      eventLoopDelayMs: none,
      scheduleLagMs: none,
      gcPauseMs: none,
      droppedIterations: 0,
      workers: [],
      gaps: [],
    },
    metrics,
    timeline,
    monitors: {},
    checks: [],
    errors: [],
    findings: [],
    verdict: { status: 'pass', reasons: ['Everything held.'] },
  };
}

function makePlan({ seed, seconds, perSec, isOpen }: Kind): Plan {
  const durationMs = 1000 * seconds;
  return {
    suite: 'shop',
    profile: 'normal',
    description: '',
    baseUrl: 'http://shop.example:8000',
    environment: 'local',
    seed,
    tags: {},
    workers: 1,
    http: { timeoutMs: 30_000, maxRedirects: 10, headers: {}, connectionsPerHost: 6 },
    scenarios: [
      {
        name: 'default',
        startAtMs: 0,
        executor: isOpen
          ? { kind: 'constant-arrival-rate', ratePerSec: perSec, durationMs, preAllocatedVUs: 2, maxVUs: 20 }
          : { kind: 'constant-vus', vus: 2, rampUpMs: 0, durationMs },
        gracefulStopMs: 30_000,
        iterationTimeoutMs: 0,
        users: [
          {
            name: 'visitor',
            weight: 1,
            thinkTime: { kind: 'none' },
            mix: 'tasks',
            tasks: endpoints.map(({ name, share }) => ({ name: name.slice(5), share })),
          },
        ],
        tags: {},
      },
    ],
    thresholds: [],
    metrics: {},
    durationMs,
    maxDurationMs: durationMs + 30_000,
  };
}
