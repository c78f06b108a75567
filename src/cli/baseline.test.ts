import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { RunRecord } from '../model/run-record.ts';
import { simulateRuns } from '../regression/runs.cases.ts';
import { checkBaseline, showBaseline, updateBaseline } from './baseline.ts';
import { keptRuns, refusalOf } from './kept-runs.cases.ts';

const kept = keptRuns();
const { keep } = kept;

const runs = (run: number, more: object = {}): RunRecord[] =>
  simulateRuns(3, { seed: 1, run, runNoise: 0.01, perSec: 60, ...more });
const first = runs(0);
const slow = runs(10, { slower: 1.3 });

/** A suite file, which these commands only find. */
function suite(): string {
  const file = join(kept.folder, 'shop.suite.ts');
  writeFileSync(file, '');
  return file;
}
const baselineFile = () => join(kept.folder, 'shop.baseline.json');
const accept = (records = first, reason = 'first figures') =>
  updateBaseline(suite(), [keep(reason, records)], { reason });

describe('plimsoll baseline', () => {
  test('accepts runs beside the suite, shows them, and lets equal runs pass', async () => {
    expect(await accept()).toBe(0);
    expect(kept.printed).toBe(`accepted 3 runs of normal in local: ${baselineFile()}\n`);
    expect(await showBaseline(suite(), {})).toBe(0);
    expect(kept.printed).toContain('first figures');
    expect(kept.printed).toContain('Gate: http_req_duration p(95) at most 110 % of the baseline');
    expect(await checkBaseline(suite(), [keep('now', runs(20))], {})).toBe(0);
    expect(kept.printed).toContain('PASS  shop / normal');
  });

  test('keeps the file of a shipped suite in the working directory, also beside a folder of the same name', async () => {
    vi.spyOn(process, 'cwd').mockReturnValue(kept.folder);
    mkdirSync(join(kept.folder, 'members'));
    await updateBaseline('members', [keep('first', first)], { reason: 'first figures' });
    expect(kept.printed).toContain(`: ${join(kept.folder, 'members.baseline.json')}\n`);
    writeFileSync(join(kept.folder, 'members', 'suite.ts'), '');
    expect(await refusalOf(showBaseline('members', {}))).toContain(
      join(kept.folder, 'members', 'suite.baseline.json'),
    );
  });

  test('reads the baselines of a shipped suite until there are accepted ones', async () => {
    vi.spyOn(process, 'cwd').mockReturnValue(kept.folder);
    expect(await showBaseline('adapter', {})).toBe(0);
    expect(kept.printed).toContain('6 endpoints, from a file of another tool');
    expect(await refusalOf(showBaseline('pratiko', {}))).toContain(
      join(kept.folder, 'pratiko.baseline.json'),
    );
    writeFileSync(join(kept.folder, 'adapter.baseline.json'), '{');
    expect(await refusalOf(showBaseline('adapter', {}))).toContain(
      join(kept.folder, 'adapter.baseline.json'),
    );
  });

  test('ends with 1 for slower runs, and writes which gate is broken', async () => {
    await accept();
    const out = join(kept.folder, 'check.md');
    expect(await checkBaseline(suite(), [keep('now', slow)], { out })).toBe(1);
    expect(readFileSync(out, 'utf8')).toContain('the gate is at most 110 % of the baseline; broken');
    kept.printed = '';
    expect(await checkBaseline(suite(), [keep('now', slow)], { format: 'json' })).toBe(1);
    expect(JSON.parse(kept.printed)).toMatchObject({ status: 'fail', comparison: { status: 'worse' } });
  });

  test('says at an update what changed from the figures accepted before, and keeps their reason', async () => {
    await accept();
    await accept(slow, 'slower machine');
    expect(kept.printed).toMatch(/- .* of task \w+: worse, /);
    await showBaseline(suite(), {});
    expect(kept.printed).toContain('first figures');
    expect(kept.printed).toContain('slower machine');
  });

  test('is inconclusive for runs that may not be compared', async () => {
    await accept();
    expect(await checkBaseline(suite(), [keep('now', runs(20, { perSec: 90 }))], {})).toBe(5);
    expect(kept.printed).toContain('The load of default differs');
  });

  test('is inconclusive for such runs whatever the gates are, and accepts none that did nothing', async () => {
    await accept();
    for (const gates of ['[]', '[{ "figure": "http_reqs per second", "least": 1, "level": "warning" }]']) {
      const file = JSON.parse(readFileSync(baselineFile(), 'utf8'));
      file.baselines[0].gates = JSON.parse(gates);
      writeFileSync(baselineFile(), JSON.stringify(file));
      expect(await checkBaseline(suite(), [keep('more', runs(30, { perSec: 90 }))], {})).toBe(5);
    }
    const idle = first.map((record) => ({ ...record, metrics: {}, timeline: [] }));
    expect(await refusalOf(updateBaseline(suite(), [keep('idle', idle)], { reason: 'idle' }))).toContain(
      'nothing to accept',
    );
  });

  test('masks secrets in the file, and prints no line of its own for a name', async () => {
    const named = first.map((record) => ({ ...record, profile: 'x\n::error::x' }));
    await accept(named, 'see https://bob:hunter2@h.example/x');
    expect(readFileSync(baselineFile(), 'utf8')).not.toContain('hunter2');
    expect(kept.printed.split('\n').filter((line) => line.startsWith('::'))).toEqual([]);
  });

  test('refuses what it cannot use, and says why', async () => {
    const side = keep('now', first);
    expect(await refusalOf(checkBaseline(suite(), [side], {}))).toContain('there is no baseline file');
    expect(await refusalOf(updateBaseline(suite(), [side], { reason: ' ' }))).toContain('--reason must say');
    await accept();
    expect(await refusalOf(checkBaseline(suite(), [side], {}))).toContain('was made of');
    const named = (part: Partial<RunRecord>) => first.map((record) => ({ ...record, ...part }));
    const peak = keep('peak', named({ profile: 'peak' }));
    expect(await refusalOf(checkBaseline(suite(), [peak], {}))).toContain('only of normal in local');
    const other = keep('other', named({ suite: 'other' }));
    expect(await refusalOf(checkBaseline(suite(), [other], {}))).toContain('is of the suite shop');
    expect(await refusalOf(showBaseline(suite(), { profile: 'peak' }))).toContain('only of normal');
  });

  test.each<[string, (text: string) => string, RegExp]>([
    ['cut off', (text) => text.slice(0, -20), /is not JSON/],
    [
      'of another version',
      (text) => text.replace('"schemaVersion": 1', '"schemaVersion": 2'),
      /schemaVersion/,
    ],
    [
      'with a gate of two limits',
      (text) => text.replace('"most": 0.05', '"most": 0.05,"least": 1'),
      /exactly one of/,
    ],
    [
      'with a value that has no error',
      (text) => text.replace(/"error": [\d.e-]+,\s*/, ''),
      /error and freedom/,
    ],
    ['with a gate of none', (text) => text.replace('"most": 0.05', '"level": "warning"'), /exactly one of/],
    [
      'with a run missing',
      (text) => text.replace(/"runs": \[\s*"[^"]+",/, '"runs": ['),
      /one value for each run/,
    ],
    [
      'with an unknown executor',
      (text) => text.replace('constant-arrival-rate', 'nothing'),
      /baselines\.0\.conditions/,
    ],
  ])('refuses a file %s', async (_, change, message) => {
    await accept();
    writeFileSync(baselineFile(), change(readFileSync(baselineFile(), 'utf8')));
    expect(await refusalOf(checkBaseline(suite(), [keep('now', slow)], {}))).toMatch(message);
  });
});
