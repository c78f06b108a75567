import { describe, expect, test } from 'vitest';
import type { WorkerMeter } from '../../meter/meter.ts';
import type { Measurements } from '../../model/run-record.ts';
import type { VerdictStatus } from '../../model/verdict.ts';
import { type UslParameters, uslThroughput } from '../../stats/usl.ts';
import { analyse } from '../analyse.ts';
import { limitOn, measure, type RunCase, recordIterations, scenario } from '../measurements.cases.ts';
import { assess, level, limit, plain, rise } from './capacity-runs.cases.ts';

describe('a load that rises', () => {
  const fast = (meter: WorkerMeter, perSec: number): void =>
    recordIterations(meter, perSec, { task: 'price', durationMs: 20 });

  const unknown: readonly [string, Measurements, RegExp][] = [
    [
      'a limit with tags broke',
      rise(
        (meter, perSec, second) => {
          fast(meter, perSec);
          recordIterations(meter, perSec, { task: 'report', durationMs: second < 10 ? 30 : 400 });
        },
        {
          thresholds: [...limit, limitOn('http_req_duration', 'p95', '<', 50, { tags: { task: 'report' } })],
        },
      ),
      /p\(95\) of http_req_duration\{task:report\} does not hold or is open/,
    ],
    [
      'failures came in bursts',
      rise(
        (meter, perSec, second) =>
          recordIterations(meter, perSec, { durationMs: 20, failed: second % 3 === 2 ? perSec : 0 }),
        { thresholds: [limitOn('http_req_failed', 'rate', '<', 0.01)] },
      ),
      /rate of http_req_failed does not hold or is open/,
    ],
    [
      'a third failed, and no limit is on failures',
      rise((meter, perSec) =>
        recordIterations(meter, perSec, { durationMs: 20, failed: Math.round(perSec / 3) }),
      ),
      /failed, and no threshold on http_req_failed says how many may/,
    ],
    [
      'the run was interrupted',
      rise(fast, {}, { changes: { interrupted: true } }),
      /verdict is inconclusive/,
    ],
  ];
  test.each(unknown)('shows nothing where %s', (_why, measured, sentence) => {
    const found = assess([measured], plain)!;
    expect('refusal' in found.carried && found.carried.refusal).toMatch(sentence);
    expect(found.rows).toEqual([]);
    expect(assess([measured])).toBeUndefined();
  });

  test('is not said to break nothing either', () => {
    const kinds = unknown.map(([, measured]) => analyse(measured).findings.map(({ kind }) => kind));
    // An interrupted run broke nothing up to where it came.
    expect(kinds.slice(0, 3).flat()).not.toContain('breaking-point');
  });

  test('shows nothing where the run failed for another reason', () => {
    const { carried } = assess([rise(fast)], plain, ['fail'])!;
    expect('refusal' in carried && carried.refusal).toMatch(/does not tell at which load/);
  });

  test('is told as the load at which the limits held, where none broke', () => {
    const { carried, rows } = assess([rise(fast)], plain)!;
    expect(rows[0]!.range).toMatchObject({ high: Number.POSITIVE_INFINITY });
    expect(carried).toMatchObject({ sentence: expect.stringMatching(/The limits held up to 100 users/) });
  });
});

describe('sentences', () => {
  const sentenceOf = (records: readonly Measurements[], status: readonly VerdictStatus[]): string => {
    const { carried } = assess(records, plain, status)!;
    if ('refusal' in carried) throw new Error(carried.refusal);
    return carried.sentence;
  };

  test('do not call a missed target a limit that held', () => {
    const target = [limitOn('http_req_duration', 'p95', '<', 50, { level: 'target' })];
    const run = level(100, 90, { plan: { thresholds: target } });
    expect(analyse(run).verdict.status).toBe('warn');
    expect(sentenceOf([run], ['warn'])).toBe('All critical limits held at 100 users; more was not tried.');
  });

  test('say that a larger run was tried and says nothing', () => {
    const runs = [level(100, 90), level(300, 200)];
    expect(sentenceOf(runs, ['pass', 'inconclusive'])).toBe(
      'All limits held at 100 users; a run at 300 users says nothing, as its verdict is inconclusive.',
    );
  });

  test('do not call the largest level that held the largest measured, where a run between failed', () => {
    const truth: UslParameters = { sigma: 0.01, kappa: 0.0002, gamma: 5 };
    const runs = [10, 20, 40, 80, 160].map((users) => level(users, Math.round(uslThroughput(truth, users))));
    const status: VerdictStatus[] = ['pass', 'fail', 'pass', 'pass', 'pass'];
    expect(sentenceOf(runs, status)).toBe(
      '10 users is the largest load below 20 users, at which a run broke a limit; all limits held.',
    );
    const { carried } = assess(runs, plain, status)!;
    if ('refusal' in carried) throw new Error(carried.refusal);
    // Of the run that failed: no more was finished while limits held.
    expect(carried.rate.high).toBe(Math.round(uslThroughput(truth, 20)));
  });

  test('refuse where a run failed of which no level is known', () => {
    const failed = level(50, 40);
    const short = { ...failed, timeline: [] };
    const { carried } = assess([level(100, 90), short], plain, ['pass', 'fail'])!;
    expect('refusal' in carried && carried.refusal).toMatch(/shows no level of load/);
  });
});

/** A search of two steps that held. */
function heldSearch(adaptive: object, failed = 0): Measurements {
  const trials = [20, 40];
  return measure({
    plan: {
      durationMs: 6000,
      scenarios: trials.map((vus, i) =>
        scenario(
          `step-${i}`,
          { kind: 'constant-vus', vus, rampUpMs: 0, durationMs: 3000 },
          { startAtMs: i * 3000 },
        ),
      ),
      search: {
        unit: 'users',
        steps: trials.map((load, i) => ({
          ...{ scenario: `step-${i}`, load },
          trial: { purpose: 'grow', outcome: 'held' } as const,
        })),
        ...adaptive,
      },
      thresholds: trials.map((_, i) =>
        limitOn('http_req_duration', 'p95', '<', 100, { tags: { scenario: `step-${i}` }, level: 'search' }),
      ),
    } as RunCase['plan'] & object,
    seconds: 6,
    record: (meter, second) =>
      recordIterations(meter, trials[Math.floor(second / 3)]!, {
        scenario: second % 3 === 0 && failed === 0 ? 'warm-up' : `step-${Math.floor(second / 3)}`,
        durationMs: 20,
        failed: failed * trials[Math.floor(second / 3)]!,
      }),
  });
}

test('a capacity search without a result recommends nothing', () => {
  const adaptive = { from: 20, to: 1000, precision: 0.1, warmUpMs: 1000, endedBy: 'setup failed.' };
  const measured = heldSearch({ adaptive });
  const { carried, rows } = assess([measured], plain)!;
  expect('refusal' in carried && carried.refusal).toMatch(/^The search ended after 2 steps without a result/);
  expect(rows).toEqual([]);
});

test('a search in which nothing succeeded shows no capacity, however fast the failures were', () => {
  const all = heldSearch({}, 1);
  expect(analyse(all).verdict.status).toBe('fail');
  const { carried } = assess([all], plain)!;
  expect('refusal' in carried && carried.refusal).toMatch(/^Each of \d+ requests failed/);
  expect(assess([heldSearch({})], plain)!.carried).toMatchObject({ basis: 'search' });
});
