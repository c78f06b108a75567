// Schedules at their edges: late starts, slow farewells, phases cut off, the same draws for the same seed.

import type { RunRecord } from 'plimsoll';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectExit } from './exit-code.ts';
import { type OddServer, startOddServer } from './odd-server.ts';
import { figureOf, runProfile } from './profile-run.ts';

let server: OddServer;
beforeAll(async () => {
  server = await startOddServer();
});
afterAll(() => server.close());

const run = (profile: string, ...args: string[]) => runProfile('executors', profile, server.url, args);

/** VUs at the end of each second. */
function vusBySecond(record: RunRecord): number[] {
  return record.timeline.map(({ metrics }) => {
    const { vus } = metrics;
    return vus !== undefined && 'value' in vus ? vus.value : 0;
  });
}

test.concurrent('a pause before the first request of an arrival is not part of its response time', async () => {
  const { record } = await run('pause');
  expect(figureOf(record, 'iterations')).toBe(20);
  expect(figureOf(record, 'iteration_duration', 'min')).toBeGreaterThanOrEqual(299);
  expect(figureOf(record, 'http_req_duration', 'med')).toBeGreaterThanOrEqual(49);
  expect(figureOf(record, 'http_req_duration', 'med')).toBeLessThan(150);
});

test.concurrent('users who work within one second only are counted, and so are those kept in reserve', async () => {
  const burst = await run('burst');
  expect(figureOf(burst.record, 'vus', 'max')).toBe(20);
  const arrivals = await run('brief-arrivals');
  // Eight iterations of at least 300 ms each, started 50 ms apart: six at once.
  expect(figureOf(arrivals.record, 'vus', 'max')).toBeGreaterThanOrEqual(5);
  expect(figureOf(arrivals.record, 'vus', 'max')).toBeLessThanOrEqual(8);
  expect(figureOf(arrivals.record, 'vus_max', 'max')).toBe(20);
});

test.concurrent('arrivals wait for users that are allocated and still starting, and none is dropped', async () => {
  const finished = await run('slow-start');
  const { record } = finished;
  expect(figureOf(record, 'iterations')).toBe(20);
  expect(figureOf(record, 'dropped_iterations')).toBe(0);
  expect(figureOf(record, 'vus_max', 'max')).toBe(10);
  // The first arrivals were due 300 ms before their user was ready, and their response time says so.
  expect(figureOf(record, 'http_req_duration', 'max')).toBeGreaterThanOrEqual(250);
  expectExit(finished, 0);
});

test.concurrent('a virtual user whose next turn comes during its farewell is back for it', async () => {
  const { record } = await run('slow-leave');
  // Seconds 2 and 3 are planned with 4 users throughout.
  expect(vusBySecond(record).slice(1, 2)).toEqual([4]);
  expect(figureOf(record, 'iterations')).toBeGreaterThan(250);
});

// Alone, since it counts all that the server has seen.
test('users of a phase that was cut off are gone from the count of users', async () => {
  const before = server.count;
  const { record } = await run('cut-phase');
  expect(vusBySecond(record).slice(1, 3)).toEqual([1, 1]);
  expect(figureOf(record, 'http_reqs')).toBe(server.count - before);
  expect(record.errors).toMatchObject([{ code: 'aborted', count: 10 }]);
});

describe.concurrent.each(['draws', 'draws-open'])('%s', (profile) => {
  test('a seed gives the same choices, whatever the number of workers', async () => {
    const namesWith = async (...args: string[]) => {
      const { record } = await run(profile, ...args);
      const entries = Object.values(record.metrics).filter(({ metric }) => metric === 'http_reqs');
      return entries.flatMap(({ tags }) => (tags?.name === undefined ? [] : [tags.name])).sort();
    };
    const alone = await namesWith('--workers', '1', '--seed', '7');
    expect(alone.length).toBeGreaterThan(40);
    expect(await namesWith('--workers', '3', '--seed', '7')).toEqual(alone);
    expect(await namesWith('--workers', '1', '--seed', '8')).not.toEqual(alone);
  });
});
