// A process that is told to end, or that a suite ends: the exit code is the command's own, and nothing stays behind.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, test as baseTest, beforeAll, describe, expect } from 'vitest';
import { type CliResult, readRecord, runCli, startCli, temporaryFolder } from './run-cli.ts';

/** A folder for suites and results, and one in it where bundles go. */
interface Place {
  readonly path: string;
  readonly temporary: string;
}

const test = baseTest.extend<{ place: Place }>({
  place: async ({ task: _ }, use) => {
    const { path, dispose } = temporaryFolder();
    const temporary = join(path, 'tmp');
    mkdirSync(temporary);
    await use({ path, temporary });
    dispose();
  },
});

const bundles = ({ temporary }: Pick<Place, 'temporary'>): string[] =>
  readdirSync(temporary).filter((name) => name.startsWith('plimsoll-'));

/** A suite of one user who sleeps; `code` runs while it is evaluated and may change `suite`. */
function suiteWith({ path }: Pick<Place, 'path'>, code: string): string {
  const file = join(path, 'suite.ts');
  writeFileSync(
    file,
    `import { defineSuite } from 'plimsoll';
const suite = {
  name: 'exits',
  users: { sleeper: { tasks: { nap: { run: async ({ sleep }) => sleep(50) } } } },
  profiles: { smoke: { executor: 'constant-vus', vus: 1, duration: '30s' } },
};
${code.includes('export ') ? code : `${code}\nexport default defineSuite(suite as never);`}
`,
  );
  return file;
}

const env = ({ temporary }: Place): NodeJS.ProcessEnv => ({ TMPDIR: temporary });
const runSuite = (place: Place, code: string, command = 'run', ...args: string[]) =>
  runCli([command, suiteWith(place, code), ...args], { env: env(place), cwd: place.path });

/** A suite that keeps its process busy for ever. It is given up after half a minute, in which the other tests go on. */
const endlessFolder = temporaryFolder();
let endless: Promise<CliResult>;
beforeAll(() => {
  const { path } = endlessFolder;
  const suite = suiteWith(endlessFolder, 'setInterval(() => {}, 1000); await new Promise(() => {});');
  endless = runCli(['run', suite], { env: { TMPDIR: path }, cwd: path });
});
afterAll(() => endlessFolder.dispose());

describe('a signal', () => {
  test.concurrent.for(['SIGHUP', 'SIGTERM', 'SIGINT'] as const)(
    '%s lets a run end with its record, and nothing else is left',
    async (signal, { place }) => {
      const run = startCli(['run', suiteWith(place, ''), '--out', place.path, '--workers', '1'], {
        env: env(place),
      });
      await run.saw(/running/);
      await wait(1200);
      // Whatever ends the process from here on, nothing of the suite is left.
      expect(bundles(place)).toEqual([]);
      run.child.kill(signal);
      const { code } = await run.done;
      expect(code).toBe(130);
      expect(readRecord(place.path, 'exits').interrupted).toBe(true);
      expect(bundles(place)).toEqual([]);
    },
  );

  test.concurrent.for(['SIGHUP', 'SIGTERM'] as const)(
    '%s, twice, cuts off what still runs',
    async (signal, { place }) => {
      const code = `suite.users.sleeper.tasks.nap.run = async ({ sleep }) => sleep(20_000);`;
      const run = startCli(['run', suiteWith(place, code), '--out', place.path, '--workers', '1'], {
        env: env(place),
      });
      await run.saw(/running/);
      await wait(500);
      run.child.kill(signal);
      await run.saw(/stopping: interrupted:/);
      const cutAtMs = performance.now();
      run.child.kill(signal);
      expect((await run.done).code).toBe(130);
      expect(performance.now() - cutAtMs).toBeLessThan(4000);
      expect(readRecord(place.path, 'exits').interrupted).toBe(true);
    },
  );

  test.concurrent.for([
    ['run', 'SIGTERM'],
    ['inspect', 'SIGHUP'],
    ['list', 'SIGINT'],
  ] as const)(
    'ends %s while the suite is still being evaluated: %s',
    async ([command, signal], { place }) => {
      const code = `console.error('evaluating'); setInterval(() => {}, 1000); await new Promise(() => {});`;
      const run = startCli([command, suiteWith(place, code)], { env: env(place) });
      await run.saw(/evaluating/);
      run.child.kill(signal);
      expect((await run.done).code).toBe(130);
      expect(bundles(place)).toEqual([]);
    },
  );
});

describe('a suite', () => {
  test.concurrent.for([
    ['while it is evaluated', 'process.exit(0);', 'run'],
    ['while it is evaluated, with the code of a failed verdict', 'process.exit(1);', 'run'],
    ['while it is inspected', 'process.exit(0);', 'inspect'],
    ['later', 'setTimeout(() => process.exit(0), 1500);', 'run'],
  ] as const)('that ends the process %s is a mistake', async ([_when, code, command], { place }) => {
    const result = await runSuite(place, code, command);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(/error: process\.exit\([01]\) was called before the command was done/);
    expect(bundles(place)).toEqual([]);
  });

  test.concurrent('that waits for ever while it is evaluated is a mistake', async ({ place }) => {
    const { code, stderr } = await runSuite(place, 'await new Promise(() => {});', 'inspect');
    expect(code).toBe(2);
    expect(stderr).toContain('an await at the top level of the suite never completes');
    expect(bundles(place)).toEqual([]);
  });

  test.concurrent('that kills the workers that load it leaves nothing of them behind', async ({ place }) => {
    const seen = join(place.path, 'seen');
    const { code, stderr } = await runSuite(
      place,
      `import { readdirSync, writeFileSync } from 'node:fs';
      if (process.send !== undefined) {
        writeFileSync(${JSON.stringify(seen)}, readdirSync(process.env.TMPDIR).join());
        process.kill(process.pid, 'SIGKILL');
      }`,
      'run',
      ...['--workers', '1'],
    );
    expect(code).toBe(70);
    expect(stderr).toContain('a worker could not start: it was ended by SIGKILL');
    // What it leaves if nobody removes it.
    expect(readFileSync(seen, 'utf8')).toMatch(/^plimsoll-[0-9a-f]{16}$/);
    expect(bundles(place)).toEqual([]);
  });

  test.concurrent('that throws where nobody catches is a mistake', async ({ place }) => {
    const { code, stderr } = await runSuite(
      place,
      `setTimeout(() => { throw new Error('left behind'); }, 1500);`,
    );
    expect(code).toBe(2);
    expect(stderr).toContain('the suite failed outside of any task: left behind');
  });

  test.concurrent.for([
    ['a promise', 'export default Promise.resolve(suite);', /default: expected .*await.*, got a promise/],
    ['a function', 'export default () => suite;', /default: expected .*call the function.*, got a function/],
    ['a number', 'export default 5;', /the suite: expected a suite: .*, got 5/],
    [
      'a suite with an endless name',
      `export default { ...suite, name: 'x'.repeat(5000) };`,
      /name: expected a name of at most 100 letters, digits, - and _, got "x+/,
    ],
    [
      'an object whose getter throws',
      `export default { ...suite, get users() { throw new Error('no users'); } };`,
      /the suite cannot be read: no users/,
    ],
    [
      'a proxy that throws',
      `export default new Proxy(suite, { ownKeys() { throw new Error('no keys'); }, get() { throw new Error('no keys'); } });`,
      /the suite cannot be read: no keys/,
    ],
    [
      'an object whose then throws',
      `export default { ...suite, get then() { throw new Error('no then'); } };`,
      /(?:cannot be read: no then|then: expected one of the keys)/,
    ],
  ] as const)('that exports %s is a mistake', async ([_what, code, expected], { place }) => {
    const result = await runSuite(place, code);
    expect(result.code).toBe(2);
    expect(result.stderr).toMatch(expected);
    expect(result.stderr).not.toContain('internal error');
  });

  test.concurrent('that calls process.exit in setup fails there', async ({ place }) => {
    const { code, stderr } = await runSuite(place, 'Object.assign(suite, { setup: () => process.exit(0) });');
    expect(code).toBe(3);
    expect(stderr).toContain("a worker was lost during the suite's setup: it exited with code 0");
  });
});

test.concurrent.for(['/nonexistent', '/proc', '/dev/null'])(
  'TMPDIR=%s is refused by name',
  async (TMPDIR, { place }) => {
    const { code, stderr } = await runCli(['inspect', suiteWith(place, '')], { env: { TMPDIR } });
    expect(code).toBe(2);
    expect(stderr).toContain(`cannot make a temporary folder in ${TMPDIR}`);
    expect(stderr).toContain('set TMPDIR to a folder that exists and may be written');
  },
);

describe('what no machine can do is refused with what it may be', () => {
  test.concurrent.for([
    [['--workers', '1000000'], /'--workers?.*expected at most 256|workers <count>.*expected at most 256/],
    [['--users', '1e12'], /--users 1000000000000: expected 1 to 100000/],
    [['--duration', '99999999d'], /duration <time>.*expected at most 3650d/],
    [['--ops', '1e15'], /--ops 1000000000000000: expected 1 to 1000000000/],
    [['--repeat', '1e9'], /repeat <count>.*expected at most 10000/],
    [['--ramp-up', '4000d'], /ramp-up <time>.*expected at most 3650d/],
  ] as const)('%j', async ([args, expected], { place }) => {
    const { code, stderr } = await runSuite(place, '', 'run', ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(expected);
  });

  test.concurrent('a rate, on the command line and in a suite, whatever its time unit', async ({ place }) => {
    const rate = (own: object): string =>
      `Object.assign(suite.profiles.smoke, ${JSON.stringify({ executor: 'constant-arrival-rate', preAllocatedVUs: 1, ...own })}); delete (suite.profiles.smoke as any).vus;`;
    const flag = await runSuite(place, rate({ rate: 5 }), 'run', '--rate', '1e9');
    expect(flag).toMatchObject({ code: 2, stderr: expect.stringContaining('at most 1000000 per second') });
    const own = await runSuite(place, rate({ rate: 1e9 }), 'inspect');
    expect(own.code).toBe(2);
    expect(own.stderr).toMatch(/profiles\.smoke\.rate: expected a rate of at most 1000000 per second/);
    const minutes = await runSuite(place, rate({ rate: 1e7, timeUnit: '1m' }), 'inspect');
    expect(minutes.code, minutes.stderr).toBe(0);
    const long = await runSuite(place, rate({ rate: 5, duration: '99999999d' }), 'inspect');
    expect(long.stderr).toMatch(/profiles\.smoke\.duration: expected a duration of at most 3650d/);
  });
});

describe('a place where nothing can be written', () => {
  test.concurrent.for([
    [['--out', '/proc/x'], 'cannot write to /proc/x'],
    [['--out', '/dev/null/x'], 'cannot write to /dev/null/x'],
    [['--export', '/proc/x/summary.md'], '--export /proc/x/summary.md'],
    [['--export', '/nonexistent/summary.html'], '--export /nonexistent/summary.html'],
  ] as const)('is refused before any load: %j', async ([args, expected], { place }) => {
    const { code, stderr } = await runSuite(place, '', 'run', ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(expected);
    expect(stderr).not.toMatch(/running/);
  });

  test.concurrent('ends a report as well', async ({ place }) => {
    const { code, stderr } = await runCli(['report', place.path, '--out', '/proc/x']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/no run record|cannot make the folder/);
  });
});

test('a suite that is busy for ever while it is evaluated is given up, which is a mistake', async () => {
  const { code, stderr } = await endless;
  expect(code).toBe(2);
  expect(stderr).toContain('was not evaluated within 30 s');
  expect(bundles({ temporary: endlessFolder.path })).toEqual([]);
}, 90_000);
