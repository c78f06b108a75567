import { describe, expect, test } from 'vitest';
import type { RegressionRow } from '../model/regression.ts';
import type { RunRecord } from '../model/run-record.ts';
import { type CompareOptions, compareRuns, usualComparison } from './compare-runs.ts';
import { type SimulatedRuns, simulateRun, simulateRuns } from './runs.cases.ts';

function compare(before: RunRecord[], after: RunRecord[], more: Partial<CompareOptions> = {}) {
  const options = { ...usualComparison, ...more };
  return compareRuns({ name: 'A', records: before }, { name: 'B', records: after }, options);
}

function rowOf(
  rows: readonly RegressionRow[],
  metric: string,
  statistic: string,
  name?: string,
): RegressionRow {
  return rows.find((row) => row.metric === metric && row.statistic === statistic && row.tags?.name === name)!;
}

const quiet = { runNoise: 0.02 };
/** Three runs on each side, the second side an hour later. */
function sides(seed: number, after: Partial<SimulatedRuns> = {}): [RunRecord[], RunRecord[]] {
  return [simulateRuns(3, { seed, ...quiet }), simulateRuns(3, { seed, ...quiet, run: 10, ...after })];
}

describe('three runs on each side', () => {
  test('are the same where nothing changed', () => {
    const { status, rows, reasons } = compare(...sides(1));
    expect(status).toBe('same');
    expect(reasons[0]).toMatch(/^No change of 10 % or more: \d+ of \d+ figures are the same\.$/);
    expect(rowOf(rows, 'http_req_duration', 'p(95)').status).toBe('same');
  });

  test('say the least change in round figures', () => {
    const { reasons } = compare(...sides(1), { minimumChange: 0.29 });
    expect(reasons[0]).toMatch(/^No change of 29 % or more: /);
  });

  test('are worse where all answers are 30 % slower, with an interval around the truth', () => {
    const { status, rows } = compare(...sides(2, { slower: 1.3 }));
    const row = rowOf(rows, 'http_req_duration', 'p(95)');
    expect(status).toBe('worse');
    expect(row).toMatchObject({ status: 'worse', unit: 'ms', minimum: 0.1 });
    expect(row.low!).toBeLessThan(0.3);
    expect(row.high!).toBeGreaterThan(0.3);
    expect(row.pValue!).toBeLessThan(0.01);
  });

  test('are better where all answers are faster', () => {
    expect(compare(...sides(3, { slower: 0.7 })).status).toBe('better');
  });

  test('show that one endpoint alone is slower', () => {
    const { status, rows, reasons } = compare(...sides(4, { secondSlower: 1.4 }));
    expect(status).toBe('worse');
    expect(rowOf(rows, 'http_req_duration', 'p(95)', '/api/report').status).toBe('worse');
    expect(rowOf(rows, 'http_req_duration', 'p(95)', '/api/price').status).toBe('same');
    expect(reasons[0]).toMatch(/response time of GET \/api\/report of task report: worse, [\d.]+ ms before/);
  });

  test('are worse where more requests fail, and then no time is called the same', () => {
    const { status, rows } = compare(...sides(5, { failedShare: 0.03 }));
    expect(status).toBe('worse');
    expect(rowOf(rows, 'http_req_failed', 'failed')).toMatchObject({ status: 'worse', unit: 'ratio' });
    expect(rowOf(rows, 'http_req_duration', 'p(95)')).toMatchObject({
      status: 'unjudged',
      reason: 'more operations failed, and failures may be fast',
    });
  });

  test('lose throughput where users wait for slower answers', () => {
    const closed = { isOpen: false };
    const before = simulateRuns(3, { seed: 6, ...quiet, ...closed });
    const after = simulateRuns(3, { seed: 6, ...quiet, ...closed, run: 10, slower: 1.4 });
    expect(rowOf(compare(before, after).rows, 'http_reqs', 'per second').status).toBe('worse');
  });

  test('are unjudged where equal runs differ too much to tell', () => {
    const [before, after] = sides(7, { runNoise: 0.25, slower: 1.1 });
    const { status, rows } = compare(before, after);
    expect(status).toBe('unjudged');
    expect(rowOf(rows, 'http_req_duration', 'p(95)').reason).toContain('the interval contains both');
  });
});

describe('one run on each side', () => {
  test('is never called the same, since nothing shows how much equal runs differ', () => {
    const { status, notes } = compare([simulateRun({ seed: 8 })], [simulateRun({ seed: 8, run: 1 })]);
    expect(status).toBe('unjudged');
    expect(notes.join(' ')).toContain('5 % is assumed');
  });

  test('is called worse for a large change', () => {
    const before = [simulateRun({ seed: 9 })];
    const after = [simulateRun({ seed: 9, run: 1, slower: 1.35 })];
    expect(compare(before, after).status).toBe('worse');
  });

  test('is called the same when the noise between runs is known to be small', () => {
    const runs = (run: number) => [simulateRun({ seed: 10, run, seconds: 120 })];
    expect(compare(runs(0), runs(1), { runNoise: 0.01 }).status).toBe('same');
  });

  test('with a ramp is as exact as without, since the ramp is in both', () => {
    const width = (hasRamp: boolean): number => {
      const runs = [0, 1].map((run) => [simulateRun({ seed: 11, run, hasRamp, seconds: 60 })]);
      const row = rowOf(compare(runs[0]!, runs[1]!, { runNoise: 0 }).rows, 'http_req_duration', 'p(50)');
      return row.high! - row.low!;
    };
    expect(width(true)).toBeLessThan(2 * width(false));
  });

  test('of a few seconds is unjudged', () => {
    const runs = [0, 1].map((run) => [simulateRun({ seed: 12, run, seconds: 6 })]);
    const { status, rows } = compare(runs[0]!, runs[1]!);
    expect(status).toBe('unjudged');
    expect(rowOf(rows, 'http_req_duration', 'p(95)').reason).toContain('a run this short');
  });
});

describe('runs that may not be compared', () => {
  const change = (part: Partial<RunRecord>) => (record: RunRecord) => ({ ...record, ...part });
  const one = simulateRun({ seed: 20 });

  test.each<[string, Partial<RunRecord>, RegExp]>([
    ['another profile', { profile: 'peak' }, /^The profiles differ: normal before, peak after\.$/],
    ['another target', { target: { baseUrl: 'http://other.example' } }, /^The targets differ: http:\/\/shop/],
    ['a saturated generator', { generator: { ...one.generator, saturated: true } }, /was its bottleneck/],
    ['an interruption', { interrupted: true }, /^The run of B cannot be used: it was interrupted\.$/],
    [
      'an open verdict',
      { verdict: { status: 'inconclusive', reasons: ['No.'] } },
      /verdict is inconclusive: No/,
    ],
    ['another machine', { environment: { ...one.environment, cpuCount: 8 } }, /2 × Example CPU before, 8 ×/],
    ['no load', { plan: { ...one.plan, scenarios: [] } }, /it drove no load/],
  ])('for %s are unjudged, row by row, and say why', (_, part, reason) => {
    const { status, rows, reasons } = compare(
      [one],
      [simulateRun({ seed: 20, run: 1, slower: 2, change: change(part) })],
    );
    expect(status).toBe('unjudged');
    expect(reasons.join('\n')).toMatch(new RegExp(reason.source, 'm'));
    expect(new Set(rows.map((row) => row.status))).toEqual(new Set(['unjudged']));
  });

  test('for another load say which', () => {
    const { reasons } = compare([one], [simulateRun({ seed: 20, run: 1, perSec: 200 })]);
    expect(reasons).toEqual([
      'The load of default differs: constant-arrival-rate 100/s for 30s, 2 to 20 VUs before, constant-arrival-rate 200/s for 30s, 2 to 20 VUs after.',
    ]);
  });

  test('are compared where the difference is allowed, and say so', () => {
    const after = simulateRun({
      seed: 20,
      run: 1,
      slower: 1.5,
      change: change({ target: { baseUrl: 'http://b' } }),
    });
    const { status, differences, notes } = compare([one], [after], { allowed: ['target'] });
    expect(status).toBe('worse');
    expect(differences).toEqual([]);
    expect(notes[0]).toContain('The targets differ');
  });

  test('are left out of a side that has others', () => {
    const [before, after] = sides(21);
    const broken = simulateRun({ seed: 21, run: 20, slower: 5, change: change({ interrupted: true }) });
    const { status, after: side } = compare(before, [...after, broken]);
    expect(status).toBe('same');
    expect(side.left).toEqual([{ run: 'run-21-20', reason: 'it was interrupted' }]);
    expect(side.runs).toHaveLength(3);
  });

  test('on another port of this machine are of the same target', () => {
    const local = (port: number) => change({ target: { baseUrl: `http://127.0.0.1:${port}` } });
    const runs = [8001, 8002].map((port, run) => [
      simulateRun({ seed: 22, run, slower: run === 0 ? 1 : 1.5, change: local(port) }),
    ]);
    expect(compare(runs[0]!, runs[1]!).status).toBe('worse');
  });
});

test('times of which some were cut off are not called the same', () => {
  const [before, after] = sides(30);
  const cut = { count: 200, overdue: 200, waitedMs: { least: 30_000, most: 40_000 } };
  const cutOff = after.map((record): RunRecord => {
    const entry = { ...record.metrics.http_req_duration!, cut };
    return { ...record, metrics: { ...record.metrics, http_req_duration: entry } };
  });
  const row = rowOf(compare(before, cutOff).rows, 'http_req_duration', 'p(95)');
  expect(row).toMatchObject({ status: 'unjudged', reason: 'work was cut off that would have taken longer' });
});

/** These records with one metric entry changed, or without it. */
function withEntry(
  records: readonly RunRecord[],
  key: string,
  change: (entry: RunRecord['metrics'][string]) => RunRecord['metrics'][string] | undefined,
): RunRecord[] {
  return records.map((record) => {
    const metrics = Object.entries(record.metrics).flatMap(([name, entry]) => {
      const kept = name.includes(key) ? change(entry) : entry;
      return kept === undefined ? [] : [[name, kept] as const];
    });
    return { ...record, metrics: Object.fromEntries(metrics) };
  });
}

test('an endpoint that is gone, or whose times are bounds, keeps the whole from being the same', () => {
  const [before, after] = [0, 10].map((run) => simulateRuns(5, { seed: 41, run, runNoise: 0.005 })) as [
    RunRecord[],
    RunRecord[],
  ];
  expect(compare(before, after).status).toBe('same');
  expect(
    compare(
      before,
      withEntry(after, '/api/rare', () => undefined),
    ).status,
  ).toBe('unjudged');
  const cut = { count: 500, overdue: 500, waitedMs: { least: 30_000, most: 40_000 } };
  const bounds = withEntry(after, 'http_req_duration{method:GET,name:/api/price', (entry) => ({
    ...entry,
    cut,
  }));
  expect(bounds).not.toEqual(after);
  expect(compare(before, bounds).status).toBe('unjudged');
});

test('says that one side was made before the other, whichever it was', () => {
  const [early, late] = sides(43);
  const note = expect.stringContaining('All runs of one side were made before those of the other');
  expect(compare(early, late).notes).toContainEqual(note);
  expect(compare(late, early).notes).toContainEqual(note);
});

test('a record without any figure is unjudged, and nothing breaks', () => {
  const empty = (run: number) =>
    simulateRun({ seed: 40, run, change: (record) => ({ ...record, metrics: {}, timeline: [] }) });
  const { status, reasons, rows } = compare([empty(0)], [empty(1)]);
  expect({ status, rows }).toEqual({ status: 'unjudged', rows: [] });
  expect(reasons).toEqual(['The runs have no figure in common.']);
});

describe('runs that are left out of a side', () => {
  const open = (record: RunRecord): RunRecord => ({
    ...record,
    verdict: { status: 'inconclusive', reasons: ['40 % got no answer.'] },
  });
  const saturated = (record: RunRecord): RunRecord => ({
    ...record,
    generator: { ...record.generator, saturated: true },
  });

  test.each([open, saturated])('keep what is left from being the same, and are named (%#)', (change) => {
    const [before, after] = sides(21);
    const bad = simulateRuns(3, { seed: 21, run: 20, slower: 5, change });
    const { status, reasons } = compare(before, [...after, ...bad]);
    expect(status).toBe('unjudged');
    expect(reasons[0]).toMatch(
      /^3 of 6 runs of B are left out: run-21-20 \(.*\), run-21-21 .* and run-21-22 /,
    );
    const faster = simulateRuns(3, { seed: 21, ...quiet, run: 10, slower: 0.6 });
    expect(compare(before, [...faster, ...bad]).status).toBe('unjudged');
  });

  test('hide no side that is worse all the same', () => {
    const [before, after] = sides(2, { slower: 1.3 });
    const { status, reasons } = compare(before, [...after, simulateRun({ seed: 2, run: 20, change: open })]);
    expect(status).toBe('worse');
    expect(reasons.at(-1)).toBe(
      '1 of 4 runs of B is left out: run-2-20 (its verdict is inconclusive: 40 % got no answer).',
    );
  });

  test('are told where they are before, too', () => {
    const [before, after] = sides(1);
    const { status, reasons } = compare([...before, simulateRun({ seed: 1, run: 5, change: open })], after);
    expect(status).toBe('same');
    expect(reasons.at(-1)).toContain('1 of 4 runs of A is left out');
  });
});

describe('a run that is shorter than its plan', () => {
  const { plan } = simulateRun({ seed: 50, seconds: 60 });
  const early = (more: Partial<RunRecord>) => (record: RunRecord) => ({ ...record, plan, ...more });
  const alert = { name: 'queue', title: 'queue', rules: [], respond: [], episodes: [], episodeCount: 1 };

  test.each<[string, Partial<RunRecord>, string]>([
    ['by an alert', { alerts: [{ ...alert, aborted: true }] }, 'the alert queue ended it early'],
    ['for no reason it tells', {}, 'it ran for 20s of the 1m of its plan'],
  ])('%s is another load', (_, more, reason) => {
    const before = simulateRuns(3, { seed: 50, ...quiet, seconds: 60 });
    const after = simulateRuns(3, { seed: 50, ...quiet, run: 10, seconds: 20, change: early(more) });
    const { status, reasons } = compare(before, after);
    expect(status).toBe('unjudged');
    expect(reasons[0]).toContain(reason);
  });

  test('is as long as it should be where its iterations are counted', () => {
    const [scenario] = plan.scenarios as [RunRecord['plan']['scenarios'][number]];
    const executor = {
      kind: 'shared-iterations',
      vus: 2,
      iterations: 2000,
      rampUpMs: 0,
      maxDurationMs: 60_000,
    } as const;
    const change = early({ plan: { ...plan, scenarios: [{ ...scenario, executor }] } });
    const [before, after] = [0, 10].map((run) =>
      simulateRuns(3, { seed: 51, runNoise: 0.01, run, seconds: 20, change }),
    ) as [RunRecord[], RunRecord[]];
    expect(compare(before, after).status).toBe('same');
  });

  test('is as long as it should be where no user is left before the end', () => {
    const [scenario] = plan.scenarios as [RunRecord['plan']['scenarios'][number]];
    const stages = [1, 0, 0].map((target) => ({ target, durationMs: 20_000 }));
    const executor = { kind: 'ramping-vus', startVUs: 1, stages, gracefulRampDownMs: 30_000 } as const;
    const change = early({ plan: { ...plan, scenarios: [{ ...scenario, executor }] } });
    const statusAfter = (seconds: number) =>
      compare(
        simulateRuns(3, { seed: 52, runNoise: 0.01, seconds, change }),
        simulateRuns(3, { seed: 52, runNoise: 0.01, seconds, run: 10, change }),
      ).status;
    expect(statusAfter(40)).toBe('same');
    expect(statusAfter(15)).toBe('unjudged');
  });
});
