import { describe, expect, it } from 'vitest';
import { analyse } from './analyse.ts';
import {
  arrivals,
  limitOn,
  measure,
  type RunCase,
  recordIterations,
  recordTypical,
  scenario,
} from './measurements.cases.ts';

const verdictOf = (run: RunCase) => analyse(measure(run)).verdict;
const brokenLimit = limitOn('http_req_duration', 'p95', '<', 50);
const keptLimit = limitOn('http_req_duration', 'p95', '<', 500);
const targetLimit = limitOn('http_req_duration', 'p95', '<', 60, { level: 'target' });
const busy: RunCase['record'] = (meter) => {
  recordTypical(meter);
  meter.trend('generator_cpu', {}).add(1);
};
/** An open run in which `dropped` of 1,000 due iterations are dropped. */
const dropping = (dropped: number, thresholds = [keptLimit]): RunCase => ({
  plan: { scenarios: [scenario('main', arrivals(100, 20))], thresholds },
  record: (meter, second) => {
    recordIterations(meter, second === 0 ? 100 - dropped : 100);
    if (second === 0 && dropped > 0) meter.counter('dropped_iterations', { scenario: 'main' }).add(dropped);
  },
});

describe('the verdict', () => {
  it('is pass when every threshold holds, and names the figures against their limits', () => {
    const failureLimit = limitOn('http_req_failed', 'rate', '<', 0.01);
    expect(verdictOf({ plan: { thresholds: [keptLimit, failureLimit] } })).toEqual({
      status: 'pass',
      reasons: ['95th percentile response time 80 ms (limit 500 ms).', 'Failed requests 0 % (limit 1 %).'],
    });
  });

  it('is inconclusive when the run was ended for safety, which comes before all else', () => {
    const refusal = { host: '2001:db8::1', port: 443, reason: '2001:db8::1 is a public address' };
    const sentence =
      'The run was ended for safety before [2001:db8::1]:443 was contacted, which looks like production: 2001:db8::1 is a public address.';
    for (const thresholds of [[keptLimit], [brokenLimit]]) {
      const measured = { ...measure({ plan: { thresholds } }), refusal };
      const { status, reasons } = analyse(measured).verdict;
      expect(status).toBe('inconclusive');
      expect(reasons[0]).toBe(sentence);
    }
    expect(analyse({ ...measure({ record: busy }), refusal }).verdict.reasons[0]).toBe(sentence);
  });

  it('is fail when a critical threshold breaks that a target writes alike, whichever comes first', () => {
    const critical = limitOn('http_req_duration', 'p95', '<', 60);
    for (const thresholds of [
      [critical, targetLimit],
      [targetLimit, critical],
    ]) {
      const { status, reasons } = verdictOf({ plan: { thresholds } });
      expect(status).toBe('fail');
      expect(reasons).toHaveLength(2);
    }
  });

  it('gives a pass one reason per series, aggregation and direction, with the strictest limit that held', () => {
    const thresholds = [
      limitOn('http_req_duration', 'p95', '<', 200),
      limitOn('http_req_duration', 'p95', '<', 100, { level: 'target' }),
      limitOn('http_req_duration', 'p95', '>', 1),
      limitOn('http_req_duration', 'p95', '>', 5),
      limitOn('http_req_duration', 'p99', '<', 400),
      limitOn('dropped_iterations', 'count', '<', 10),
    ];
    expect(verdictOf({ plan: { thresholds } })).toEqual({
      status: 'pass',
      reasons: [
        '95th percentile response time 80 ms (target 100 ms).',
        '95th percentile response time 80 ms (more than 5 ms).',
        '99th percentile response time 80 ms (limit 400 ms).',
        'Dropped iterations 0 (limit 10).',
      ],
    });
  });

  it('is fail when every request failed, though no threshold says so', () => {
    const failing =
      (share: number): NonNullable<RunCase['record']> =>
      (meter) => {
        meter.counter('iterations', {}).add(10);
        for (let i = 0; i < 10; i++) meter.rate('http_req_failed', {}).add(i < share);
      };
    const { status, reasons } = verdictOf({ record: failing(10) });
    expect(status).toBe('fail');
    expect(reasons[0]).toMatch(/^Each of \d+ requests failed: see its errors\.$/);
    expect(verdictOf({ record: failing(9) }).status).not.toBe('fail');
    // Who has a threshold on failures has said what is wanted.
    const limit = limitOn('http_req_failed', 'rate', '<=', 1);
    expect(verdictOf({ plan: { thresholds: [limit] }, record: failing(10) }).status).not.toBe('fail');
  });

  /** A run of 1,000 iterations with a request and a check each, of which so many fail. */
  const failing = (failed: {
    requests?: number;
    iterations?: number;
    checks?: number;
  }): RunCase['record'] => {
    const { requests = 0, iterations = 0, checks = 0 } = failed;
    return (meter, second) => {
      for (let i = second; i < 1000; i += 10) {
        meter.counter('iterations', {}).add(1);
        if (i < iterations) meter.counter('iterations_failed', {}).add(1);
        meter.rate('http_req_failed', {}).add(i < requests);
        meter.rate('checks', {}).add(i >= checks);
      }
    };
  };

  it('is fail when every check failed, though every request succeeded', () => {
    const record = failing({ checks: 1000 })!;
    const { status, reasons } = verdictOf({ record });
    expect([status, reasons[0]]).toEqual(['fail', 'Each of 1,000 checks failed: see its checks.']);
    const limit = limitOn('checks', 'rate', '>=', 0);
    expect(verdictOf({ plan: { thresholds: [limit] }, record }).status).not.toBe('fail');
  });

  it.each([
    [
      { requests: 11 },
      '11 of 1,000 requests (1.1 %) failed, and no threshold on http_req_failed says how many may.',
    ],
    [
      { iterations: 11 },
      '11 of 1,000 iterations (1.1 %) failed, and no threshold on iterations_failed says how many may.',
    ],
    [{ checks: 400 }, '400 of 1,000 checks (40 %) failed, and no threshold on checks says how many may.'],
  ])('is warn when more than 1 %% failed that no threshold is on: %j', (failed, reason) => {
    const kept = limitOn('http_reqs', 'count', '>=', 0);
    const record = failing(failed)!;
    const verdict = verdictOf({ plan: { thresholds: [kept] }, record });
    expect(verdict).toEqual({ status: 'warn', reasons: [reason] });
  });

  it.each([
    ['1 % is what a healthy system shows', failing({ requests: 10, iterations: 10, checks: 10 }), []],
    ['a threshold says how many may', failing({ checks: 400 }), [limitOn('checks', 'rate', '>', 0.5)]],
    [
      'a threshold expects an outage',
      failing({ requests: 400 }),
      [limitOn('recovery_time', 'max', '<', 9000, { optional: true })],
    ],
  ] as const)('does not warn of failures when %s', (_, record, thresholds) => {
    expect(verdictOf({ plan: { thresholds }, record: record! }).status).toBe('pass');
  });

  it('is pass when there was no request to fail', () => {
    const { status } = verdictOf({ record: (meter) => meter.counter('iterations', {}).add(10) });
    expect(status).toBe('pass');
  });

  it('is fail when every iteration threw', () => {
    const { status, reasons } = verdictOf({
      record: (meter) => {
        recordIterations(meter, 10);
        meter.counter('iterations_failed', {}).add(10);
      },
    });
    expect(status).toBe('fail');
    expect(reasons[0]).toMatch(/^Each of \d+ iterations failed/);
  });

  it('is pass with plain figures when there are no thresholds', () => {
    expect(verdictOf({})).toEqual({
      status: 'pass',
      reasons: [
        '1,000 iterations finished and the profile has no thresholds to judge them by.',
        '0 % of 1,000 requests failed.',
      ],
    });
  });

  it('counts the thresholds beyond the first six', () => {
    const thresholds = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => limitOn('http_req_duration', `p${n}`, '<', 500));
    expect(verdictOf({ plan: { thresholds } }).reasons.at(-1)).toBe('2 further thresholds hold, too.');
  });

  it('is fail when a critical threshold is broken, the farthest beyond its limit first', () => {
    const worse = limitOn('http_req_duration', 'max', '<', 10, { tags: { task: 'report' } });
    expect(verdictOf({ plan: { thresholds: [brokenLimit, worse, keptLimit] } })).toEqual({
      status: 'fail',
      reasons: [
        'Greatest response time of task report 80 ms (limit 10 ms): too high.',
        '95th percentile response time 80 ms (limit 50 ms): too high.',
      ],
    });
  });

  it('is fail with the threshold that ended the run first', () => {
    const aborting = { ...brokenLimit, abortOnFail: true };
    const worse = limitOn('http_req_duration', 'max', '<', 1);
    const { status, reasons } = verdictOf({ plan: { thresholds: [worse, aborting] }, seconds: 3 });
    expect(status).toBe('fail');
    expect(reasons[0]).toBe(
      '95th percentile response time 80 ms (limit 50 ms): too high, and this ended the run early.',
    );
  });

  it('is fail when a counter that must have samples has none', () => {
    const limit = limitOn('http_reqs', 'count', '>', 0, { tags: { task: 'none' } });
    expect(verdictOf({ plan: { thresholds: [limit] } })).toEqual({
      status: 'fail',
      reasons: ['Requests of task none 0 (more than 0): too low.'],
    });
  });

  it('is inconclusive when the generator was the bottleneck, whether thresholds hold or not', () => {
    for (const threshold of [keptLimit, brokenLimit]) {
      const { status, reasons } = verdictOf({ plan: { thresholds: [threshold] }, record: busy });
      expect(status).toBe('inconclusive');
      expect(reasons[0]).toMatch(/^A worker used at least 90 % of a core in 100 % of the run/);
    }
  });

  it('is warn when a target is missed or a limit is close', () => {
    expect(verdictOf({ plan: { thresholds: [keptLimit, targetLimit] } })).toEqual({
      status: 'warn',
      reasons: ['95th percentile response time 80 ms (target 60 ms): too high for the target.'],
    });
    const close = limitOn('http_req_duration', 'p95', '<', 85, { warnMargin: 0.1 });
    expect(verdictOf({ plan: { thresholds: [close] } })).toEqual({
      status: 'warn',
      reasons: ['95th percentile response time 80 ms (limit 85 ms): close to its limit.'],
    });
  });

  it('is inconclusive when interrupted, and says how much was done', () => {
    const interrupted = { seconds: 4, changes: { interrupted: true } };
    expect(verdictOf(interrupted)).toEqual({
      status: 'inconclusive',
      reasons: ['The run was interrupted after 4s of 10s planned (40 %).'],
    });
    // Iterations that finish after it may take it beyond the time planned.
    expect(verdictOf({ ...interrupted, seconds: 11 }).reasons).toEqual([
      'The run was interrupted before its planned end (10s planned).',
    ]);
    const failed = verdictOf({ ...interrupted, plan: { thresholds: [brokenLimit] } });
    expect(failed.status).toBe('fail');
    expect(failed.reasons).toContain('The run was interrupted after 4s of 10s planned (40 %).');
    const iterations = { kind: 'per-vu-iterations', vus: 10, iterations: 200 } as const;
    const fixed = scenario('main', { ...iterations, rampUpMs: 0, maxDurationMs: 60_000 });
    expect(verdictOf({ ...interrupted, plan: { scenarios: [fixed] } }).reasons[0]).toBe(
      'The run was interrupted after 400 of 2,000 planned iterations (20 %).',
    );
  });

  it('is inconclusive when more than 1 % of the due iterations were dropped, unless it failed', () => {
    expect(verdictOf(dropping(11))).toEqual({
      status: 'inconclusive',
      reasons: ['The planned load was not delivered: 11 of 1,000 due iterations (1.1 %) were dropped.'],
    });
    const failed = verdictOf(dropping(11, [limitOn('http_req_duration', 'avg', '<', 1)]));
    expect(failed.status).toBe('fail');
    expect(failed.reasons).toHaveLength(2);
  });

  it('is warn when fewer were dropped, and pass when none were', () => {
    expect(verdictOf(dropping(10))).toEqual({
      status: 'warn',
      reasons: ['10 of 1,000 due iterations (1 %) were dropped.'],
    });
    expect(verdictOf(dropping(0)).status).toBe('pass');
  });

  it('is inconclusive when no iteration finished', () => {
    expect(verdictOf({ record: () => {} })).toEqual({
      status: 'inconclusive',
      reasons: ['No iteration finished, so nothing was measured.'],
    });
  });

  it.each([
    limitOn('http_req_duration', 'p95', '<', 500, { tags: { name: '/renamed' } }),
    limitOn('http_req_failed', 'rate', '<', 0.01, { tags: { name: '/renamed' } }),
    limitOn('checks', 'rate', '>', 0.9, { tags: { check: 'renamed' } }),
    limitOn('order_value', 'avg', '>', 0, { level: 'target' }),
    limitOn('stock', 'value', '>=', 0),
  ])('is inconclusive when the run recorded nothing of $metric $tags', (limit) => {
    const metrics = {
      order_value: { type: 'trend', contains: 'default' },
      stock: { type: 'gauge', contains: 'default' },
    };
    const verdict = verdictOf({ plan: { metrics, thresholds: [keptLimit, limit] } });
    expect(verdict.status).toBe('inconclusive');
    expect(verdict.reasons).toEqual([
      expect.stringMatching(/\(.*\): the run recorded no value for it\..*optional: true/),
    ]);
    const optional = { ...limit, optional: true } as const;
    expect(verdictOf({ plan: { metrics, thresholds: [keptLimit, optional] } }).status).toBe('pass');
  });

  it('is inconclusive when a threshold that ended the run holds over the whole of it', () => {
    const limit = limitOn('http_req_duration', 'p95', '<', 100, { abortOnFail: true });
    const { status, reasons } = verdictOf({
      plan: { thresholds: [limit] },
      record: (meter, second) =>
        recordIterations(meter, second === 0 ? 10 : 1000, { durationMs: second === 0 ? 500 : 20 }),
    });
    expect(status).toBe('inconclusive');
    expect(reasons[0]).toMatch(
      /^95th percentile response time \(limit 100 ms\): too high when it ended the run early\. Over the whole run it is 20/,
    );
  });

  it('judges a counter that nothing was added to, and times to recovery without an outage', () => {
    const tags = { status: '503' };
    const never = limitOn('http_reqs', 'count', '<', 1, { tags });
    const recovery = limitOn('recovery_time', 'max', '<', 5000);
    expect(verdictOf({ plan: { thresholds: [never, recovery] } }).status).toBe('pass');
    expect(
      verdictOf({ plan: { thresholds: [limitOn('http_reqs', 'count', '>', 0, { tags })] } }).status,
    ).toBe('fail');
  });
});
