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
