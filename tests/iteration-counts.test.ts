// Executors that fix how many iterations there are: each is done once, or counted as dropped.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CountingServer, startCountingServer } from './counting-server.ts';
import { expectExit } from './exit-code.ts';
import { figureOf, runProfile } from './profile-run.ts';

let server: CountingServer;
beforeEach(async () => {
  server = await startCountingServer(() => Math.random() * 20);
});
afterEach(() => server.close());

const run = (profile: string, ...args: string[]) => runProfile('numbered', profile, server.url, args);

const numbersAsked = (): number[] =>
  [...server.byPath.keys()]
    .filter((path) => path.startsWith('/item/'))
    .map((path) => Number(path.slice('/item/'.length)))
    .sort((a, b) => a - b);
const expectEachOnce = (count: number): void => {
  expect(numbersAsked()).toEqual(Array.from({ length: count }, (_, i) => i));
  for (const number of numbersAsked()) expect(server.byPath.get(`/item/${number}`)).toBe(1);
};

test.each(['1', '2', '3'])('shared iterations are each done once by %s workers', async (workers) => {
  const finished = await run('shared', '--workers', workers);
  const { record } = finished;
  expectExit(finished, 0);
  expectEachOnce(100);
  expect(figureOf(record, 'iterations')).toBe(100);
  expect(figureOf(record, 'dropped_iterations')).toBe(0);
  expect(figureOf(record, 'vus_max', 'max')).toBe(7);
});

test('shared iterations left when the time is up are dropped, and none is lost', async () => {
  const { record, code } = await run('too-many', '--workers', '2');
  const done = figureOf(record, 'iterations');
  expect(done).toBe(numbersAsked().length);
  expect(done + figureOf(record, 'dropped_iterations')).toBe(100_000);
  expect(record.findings.find(({ kind }) => kind === 'dropped-iterations')?.detail).toContain(
    'the longest duration was over',
  );
  expect(code).toBe(5);
});

test('a ramping rate starts as many iterations as its integral, numbered through', async () => {
  const { record } = await run('ramp', '--workers', '2');
  // 40 while it rises in 0.8 s, 10 more in 0.4 s at 25/s.
  expect(figureOf(record, 'iterations') + figureOf(record, 'dropped_iterations')).toBe(50);
  expect(figureOf(record, 'generator_schedule_lag')).toBe(figureOf(record, 'iterations'));
  if (figureOf(record, 'dropped_iterations') === 0) expectEachOnce(50);
});

test.each(['1', '3'])('an odd rate starts each of its iterations once with %s workers', async (workers) => {
  const { record } = await run('odd', '--workers', workers);
  expect(figureOf(record, 'iterations') + figureOf(record, 'dropped_iterations')).toBe(90);
  if (figureOf(record, 'dropped_iterations') === 0) expectEachOnce(90);
});

test('poisson arrivals of one seed are as many with one worker as with two', async () => {
  const due = async (workers: string): Promise<number> => {
    const { record } = await run('poisson', '--workers', workers, '--seed', '11');
    return figureOf(record, 'iterations') + figureOf(record, 'dropped_iterations');
  };
  const one = await due('1');
  expect(one).not.toBe(60);
  expect(await due('2')).toBe(one);
});
