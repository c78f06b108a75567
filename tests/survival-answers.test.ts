// Answers that are none, or never end: the run does, in time, and every request is counted under the right name.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectExit } from './exit-code.ts';
import { type OddServer, startOddServer } from './odd-server.ts';
import { figureOf } from './profile-run.ts';
import { errorCount, expectWholeRecord, type SurvivalRun, survive } from './survival-run.ts';

let server: OddServer;
beforeAll(async () => {
  server = await startOddServer();
});
afterAll(() => server.close());

const run = (profile: string): Promise<SurvivalRun> =>
  survive('survival-answers', profile, { url: server.url });
/** What a run may take beyond its load: starting, bundling, reports, on a machine with other work. */
const slackMs = 15_000;
const received = (path: string): number => server.byPath.get(`/${path}`) ?? 0;

describe.concurrent('each of four requests fails once, by a name that tells why', () => {
  test.each([
    ['garbage', 'protocol_error', /not an HTTP response/, /does not answer in valid HTTP/],
    ['reset', 'ECONNRESET', /ECONNRESET/, /look for crashes/],
    ['reset-in-body', 'ECONNRESET', /ECONNRESET/, /look for crashes/],
    ['too-short', 'connection_closed', /closed in the middle of the response/, /wrong Content-Length/],
    ['endless', 'response_too_large', /longer than 1048576 bytes/, /raise http\.maxResponseSize/],
    ['endless-headers', 'protocol_error', /head longer than 65536 bytes/, /valid HTTP/],
    ['hang', 'timeout', /within 700 ms \(waiting for the response\)/, /target stalled/],
    ['drip', 'timeout', /within 1500 ms \(waiting for the response\)/, /target stalled/],
    ['drip-head', 'timeout', /within 1500 ms \(waiting for the response\)/, /target stalled/],
  ])('%s', { timeout: 60_000 }, async (path, code, message, advice) => {
    const result = await run(path);
    const { record } = result;
    expect(record.errors).toMatchObject([{ code, count: 4, source: 'request' }]);
    expect(record.errors[0]!.message).toMatch(message);
    expect(figureOf(record, 'http_reqs')).toBe(4);
    expect(received(path)).toBe(4);
    expect(figureOf(record, 'iterations')).toBe(4);
    expectExit(result, 1);
    expect(result.stdout.replaceAll(/\s+/g, ' ')).toMatch(advice);
    expect(result.elapsedMs).toBeLessThan(4000 + slackMs);
    expectWholeRecord(result);
  });
});

test.concurrent('bytes beyond the stated length never become part of an answer', {
  timeout: 60_000,
}, async () => {
  const before = received('');
  const result = await run('too-long');
  const { record } = result;
  expect(record.checks.map(({ name, passes, fails }) => [name, passes, fails]).sort()).toEqual([
    ['early', 4, 0],
    ['own', 4, 0],
    ['whole', 4, 0],
  ]);
  expect(record.errors).toEqual([]);
  expect(figureOf(record, 'http_reqs')).toBe(12);
  expect(received('too-long')).toBe(8);
  expect(received('')).toBe(before + 4);
  expectExit(result, 0);
  expectWholeRecord(result);
});

describe.concurrent('one byte a second', () => {
  test('is cut off at the end of the run, and counts as aborted', {
    timeout: 60_000,
  }, async () => {
    const result = await run('slow-run');
    const { record } = result;
    expect(errorCount(record, 'aborted')).toBe(2);
    expect(figureOf(record, 'http_reqs')).toBe(2);
    expect(received('drip/run')).toBe(2);
    expect(figureOf(record, 'http_req_duration')).toBe(0);
    expect(result.code).toBe(5);
    expect(record.verdict.reasons).toContain('No iteration finished, so nothing was measured.');
    expect(result.elapsedMs).toBeLessThan(3000 + slackMs);
    expectWholeRecord(result);
  });

  test('is cut off by the limit of its iteration, and has failed', {
    timeout: 60_000,
  }, async () => {
    const result = await run('slow-iteration');
    const { record } = result;
    const requests = figureOf(record, 'http_reqs');
    expect(received('drip/iteration')).toBe(requests);
    expect(errorCount(record, 'iteration_timeout')).toBeGreaterThanOrEqual(2);
    expect(errorCount(record, 'iteration_timeout') + errorCount(record, 'aborted')).toBe(requests);
    expect(figureOf(record, 'http_req_duration', 'max')).toBeGreaterThanOrEqual(1499);
    expectExit(result, 1);
    expect(result.elapsedMs).toBeLessThan(3000 + slackMs);
    expectWholeRecord(result);
  });
});
