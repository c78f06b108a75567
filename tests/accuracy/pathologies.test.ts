// Servers that are slow in ways that can be calculated: what is reported must be within 5 % of what is true. The
// fifth, a server that freezes, is in freeze.test.ts. And percentiles as reported against exact ones. All runs go on
// at the same time, since they mostly wait.

import { beforeAll, expect, test } from 'vitest';
import { type KnownRun, measure, percentileOf, trendFigure } from './known-run.ts';

const profiles = ['slow-tail', 'queue', 'slow-start', 'fast-errors', 'spread'] as const;
type Profile = (typeof profiles)[number];
const runs = new Map<Profile, Promise<KnownRun>>();
beforeAll(() => {
  for (const profile of profiles) {
    const run = measure(profile);
    run.catch(() => {});
    runs.set(profile, run);
  }
});

/** The run of a profile. A test that is tried again gets a run of its own. */
function runOf(profile: Profile): Promise<KnownRun> {
  const begun = runs.get(profile);
  runs.delete(profile);
  return begun ?? measure(profile);
}

/** The run of a profile, with all arrivals made and measured. */
async function finished(profile: Profile, arrivalCount: number): Promise<KnownRun> {
  const run = await runOf(profile);
  expect(run.code, run.output).toBe(0);
  expect(run.serverLogMs).toHaveLength(arrivalCount);
  expect(run.record.generator.droppedIterations).toBe(0);
  return run;
}

/** Compares figures of a series with the truth in ms. */
function expectFigures({ record }: KnownRun, series: string, truth: Readonly<Record<string, number>>): void {
  for (const [figure, trueMs] of Object.entries(truth)) {
    const reportedMs = trendFigure(record, series, figure);
    const error = Math.abs(reportedMs / trueMs - 1);
    expect(error, `${figure} of ${series} is ${reportedMs} ms, truly ${trueMs} ms`).toBeLessThan(0.05);
  }
}

/** Other work on the machine may hold up server or client for a moment; that does not happen every time. */
const patiently = { timeout: 90_000, retry: 2 };

test('a slow tail of 1 % at 50 times the median', patiently, async () => {
  const run = await finished('slow-tail', 600);
  expectFigures(run, 'http_req_duration', {
    med: 300,
    'p(90)': 300,
    'p(95)': 300,
    'p(99.5)': 15_000,
    max: 15_000,
    avg: 0.99 * 300 + 0.01 * 15_000,
  });
});

test('a queue that grows while more arrives than is served', patiently, async () => {
  const run = await finished('queue', 400);
  // Arrival k comes at 40 k ms and is the (k + 1)-th to be served, 50 ms each: it takes 50 (k + 1) - 40 k ms.
  const truth = (p: number): number => 50 + 10 * (p / 100) * 399;
  expectFigures(run, 'http_req_duration', {
    med: truth(50),
    'p(90)': truth(90),
    'p(95)': truth(95),
    'p(99)': truth(99),
    max: truth(100),
    avg: truth(50),
  });
});

test('a slow start', patiently, async () => {
  const run = await finished('slow-start', 400);
  // Half take 100 ms, half 100 to 1000 ms evenly: a share of 0.5 (1000 - x) / 900 takes longer than x.
  const truth = (p: number): number => 1000 - 1800 * (1 - p / 100);
  expectFigures(run, 'http_req_duration', {
    'p(75)': truth(75),
    'p(90)': truth(90),
    'p(95)': truth(95),
    'p(99)': truth(99),
    min: 100,
    avg: 0.5 * 100 + 0.5 * 550,
  });
});

test('errors that answer fast beside slower answers', patiently, async () => {
  const run = await finished('fast-errors', 400);
  const { values } = run.record.metrics.http_req_failed!;
  expect(values).toMatchObject({ rate: 0.3, passes: 120, fails: 280 });
  const answered = 'http_req_duration{expected_response:true}';
  expectFigures(run, answered, { med: 600, 'p(90)': 760, 'p(95)': 780, 'p(99)': 796 });
  expectFigures(run, 'http_req_duration{expected_response:false}', { med: 200, 'p(95)': 200 });
  // Taken together, fast errors make the server look faster: the lowest 30 % are errors.
  const together = (p: number): number => 400 + 400 * ((p / 100 - 0.3) / 0.7);
  expectFigures(run, 'http_req_duration', {
    med: together(50),
    'p(95)': together(95),
    'p(99)': together(99),
  });
});

/** What a histogram may be off by: the width of a bucket. */
const bucketRatio = 1 / 128;

test(
  "percentiles are exact but for the buckets, and the server's but for the way there and back",
  patiently,
  async () => {
    const { record, notes, serverLogMs, output } = await runOf('spread');
    expect(notes.length, output).toBeGreaterThan(150);
    expect(serverLogMs).toHaveLength(notes.length);
    expect(trendFigure(record, 'http_req_duration', 'count')).toBe(notes.length);

    // Response time is service time plus what the client and the network add: between these two for every request.
    const overheadMs = notes.map(({ durationMs, tookMs }) => durationMs - tookMs);
    const leastMs = Math.min(...overheadMs);
    const mostMs = Math.max(...overheadMs);
    expect(leastMs).toBeGreaterThan(0);
    const figures = { min: 0, med: 50, 'p(90)': 90, 'p(95)': 95, 'p(99)': 99, max: 100 };
    for (const [figure, p] of Object.entries(figures)) {
      const reportedMs = trendFigure(record, 'http_req_duration', figure);
      const exactMs = percentileOf(
        notes.map(({ durationMs }) => durationMs),
        p,
      );
      expect(Math.abs(reportedMs - exactMs), `${figure} against the client's own values`).toBeLessThanOrEqual(
        exactMs * bucketRatio,
      );
      const servedMs = percentileOf(serverLogMs, p);
      const slackMs = (servedMs + mostMs) * bucketRatio;
      expect(reportedMs, `${figure} against the server`).toBeGreaterThanOrEqual(servedMs + leastMs - slackMs);
      expect(reportedMs, `${figure} against the server`).toBeLessThanOrEqual(servedMs + mostMs + slackMs);
    }
  },
);
