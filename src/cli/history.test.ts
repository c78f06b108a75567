import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunRecord } from '../model/run-record.ts';
import { type SimulatedRuns, simulateRun } from '../regression/runs.cases.ts';
import { historyCommand } from './history.ts';
import { keptRuns, refusalOf } from './kept-runs.cases.ts';

const kept = keptRuns();
const noise = { seed: 4, seconds: 10, perSec: 60, runNoise: 0.03 };
const runs = (count: number, more: (i: number) => Partial<SimulatedRuns> = () => ({})): RunRecord[] =>
  Array.from({ length: count }, (_, i) => simulateRun({ ...noise, run: i, ...more(i) }));

test('tells since when a figure is worse, and fails only when asked to', async () => {
  const folder = kept.keep(
    'results',
    runs(16, (i) => ({ slower: i < 9 ? 1 : 1.5 })),
  );
  expect(await historyCommand(folder, { color: false })).toBe(0);
  expect(kept.printed).toMatch(/DEGRADED/);
  expect(kept.printed).toMatch(
    /95th percentile response time: worse since run run-4-9 \(2026-01-01 09:00:00 UTC\)/,
  );
  expect(await historyCommand(folder, { color: false, failOnDegradation: true })).toBe(1);
});

test('shows every profile, and what was left out or cannot be read', async () => {
  const change = (record: RunRecord): RunRecord => ({ ...record, id: `${record.id}-peak`, profile: 'peak' });
  const cut = (record: RunRecord): RunRecord => ({ ...record, interrupted: true });
  kept.keep('results', [...runs(9), ...runs(2, () => ({ change }))]);
  const folder = kept.keep('results', [simulateRun({ ...noise, run: 20, change: cut })]);
  writeFileSync(join(folder, 'shop', 'normal-run-4-3', 'run.json'), '{');
  const out = join(kept.folder, 'history.html');
  expect(await historyCommand(folder, { out, failOnDegradation: true })).toBe(5);
  expect(kept.printed).toContain('it was interrupted');
  expect(kept.printed).toMatch(/Not read: .*normal-run-4-3.run.json is not JSON/);
  expect(kept.printed).toContain('peak in local: too few runs to judge');
  const html = readFileSync(out, 'utf8');
  expect(html.match(/<svg /g)!.length).toBeGreaterThan(6);
  kept.printed = '';
  await historyCommand(folder, { json: true, profile: 'normal' });
  const { groups } = JSON.parse(kept.printed) as { groups: { history: { runs: object[] } }[] };
  expect(groups).toHaveLength(1);
  expect(groups[0]!.history.runs).toHaveLength(9);
});

test('does not pass where the newest run cannot be used, and says so in the headline', async () => {
  const change = (record: RunRecord): RunRecord => ({
    ...record,
    verdict: { status: 'inconclusive', reasons: ['Too much was cut off.'] },
  });
  const folder = kept.keep(
    'results',
    runs(12, (i) => (i === 11 ? { slower: 5, change } : {})),
  );
  expect(await historyCommand(folder, { color: false, failOnDegradation: true })).toBe(5);
  expect(kept.printed).toMatch(/UNJUDGED/);
  expect(kept.printed).toContain(
    'The newest run says nothing: 1 of 12 runs is left out: run-4-11 (its verdict',
  );
  expect(kept.printed).not.toContain('too few runs');
});

test('refuses what has no runs', async () => {
  expect(await refusalOf(historyCommand(kept.keep('none', []), {}))).toMatch(/there is no folder .*none/);
  expect(await refusalOf(historyCommand('nosuch', {}))).toMatch(
    /^there is no folder nosuch, and no results of a suite nosuch in results.nosuch/,
  );
  const folder = kept.keep('some', runs(1));
  expect(await refusalOf(historyCommand(folder, { profile: 'other' }))).toContain('no run to show');
  expect(await refusalOf(historyCommand(folder, { format: 'pdf' }))).toContain('unknown format');
});
