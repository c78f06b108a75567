import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeRecord } from '../report/record.cases.ts';
import { createRunDirectory } from '../store/run-directory.ts';
import { runReport } from './report.ts';

let outDir: string;
let runDir: string;
beforeEach(async () => {
  outDir = mkdtempSync(join(tmpdir(), 'plimsoll-report-'));
  const record = makeRecord('failing', 5);
  runDir = await createRunDirectory({ ...record, outDir, startedAt: new Date(record.startedAt) });
  writeFileSync(join(runDir, 'run.json'), JSON.stringify(record));
});
afterEach(() => {
  rmSync(outDir, { recursive: true, force: true });
});

test('makes every report of a run folder again, and leaves its record as it is', async () => {
  const before = readFileSync(join(runDir, 'run.json'), 'utf8');
  const { written, text } = await runReport(runDir, {});
  expect(readdirSync(runDir).sort()).toEqual([
    'endpoints.csv',
    'executive-summary.json',
    'junit.xml',
    'load-report.json',
    'report.html',
    'run.json',
    'summary.md',
    'summary.txt',
    'thresholds.csv',
    'timeline.csv',
  ]);
  expect(written).toHaveLength(9);
  expect(text).toContain('FAIL');
  expect(readFileSync(join(runDir, 'run.json'), 'utf8')).toBe(before);
});

test('takes latest and a run.json, and writes elsewhere on request', async () => {
  const elsewhere = join(outDir, 'new', 'place');
  for (const path of [join(outDir, 'jorge', 'latest'), join(runDir, 'run.json')]) {
    const { written } = await runReport(path, { formats: 'md,csv', out: elsewhere });
    expect(written).toEqual(
      ['summary.md', 'endpoints.csv', 'timeline.csv', 'thresholds.csv'].map((name) => join(elsewhere, name)),
    );
  }
  expect(existsSync(join(runDir, 'summary.md'))).toBe(false);
});

test('follows latest.txt where latest cannot be a link', async () => {
  rmSync(join(outDir, 'jorge', 'latest'));
  writeFileSync(join(outDir, 'jorge', 'latest.txt'), `${runDir.slice(runDir.lastIndexOf('/') + 1)}\n`);
  const { written } = await runReport(join(outDir, 'jorge', 'latest'), { formats: 'txt' });
  expect(written).toEqual([join(runDir, 'summary.txt')]);
});

test('an unknown format, a folder without a record and a blocked folder are usage errors', async () => {
  await expect(runReport(runDir, { formats: 'htlm' })).rejects.toThrow(/did you mean "html"/);
  await expect(runReport(outDir, {})).rejects.toThrow(/there is no run record at/);
  await expect(runReport(runDir, { out: join(runDir, 'run.json', 'x') })).rejects.toThrow(
    /cannot make the folder/,
  );
});
