// Names that every object in JavaScript has already, and names from outside that are not what they seem: a run has the
// right figures under each, and so has every report of it.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from 'plimsoll';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type CountingServer, startCountingServer } from './counting-server.ts';
import { figureOf } from './profile-run.ts';
import { readRecord, runCli } from './run-cli.ts';

const suite = fileURLToPath(new URL('./fixtures/hostile-names.suite.js', import.meta.url));
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
    const { code, stdout, stderr } = await runCli(['run', suite, ...where, ...flags]);
    // 5 where a busy machine slowed the generator down.
    expect([0, 5], stdout + stderr).toContain(code);
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
    [['--profile', 'toString', '--tag', '__proto__=x'], /any name but __proto__/],
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

describe('a name that would change what an object is', () => {
  const yaml = (text: string): string => {
    const file = join(folder, 'named.suite.yaml');
    writeFileSync(file, text);
    return file;
  };
  const plain =
    'users:\n  u:\n    tasks:\n      t: { requests: [{ url: / }] }\nprofiles:\n  p: { executor: constant-vus, vus: 1, duration: 1s }\n';

  test.each([
    ['a user', `name: n\n${plain.replace('  u:\n', '  __proto__:\n')}`, 'users.__proto__'],
    ['a task', `name: n\n${plain.replace('t: {', '__proto__: {')}`, 'users.u.tasks.__proto__'],
    ['a profile', `name: n\n${plain.replace('p: {', '__proto__: {')}`, 'profiles.__proto__'],
    ['a metric', `name: n\nmetrics: { __proto__: { type: counter } }\n${plain}`, 'metrics.__proto__'],
    ['a tag', `name: n\ntags: { __proto__: x }\n${plain}`, 'tags.__proto__'],
    [
      'an environment',
      `name: n\nenvironments: { __proto__: { production: true } }\n${plain}`,
      'environments.__proto__',
    ],
    ['the suite', `name: n\n__proto__: { defaultProfile: p }\n${plain}`, '__proto__'],
  ])('is refused in YAML for %s', async (_what, text, path) => {
    const { code, stderr } = await runCli(['inspect', yaml(text)]);
    expect(code, stderr).toBe(2);
    expect(stderr).toContain(path);
    expect(stderr).toMatch(/other than __proto__/);
  });

  test('is refused in code, at its place', async () => {
    const file = join(folder, 'named.suite.js');
    const own = (value: string): string => `Object.fromEntries([['__proto__', ${value}]])`;
    const task = '{ tasks: { t: { run: async () => {} } } }';
    writeFileSync(
      file,
      `export default {
        name: 'n', baseUrl: 'http://127.0.0.1:1', tags: ${own("'x'")}, metrics: ${own("{ type: 'counter' }")},
        users: { u: ${task}, ...${own(task)} },
        profiles: { p: { executor: 'constant-vus', vus: 1, duration: '1s', tasks: { u: ${own('1')} } } },
      };`,
    );
    const { code, stderr } = await runCli(['inspect', file]);
    expect(code, stderr).toBe(2);
    for (const path of ['tags', 'metrics', 'users', 'profiles.p.tasks.u']) expect(stderr).toContain(path);
    expect(stderr).toMatch(/another name than __proto__/);
  });

  test('ends the iteration that would tag by it, with its name', async () => {
    const file = join(folder, 'tagging.suite.js');
    writeFileSync(
      file,
      `export default {
        name: 'tagging', baseUrl: ${JSON.stringify(server.url)},
        users: { u: { tasks: { t: { run: async ({ http }) => {
          await http.get('/', { tags: Object.fromEntries([['__proto__', 'x']]) });
        } } } } },
        profiles: { p: { executor: 'shared-iterations', vus: 1, iterations: 3 } },
      };`,
    );
    const { code, stdout } = await runCli(['run', file, '--out', folder]);
    const record = readRecord(folder, 'tagging');
    expect(record.errors.map(({ message, count }) => [message, count])).toEqual([
      ['a tag may have any name but __proto__', 3],
    ]);
    expect(stdout).toContain('a tag may have any name');
    expect(code).not.toBe(70);
  });
});
