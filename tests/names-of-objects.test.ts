// Names that every object in JavaScript has already, and names from outside that are not what they seem: a run has the
// right figures under each, and so has every report of it.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from 'plimsoll';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CountingServer, startCountingServer } from './counting-server.ts';
import { expectFinished } from './exit-code.ts';
import { figureOf } from './profile-run.ts';
import { readRecord, runCli } from './run-cli.ts';

const suite = fileURLToPath(new URL('./fixtures/names-of-objects.suite.js', import.meta.url));
let server: CountingServer;
let folder: string;
beforeAll(async () => {
  server = await startCountingServer();
});
afterAll(() => server.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-names-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a suite of names that every object has', () => {
  let record: RunRecord;
  const count = (path: string): number => server.byPath.get(path) ?? 0;

  test('is run as any other, with its own record and reports', async () => {
    const where = ['--base-url', server.url, '--out', folder, '--env', 'constructor', '--workers', '2'];
    const flags = ['--profile', 'constructor', '--tag', 'valueOf=flag', '--tag', 'propertyIsEnumerable=1'];
    const finished = await runCli(['run', suite, ...where, ...flags]);
    expectFinished(finished);
    const { code } = finished;
    record = readRecord(folder, 'constructor');
    const figure = (series: string, key?: string): number => figureOf(record, series, key);

    expect(figure('http_reqs')).toBe(server.count);
    // Three of four users are of the first class, with 20 iterations each.
    expect(count('/constructor') + count('/hasOwnProperty')).toBe(60);
    expect(count('/valueOf')).toBe(20);
    expect(count('/propertyIsEnumerable')).toBe(30 - figure('dropped_iterations'));
    expect(figure('constructor')).toBe(2 * count('/constructor'));
    expect(figure('toString')).toBe(count('/constructor'));
    expect(figure('toString', 'max')).toBe(5);
    expect(figure('valueOf', 'value')).toBe(7);
    expect(figure('hasOwnProperty', 'passes')).toBe(count('/constructor'));
    expect(figure('http_reqs{valueOf:constructor}')).toBe(count('/constructor'));
    expect(figure('constructor{task:constructor}')).toBe(2 * count('/constructor'));
    const checks = record.checks.map(({ name, passes, fails }) => [name, passes, fails]);
    expect(checks.sort()).toEqual([
      ['constructor', count('/constructor'), 0],
      ['toString', count('/constructor'), 0],
    ]);
    expect(Object.keys(record.comparisons ?? {})).toEqual(['toString']);
    expect(record.environment.name).toBe('constructor');
    expect(record.plan.tags).toMatchObject({
      constructor: 'valueOf',
      valueOf: 'flag',
      propertyIsEnumerable: '1',
    });
    expect(record.thresholds?.map(({ series, ok }) => [series, ok])).toEqual([
      ['constructor{task:constructor}', true],
      ['http_reqs{valueOf:constructor}', true],
      ['checks{check:toString}', true],
      ['http_req_duration{group:toString}', true],
      ['toString{constructor:own}', true],
    ]);

    // Made again, each report says the same.
    const runDir = join(folder, 'constructor', 'latest');
    const files = readdirSync(runDir).filter((name) => /\.(csv|json|xml|md|txt|html)$/.test(name));
    expect(files.length).toBeGreaterThan(7);
    const before = new Map(files.map((name) => [name, readFileSync(join(runDir, name), 'utf8')]));
    expect(before.get('endpoints.csv')).toContain('hasOwnProperty');
    for (const text of before.values()) expect(text).not.toMatch(/native code|\[object |undefined/);
    const again = await runCli(['report', runDir]);
    expect(again.code, again.stderr).toBe(0);
    for (const [name, text] of before) expect(readFileSync(join(runDir, name), 'utf8'), name).toBe(text);
    const analysed = await runCli(['analyze', runDir]);
    expect(analysed.code, analysed.stderr).toBe(code);
  });

  test('is listed and inspected, and its patterns are found', async () => {
    const listed = await runCli(['list', suite]);
    expect(listed.stdout).toMatch(/constructor[\s\S]*toString/);
    const inspected = await runCli(['inspect', suite, '--profile', 'toString', '--pattern', 'valueOf']);
    expect(inspected.code, inspected.stderr).toBe(0);
    expect(inspected.stdout).toMatch(/valueOf/);
    expect(inspected.stdout).not.toMatch(/native code|undefined/);
  });

  test.each([
    [['--profile', 'hasOwnProperty'], /no profile "hasOwnProperty"/],
    [['--profile', '__proto__'], /no profile "__proto__"/],
    [['--profile', 'toString', '--env', 'hasOwnProperty'], /hasOwnProperty/],
    [['--profile', 'toString', '--env', '__proto__'], /__proto__/],
    [['--profile', 'toString', '--pattern', 'hasOwnProperty'], /hasOwnProperty/],
    [['--profile', 'toString', '--formats', 'constructor'], /constructor/],
  ])('%j is a name that it does not have', async (flags, message) => {
    const { code, stderr } = await runCli([
      'run',
      suite,
      ...flags,
      '--out',
      folder,
      '--base-url',
      server.url,
    ]);
    expect(code, stderr).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/internal error|native code/);
  });

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'there is no shipped suite called %s',
    async (name) => {
      for (const args of [
        ['run', name],
        ['target', name],
        ['list', name],
        ['report', name],
      ]) {
        const { code, stderr } = await runCli(args);
        expect([args, code], stderr).toEqual([args, 2]);
      }
    },
  );
});

describe('what stands at __proto__, which objects have a meaning of their own for,', () => {
  const plain =
    'users:\n  u:\n    tasks:\n      t: { requests: [{ url: / }] }\nprofiles:\n  p: { executor: constant-vus, vus: 1, duration: 1s }\n';

  test.each([
    ['a user', plain.replace('  u:\n', '  __proto__: 5\n  u:\n'), 'users.__proto__'],
    ['a task', plain.replace('t: {', '__proto__: 7\n      t: {'), 'users.u.tasks.__proto__'],
    ['a profile', plain.replace('p: {', '__proto__: []\n  p: {'), 'profiles.__proto__'],
    ['a metric', `metrics: { __proto__: { type: sum } }\n${plain}`, 'metrics.__proto__.type'],
    ['a tag', `tags: { __proto__: [x] }\n${plain}`, 'tags.__proto__'],
    [
      'an environment',
      `environments: { __proto__: { prod: true } }\n${plain}`,
      'environments.__proto__.prod',
    ],
  ])('is looked at as any other: %s', async (_what, text, path) => {
    const file = join(folder, 'named.suite.yaml');
    writeFileSync(file, `name: n\n${text}`);
    const { code, stderr } = await runCli(['inspect', file]);
    expect(code, stderr).toBe(2);
    expect(stderr).toContain(path);
    expect(stderr).not.toMatch(/internal error/);
  });

  test('is a tag like any other, from code and on the command line', async () => {
    const file = join(folder, 'tagging.suite.js');
    writeFileSync(
      file,
      `export default {
        name: 'tagging', baseUrl: ${JSON.stringify(server.url)},
        users: { u: { tasks: { t: { run: async ({ http }) => {
          await http.get('/', { tags: Object.fromEntries([['__proto__', 'x']]) });
        } } } } },
        thresholds: { 'http_reqs{__proto__:x}': ['count==3'] },
        profiles: { p: { executor: 'shared-iterations', vus: 1, iterations: 3 } },
      };`,
    );
    expectFinished(await runCli(['run', file, '--out', folder, '--tag', '__proto__=y']));
    const record = readRecord(folder, 'tagging');
    expect(figureOf(record, 'http_reqs{__proto__:x}')).toBe(3);
    expect(Object.entries(record.plan.tags)).toEqual([['__proto__', 'y']]);
    const again = await runCli(['report', join(folder, 'tagging', 'latest')]);
    expect(again.code, again.stderr).toBe(0);
  });
});
