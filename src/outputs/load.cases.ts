// What the tests of outputs hand in: windows of several workers, samples and alerts, with sums that are known.

import type { AlertTransition } from '../model/alert.ts';
import type { MetricWindow, SeriesDefinition, SeriesDelta, Tags } from '../model/metric.ts';
import { Histogram } from '../stats/histogram.ts';
import type { Output, OutputRun } from './output.ts';

export const run: OutputRun = {
  id: 'r1',
  suite: 'shop',
  profile: 'smoke',
  environment: 'local',
  tags: { build: '7 "rc", x=\\' },
  startEpochMs: Date.UTC(2026, 0, 2, 3, 4, 5),
  monitors: {
    db: {
      connections: { type: 'gauge', unit: 'count', title: 'connections' },
      read_bytes: { type: 'counter', unit: 'bytes', title: 'bytes read' },
      lag_ms: { type: 'gauge', unit: 'ms', title: 'replication lag' },
    },
  },
};

export function trendOf(values: readonly number[]): Uint8Array {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return histogram.encode();
}

/** Windows of one worker, which defines each series once. */
export class TestWorker {
  readonly #worker: number;
  readonly #ids = new Map<string, number>();

  constructor(worker: number) {
    this.#worker = worker;
  }

  window(
    second: number,
    gains: readonly { metric: string; tags?: Tags; contains?: SeriesDefinition['contains']; delta: Gain }[],
  ): MetricWindow {
    const definitions: SeriesDefinition[] = [];
    const deltas = gains.map(({ metric, tags = {}, contains = 'default', delta }) => {
      const key = JSON.stringify([metric, tags]);
      let id = this.#ids.get(key);
      if (id === undefined) {
        id = this.#ids.size;
        this.#ids.set(key, id);
        definitions.push({ id, metric, type: delta.type, contains, tags });
      }
      return { ...delta, id } as SeriesDelta;
    });
    return {
      worker: this.#worker,
      startAtMs: second * 1000,
      endAtMs: (second + 1) * 1000,
      definitions,
      deltas,
    };
  }
}
type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;
export type Gain = WithoutId<SeriesDelta>;

/** What a receiver must have in the end. */
export interface Sums {
  readonly requests: number;
  readonly durationCount: number;
  readonly durationSumMs: number;
  readonly failedPasses: number;
  readonly failedAll: number;
  readonly vus: number;
  readonly connections: number;
  readonly readBytes: number;
}

const workers = 3;
const pathTag = 'GET /a,b="c" \\d=e';

/** One second of all workers: 5 points each, 2 of a sample. */
function secondOf(testWorkers: readonly TestWorker[], second: number): MetricWindow[] {
  return testWorkers.map((worker, k) =>
    worker.window(second, [
      { metric: 'http_reqs', tags: { task: 'price' }, delta: { type: 'counter', count: 10 + k } },
      { metric: 'http_reqs', tags: { task: pathTag }, delta: { type: 'counter', count: 1 } },
      {
        metric: 'http_req_duration',
        contains: 'time',
        tags: { task: 'price' },
        delta: { type: 'trend', histogram: trendOf([0.25, 1, 7 + k, 300 + second, 70_000]) },
      },
      { metric: 'http_req_failed', delta: { type: 'rate', passes: 1, fails: 9 + k } },
      { metric: 'vus', delta: { type: 'gauge', value: 4 + k, min: 0, max: 9 } },
    ]),
  );
}

export interface Load {
  /** Hands in one more second, and says how long the calls took. */
  feed(output: Pick<Output, 'window' | 'sample'>): { readonly tookMs: number };
  readonly points: number;
  sums(): Sums;
}

export function createLoad(): Load {
  const testWorkers = Array.from({ length: workers }, (_, k) => new TestWorker(k));
  let second = 0;
  let points = 0;
  let durationSumMs = 0;
  return {
    feed(output) {
      const windows = secondOf(testWorkers, second);
      const sample = {
        monitor: 'db',
        atMs: second * 1000 + 500,
        values: { connections: 5 + second, lag_ms: 1500 },
        gains: { read_bytes: { by: 100, overMs: 1000 } },
      };
      const before = performance.now();
      for (const window of windows) output.window(window);
      output.sample(sample);
      const tookMs = performance.now() - before;
      for (const { deltas } of windows) points += deltas.length;
      points += 3;
      for (let k = 0; k < workers; k++) durationSumMs += 0.25 + 1 + 7 + k + 300 + second + 70_000;
      second++;
      return { tookMs };
    },
    get points() {
      return points;
    },
    sums: () => ({
      requests: second * (10 + 11 + 12 + workers),
      durationCount: second * workers * 5,
      durationSumMs,
      failedPasses: second * workers,
      failedAll: second * (10 + 11 + 12),
      vus: 4 + 5 + 6,
      connections: 4 + second,
      readBytes: second * 100,
    }),
  };
}

export const transition: AlertTransition = {
  alert: 'slow',
  title: 'Slow <answers> & more',
  state: 'firing',
  level: 'critical',
  atMs: 61_500,
  figures: [{ name: 'http_req_duration p(95)', value: 251.23456, limit: 200, unit: 'ms' }],
  respond: ['Look at the slowest statements.'],
  abort: true,
};
