// Whatever the target does, a run ends by itself, and what it reports is what happened.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OddServer, startOddServer } from './odd-server.ts';
import { figureOf, runProfile } from './profile-run.ts';

let server: OddServer;
beforeAll(async () => {
  server = await startOddServer();
});
afterAll(() => server.close());

const run = (profile: string, ...args: string[]) => runProfile('survival', profile, server.url, args);

test('a server that closes idle connections does not use up the connections of a virtual user', async () => {
  const { code, record } = await run('idle-close');
  expect(figureOf(record, 'iterations')).toBe(12);
  expect(figureOf(record, 'dropped_iterations')).toBe(0);
  expect(code).toBe(0);
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
  expect(record.errors).toMatchObject([{ code: 'protocol_error', count: 1 }]);
  expect(record.errors[0]!.message).toMatch(/body longer than/);
  expect(figureOf(record, 'iterations')).toBe(1);
});
