import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SuiteError } from '../model/errors.ts';
import { findMistakes } from './schema.ts';
import { loadSuite } from './suite.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-data-'));
  writeFileSync(path.join(folder, 'people.csv'), 'email,password\na@x.it,one\nb@x.it,two\n');
  writeFileSync(path.join(folder, 'short.csv'), 'email,password\na@x.it,one\nb@x.it\n');
  writeFileSync(path.join(folder, 'orders.jsonl'), '{"id":1,"at":{"city":"Rome"}}\n');
  mkdirSync(path.join(folder, 'folder.csv'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const suiteOf = (data: unknown, requests: readonly unknown[] = [{ url: '/' }]) => ({
  name: 'shop',
  data,
  users: { buyer: { tasks: { buy: { requests } } } },
  profiles: { smoke: { executor: 'constant-vus', vus: 1, duration: '1s' } },
});

async function load(data: unknown, requests?: readonly unknown[]) {
  const file = path.join(folder, 'suite.yaml');
  // YAML reads JSON.
  writeFileSync(file, JSON.stringify(suiteOf(data, requests)));
  return await loadSuite(file, { env: {} });
}

async function mistakesOf(data: unknown, requests?: readonly unknown[]): Promise<string[]> {
  const thrown: unknown = await load(data, requests).catch((error: unknown) => error);
  if (!(thrown instanceof SuiteError)) throw new Error('the suite was found sound');
  return thrown.mistakes.map(({ path: at, expected, found, suggestion }) =>
    [at.replace(/ \(line \d+\)/, ''), expected, found, suggestion].filter(Boolean).join(' | '),
  );
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: texts of a suite
test('the plan of each feeder says where its rows come from, and what of them is masked', async () => {
  const { data } = await load(
    {
      people: { file: './people.csv', policy: 'unique', secrets: ['password'] },
      orders: { file: 'orders.jsonl', policy: 'random', per: 'call' },
      days: {
        rows: [{ day: 'mon' }, { day: 'tue', open: true }],
        policy: 'sequential',
        atEnd: 'end-scenario',
      },
      codes: { generate: { code: '${row:000}' } },
    },
    [{ url: '/${orders.at.city}/${days.open}?${people.email}=${codes.code}' }],
  );
  expect(data.plans).toEqual([
    {
      ...{ name: 'people', source: 'csv', file: './people.csv', rows: 2, columns: ['email', 'password'] },
      ...{ policy: 'unique', per: 'iteration', atEnd: 'stop-user', masked: ['password'] },
      sha256: expect.stringMatching(/^[\da-f]{64}$/),
    },
    {
      ...{ name: 'orders', source: 'jsonl', file: 'orders.jsonl', rows: 1, columns: ['id', 'at'] },
      ...{ policy: 'random', per: 'call', atEnd: 'wrap', masked: [], sha256: expect.any(String) },
    },
    {
      ...{ name: 'days', source: 'rows', rows: 2, columns: ['day', 'open'] },
      ...{ policy: 'sequential', per: 'iteration', atEnd: 'end-scenario', masked: [] },
    },
    {
      ...{ name: 'codes', source: 'generated', rows: null, columns: ['code'] },
      ...{ policy: 'circular', per: 'iteration', atEnd: 'wrap', masked: [] },
    },
  ]);
  expect(data.files.map(({ feeder, rows }) => [feeder, rows])).toEqual([
    ['people', 2],
    ['orders', 1],
  ]);
});

test('what is wrong with files, columns and secrets is told together, before any load', async () => {
  const mistakes = await mistakesOf(
    {
      gone: { file: './peple.csv' },
      short: { file: './short.csv' },
      folder: { file: './folder.csv' },
      people: { file: './people.csv', secrets: ['pasword'] },
    },
    [{ url: '/${people.emial}', json: [{ a: '${people.password}' }] }],
  );
  expect(mistakes).toEqual([
    `data.gone.file | a file; there is none at ${path.join(folder, 'peple.csv')} | ./peple.csv | people.csv`,
    'data.short.file | rows that can be read | ./short.csv, line 3: 1 field in place of 2 (email, password)',
    'data.folder.file | a file that can be read | ./folder.csv: it is a folder',
    'data.people.secrets[0] | a column: email or password | "pasword" | password',
    'users.buyer.tasks.buy.requests[0].url | a column of data.people: email or password | "emial" | email',
  ]);
});

describe('a feeder that cannot be', () => {
  test.each([
    [{ a: {} }, 'data.a', 'none of them'],
    [{ a: { file: 'a.csv', rows: [{ a: 1 }] } }, 'data.a', '`file` and `rows`'],
    [{ a: { file: 'a.txt' } }, 'data.a.file', '"a.txt"'],
    [{ a: { file: 'a.json', delimiter: ';' } }, 'data.a.delimiter', '";"'],
    [{ a: { rows: [{ a: 1 }], format: 'csv' } }, 'data.a.format', '"csv"'],
    [{ a: { rows: [{ a: 1 }], count: 3 } }, 'data.a.count', '3'],
    [{ a: { rows: [] } }, 'data.a.rows', '[]'],
    [{ a: { rows: [7] } }, 'data.a.rows[0]', '7'],
    [{ a: { file: 'a.csv', columns: ['x', 'x'] } }, 'data.a.columns', 'the column "x" twice'],
    [{ a: { generate: {} } }, 'data.a.generate', '{}'],
    [{ a: { generate: { x: '${vu.id}' } } }, 'data.a.generate.x', '"${vu.id}"'],
    [{ a: { generate: { x: { between: [2, 1] } } } }, 'data.a.generate.x.between', '[2,1]'],
    [{ a: { generate: { x: 1 }, policy: 'random' } }, 'data.a.count', undefined],
    [{ a: { generate: { x: 1 }, atEnd: 'fail' } }, 'data.a.atEnd', '"fail"'],
    [{ a: { rows: [{ a: 1 }], policy: 'unique', atEnd: 'wrap' } }, 'data.a.atEnd', '"wrap"'],
    [{ a: { rows: [{ a: 1 }], atEnd: 'stop-user' } }, 'data.a.atEnd', '"stop-user"'],
    [{ a: { rows: [{ a: 1 }], policy: 'random', atEnd: 'fail' } }, 'data.a.atEnd', '"fail"'],
    [{ env: { rows: [{ a: 1 }] } }, 'data.env', '"env"'],
    [{ a: { rows: [{ a: 1 }], polcy: 'unique' } }, 'data.a.polcy', '"polcy"'],
  ])('%j', (data, at, found) => {
    const mistakes = findMistakes(suiteOf(data));
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatchObject({ path: at, ...(found !== undefined && { found }) });
  });
});

test('a template that means a feeder by a wrong name is told the nearest one', () => {
  const [mistake] = findMistakes(suiteOf({ customers: { rows: [{ id: 1 }] } }, [{ url: '/${customer.id}' }]));
  expect(mistake).toMatchObject({ found: '"${customer.id}"', suggestion: '${customers.id}' });
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
