// A target that stops answering does not pass, and the middle of healthy work is no stop.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunRecord } from 'plimsoll';
import { describe, expect, test } from 'vitest';
import { wasHeldUp } from './exit-code.ts';
import { type FinishedRun, figureOf, runProfile } from './profile-run.ts';

/** Answers as long as `answers` says, by the time since its first request and the requests before this one. */
async function runAgainst(
  profile: string,
  answers: (sinceMs: number, before: number) => boolean,
  args: readonly string[] = [],
  answerMs = 5,
): Promise<FinishedRun & { readonly received: number }> {
  let firstAtMs = 0;
  let received = 0;
  const server = http.createServer((_request, response) => {
    if (received === 0) firstAtMs = performance.now();
    if (answers(performance.now() - firstAtMs, received++)) {
      setTimeout(() => response.end('ok'), answerMs);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const run = await runProfile('cut-off', profile, `http://127.0.0.1:${port}`, args);
    return { ...run, received };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

const stopsAfter = (ms: number) => (sinceMs: number) => sinceMs < ms;
const onlyFirst = (_sinceMs: number, before: number): boolean => before === 0;
const always = (): boolean => true;

type State = 'held' | 'broken' | 'open';

function statesOf(record: RunRecord): Record<string, State> {
  return Object.fromEntries(
    record.thresholds!.map(({ id, ok, undecided }) => [id, ok ? 'held' : undecided ? 'open' : 'broken']),
  );
}

const p95 = 'http_req_duration: p(95)<100';
const failures = 'http_req_failed: rate<0.01';

/** The exit code that goes with a verdict, unless a busy machine slowed the generator itself. */
function expectVerdict({ record, code }: FinishedRun, status: 'fail' | 'inconclusive'): void {
  const expected = wasHeldUp(record) ? 'inconclusive' : status;
  expect(record.verdict.status, record.verdict.reasons.join('\n')).toBe(expected);
  expect(code).toBe(expected === 'fail' ? 1 : 5);
}

// Each has a server of its own and mostly waits, so that some go on beside one another.
describe.concurrent('a target that stops answering', () => {
  test('fails arrivals by how long they have waited, and leaves their outcome open', async () => {
    const run = await runAgainst('arrivals', stopsAfter(1000));
    const { record, received } = run;
    expect(statesOf(record)).toEqual({ [p95]: 'broken', [failures]: 'open' });
    expectVerdict(run, 'fail');
    const [work] = record.cutOff!.filter(({ metric }) => metric === 'http_req_duration');
    const answered = figureOf(record, 'http_req_duration');
    expect(answered + work!.count).toBe(received);
    expect(figureOf(record, 'http_reqs')).toBe(received);
    expect(work!.waitedMs.most).toBeGreaterThan(1000);
    expect(record.metrics.http_req_duration!.cut).toMatchObject({ count: work!.count });
    expect(record.verdict.reasons.join('\n')).toMatch(
      /Failed requests could be anything from 0 % to \d+(\.\d)? % \(limit 1 %\): \d+ of \d+ requests were cut off after waiting \S+ m?s to \S+ m?s/,
    );
    expect(record.findings.map(({ kind }) => kind)).toContain('cut-off');
  });

  test('does not pass in the last seconds of arrivals either', async () => {
    const run = await runAgainst('last-second', stopsAfter(2000), ['--workers', '2']);
    expect(statesOf(run.record)[p95]).toBe('broken');
    expectVerdict(run, 'fail');
  });

  test('does not pass where nothing is demanded', async () => {
    expectVerdict(await runAgainst('unlimited', stopsAfter(1500)), 'inconclusive');
  });

  test('does not pass where users wait for each answer, though they had thousands before', async () => {
    const run = await runAgainst('users', stopsAfter(1500));
    expect(statesOf(run.record)[p95]).toBe('held');
    expectVerdict(run, 'inconclusive');
    expect(run.record.verdict.reasons.join('\n')).toMatch(
      /5 requests had been waiting without an answer for .* of all 5 virtual users/,
    );
  });

  test.each(['each', 'shared'])(
    'does not pass when it keeps 9 of 10 iterations from ending: %s',
    async (profile) => {
      const run = await runAgainst(profile, onlyFirst);
      expect(figureOf(run.record, 'iterations')).toBe(1);
      expect(statesOf(run.record)).toEqual({ [p95]: 'broken', [failures]: 'open' });
      expectVerdict(run, 'fail');
    },
  );

  test('fails requests by their timeout where the run waits for that', async () => {
    const run = await runAgainst('patient', stopsAfter(1000));
    expect(figureOf(run.record, 'http_req_failed', 'passes')).toBeGreaterThan(0);
    expect(run.record.cutOff).toBeUndefined();
    expect(statesOf(run.record)).toEqual({ [p95]: 'broken', [failures]: 'broken' });
    expectVerdict(run, 'fail');
  });
});

test.concurrent('iterations that are demanded and do not end do not pass, whatever they wait for', async () => {
  const run = await runAgainst('reading', always);
  expect(statesOf(run.record)).toEqual({ [p95]: 'held', [failures]: 'held' });
  expectVerdict(run, 'inconclusive');
  expect(run.record.verdict.reasons.join('\n')).toMatch(/9 of 10 iterations \(90 %\) did not finish/);
});

test.concurrent('users whose onStart never ends do not pass, though the others do what they should', async () => {
  const run = await runAgainst('starting', always);
  expect(statesOf(run.record)).toEqual({ [p95]: 'held', [failures]: 'held' });
  expectVerdict(run, 'inconclusive');
  expect(run.record.verdict.reasons.join('\n')).toMatch(/5 of 10 virtual users never finished their onStart/);
});

test.concurrent.each(['healthy', 'healthy-late', 'healthy-stubborn', 'healthy-arrivals', 'healthy-slow'])(
  'the middle of healthy work changes nothing: %s',
  async (profile) => {
    const { record } = await runAgainst(profile, always, [], profile === 'healthy-slow' ? 700 : 5);
    const cut = record.cutOff ?? [];
    // Users are always in the middle of a request.
    if (!['healthy-arrivals', 'healthy-late'].includes(profile)) expect(cut.length).toBeGreaterThan(0);
    expect(cut.filter(({ overdue }) => overdue > 0)).toEqual([]);
    expect([...new Set(Object.values(statesOf(record)))]).toEqual(['held']);
    expect(record.verdict.status).toBe(wasHeldUp(record) ? 'inconclusive' : 'pass');
  },
);
