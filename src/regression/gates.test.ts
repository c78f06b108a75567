import { describe, expect, test } from 'vitest';
import { statusOfGates } from '../analysis/gate-reasons.ts';
import type { BaselineGate, GateStatus } from '../model/gate.ts';
import type { RunRecord } from '../model/run-record.ts';
import { makeBaseline, withBaseline } from './baseline.ts';
import { compareWithBaseline, usualComparison } from './compare-runs.ts';
import { gateText, judgeGates } from './gates.ts';
import { simulateRuns } from './runs.cases.ts';

const when = { reason: 'first', acceptedAt: '2026-01-02T00:00:00.000Z', before: undefined };
const noise = { seed: 3, runNoise: 0.02, perSec: 60 };
const accepted = makeBaseline(simulateRuns(3, noise), when);
const later = (more: object): RunRecord[] => simulateRuns(3, { ...noise, run: 10, ...more });
const same = later({});
const slow = later({ slower: 1.3, failedShare: 0.08 });
const noisy = later({ slower: 1.2, runNoise: 0.3 });

function judge(records: RunRecord[], gates: readonly BaselineGate[] = accepted.gates) {
  const regression = compareWithBaseline(accepted, { name: 'now', records }, usualComparison);
  return judgeGates(regression, gates);
}
const statuses = (records: RunRecord[], gates?: readonly BaselineGate[]): GateStatus[] =>
  judge(records, gates).map(({ status }) => status);

describe('the gates of a new baseline', () => {
  test('are p95, throughput and failures of what was driven', () => {
    expect(accepted.gates).toEqual([
      { figure: 'http_req_duration p(95)', mostOfBaseline: 1.1 },
      { figure: 'http_reqs per second', leastOfBaseline: 0.9 },
      { figure: 'http_req_failed failed', most: 0.05 },
    ]);
  });

  test('hold for runs like those accepted, and break for slower ones with failures', () => {
    expect(statuses(same)).toEqual(['held', 'held', 'held']);
    expect(statusOfGates(judge(same))).toBe('pass');
    expect(statuses(slow)).toEqual(['broken', 'held', 'broken']);
    expect(statusOfGates(judge(slow))).toBe('fail');
    expect(judge(slow)[2]!.text).toMatch(/^Failed requests: [78]\.\d+ %, the gate is at most 5 %; broken\.$/);
  });
});

describe('a gate', () => {
  const p95 = 'http_req_duration p(95)';
  const noisyP95 = compareWithBaseline(accepted, { name: 'now', records: noisy }, usualComparison).rows.find(
    ({ metric, statistic, tags }) => `${metric} ${statistic}` === p95 && tags === undefined,
  )!;

  test('that a noisy figure is beyond is not proven, which is a warning, or inconclusive where it asks for proof', () => {
    const factor = 1 + noisyP95.change! - 0.01;
    const gate = { figure: p95, mostOfBaseline: Math.max(factor, 0.01) };
    expect(statuses(noisy, [gate])).toEqual(['unproven']);
    expect(statusOfGates(judge(noisy, [gate]))).toBe('warn');
    expect(statusOfGates(judge(noisy, [{ ...gate, proof: true }]))).toBe('inconclusive');
  });

  test('that a noisy figure is within holds, unless it asks for proof', () => {
    const gate = { figure: p95, mostOfBaseline: 1 + noisyP95.change! + 0.01 };
    expect(statuses(noisy, [gate])).toEqual(['held']);
    expect(statuses(noisy, [{ ...gate, proof: true }])).toEqual(['unproven']);
  });

  test('does not hold by times that are bounds, nor by those of fast failures', () => {
    const cut = { count: 300, overdue: 300, waitedMs: { least: 30_000, most: 40_000 } };
    const cutOff = same.map((record): RunRecord => {
      const entry = { ...record.metrics.http_req_duration!, cut };
      return { ...record, metrics: { ...record.metrics, http_req_duration: entry } };
    });
    for (const gate of [
      { figure: p95, mostOfBaseline: 1.1 },
      { figure: p95, most: 10_000 },
    ]) {
      const [result] = judge(cutOff, [gate]);
      expect(result).toMatchObject({ status: 'unjudged', text: expect.stringContaining('was cut off') });
      expect(statusOfGates([result!])).toBe('inconclusive');
      expect(statuses(later({ failedShare: 0.08 }), [gate])).toEqual(['unjudged']);
    }
  });

  test('that asks for an improvement is broken where the whole interval falls short of it', () => {
    const better = later({ slower: 0.8 });
    expect(statuses(better, [{ figure: p95, mostOfBaseline: 0.5 }])).toEqual(['broken']);
    expect(statuses(better, [{ figure: p95, mostOfBaseline: 0.95 }])).toEqual(['held']);
  });

  test('is told with the unit of its figure', () => {
    const text = (gate: BaselineGate): string => gateText(gate, accepted.figures);
    expect(text({ figure: 'http_req_failed failed', most: 0.05 })).toBe('http_req_failed failed at most 5 %');
    expect(text({ figure: p95, most: 200, level: 'warning' })).toBe(`${p95} at most 200 ms, a warning only`);
  });

  test('in units is held against the figure', () => {
    const gates: BaselineGate[] = [
      { figure: p95, most: 10_000 },
      { figure: p95, most: 1 },
      { figure: 'http_reqs per second', least: 1000, level: 'warning' },
    ];
    expect(statuses(same, gates)).toEqual(['held', 'broken', 'broken']);
    expect(statusOfGates(judge(same, gates.slice(2)))).toBe('warn');
  });

  test('on a figure that nobody measured is unjudged, and the whole inconclusive', () => {
    const gates = [{ figure: 'sql_op_duration p(95)', most: 200 }];
    expect(statuses(same, gates)).toEqual(['unjudged']);
    expect(statusOfGates(judge(same, gates))).toBe('inconclusive');
  });

  test('on a figure that is no number is unjudged, whichever limit it has', () => {
    const regression = compareWithBaseline(accepted, { name: 'now', records: same }, usualComparison);
    const rows = regression.rows.map((row) => ({ ...row, after: Number.NaN }));
    const limits = [{ most: 200 }, { least: 1 }, { mostOfBaseline: 1.1 }, { leastOfBaseline: 0.9 }];
    const gates = limits.map((limit): BaselineGate => ({ figure: p95, ...limit }));
    const results = judgeGates({ ...regression, rows }, gates);
    expect(results.map(({ status }) => status)).toEqual(limits.map(() => 'unjudged'));
    expect(results[0]).not.toHaveProperty('evidence');
  });

  test('of another load is unjudged', () => {
    const other = simulateRuns(3, { ...noise, perSec: 90 });
    expect(statuses(other)).toEqual(['unjudged', 'unjudged', 'unjudged']);
  });
});

describe('a baseline', () => {
  test('keeps the value of each run, and needs runs that are alike and can be used', () => {
    expect(accepted.runs).toHaveLength(3);
    expect(accepted.figures.every(({ runs }) => runs.length === 3)).toBe(true);
    const mixed = [...simulateRuns(1, noise), ...simulateRuns(1, { ...noise, perSec: 90 })];
    expect(() => makeBaseline(mixed, when)).toThrow('must be alike. The load of default differs');
    const cut = simulateRuns(1, { ...noise, change: (record) => ({ ...record, interrupted: true }) });
    expect(() => makeBaseline(cut, when)).toThrow('it was interrupted');
  });

  test('takes the place of the one before, whose reason and gates it keeps', () => {
    const gates = [{ figure: 'http_req_duration p(95)', most: 1500 }];
    const before = { ...accepted, gates };
    const next = makeBaseline(same, { reason: 'second', acceptedAt: '2026-02-01T00:00:00.000Z', before });
    const { baselines } = withBaseline(withBaseline(undefined, before), next);
    expect(baselines).toHaveLength(1);
    expect(baselines[0]).toMatchObject({ reason: 'second', gates, earlier: [{ reason: 'first' }] });
  });

  test('is read by a comparison as the runs were', () => {
    const { rows } = compareWithBaseline(accepted, { name: 'now', records: slow }, usualComparison);
    const row = rows.find(({ statistic }) => statistic === 'p(95)')!;
    expect(row.status).toBe('worse');
    expect(row.low!).toBeLessThan(0.3);
    expect(row.high!).toBeGreaterThan(0.3);
  });
});
