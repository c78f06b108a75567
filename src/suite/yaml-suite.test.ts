import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SuiteError } from '../model/errors.ts';
import type { RequestDefinition } from '../model/suite.ts';
import type { SuiteBundle } from '../model/suite-bundle.ts';
import { type LoadedSuite, loadSuite } from './suite.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'yaml-test-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function load(yaml: string): Promise<LoadedSuite> {
  const file = path.join(folder, 'suite.yaml');
  await writeFile(file, yaml);
  return await loadSuite(file, { env: {} });
}

/** What the module exports by default. */
async function exportOf({ bytes }: SuiteBundle): Promise<unknown> {
  const url = `data:text/javascript;base64,${Buffer.from(bytes).toString('base64')}`;
  return ((await import(/* @vite-ignore */ url)) as { default: unknown }).default;
}

/** A suite with one request of these lines, and further top-level lines. */
function suiteOf(request: readonly string[], others: readonly string[] = []): string {
  return [
    ...['name: shop', 'users:', '  u:', '    tasks:', '      t:', '        requests:', '          - url: /'],
    ...request.map((line) => `            ${line}`),
    ...['profiles: { smoke: { executor: constant-vus, vus: 1, duration: 1s } }', ...others],
  ].join('\n');
}

async function requestOf(...lines: readonly string[]): Promise<RequestDefinition> {
  const { definition } = await load(suiteOf(lines));
  return definition.users.u!.tasks!.t!.requests![0]!;
}

async function mistakesOf(yaml: string): Promise<SuiteError['mistakes']> {
  const thrown: unknown = await load(yaml).catch((error: unknown) => error);
  if (thrown instanceof SuiteError) return thrown.mistakes;
  throw new Error(`expected a SuiteError, got ${String(thrown)}`);
}

const odd = ['01234', '1.10', '12345678901234567890', '0x1F', '0o17', '1e3', '+5', 'True', '007', '.5'];

describe('scalars of a YAML suite', () => {
  test.each(odd)('%s is sent as written where a text is sent', async (text) => {
    const places = ['headers', 'params', 'form'] as const;
    for (const place of places) {
      // A truth value is no header.
      if (place === 'headers' && text === 'True') continue;
      expect((await requestOf(`${place}: { key: ${text} }`))[place]).toEqual({ key: text });
    }
    expect((await requestOf(`tags: { build: ${text} }`)).tags).toEqual({ build: text });
    expect(await requestOf(`body: ${text}`, `name: ${text}`)).toMatchObject({ body: text, name: text });
    expect((await requestOf(`checks: { ok: { bodyContains: ${text} } }`)).checks?.ok?.bodyContains).toBe(
      text,
    );
    const auth = await requestOf(`auth: { username: ${text}, password: ${text} }`);
    expect(auth.auth).toEqual({ username: text, password: text });
    const { definition } = await load(
      suiteOf(
        [],
        [`tags: { v: ${text} }`, `environments: { a: { env: { V: ${text} } } }`, `description: ${text}`],
      ),
    );
    expect(definition).toMatchObject({
      tags: { v: text },
      environments: { a: { env: { V: text } } },
      description: text,
    });
  });

  test('are texts as they are where YAML 1.1 knew other types', async () => {
    const { json } = await requestOf('json: { a: yes, b: no, c: on, d: 2024-01-01, e: 12:30:45, f: 1_000 }');
    expect(json).toEqual({ a: 'yes', b: 'no', c: 'on', d: '2024-01-01', e: '12:30:45', f: '1_000' });
  });

  test('stay numbers where numbers are meant', async () => {
    const request = await requestOf(
      'json: { price: 12.50, many: 1e3, plus: +5, ok: True }',
      'timeout: 1000',
      'expect: 201',
    );
    expect(request).toMatchObject({
      json: { price: 12.5, many: 1000, plus: 5, ok: true },
      timeout: 1000,
      expect: 201,
    });
    expect((await mistakesOf(suiteOf(['timeout: 0.5x', 'retries: many']))).length).toBe(2);
  });

  test.each([
    ['01234', '1234'],
    ['12345678901234567890', '12345678901234567000'],
    ['9007199254740993', '9007199254740992'],
    ['0x1F', '31'],
    ['0o17', '15'],
    ['.inf', 'null'],
    ['0.12345678901234567891', '0.12345678901234568'],
  ])('that a JSON body would send otherwise are mistakes: %s', async (text, sent) => {
    const mistakes = await mistakesOf(suiteOf([`json: { ids: [1, { id: ${text} }] }`]));
    expect(mistakes).toEqual([
      {
        path: 'users.u.tasks.t.requests[0].json.ids[1].id (line 8)',
        expected: `quotes around it: "${text}"; without them ${sent} is sent`,
        found: JSON.stringify(text),
      },
    ]);
    expect((await requestOf(`json: { id: "${text}" }`)).json).toEqual({ id: text });
  });

  test('keep their text as keys', async () => {
    expect((await requestOf('params: { 01: a, 1.10: b, null: c, true: d }')).params).toEqual({
      ...{ '01': 'a', '1.10': 'b', null: 'c', true: 'd' },
    });
  });
});

describe('anchors of a YAML suite', () => {
  const base = [
    'x-request: &request',
    '  headers: &headers { accept: text/html, x-build: 1.10 }',
    '  timeout: 5s',
  ];
  const yaml = (lines: readonly string[]): string => `${base.join('\n')}\n${suiteOf(lines)}`;

  test('may stand under top-level keys x-..., and be merged', async () => {
    const { definition, bundle } = await load(
      yaml(['<<: *request', 'timeout: 1s', 'params: { <<: [*headers, { b: c }] }']),
    );
    expect(Object.keys(definition)).toEqual(['name', 'users', 'profiles']);
    expect(definition.users.u!.tasks!.t!.requests![0]).toEqual({
      url: '/',
      headers: { accept: 'text/html', 'x-build': '1.10' },
      timeout: '1s',
      params: { accept: 'text/html', 'x-build': '1.10', b: 'c' },
    });
    expect(await exportOf(bundle)).toEqual(definition);
  });

  test('may mean a text in one place and a number in another', async () => {
    const lines = ['tags: { <<: &both { count: 1.50 } }', 'json: { <<: *both }'];
    expect(await requestOf(...lines)).toMatchObject({ tags: { count: '1.50' }, json: { count: 1.5 } });
  });

  test('have their mistakes told with the line of what is merged', async () => {
    const mistakes = await mistakesOf(
      yaml(['<<: *request', 'retries: { <<: *headers }']).replace('5s', 'soon'),
    );
    expect(mistakes.map(({ path: at }) => at)).toContain('users.u.tasks.t.requests[0].timeout (line 3)');
  });

  test.each([
    ['an alias without its anchor', suiteOf(['<<: *nothing'])],
    ['an alias within its anchor', suiteOf(['json: &a { b: [*a] }'])],
    [
      'aliases of aliases without end',
      `x-a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n${'abcdefgh'
        .split('')
        .map((name, i, all) =>
          i === 0
            ? ''
            : `x-${name}: &${name} [${Array(9)
                .fill(`*${all[i - 1]}`)
                .join(', ')}]`,
        )
        .join('\n')}\n${suiteOf(['json: *h'])}`,
    ],
  ])('that cannot be followed are a mistake: %s', async (_what, text) => {
    expect(await mistakesOf(text)).toHaveLength(1);
  });
});

describe('what is no plain data', () => {
  test.each([
    ['!!timestamp 2026-01-31', 'a Date, made by a tag'],
    ['!!binary aGk=', 'made by a tag'],
    ['!!set { b }', 'a Set, made by a tag'],
    ['!!omap [b: 1]', 'a Map, made by a tag'],
  ])('is a mistake, not another value: %s', async (text, found) => {
    const [mistake, ...others] = await mistakesOf(suiteOf([`json: { a: ${text} }`]));
    expect(others).toEqual([]);
    expect(mistake!.path).toBe('users.u.tasks.t.requests[0].json.a');
    expect(mistake!.found).toContain(found);
  });

  test('a tag that nobody knows is a mistake where it stands', async () => {
    const [mistake] = await mistakesOf(suiteOf(['headers: { x-token: !env TOKEN }']));
    expect(mistake).toMatchObject({ path: 'line 8, column 33', found: 'Unresolved tag: !env' });
    expect((await requestOf('body: !!str 012')).body).toBe('012');
  });

  test('a file is one suite', async () => {
    const [mistake] = await mistakesOf(`${suiteOf([])}\n---\nname: other\n`);
    expect(mistake).toMatchObject({ expected: 'one suite in a file', found: 'another document after ---' });
  });
});
