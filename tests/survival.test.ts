// Whatever the target does, a run ends by itself, and what it reports is what happened.

import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectExit } from './exit-code.ts';
import { type OddServer, startOddServer } from './odd-server.ts';
import { figureOf, runProfile } from './profile-run.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

let server: OddServer;
beforeAll(async () => {
  server = await startOddServer();
});
afterAll(() => server.close());

const run = (profile: string, ...args: string[]) => runProfile('survival', profile, server.url, args);

test('a server that closes idle connections does not use up the connections of a virtual user', async () => {
  const finished = await run('idle-close');
  const { record } = finished;
  expect(figureOf(record, 'iterations')).toBe(12);
  expect(figureOf(record, 'dropped_iterations')).toBe(0);
  expectExit(finished, 0);
});

test('requests that outlast the limit of their iteration have failed', async () => {
  const before = server.count;
  const { record } = await run('iteration-timeout');
  const requests = figureOf(record, 'http_reqs');
  expect(requests).toBe(server.count - before);
  expect(figureOf(record, 'http_req_failed', 'passes')).toBe(requests);
  expect(figureOf(record, 'http_req_failed', 'fails')).toBe(0);
  expect(figureOf(record, 'http_req_duration', 'min')).toBeGreaterThanOrEqual(199);
  expect(record.errors.map(({ code, source }) => `${source} ${code}`).sort()).toEqual([
    'iteration iteration_timeout',
    'request iteration_timeout',
  ]);
});

test('a body that never ends is given up before it fills the memory', async () => {
  const { record } = await run('endless');
  expect(record.errors).toMatchObject([{ count: 1, source: 'request' }]);
  expect(record.errors[0]!.code).not.toMatch(/timeout|aborted/);
  expect(figureOf(record, 'data_received')).toBeLessThan(512 * 1024 * 1024);
  expect(figureOf(record, 'iterations')).toBe(1);
});

test('redirects, cookies, bodiless answers, large bodies and batches: each request counts once', async () => {
  const before = server.count;
  const finished = await run('shapes', '--workers', '1');
  const { record } = finished;
  expect(record.checks.filter(({ fails }) => fails > 0)).toEqual([]);
  expect(record.checks).toHaveLength(10);
  // Bodies of 20 MB may hold up a generator that shares its machine.
  expectExit(finished, 0);
  expect(figureOf(record, 'http_reqs')).toBe(server.count - before);
  expect(figureOf(record, 'data_sent')).toBeGreaterThan(4 * 20 * 1024 * 1024);
  // 25 answers of 50 ms over six connections take five rounds.
  expect(figureOf(record, 'http_req_blocked', 'max')).toBeGreaterThanOrEqual(199);
});

test('a target that resets every connection: each request fails once, and the run ends', async () => {
  const before = server.count;
  const { record } = await run('unlucky');
  expect(figureOf(record, 'http_req_failed', 'passes')).toBe(10);
  expect(figureOf(record, 'http_reqs')).toBe(server.count - before);
  expect(record.errors).toMatchObject([{ code: 'ECONNRESET', count: 10, source: 'request' }]);
});

test('uploads that the target refuses in the middle end, each counted once', async () => {
  const before = server.count;
  const { record } = await run('uploading');
  expect(figureOf(record, 'iterations')).toBe(6);
  expect(figureOf(record, 'http_reqs')).toBe(6);
  expect(server.count - before).toBe(6);
  expect(figureOf(record, 'http_req_failed', 'passes')).toBe(6);
});

describe('exit codes', () => {
  const survival = fileURLToPath(new URL('./fixtures/survival.suite.ts', import.meta.url));
  const mistaken = fileURLToPath(new URL('./fixtures/mistaken.suite.yaml', import.meta.url));
  const attempt = async (...args: string[]) => {
    const folder = temporaryFolder();
    try {
      return await runCli(['run', ...args, '--out', folder.path]);
    } finally {
      folder.dispose();
    }
  };

  test('1: a threshold that does not hold', async () => {
    const finished = await run('strict');
    expectExit(finished, 1);
    expect(finished.stdout).toMatch(/p\(95\)/);
  });

  test('2: an invalid suite, with every mistake', async () => {
    const { code, stderr } = await attempt(mistaken, '--base-url', server.url);
    expect(code).toBe(2);
    expect(stderr).toMatch(/3 mistakes/);
    expect(stderr).toMatch(/users\.visitor\.thinkTime \(line 5\): expected .*, got "soon"/);
    expect(stderr).toMatch(/profiles\.smoke\.executor .*did you mean constant-vus/);
    expect(stderr).toMatch(/profiles\.peak\.vus .*expected/);
  });

  test('3: nothing listens at the port, with a line that helps', async () => {
    const { code, stderr } = await attempt(
      survival,
      '--profile',
      'strict',
      '--base-url',
      'http://127.0.0.1:9',
    );
    expect(code).toBe(3);
    expect(stderr).toMatch(/nothing can be reached at http:\/\/127\.0\.0\.1:9: the connection was refused/);
    expect(stderr).toMatch(/hint: start the target first/);
  });

  test('4: a target that is marked as production', async () => {
    const before = server.count;
    const flags = ['--profile', 'strict', '--base-url', server.url, '--env', 'live'];
    const { code, stderr } = await attempt(survival, ...flags);
    expect(code).toBe(4);
    expect(stderr).toMatch(/production/);
    expect(server.count).toBe(before);
  });
});
