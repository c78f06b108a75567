import { expect, test } from 'vitest';
import { analyse } from '../analysis/analyse.ts';
import type { Yardstick } from '../model/baseline.ts';
import type { BaselineGate } from '../model/gate.ts';
import type { RunRecord } from '../model/run-record.ts';
import { makeBaseline } from '../regression/baseline.ts';
import { checkRun } from '../regression/hold-runs.ts';
import { simulateRun, simulateRuns } from '../regression/runs.cases.ts';
import { renderReport } from '../report/report.ts';
import { checkRunRecord } from '../store/read-run-record.ts';

const noise = { seed: 3, runNoise: 0.02, perSec: 60 };
const when = { reason: 'first', acceptedAt: '2026-01-02T00:00:00.000Z', before: undefined };
const accepted = makeBaseline(simulateRuns(3, noise), when);
const yardstick = (gates: readonly BaselineGate[] = accepted.gates): Yardstick => ({
  kind: 'accepted',
  file: 'shop.baseline.json',
  baseline: { ...accepted, gates },
});
const later = (more: object, run = 10): RunRecord => simulateRun({ ...noise, run, ...more });

/** As a run concludes: the run by itself, then held to its baseline. */
function held(record: RunRecord, by = yardstick(), earlier: readonly RunRecord[] = []): RunRecord {
  const iterations = { ...record.metrics.http_reqs!, metric: 'iterations' };
  const driven = { ...record, metrics: { ...record.metrics, iterations } };
  const alone: RunRecord = { ...driven, ...analyse(driven) };
  const measured = { ...driven, baseline: checkRun(by, earlier, alone) };
  return { ...measured, ...analyse(measured) };
}

test('a run like those accepted passes, and says so', () => {
  const { verdict, baseline, findings } = held(later({}));
  expect(verdict).toEqual({ status: 'pass', reasons: ['Held to the baseline: 3 gates hold.'] });
  expect(baseline!.own.status).toBe('pass');
  expect(findings.filter(({ kind }) => kind === 'regression')).toEqual([]);
});

test('a broken gate fails the run, with a finding that has the figures', () => {
  const { verdict, findings, baseline } = held(later({ slower: 2, failedShare: 0.1 }));
  expect(verdict.status).toBe('fail');
  expect(verdict.reasons.join('\n')).toMatch(/^Baseline: 95th percentile response time: .*; broken\.$/m);
  // Without the baseline failures would only warn.
  expect(baseline!.own.status).toBe('warn');
  const finding = findings.find(({ kind }) => kind === 'regression')!;
  expect(finding.severity).toBe('critical');
  expect(finding.evidence[0]).toMatchObject({ name: 'http_req_duration p(95)', unit: 'ms' });
  expect(finding.evidence[0]!.value).toBeGreaterThan(finding.evidence[0]!.limit!);
});

test.each<[string, object, BaselineGate[], string]>([
  ['another load is inconclusive', { perSec: 90 }, [...accepted.gates], 'inconclusive'],
  ['another load without any gate is inconclusive', { perSec: 90 }, [], 'inconclusive'],
  ['a broken gate that only warns', { slower: 2 }, [{ ...accepted.gates[0]!, level: 'warning' }], 'warn'],
  ['a figure that is worse and has no gate warns', { slower: 2 }, [], 'warn'],
  [
    'an unproven gate warns',
    { slower: 1.12, runNoise: 0 },
    [{ figure: 'http_req_duration p(95)', mostOfBaseline: 1.0001 }],
    'warn',
  ],
  [
    'a gate that asks for a proof in vain is inconclusive',
    {},
    [{ ...accepted.gates[0]!, proof: true }],
    'inconclusive',
  ],
  [
    'a gate on what is not measured is inconclusive',
    {},
    [{ figure: 'sql_op_duration p(95)', most: 9 }],
    'inconclusive',
  ],
])('%s', (_, more, gates, status) => {
  expect(held(later(more), yardstick(gates)).verdict.status).toBe(status);
});

test('what the gates leave open keeps no run from being compared or accepted', () => {
  const open = held(later({}), yardstick([{ ...accepted.gates[0]!, proof: true }]));
  expect(open.verdict.status).toBe('inconclusive');
  expect(makeBaseline([open], when).runs).toHaveLength(1);
  const killed = held(later({ change: (one: RunRecord) => ({ ...one, interrupted: true }) }));
  expect(killed.baseline!.obstacles).toEqual([expect.stringMatching(/cannot be used: it was interrupted/)]);
  expect(killed.verdict.status).toBe('inconclusive');
});

test('runs after each other are held to it together', () => {
  const [first, second, third] = [0, 1, 2].map((i) => later({}, 20 + i)) as [RunRecord, RunRecord, RunRecord];
  const proof = yardstick([{ ...accepted.gates[0]!, mostOfBaseline: 1.2, proof: true }]);
  expect(held(first, proof).verdict.status).toBe('inconclusive');
  const last = held(third, proof, [first, second]);
  expect(last.baseline!.runs).toHaveLength(3);
  expect(last.verdict.status).toBe('pass');
});

test('the record is read back, and analysis and reports say the same of it again', async () => {
  const record = held(later({ slower: 2 }));
  const { content } = renderReport('json', record)[0]!;
  const again = await checkRunRecord('run.json', content);
  expect(again).toEqual(record);
  expect(analyse(again)).toEqual({ findings: record.findings, verdict: record.verdict });
  for (const format of ['txt', 'md', 'html'] as const) {
    const text = renderReport(format, again).at(-1)!.content;
    expect(text).toContain('first');
    expect(text).toMatch(/at most 110 % of the baseline; broken/);
  }
  expect(renderReport('junit', again)[0]!.content).toContain('<failure');
});
