import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FileFormat, Row } from '../model/feeder.ts';
import { RowFile } from './row-file.ts';
import { FileFaults, scanFile } from './scan-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-rows-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Options {
  readonly delimiter?: string;
  readonly columns?: readonly string[];
}

function scan(format: FileFormat, content: string | Uint8Array, { delimiter = ',', columns }: Options = {}) {
  const file = path.join(folder, `rows.${format}`);
  writeFileSync(file, content);
  return scanFile({ feeder: 'rows', path: file, format, delimiter: delimiter.charCodeAt(0), columns });
}

async function rowsOf(format: FileFormat, content: string | Uint8Array, options?: Options): Promise<Row[]> {
  const scanned = await scan(format, content, options);
  const file = new RowFile(scanned);
  const rows = Array.from({ length: scanned.rows }, (_, i) => file.read(i));
  // In whatever order they are read, they are the same.
  expect(Array.from(rows.keys(), (i) => file.read(rows.length - 1 - i)).reverse()).toEqual(rows);
  file.close();
  return rows;
}

async function faultsOf(
  format: FileFormat,
  content: string | Uint8Array,
  options?: Options,
): Promise<string[]> {
  const thrown: unknown = await scan(format, content, options).catch((error: unknown) => error);
  if (!(thrown instanceof FileFaults)) throw new Error('the file was found sound');
  return thrown.faults.map(({ line, message }) => `${line}: ${message}`);
}

test('CSV: a byte order mark, CRLF, quotes, doubled quotes, delimiters and line breaks within fields', async () => {
  const text =
    '\ufeffname,note\r\n"Rossi, Ada","said ""hi""\r\nand left"\r\nPlain,\r\n"",""\r\n\r\nLäst,größe';
  expect(await rowsOf('csv', text)).toEqual([
    { name: 'Rossi, Ada', note: 'said "hi"\r\nand left' },
    { name: 'Plain', note: '' },
    { name: '', note: '' },
    { name: 'Läst', note: 'größe' },
  ]);
});

test('CSV: another delimiter, and names of columns for a file without a header line', async () => {
  expect(await rowsOf('csv', 'a;"b;c"\nd;e\n', { delimiter: ';', columns: ['x', 'y'] })).toEqual([
    { x: 'a', y: 'b;c' },
    { x: 'd', y: 'e' },
  ]);
});

test('CSV: rows of any texts come back as they were written', async () => {
  const field = fc.string({
    unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é', '€', '😀'),
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 600 }), async (rows) => {
      const quoted = (value: string): string => `"${value.replaceAll('"', '""')}"`;
      const text = `x,y\n${rows.map((row) => row.map(quoted).join(',')).join('\n')}`;
      expect(await rowsOf('csv', text)).toEqual(rows.map(([x, y]) => ({ x, y })));
    }),
    { numRuns: 30 },
  );
});

test('CSV: each mistake is told with its line', async () => {
  expect(await faultsOf('csv', 'a,b\n1,2\n3\n4,5,6\n')).toEqual([
    '3: 1 field in place of 2 (a, b)',
    '4: 3 fields in place of 2 (a, b)',
  ]);
  expect(await faultsOf('csv', 'a,b\n"1\n2",3\n"4,5\n6,7\n')).toEqual([
    '4: the quote that begins here is never closed',
  ]);
  expect(await faultsOf('csv', 'a,b\n1,x"y\n')).toEqual([
    expect.stringMatching(/^2: a quote within a field/),
  ]);
  expect(await faultsOf('csv', 'a,b\n"1"x,2\n')).toEqual([
    expect.stringMatching(/^2: characters behind the quote/),
  ]);
  expect(await faultsOf('csv', 'a,b,a\n1,2,3\n')).toEqual(['1: the header line has the column "a" twice']);
  expect(await faultsOf('csv', 'a,,c\n1,2,3\n')).toEqual(['1: the header line has no name for column 2']);
  expect(await faultsOf('csv', 'a,b\n\n')).toEqual([expect.stringMatching(/there is no row in it/)]);
  expect(await faultsOf('csv', '')).toEqual([expect.stringMatching(/there is no row in it/)]);
});

test('what is not UTF-8 is told, also where a character is split between two reads', async () => {
  expect(await faultsOf('csv', Buffer.from('\ufffea\ufffe', 'utf16le'))).toEqual([
    '1: the file is in UTF-16; save it as UTF-8',
  ]);
  const latin = Buffer.from('name\nAda\nGrößer\n', 'latin1');
  expect(await faultsOf('csv', latin)).toEqual(['3: the text is not UTF-8; save the file as UTF-8']);
  // A euro sign across the end of the first 256 KB.
  const wide = `name\n${'x'.repeat(256 * 1024 - 7)}€\nAda\n`;
  expect((await rowsOf('csv', wide))[1]).toEqual({ name: 'Ada' });
});

test('JSON: a list of objects, with brackets and quotes within texts, nested, over many blocks', async () => {
  const rows = Array.from({ length: 2000 }, (_, i) => ({
    id: i,
    text: `}]{[",\\" ${i}`,
    at: { list: [[i], {}] },
  }));
  expect(await rowsOf('json', JSON.stringify(rows))).toEqual(rows);
  expect(await rowsOf('json', `\ufeff${JSON.stringify(rows, undefined, 2)}\n`)).toEqual(rows);
  expect((await scan('json', JSON.stringify(rows))).columns).toEqual(['id', 'text', 'at']);
});

test('JSON lines: one object a line, blank lines passed over, the last line without an end', async () => {
  expect(await rowsOf('jsonl', '{"a":1}\r\n\r\n{"a":"x","b":[1]}')).toEqual([{ a: 1 }, { a: 'x', b: [1] }]);
  expect((await scan('jsonl', '{"a":1}\n{"b":2}\n')).columns).toEqual(['a', 'b']);
});

test('JSON: each mistake is told with its line, and never with the text of a row', async () => {
  expect(await faultsOf('jsonl', '{"a":1}\n{"a":secret}\n')).toEqual([
    expect.stringMatching(/^2: not JSON: (?!.*secret)/),
  ]);
  expect(await faultsOf('jsonl', '{"a":1}\n7\n')).toEqual([
    '2: expected an object such as { "email": "..." }',
  ]);
  expect(await faultsOf('jsonl', '{}\n{},{}\n')).toEqual([expect.stringMatching(/^2: not JSON/)]);
  expect(await faultsOf('json', '{"a":1}')).toEqual([
    expect.stringMatching(/^1: expected one list of objects/),
  ]);
  expect(await faultsOf('json', '[{"a":1}\n{"a":2}]')).toEqual(['2: expected a comma between two objects']);
  expect(await faultsOf('json', '[{"a":1},\n{"a":tru}]')).toEqual([expect.stringMatching(/^2: not JSON/)]);
  expect(await faultsOf('json', '[{"a":1},\n')).toEqual(['2: the list is never closed']);
  expect(await faultsOf('json', '[{"a":1},]')).toEqual([
    expect.stringMatching(/^1: expected one list of objects/),
  ]);
  expect(await faultsOf('json', '[]')).toEqual([expect.stringMatching(/there is no row in it/)]);
});

test('a file that is changed after it was read is not read on', async () => {
  const scanned = await scan('csv', 'a\n1\n2\n');
  writeFileSync(scanned.path, 'a\n1\n2\n3\n');
  expect(() => new RowFile(scanned).read(0)).toThrow('data.rows: ');
  expect(() => new RowFile(scanned).read(0)).toThrow('has changed since the run began');
});
