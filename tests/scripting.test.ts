// User code may be slow, wrong or stubborn: the run goes on, ends in time, and says what went wrong.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectExit, ownReasons } from './exit-code.ts';
import { type OddServer, startOddServer } from './odd-server.ts';
import { figureOf, runProfile } from './profile-run.ts';

let server: OddServer;
beforeAll(async () => {
  server = await startOddServer();
});
afterAll(() => server.close());

const run = (profile: string, ...args: string[]) => runProfile('scripting', profile, server.url, args);

test('many users whose task throws at once do not hold up the end of the run', async () => {
  const { record, log, elapsedMs } = await run('throwing', '--workers', '1');
  expect(elapsedMs).toBeLessThan(3000);
  expect(record.errors[0]).toMatchObject({
    code: 'TypeError',
    message: 'no such thing',
    source: 'iteration',
  });
  expect(record.errors[0]!.count).toBe(figureOf(record, 'iterations'));
  // The stack names the user's own file, and a thousand equal ones are told once.
  const stacks = log.filter(({ level, message }) => level === 'debug' && message.includes('no such thing'));
  expect(stacks).toHaveLength(1);
  expect(stacks[0]!.message).toMatch(/scripting\.suite\.ts:\d+:\d+/);
});

test('whatever is thrown ends its iteration, and is told in words', async () => {
  const { record } = await run('strange');
  expect(figureOf(record, 'iterations')).toBe(4);
  expect(figureOf(record, 'iterations_failed')).toBe(4);
  expect(figureOf(record, 'dropped_iterations')).toBe(0);
  expect(record.errors).toMatchObject([{ code: 'exception', count: 4 }]);
  expect(record.errors[0]!.message).toContain('teapot');
});

test('promises that are rejected while nobody waits are counted, and told once', async () => {
  const { record, log, stderr } = await run('forgetful');
  const iterations = figureOf(record, 'iterations');
  expect(record.errors).toMatchObject([{ code: 'unhandled_rejection', message: 'nobody waits' }]);
  expect(record.errors[0]!.count).toBeGreaterThanOrEqual(iterations);
  expect(log.filter(({ message }) => message.includes('nobody waits'))).toHaveLength(1);
  expect(stderr).toMatch(/nobody waits\n.*scripting\.suite\.ts:\d+/);
});

test('an exception outside any task costs its worker, and what that worker measured is kept', async () => {
  const { code, record, stderr } = await run('exploding', '--workers', '1');
  expect(code).toBe(5);
  expect(record.verdict.status).toBe('inconclusive');
  expect(ownReasons(record)[0]).toMatch(/Worker 0 of 1 ended before/);
  expect(record.errors).toMatchObject([
    { code: 'uncaught_exception', message: 'out of band', count: 1, source: 'iteration' },
  ]);
  expect(figureOf(record, 'http_reqs')).toBe(server.byPath.get('/'));
  expect(stderr).toMatch(/scripting\.suite\.ts:\d+/);
});

test('a task that catches everything and goes on for ever is left behind at the end', async () => {
  const before = server.count;
  const { code, record, elapsedMs } = await run('stubborn', '--workers', '1');
  expect(elapsedMs).toBeLessThan(3500);
  expect(record.generator.workers[0]!.completed).toBe(true);
  expect(figureOf(record, 'http_reqs')).toBe(server.count - before);
  expect(code).toBe(5);
  expect(ownReasons(record)[0]).toMatch(/No iteration finished/);
});

test('a think time that is no time is an error, not a load without any pause', async () => {
  const { record } = await run('hasty');
  expect(figureOf(record, 'iterations')).toBeLessThanOrEqual(2);
  expect(record.errors).toMatchObject([
    { code: 'TypeError', message: expect.stringMatching(/think time must be ms or a duration, got Promise/) },
  ]);
});

test('a metric that two workers use as two types does not end the run', async () => {
  const finished = await run('undecided', '--workers', '2');
  const { record, stderr } = finished;
  expectExit(finished, 0);
  expect(stderr).toMatch(/metric mine is used as a (counter|trend) and as a (counter|trend)/);
  expect(figureOf(record, 'mine')).toBeGreaterThan(0);
});

test('what user code prints is shown and logged, without what would move the cursor', async () => {
  const { stderr, log } = await run('talking', '--workers', '1');
  const lines = stderr.split('\n');
  expect(lines.filter((line) => line.includes('hello\tthere'))).toHaveLength(2);
  expect(lines.filter((line) => line === 'red and loud')).toHaveLength(2);
  expect(lines.filter((line) => line === 'told')).toHaveLength(2);
  expect(stderr).toMatch(/the end/);
  expect([...stderr].filter((char) => char < ' ' && char !== '\n' && char !== '\t')).toEqual([]);
  expect(log.filter(({ message }) => message === 'told')).toHaveLength(2);
});

test('groups nest, checks count what they throw as false, custom metrics and sessions keep their values', async () => {
  const { record } = await run('grouping', '--workers', '2');
  expect(figureOf(record, 'iterations')).toBe(12);
  expect(figureOf(record, 'iterations_failed')).toBe(0);
  expect(figureOf(record, 'group_duration')).toBe(24);
  const checks = record.checks.map(({ name, passes, fails, tags }) => [name, passes, fails, tags.group]);
  expect(checks).toContainEqual(['fine', 12, 0, 'outer::inner']);
  expect(checks).toContainEqual(['counts', 12, 0, undefined]);
  expect(checks).toContainEqual(['explodes', 0, 12, undefined]);
  expect(figureOf(record, 'visits')).toBe(12);
  expect(figureOf(record, 'visits', 'max')).toBe(4);
  expect(figureOf(record, 'even', 'passes')).toBe(6);
  expect(figureOf(record, 'last', 'value')).toBe(3);
});
