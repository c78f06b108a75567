import { describe, expect, it } from 'vitest';
import type { ErrorGroup } from '../model/error-group.ts';
import type { FindingKind } from '../model/verdict.ts';
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

function findingsOf(kind: FindingKind, run: RunCase) {
  return analyse(measure(run)).findings.filter((finding) => finding.kind === kind);
}

function errorGroup(code: string, count: number, changes: Partial<ErrorGroup> = {}): ErrorGroup {
  const tags = { scenario: 'main', user: 'buyer', task: 'price', method: 'POST', name: '/price' };
  return {
    code,
    message: `${code} it said`,
    source: 'request',
    tags,
    count,
    firstAtMs: 0,
    lastAtMs: 1,
    ...changes,
  };
}

describe('findings about thresholds', () => {
  it('name the tasks that contributed most to a slow percentile', () => {
    const [finding] = findingsOf('threshold-breach', {
      plan: { thresholds: [limitOn('http_req_duration', 'p95', '<', 50)] },
    });
    expect(finding).toMatchObject({
      severity: 'critical',
      title: '95th percentile response time: too high',
      evidence: [
        { name: 'p(95) of http_req_duration', value: 80, unit: 'ms', limit: 50 },
        { name: 'p(95) of http_req_duration{task:report,user:buyer}', value: 80 },
        { name: 'p(95) of http_req_duration{task:price,user:buyer}', value: 20 },
      ],
    });
    expect(finding?.detail).toContain('task report of buyer (p(95) 80 ms, 300 samples); task price of buyer');
  });

  it('name the endpoints when the threshold selects one task, and the failures of a rate', () => {
    const [slow] = findingsOf('threshold-breach', {
      plan: { thresholds: [limitOn('http_req_duration', 'max', '<', 5, { tags: { task: 'price' } })] },
    });
    expect(slow?.detail).toContain('POST /price (max 20 ms, 700 samples)');
    expect(slow?.detail).not.toContain('report');
    const [failed] = findingsOf('threshold-breach', {
      plan: { thresholds: [limitOn('http_req_failed', 'rate', '<', 0.01)] },
      record: (meter) => {
        recordIterations(meter, 70, { task: 'price', failed: 7 });
        recordIterations(meter, 30, { task: 'report' });
      },
    });
    expect(failed?.detail).toContain('Most of it comes from: task price of buyer (70 of 700 samples).');
  });

  it('list critical breaches before missed targets, and close ones as warnings', () => {
    const { findings } = analyse(
      measure({
        plan: {
          thresholds: [
            limitOn('http_req_duration', 'p95', '<', 10, { level: 'target' }),
            limitOn('http_req_duration', 'avg', '<', 20),
            limitOn('http_req_duration', 'max', '<', 81, { warnMargin: 0.2 }),
          ],
        },
      }),
    );
    expect(findings.map(({ kind, severity }) => [kind, severity])).toEqual([
      ['threshold-breach', 'critical'],
      ['threshold-breach', 'warning'],
      ['threshold-close', 'warning'],
      // Nothing was watched that would say why.
      ['bottleneck', 'info'],
    ]);
  });
});

describe('findings about errors', () => {
  it('name the dominant class, its share, and where it happened', () => {
    const errors = [
      errorGroup('http_503', 60),
      errorGroup('http_503', 30, { tags: { method: 'GET', name: '/report', task: 'report' } }),
      errorGroup('timeout', 10),
      errorGroup('aborted', 500),
    ];
    const [finding] = findingsOf('errors', { changes: { errors } });
    expect(finding).toMatchObject({
      severity: 'critical',
      title: '100 errors of 2 kinds, 90 % http_503',
      detail:
        'http_503 occurred 90 times (90 % of all errors), at POST /price (60), GET /report (30). First message: http_503 it said',
    });
    expect(finding?.evidence.slice(0, 2)).toEqual([
      { name: 'http_503', value: 90, unit: 'count' },
      { name: 'timeout', value: 10, unit: 'count' },
    ]);
    expect(finding?.advice).toMatch(/reported an internal error/);
  });

  it('grow more severe with the share of requests that failed', () => {
    const severity = (count: number) =>
      findingsOf('errors', { changes: { errors: [errorGroup('timeout', count)] } })[0]?.severity;
    expect([severity(1), severity(10), severity(50)]).toEqual(['info', 'warning', 'critical']);
  });

  it('are absent when requests were only cut off at the end', () => {
    expect(findingsOf('errors', { changes: { errors: [errorGroup('aborted', 10)] } })).toEqual([]);
  });
});

describe('findings about dropped iterations', () => {
  it("say how many VUs would do, by Little's law", () => {
    const [finding] = findingsOf('dropped-iterations', {
      plan: { scenarios: [scenario('main', arrivals(100, 20))] },
      record: (meter) => {
        recordIterations(meter, 90, { durationMs: 500 });
        meter.counter('dropped_iterations', { scenario: 'main' }).add(10);
      },
    });
    expect(finding).toMatchObject({ severity: 'critical', title: '100 iterations dropped' });
    expect(finding?.detail).toContain('100 of 1,000 due iterations (10 %): no VU was free');
    // 100 per s × 0.5 s = 50.
    expect(finding?.advice).toContain(
      'Set maxVUs to at least 50 (rate × p(95) of iteration_duration), not 20. By Little',
    );
  });

  it('speak of the longest duration when iterations per VU were fixed', () => {
    const [finding] = findingsOf('dropped-iterations', {
      plan: {
        scenarios: [
          scenario('main', {
            kind: 'per-vu-iterations',
            vus: 10,
            iterations: 101,
            rampUpMs: 0,
            maxDurationMs: 10_000,
          }),
        ],
      },
      record: (meter) => {
        recordTypical(meter);
        meter.counter('dropped_iterations', {}).add(1);
      },
    });
    expect(finding).toMatchObject({ severity: 'warning' });
    expect(finding?.detail).toContain('the longest duration was over');
    expect(finding?.advice).toMatch(/longer maximum duration/);
  });
});

describe('findings about the generator', () => {
  it('advise more workers or another machine when it was the bottleneck', () => {
    const run: RunCase = {
      record: (meter) => {
        recordTypical(meter);
        meter.trend('generator_cpu', {}).add(0.97);
      },
    };
    const [finding] = findingsOf('generator-saturation', run);
    expect(finding).toMatchObject({ severity: 'critical' });
    expect(finding?.evidence[0]).toMatchObject({ name: 'p(95) of generator_cpu', value: 0.97, limit: 0.9 });
    expect(finding?.advice).toMatch(/more workers than 1.*another machine/);
    expect(findingsOf('generator-saturation', {})).toEqual([]);
  });

  it('report a lost worker as such', () => {
    const run = { workers: [{}, { completed: false }] };
    expect(findingsOf('worker-lost', run)).toMatchObject([
      { title: 'A worker was lost', detail: expect.stringContaining('Worker 1 (process 101)') as unknown },
    ]);
    expect(findingsOf('generator-saturation', run)).toEqual([]);
  });
});

describe('findings about the task mix', () => {
  const mixed = (prices: number, reports: number): RunCase => ({
    seconds: 1,
    record: (meter) => {
      recordIterations(meter, prices, { task: 'price' });
      recordIterations(meter, reports, { task: 'report' });
    },
  });

  it('appear when chance does not explain the shares', () => {
    expect(findingsOf('mix-deviation', mixed(600, 400))).toMatchObject([
      {
        severity: 'warning',
        title: 'The task mix of user buyer is not as planned',
        detail: expect.stringContaining('price 60 % (planned 70 %), report 40 % (planned 30 %)') as unknown,
      },
    ]);
  });

  it('do not appear for deviations within chance, within a percentage point, or of flows', () => {
    expect(findingsOf('mix-deviation', mixed(680, 320))).toEqual([]);
    expect(findingsOf('mix-deviation', mixed(6, 4))).toEqual([]);
    // 0.8 percentage points off, which at 100,000 iterations is five times what chance does.
    const slight: RunCase = {
      seconds: 1,
      record: (meter) => {
        meter.counter('iterations', { user: 'buyer', task: 'price' }).add(69_200);
        meter.counter('iterations', { user: 'buyer', task: 'report' }).add(30_800);
      },
    };
    expect(findingsOf('mix-deviation', slight)).toEqual([]);
    const base = measure(mixed(600, 400));
    const [first] = base.plan.scenarios;
    const users = first!.users.map((user) => ({ ...user, mix: 'flow' as const }));
    expect(
      findingsOf('mix-deviation', { ...mixed(600, 400), plan: { scenarios: [{ ...first!, users }] } }),
    ).toEqual([]);
  });

  it('are judged per scenario when several run', () => {
    const scenarios = ['a', 'b'].map((name) => scenario(name, arrivals(100, 20)));
    const findings = findingsOf('mix-deviation', {
      seconds: 1,
      plan: { scenarios },
      record: (meter) => {
        for (const [name, prices, reports] of [
          ['a', 700, 300],
          ['b', 300, 700],
        ] as const) {
          recordIterations(meter, prices, { scenario: name, task: 'price' });
          recordIterations(meter, reports, { scenario: name, task: 'report' });
        }
      },
    });
    expect(findings).toHaveLength(1);
    expect(findings[0]?.detail).toMatch(/^In scenario b,/);
  });
});

describe('findings about outages', () => {
  /** 100 iterations a second for twenty seconds; in some of them every request fails. */
  const outage = (from: number, until: number, changes: RunCase['plan'] = {}): RunCase => ({
    plan: changes,
    seconds: 20,
    record: (meter, second) =>
      recordIterations(meter, 100, { failed: second >= from && second < until ? 100 : 0 }),
  });
  const limit = limitOn('recovery_time', 'max', '<', 10_000);

  it('tell when it began and ended, the time to recovery, and what failed, without failing the run', () => {
    const run = outage(6, 11);
    expect(findingsOf('outage', run)).toMatchObject([
      {
        severity: 'warning',
        title: 'Outage at 6s: recovered after 5s',
        evidence: [
          { name: 'began', value: 6000, unit: 'ms' },
          { name: 'ended', value: 11_000, unit: 'ms' },
          { name: 'recovery_time', value: 5000, unit: 'ms' },
          { name: 'failed requests', value: 500, unit: 'count' },
        ],
      },
    ]);
    expect(analyse(measure(run)).verdict).toMatchObject({
      status: 'warn',
      reasons: [expect.stringMatching(/^500 of [\d,]+ requests \(.+ %\) failed, and no threshold/)],
    });
    expect(findingsOf('outage', outage(0, 0))).toEqual([]);
  });

  it('say when it did not end, and invent no recovery', () => {
    const [finding] = findingsOf('outage', outage(14, 20));
    expect(finding?.title).toBe('Outage at 14s: no recovery within the 6s that were left');
    expect(finding?.evidence.map(({ name }) => name)).toEqual(['began', 'seen for', 'failed requests']);
    expect(measure(outage(14, 20)).metrics.recovery_time).toBeUndefined();
  });

  it('are behind a threshold on recovery_time', () => {
    const verdictOf = (from: number, until: number, changes = limit) =>
      analyse(measure(outage(from, until, { thresholds: [changes] }))).verdict;
    expect(measure(outage(6, 11, { thresholds: [limit] })).metrics.recovery_time).toMatchObject({
      values: { count: 1, max: 5000 },
      thresholds: { 'max<10000': { ok: true, actual: 5000 } },
    });
    expect(verdictOf(6, 11).status).toBe('pass');
    expect(verdictOf(6, 11, limitOn('recovery_time', 'max', '<', 4000)).status).toBe('fail');
    // Nothing tells whether it would have been back in time.
    expect(verdictOf(14, 20)).toMatchObject({
      status: 'inconclusive',
      reasons: [expect.stringContaining('began at 14s had not ended when the run did, 6s later')],
    });
    expect(verdictOf(0, 0).status).toBe('pass');
  });
});

describe('a run that sends statements', () => {
  const statements = (failed: number): RunCase => ({
    record: (meter) => {
      for (let i = 0; i < 100; i++) {
        meter.counter('sql_ops', {}).add(1);
        meter.rate('sql_op_failed', {}).add(i < failed);
        meter.counter('iterations', {}).add(1);
      }
    },
    changes: { errors: failed === 0 ? [] : [errorGroup('ECONNRESET', failed * 10)] },
  });

  it('has its errors as a share of them', () => {
    const [few] = findingsOf('errors', statements(2));
    expect(few).toMatchObject({ severity: 'warning' });
    expect(few?.evidence.at(-1)).toMatchObject({ value: 0.02, unit: 'ratio' });
  });

  it('warns when there is no threshold to judge them by', () => {
    expect(analyse(measure(statements(2))).verdict.reasons).toContain(
      '20 of 1,000 statements (2 %) failed, and no threshold on sql_op_failed says how many may.',
    );
  });
});

describe('findings about requests that were sent again', () => {
  it('say how many there were, and what the target may have received', () => {
    const [finding, ...others] = findingsOf('resent-requests', {
      record: (meter) => {
        recordIterations(meter, 200);
        meter.counter('http_req_resent', { scenario: 'main', user: 'buyer', task: 'price' }).add(50);
      },
    });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      severity: 'warning',
      title: '500 requests sent again',
      evidence: [
        { name: 'http_req_resent', value: 500, unit: 'count' },
        { name: 'sent again per request', value: 0.25, unit: 'ratio' },
      ],
    });
    expect(finding?.detail).toContain('up to 2,500 requests');
    expect(findingsOf('resent-requests', {})).toEqual([]);
    const [few] = findingsOf('resent-requests', {
      record: (meter) => {
        recordIterations(meter, 200);
        meter.counter('http_req_resent', { scenario: 'main', user: 'buyer', task: 'price' }).add(2);
      },
    });
    expect(few?.severity).toBe('info');
  });
});
