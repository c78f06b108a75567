import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reportFormats } from '../report/format-names.ts';
import { readDestinations } from './destinations.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('are all formats, no file and no outputs where no flag names any', async () => {
  expect(await readDestinations({}, undefined)).toEqual({
    formats: reportFormats,
    exportTo: undefined,
    outputs: [],
  });
});

test('are what the flags name', async () => {
  const file = join(folder, 'summary.md');
  const flags = { formats: 'html,json', send: ['json=points.jsonl'] };
  expect(await readDestinations(flags, file)).toEqual({
    formats: ['html', 'json'],
    exportTo: { file, format: 'md' },
    outputs: [{ kind: 'json', file: 'points.jsonl' }],
  });
});

test.each([
  ['an unknown format', { formats: 'htm' }, undefined, 'unknown report format "htm", did you mean "html"?'],
  ['an unknown output', { send: ['prometeus=9464'] }, undefined, 'prometeus'],
  ['a file of another kind', {}, 'summary.doc', '--to summary.doc: expected a name ending in .txt'],
  ['a file in no folder', {}, '/nonexistent/summary.md', '--to /nonexistent/summary.md: cannot write there'],
])('cannot be %s', async (_what, flags, file, message) => {
  await expect(readDestinations(flags, file, '--to')).rejects.toThrow(message);
});
