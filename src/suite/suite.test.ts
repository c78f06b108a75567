import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SuiteError, UsageError } from '../model/errors.ts';
import type { SuiteBundle } from '../model/suite-bundle.ts';
import { type LoadedSuite, type LoadOptions, loadSuite } from './suite.ts';

let folder = '';

beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'suite-test-')));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

async function load(name: string, options: Partial<LoadOptions> = {}): Promise<LoadedSuite> {
  return await loadSuite(path.join(folder, name), { env: {}, ...options });
}

/** What the module exports by default. */
async function exportOf({ bytes }: SuiteBundle): Promise<unknown> {
  const url = `data:text/javascript;base64,${Buffer.from(bytes).toString('base64')}`;
  return ((await import(/* @vite-ignore */ url)) as { default: unknown }).default;
}

async function errorOf(work: Promise<unknown>): Promise<UsageError | SuiteError> {
  const thrown: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof UsageError || thrown instanceof SuiteError) return thrown;
  throw new Error(`expected a UsageError or a SuiteError, got ${String(thrown)}`);
}

const rest = `
  users: { u: { tasks: { t: { run: () => {} } } } },
  profiles: { smoke: { executor: 'constant-vus', vus: 1, duration: '1s' } },
`;
const plain = (fields = ''): string =>
  `import { defineSuite } from 'plimsoll';\nexport default defineSuite({ name: 'shop', ${rest} ${fields} });\n`;

describe('a suite in TypeScript', () => {
  test('is found as a file and in its folder, and imports plimsoll from anywhere', async () => {
    await write({ 'suite.ts': plain() });
    expect((await load('suite.ts')).definition.name).toBe('shop');
    const byFolder = await load('.');
    expect(byFolder.file).toBe(path.join(folder, 'suite.ts'));
    expect(byFolder.environment).toBe('local');
  });

  test('may import its own files, JSON, and CommonJS packages that call require', async () => {
    await write({
      'node_modules/old/package.json': '{ "name": "old", "main": "index.js" }',
      'node_modules/old/index.js': "exports.name = require('node:path').basename('/x/from-old');",
      'lib/name.ts': 'export const name: string = "mine";',
      'data.json': '{ "tag": "json" }',
      'suite.ts': `import old from 'old'; import { name } from './lib/name.ts'; import data from './data.json';
        export default { name, description: old.name, tags: { data: data.tag }, ${rest} };`,
    });
    const { definition } = await load('suite.ts');
    expect(definition).toMatchObject({ name: 'mine', description: 'from-old', tags: { data: 'json' } });
  });

  test('keeps telling each file where it lies', async () => {
    await write({
      'lib/where.ts':
        'export const where = [import.meta.url, import.meta.dirname, import.meta.filename, __dirname, __filename];',
      'suite.ts': `import { where } from './lib/where.ts';
        export default { name: 'shop', requiredEnv: [], description: where.join('|'),
          tags: { own: import.meta.url }, ${rest} };`,
    });
    const lib = path.join(folder, 'lib');
    const file = path.join(lib, 'where.ts');
    const { definition } = await load('suite.ts');
    expect(definition.description?.split('|')).toEqual([pathToFileURL(file).href, lib, file, lib, file]);
    expect(definition.tags).toEqual({ own: pathToFileURL(path.join(folder, 'suite.ts')).href });
  });

  test('leaves packages with native parts, and those that cannot be bundled, where they are', async () => {
    await write({
      'node_modules/native/package.json': '{ "name": "native", "main": "index.js" }',
      'node_modules/native/binding.gyp': '{}',
      'node_modules/native/index.js': 'exports.here = __filename;',
      'node_modules/odd/package.json': '{ "name": "odd", "type": "module", "exports": "./index.js" }',
      'node_modules/odd/index.js':
        'export const load = () => import("./gone.js"); export const here = import.meta.url;',
      'suite.ts': `import { here } from 'native'; import { here as odd } from 'odd';
        export default { name: 'shop', description: here, tags: { odd }, ${rest} };`,
    });
    const { definition } = await load('suite.ts');
    expect(definition.description).toBe(path.join(folder, 'node_modules/native/index.js'));
    expect(definition.tags?.odd).toBe(pathToFileURL(path.join(folder, 'node_modules/odd/index.js')).href);
  });

  test('that does not compile is shown with file, line and text', async () => {
    await write({ 'suite.ts': 'export default {\n  name: "x",,\n};\n' });
    const error = await errorOf(load('suite.ts'));
    expect(error.exitCode).toBe(2);
    expect(error.message).toContain('suite.ts:2:');
    expect(error.message).toContain('Expected identifier but found ","');
  });

  test('that imports what is not there is told so', async () => {
    await write({ 'suite.ts': 'import "./gone.ts";\nexport default {};\n' });
    expect((await errorOf(load('suite.ts'))).message).toContain('Could not resolve "./gone.ts"');
  });

  test('that throws while it is evaluated is a usage error with the message', async () => {
    await write({ 'suite.ts': 'throw new Error("no token here");' });
    const error = await errorOf(load('suite.ts'));
    expect(error.exitCode).toBe(2);
    expect(error.message).toContain('no token here');
  });

  test('without a default export is told what to write', async () => {
    await write({ 'suite.ts': 'export const suite = {};' });
    const error = await errorOf(load('suite.ts'));
    expect(error).toBeInstanceOf(SuiteError);
    expect((error as SuiteError).mistakes[0]).toMatchObject({ path: 'default', found: 'only suite' });
  });

  test('gets every mistake reported', async () => {
    await write({ 'suite.ts': 'export default { name: 1, users: {}, profiles: {} };' });
    const error = (await errorOf(load('suite.ts'))) as SuiteError;
    expect(error.mistakes.map((one) => one.path)).toEqual(['name', 'users', 'profiles']);
  });

  test('leaves nothing behind, whether it is sound or not', async () => {
    await write({ 'suite.ts': plain(), 'wrong.ts': 'export default { name: 1 };', 'temporary/.keep': '' });
    const temporary = path.join(folder, 'temporary');
    vi.stubEnv('TMPDIR', temporary);
    try {
      await load('suite.ts');
      await errorOf(load('wrong.ts'));
    } finally {
      vi.unstubAllEnvs();
    }
    expect(await readdir(temporary)).toEqual(['.keep']);
  });
});

describe('a suite in YAML', () => {
  const yaml = `name: shop
users:
  u:
    tasks:
      t: { requests: [{ url: / }] }
profiles:
  smoke: { executor: constant-vus, vus: 1, duration: 1s }
`;

  test('loads, and its bundle exports the same', async () => {
    await write({ 'suite.yaml': yaml });
    const { definition, bundle } = await load('.');
    expect(definition.profiles.smoke).toEqual({ executor: 'constant-vus', vus: 1, duration: '1s' });
    expect(await exportOf(bundle)).toEqual(definition);
  });

  test('gets mistakes with their lines', async () => {
    await write({
      'suite.yml': yaml
        .replace('duration: 1s', 'duration: soon')
        .replace('{ requests: [{ url: / }] }', '{ run: go }'),
    });
    const error = (await errorOf(load('suite.yml'))) as SuiteError;
    expect(error.mistakes.map((one) => one.path)).toEqual([
      'users.u.tasks.t.run (line 5)',
      'profiles.smoke.duration (line 7)',
    ]);
    expect(error.mistakes[0]?.expected).toContain('without code write `requests`');
  });

  test('with broken syntax is shown with the line', async () => {
    await write({ 'suite.yaml': 'name: shop\nusers: [\n' });
    const error = (await errorOf(load('suite.yaml'))) as SuiteError;
    expect(error.mistakes[0]?.path).toBe('line 3, column 1');
    expect(error.hint).toBeUndefined();
  });

  test('with a template that ends a flow map is one mistake, with its place and the remedy', async () => {
    const lines = [
      'name: shop',
      'users:',
      ...Array.from({ length: 9 }, (_, i) => `  u${i}: { url: /a/$\{id}/b }`),
    ];
    await write({ 'suite.yaml': lines.join('\n') });
    const error = (await errorOf(load('suite.yaml'))) as SuiteError;
    expect(error.mistakes.map(({ path }) => path)).toEqual(['line 3, column 18']);
    expect(error.hint).toContain('needs quotes');
  });
});

describe('environments', () => {
  const fields = `baseUrl: 'http://127.0.0.1:1',
    environments: { staging: { baseUrl: 'http://10.0.0.1:2', env: { REGION: 'eu' } } },
    requiredEnv: ['REGION', 'TOKEN'],`;

  test('set the base URL and variables of the chosen one', async () => {
    await write({ 'suite.ts': plain(fields) });
    const suite = await load('.', { environment: 'staging', env: { TOKEN: 't', REGION: 'us' } });
    expect(suite).toMatchObject({ environment: 'staging', env: { REGION: 'eu', TOKEN: 't' } });
    expect(suite.definition.baseUrl).toBe('http://10.0.0.1:2');
  });

  test('that the suite does not have are refused with the nearest name', async () => {
    await write({ 'suite.ts': plain(fields) });
    const error = await errorOf(load('.', { environment: 'stagin' }));
    expect(error.message).toContain('did you mean staging?');
  });

  test('are mere labels in a suite that declares none', async () => {
    await write({ 'suite.ts': plain() });
    expect((await load('.', { environment: 'blue' })).environment).toBe('blue');
  });

  test('name every missing variable', async () => {
    await write({ 'suite.ts': plain(fields) });
    const error = (await errorOf(load('.'))) as SuiteError;
    expect(error.mistakes.map((one) => one.expected)).toEqual([
      'the environment variable REGION to be set and not empty',
      'the environment variable TOKEN to be set and not empty',
    ]);
  });
});

describe('a suite that is not there', () => {
  test('is refused, with the shipped ones listed', async () => {
    const error = await errorOf(loadSuite('no-such-suite', { env: {} }));
    expect(error.message).toContain('no suite called no-such-suite');
    expect(error.hint).toContain('shipped suites');
  });

  test('in a folder without a suite file is said so', async () => {
    expect((await errorOf(load('.'))).message).toContain('no suite file in');
  });
});
