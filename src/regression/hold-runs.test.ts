import { describe, expect, test } from 'vitest';
import { statusOfOutcome } from '../analysis/gate-reasons.ts';
import type { StatedBaseline, Yardstick } from '../model/baseline.ts';
import type { RunRecord } from '../model/run-record.ts';
import { makeBaseline } from './baseline.ts';
import { holdRuns } from './hold-runs.ts';
import { type SimulatedRuns, simulateRun, simulateRuns } from './runs.cases.ts';

const noise = { seed: 7, seconds: 20, perSec: 60, runNoise: 0.01 };
const accepted = makeBaseline(simulateRuns(3, noise), {
  reason: 'r',
  acceptedAt: '2026-01-01T00:00:00Z',
  before: undefined,
});
const stated: StatedBaseline = {
  layout: 'endpoints',
  entries: [{ name: 'GET /api/price', times: [{ percentile: 95, ms: 25 }] }],
  notes: [],
  named: [],
};
const saturated = (record: RunRecord): RunRecord => ({
  ...record,
  generator: { ...record.generator, saturated: true },
});
const run = (i: number, more: Partial<SimulatedRuns> = {}) => simulateRun({ ...noise, run: i, ...more });

describe.each<[string, Yardstick]>([
  ['accepted figures', { kind: 'accepted', file: 'f', baseline: accepted }],
  ['a file of another tool', { kind: 'stated', file: 'f', stated }],
])('runs held to %s', (_, yardstick) => {
  const text =
    '2 of 3 runs are left out: run-7-21 (the load generator was its bottleneck) and run-7-22 (the load generator was its bottleneck).';
  const bad = [21, 22].map((i) => run(i, { slower: 5, change: saturated }));

  test('do not pass by those that are left over', () => {
    expect(statusOfOutcome(holdRuns(yardstick, [run(20)]))).toBe('pass');
    const outcome = holdRuns(yardstick, [run(20), ...bad]);
    expect(statusOfOutcome(outcome)).toBe('inconclusive');
    expect(outcome.obstacles).toEqual([text]);
    expect(outcome.notes).toContain(text);
  });

  test('fail by those that are left over', () => {
    const outcome = holdRuns(yardstick, [run(20, { slower: 3 }), ...bad]);
    expect(statusOfOutcome(outcome)).toBe('fail');
    expect(outcome.notes).toContain(text);
  });

  test('are each named where none can be used', () => {
    const { obstacles } = holdRuns(yardstick, bad);
    expect(obstacles.join(' ')).toContain('No run');
    expect(obstacles.join(' ')).toMatch(/run-7-21 .* and run-7-22 /);
  });
});
