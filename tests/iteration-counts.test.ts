// Executors that fix how many iterations there are: each is done once, or counted as dropped.

import { test as baseTest, expect } from 'vitest';
import { type CountingServer, startCountingServer } from './counting-server.ts';
import { expectExit } from './exit-code.ts';
import { figureOf, runProfile } from './profile-run.ts';

const test = baseTest.extend<{ server: CountingServer }>({
  server: async ({ task: _ }, use) => {
    const server = await startCountingServer(() => Math.random() * 20);
    await use(server);
    await server.close();
  },
});

const run = ({ url }: CountingServer, profile: string, ...args: string[]) =>
  runProfile('numbered', profile, url, args);

const numbersAsked = ({ byPath }: CountingServer): number[] =>
  [...byPath.keys()]
    .filter((path) => path.startsWith('/item/'))
    .map((path) => Number(path.slice('/item/'.length)))
    .sort((a, b) => a - b);
const expectEachOnce = (server: CountingServer, count: number): void => {
  expect(numbersAsked(server)).toEqual(Array.from({ length: count }, (_, i) => i));
  for (const number of numbersAsked(server)) expect(server.byPath.get(`/item/${number}`)).toBe(1);
};

test.concurrent.for(['1', '2', '3'])(
  'shared iterations are each done once by %s workers',
  async (workers, { server }) => {
    const finished = await run(server, 'shared', '--workers', workers);
    const { record } = finished;
    expectExit(finished, 0);
    expectEachOnce(server, 100);
    expect(figureOf(record, 'iterations')).toBe(100);
    expect(figureOf(record, 'dropped_iterations')).toBe(0);
    expect(figureOf(record, 'vus_max', 'max')).toBe(7);
  },
);

test.concurrent('shared iterations left when the time is up are dropped, and none is lost', async ({
  server,
}) => {
  const { record, code } = await run(server, 'too-many', '--workers', '2');
  const done = figureOf(record, 'iterations');
  expect(done).toBe(numbersAsked(server).length);
  expect(done + figureOf(record, 'dropped_iterations')).toBe(100_000);
  expect(record.findings.find(({ kind }) => kind === 'dropped-iterations')?.detail).toContain(
    'the longest duration was over',
  );
  expect(code).toBe(5);
});

test.concurrent('a ramping rate starts as many iterations as its integral, numbered through', async ({
  server,
}) => {
  const { record } = await run(server, 'ramp', '--workers', '2');
  // 40 while it rises in 0.8 s, 10 more in 0.4 s at 25/s.
  expect(figureOf(record, 'iterations') + figureOf(record, 'dropped_iterations')).toBe(50);
  expect(figureOf(record, 'generator_schedule_lag')).toBe(figureOf(record, 'iterations'));
  if (figureOf(record, 'dropped_iterations') === 0) expectEachOnce(server, 50);
});

test.concurrent.for(['1', '3'])(
  'an odd rate starts each of its iterations once with %s workers',
  async (workers, { server }) => {
    const { record } = await run(server, 'odd', '--workers', workers);
    expect(figureOf(record, 'iterations') + figureOf(record, 'dropped_iterations')).toBe(90);
    if (figureOf(record, 'dropped_iterations') === 0) expectEachOnce(server, 90);
  },
);

test.concurrent('poisson arrivals of one seed are as many with one worker as with two', async ({
  server,
}) => {
  const due = async (workers: string): Promise<number> => {
    const { record } = await run(server, 'poisson', '--workers', workers, '--seed', '11');
    return figureOf(record, 'iterations') + figureOf(record, 'dropped_iterations');
  };
  const one = await due('1');
  expect(one).not.toBe(60);
  expect(await due('2')).toBe(one);
});
