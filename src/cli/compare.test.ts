import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RunRecord } from '../model/run-record.ts';
import { usualComparison } from '../regression/compare-runs.ts';
import { simulateRuns } from '../regression/runs.cases.ts';
import { compareCommand, reportComparison } from './compare.ts';
import { keptRuns, refusalOf } from './kept-runs.cases.ts';

const kept = keptRuns();
const { keep } = kept;

const runs = (run: number, slower = 1): RunRecord[] =>
  simulateRuns(3, { seed: 1, run, slower, runNoise: 0.01, perSec: 60 });
const before = runs(0);
const slow = runs(10, 1.3);

describe('plimsoll compare', () => {
  test('ends with 1 for folders of runs that are slower, and prints every figure', async () => {
    expect(await compareCommand([keep('before', before), keep('after', slow)], {})).toBe(1);
    expect(kept.printed).toContain('WORSE  shop / normal');
    expect(kept.printed).toContain('before: 3 runs, the first at 2026-01-01 00:00:00 UTC');
    expect(kept.printed).toMatch(/95th percentile response time +\d+\.\d ms +\d+\.\d ms +\+\d+\.\d %/);
    expect(kept.printed.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });

  test('ends with 0 for faster runs, and with 5 where one run on each side leaves it open', async () => {
    expect(await compareCommand([keep('before', slow), keep('after', before)], {})).toBe(0);
    expect(kept.printed).toContain('BETTER');
    const [one, two] = [keep('one', before.slice(0, 1)), keep('two', before.slice(1, 2))];
    expect(await compareCommand([one, two], {})).toBe(5);
  });

  test('compares each further side with the first', async () => {
    const names = [keep('a', before), keep('b', slow), keep('c', runs(20))];
    expect(await compareCommand(names, { format: 'json' })).toBe(1);
    const { status, comparisons } = JSON.parse(kept.printed);
    expect(status).toBe('worse');
    expect(comparisons.map((one: { after: { name: string } }) => one.after.name)).toEqual(['b', 'c']);
    expect(comparisons[0]).toMatchObject({ status: 'worse', before: { name: 'a', runs: expect.any(Array) } });
    expect(comparisons[1].status).not.toBe('worse');
  });

  test('takes single runs with commas between them, and does not follow links', async () => {
    const side = keep('before', before);
    symlinkSync(join(side, 'shop', `normal-${before[0]!.id}`), join(side, 'shop', 'latest'));
    const list = slow.map((record) => join(keep('after', [record]), 'shop', `normal-${record.id}`)).join(',');
    expect(await compareCommand([side, list], {})).toBe(1);
    expect(kept.printed).toContain('and 2 more');
  });

  test('keeps secrets of the names of sides out of the report and the data', async () => {
    const secret = (letter: string) => `${letter} (http://bob:s3cretpw@shop.example/?token=abcd1234)`;
    const sides = [
      { name: secret('A'), records: before },
      { name: secret('B'), records: slow },
    ];
    for (const format of ['txt', 'md', 'html', 'json'] as const)
      await reportComparison(sides, usualComparison, format, {});
    expect(kept.printed).toContain('shop.example');
    expect(kept.printed).not.toMatch(/s3cretpw|abcd1234/);
  });

  test.each([
    ['html', '<title>WORSE: shop / normal</title>'],
    ['md', '| ❌ | worse | 95th percentile response time |'],
    ['json', '"status": "worse"'],
    ['txt', 'WORSE  shop / normal'],
  ])('writes %s to the file that --out names', async (ending, content) => {
    const out = join(kept.folder, `comparison.${ending}`);
    await compareCommand([keep('before', before), keep('after', slow)], { out });
    expect(readFileSync(out, 'utf8')).toContain(content);
    expect(kept.printed).toContain(`wrote ${out}`);
  });

  test('escapes names that somebody made up, in every format', async () => {
    const hostile = '<script>alert(1)</script>|\u001b[31m';
    const named = (records: readonly RunRecord[]) =>
      records.map((record) => ({ ...record, profile: hostile }));
    const flags = { out: join(kept.folder, 'c.html') };
    const write = (side: string, records: readonly RunRecord[]): string => {
      for (const [i, record] of named(records).entries()) {
        mkdirSync(join(kept.folder, side, String(i)), { recursive: true });
        writeFileSync(join(kept.folder, side, String(i), 'run.json'), JSON.stringify(record));
      }
      return join(kept.folder, side);
    };
    await compareCommand([write('a', before), write('b', slow)], flags);
    expect(readFileSync(flags.out, 'utf8')).not.toContain('<script>alert');
    expect(kept.printed).not.toContain('\u001b[31m');
  });

  test('refuses what cannot be compared, and says how to go on', async () => {
    const side = keep('before', before);
    const other = keep('mixed', [before[0]!, { ...before[1]!, profile: 'peak' }]);
    const peak = join(kept.folder, 'mixed', 'shop', `peak-${before[1]!.id}`);
    expect(await refusalOf(compareCommand([side], {}))).toContain('at least two');
    expect(await refusalOf(compareCommand([side, join(kept.folder, 'none')], {}))).toContain('no run record');
    expect(await refusalOf(compareCommand([side, side], {}))).toContain('is on both sides');
    expect(await refusalOf(compareCommand([other, side], {}))).toContain('several profiles');
    expect(await refusalOf(compareCommand([side, peak], { profile: 'stress' }))).toContain('profile stress');
    expect(await refusalOf(compareCommand([side, peak], { allow: ['lod'] }))).toContain('did you mean load?');
    expect(await refusalOf(compareCommand([side, peak], { out: 'x.doc' }))).toContain('the ending');
    writeFileSync(join(kept.folder, 'broken.json'), '{"schemaVersion":1}');
    expect(await refusalOf(compareCommand([side, join(kept.folder, 'broken.json')], {}))).toContain(
      'not a valid',
    );
  });
});
