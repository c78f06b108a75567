import { describe, expect, test } from 'vitest';
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
import { classesOf, type ObjectiveCase, objectivesOn } from './objectives.cases.ts';

/** The typical run has a 95th percentile of 80 ms, 100 requests/s, and no failure. */
const p95 = (limit: number, changes = {}) => limitOn('http_req_duration', 'p95', '<', limit, changes);
const target = { level: 'target' } as const;

function judge(cases: Readonly<Record<string, ObjectiveCase>>, run: RunCase = {}) {
  const { compliance, verdict, findings } = analyse(
    measure({ ...run, plan: { ...run.plan, ...objectivesOn(cases) } }),
  );
  return {
    verdict,
    compliance: compliance!,
    findings: findings.filter(({ kind }) => kind === 'objective'),
    of: Object.fromEntries(compliance!.objectives.map((one) => [one.name, one])),
  };
}

/** Requests that the end of the run cuts off after half a minute: too few to doubt the whole run. */
const cutting: RunCase['record'] = (meter, second) => {
  recordTypical(meter);
  if (second !== 9) return;
  const tags = { scenario: 'main', user: 'buyer', task: 'price' };
  for (let i = 0; i < 8; i++) {
    meter.cutOff('http_req_duration', { ...tags, method: 'POST', name: '/price' }, 30_000, {
      bound: 'waited',
      due: false,
    });
  }
};

describe('an objective', () => {
  test('without objectives in the plan there is no compliance', () => {
    expect(analyse(measure()).compliance).toBeUndefined();
  });

  test('is met when all its limits hold, and tells the least headroom', () => {
    const { of, verdict, compliance, findings } = judge({ fast: { on: [p95(100), p95(400)] } });
    expect(of.fast).toMatchObject({
      status: 'pass',
      credit: { low: 1, high: 1 },
      reason: '95th percentile response time 80 ms, with 20 % of headroom to 100 ms.',
      figures: [{ state: 'held', actual: 80, limit: 100, margin: 20, marginRatio: 0.2, unit: 'ms' }, {}],
    });
    expect(verdict.status).toBe('pass');
    expect(compliance.readiness.status).toBe('ready');
    expect(findings).toEqual([]);
  });

  test('fails the run when a critical limit is broken, with the gap in unit and share', () => {
    const { of, verdict, compliance, findings } = judge({
      fast: { on: [p95(50)], title: 'Fast answers', impact: 'Buyers leave', remediation: 'Add an index' },
      calm: { on: [p95(500)] },
    });
    expect(of.fast).toMatchObject({ status: 'fail', credit: { low: 0, high: 0 } });
    expect(of.fast!.figures).toMatchObject([{ state: 'broken', margin: -30, marginRatio: -0.6 }]);
    expect(verdict.status).toBe('fail');
    expect(verdict.reasons).toContain('1 of 2 objectives not met: Fast answers.');
    expect(findings).toMatchObject([
      { severity: 'critical', title: 'Objective not met: Fast answers', advice: 'Add an index.' },
    ]);
    expect(findings[0]!.detail).toMatch(/Buyers leave\.$/);
    expect(compliance.readiness.status).toBe('not-ready');
  });

  test('earns half when the critical limit holds and the target is missed, and warns', () => {
    const { of, verdict, compliance } = judge({ fast: { on: [p95(75, target), p95(100)] } });
    expect(of.fast).toMatchObject({ status: 'warning', credit: { low: 0.5, high: 0.5 } });
    expect(verdict.status).toBe('warn');
    expect(verdict.reasons).toContain('1 of 1 objective met with a warning: fast.');
    expect(compliance).toMatchObject({ score: { low: 0.5, high: 0.5 }, readiness: { status: 'not-ready' } });
  });

  test('earns nothing for a missed target that has no critical limit beside it', () => {
    expect(judge({ fast: { on: [p95(75, target)] } }).of.fast).toMatchObject({
      status: 'warning',
      credit: { low: 0, high: 0 },
    });
  });

  test('is met with a warning, and earns all, when its figure is close to the limit', () => {
    const { of, compliance } = judge({ fast: { on: [p95(85, { warnMargin: 0.1 })] } });
    expect(of.fast).toMatchObject({ status: 'warning', credit: { low: 1, high: 1 } });
    expect(compliance.readiness.status).toBe('conditional');
  });

  test('takes a lower limit from below', () => {
    const floor = limitOn('http_reqs', 'rate', '>=', 125);
    expect(judge({ busy: { on: [floor] } }).of.busy!.figures).toMatchObject([
      { state: 'broken', actual: 100, margin: -25, marginRatio: -0.2, unit: 'per s' },
    ]);
  });

  test('is not judged when nothing was recorded, and the run is inconclusive for a critical one', () => {
    const unseen = limitOn('ws_connecting', 'p95', '<', 100);
    const { of, verdict, compliance, findings } = judge({ live: { on: [unseen] }, calm: { on: [p95(500)] } });
    expect(of.live).toMatchObject({ status: 'unjudged', credit: { low: 0, high: 1 } });
    expect(compliance.score).toEqual({ low: 0.5, high: 1 });
    expect(verdict.status).toBe('inconclusive');
    expect(verdict.reasons).toContain('1 of 2 objectives not judged: live.');
    expect(compliance.readiness.status).toBe('open');
    expect(findings).toMatchObject([{ severity: 'warning', title: 'Objective not judged: live' }]);
  });

  test('is open, and no fault of the run, when its suite says that nothing need be recorded', () => {
    const unseen = limitOn('ws_connecting', 'p95', '<', 100, { optional: true });
    const { of, verdict, compliance } = judge({ live: { on: [unseen] } });
    expect(of.live).toMatchObject({ status: 'unjudged', isUntested: true });
    expect(verdict.status).toBe('pass');
    expect(compliance).toMatchObject({ score: { low: 0, high: 1 }, readiness: { status: 'open' } });
  });

  test('is open when the profile lacks what it takes, also where the rest of it holds', () => {
    const { of, verdict, compliance } = judge({
      cached: { on: [p95(500)], untested: ['the threshold on monitor_redis_hit_ratio'] },
    });
    expect(of.cached).toMatchObject({
      status: 'unjudged',
      isUntested: true,
      reason: 'Not judged: this profile measures nothing for the threshold on monitor_redis_hit_ratio.',
    });
    expect(verdict.status).toBe('pass');
    expect(compliance.readiness.status).toBe('open');
  });

  test('of another profile is no part of the score, and leaves readiness open', () => {
    const { of, compliance } = judge({
      fast: { on: [p95(100)] },
      crowd: { on: [], profiles: ['peak', 'stress'], isElsewhere: true },
    });
    expect(of.crowd!.reason).toBe('This profile does not judge it; peak and stress do.');
    expect(compliance).toMatchObject({ score: { low: 1, high: 1 }, readiness: { status: 'open' } });
    expect(compliance.readiness.reasons[0]).toContain('peak; stress');
  });

  test('the same threshold at both levels is judged at each', () => {
    const { of } = judge({ fast: { on: [p95(75, target), p95(75)] } });
    expect(of.fast).toMatchObject({ status: 'fail', figures: [{ state: 'missed' }, { state: 'broken' }] });
  });
});

describe('with work cut off', () => {
  test('a limit on the worst case decides, and the margin is that of the worst value', () => {
    const failures = limitOn('http_req_failed', 'rate', '<', 0.05);
    const few = limitOn('http_req_failed', 'rate', '<', 0.005);
    const { of, verdict } = judge({ rare: { on: [failures] }, never: { on: [few] } }, { record: cutting });
    const worst = 8 / 1008;
    expect(of.rare!.status).toBe('pass');
    expect(of.rare!.figures[0]!.actual).toBeCloseTo(worst, 6);
    expect(of.rare!.figures[0]!.margin).toBeCloseTo(0.05 - worst, 6);
    expect(of.never).toMatchObject({ status: 'unjudged', credit: { low: 0, high: 1 } });
    expect(of.never!.figures).toMatchObject([{ state: 'open', margin: null }]);
    expect(verdict.status).toBe('inconclusive');
  });

  test('an open target beside a critical limit that holds leaves half open', () => {
    const failures = limitOn('http_req_failed', 'rate', '<', 0.05);
    const few = limitOn('http_req_failed', 'rate', '<', 0.005, target);
    const { of, compliance } = judge({ rare: { on: [few, failures] } }, { record: cutting });
    expect(of.rare).toMatchObject({ status: 'unjudged', credit: { low: 0.5, high: 1 } });
    expect(compliance.score).toEqual({ low: 0.5, high: 1 });
  });

  test('a class is a range when the bounds are of two', () => {
    const run = { record: cutting };
    const p99 = limitOn('http_req_duration', 'p99.9', '<', 60_000);
    const classes = classesOf('http_req_duration', 99.9, 50, 200, 20_000);
    expect(judge({ fast: { on: [p99], classes } }, run).of.fast!.class).toEqual({
      worst: 'needs-work',
      best: 'needs-work',
    });
    const median = limitOn('http_req_duration', 'p50', '<', 60_000);
    const ofMedian = classesOf('http_req_duration', 50, 50, 200);
    expect(judge({ fast: { on: [median], classes: ofMedian } }, run).of.fast!.class).toEqual({
      worst: 'excellent',
      best: 'excellent',
    });
  });
});

describe('a run that did not carry out its plan', () => {
  const cases = { fast: { on: [p95(500)] }, slow: { on: [p95(50)] } };
  const statuses = (run: RunCase) => {
    const { of, compliance, findings } = judge(cases, run);
    return [of.fast!.status, of.slow!.status, compliance.readiness.status, findings.length];
  };

  test('interrupted: what broke stays broken, nothing is met', () => {
    expect(statuses({ changes: { interrupted: true } })).toEqual(['unjudged', 'fail', 'not-ready', 1]);
  });

  test('limited by the generator: nothing is judged at all', () => {
    const record: RunCase['record'] = (meter) => {
      recordTypical(meter);
      meter.trend('generator_cpu', {}).add(1);
    };
    const { compliance, verdict } = judge(cases, { record });
    expect(verdict.status).toBe('inconclusive');
    expect(compliance.objectives.map(({ status }) => status)).toEqual(['unjudged', 'unjudged']);
    expect(compliance.objectives[0]!.reason).toBe('Not judged, since the load generator limited the run.');
    expect(compliance).toMatchObject({ score: { low: 0, high: 1 }, readiness: { status: 'open' } });
  });

  test('with iterations dropped: nothing is met', () => {
    const record: RunCase['record'] = (meter) => {
      recordIterations(meter, 90, { durationMs: 80 });
      meter.counter('dropped_iterations', { scenario: 'main' }).add(10);
    };
    const plan = { scenarios: [scenario('main', arrivals(100, 20))] };
    expect(statuses({ plan, record })).toEqual(['unjudged', 'fail', 'not-ready', 1]);
  });

  test('ended early by a threshold: the others prove nothing', () => {
    const ending = limitOn('http_req_failed', 'rate', '<', 0.01, { abortOnFail: true });
    const record: RunCase['record'] = (meter) => recordIterations(meter, 100, { failed: 50 });
    const { of } = judge({ reliable: { on: [ending] }, fast: { on: [p95(500)] } }, { record, seconds: 3 });
    expect(of.reliable!.status).toBe('fail');
    expect(of.fast).toMatchObject({
      status: 'unjudged',
      reason: 'Not judged, since the run was ended early.',
    });
  });

  test('interrupted: a lower limit on a count, which would have grown, stays open', () => {
    const many = limitOn('iterations', 'count', '>=', 5000);
    const { of } = judge({ many: { on: [many] } }, { changes: { interrupted: true } });
    expect(of.many!.status).toBe('unjudged');
  });

  test('its classes are open from end to end', () => {
    const classes = classesOf('http_req_duration', 95, 50, 100);
    const { compliance } = judge(
      { fast: { on: [p95(500)], classes, dimension: 'latency' } },
      { changes: { interrupted: true } },
    );
    expect(compliance.class).toEqual({ worst: 'needs-work', best: 'excellent', dimensions: ['latency'] });
  });
});

describe('classes', () => {
  test.each([
    [[81, 90], 'excellent'],
    [[80, 81], 'good'],
    [[40, 80, 81], 'acceptable'],
    [[40, 60, 80], 'needs-work'],
  ])('with limits at %j ms a figure of 80 ms is %s', (limits, expected) => {
    const classes = classesOf('http_req_duration', 95, ...limits);
    expect(judge({ fast: { on: [p95(500)], classes } }).of.fast!.class).toEqual({
      worst: expected,
      best: expected,
    });
  });

  test('the overall class is that of the worst dimension, which is named', () => {
    const of = (...limits: number[]) => classesOf('http_req_duration', 95, ...limits);
    const { compliance } = judge({
      latency: { on: [p95(500)], classes: of(50, 100), dimension: 'latency' },
      cache: { on: [p95(501)], classes: of(20, 40, 90), dimension: 'cache' },
      errors: { on: [p95(502)], dimension: 'reliability' },
    });
    expect(compliance.class).toEqual({ worst: 'acceptable', best: 'acceptable', dimensions: ['cache'] });
    expect(compliance.dimensions.map(({ dimension, class: one }) => [dimension, one?.worst])).toEqual([
      ['latency', 'good'],
      ['reliability', undefined],
      ['cache', 'acceptable'],
    ]);
  });

  test('of a figure that nothing was recorded of keeps the overall class open', () => {
    const { compliance } = judge({
      latency: { on: [p95(500)], classes: classesOf('http_req_duration', 95, 100), dimension: 'latency' },
      live: {
        on: [limitOn('ws_connecting', 'p95', '<', 100)],
        classes: classesOf('ws_connecting', 95, 100),
        dimension: 'cache',
      },
    });
    expect(compliance.class).toEqual({ worst: 'needs-work', best: 'excellent', dimensions: ['cache'] });
  });
});
