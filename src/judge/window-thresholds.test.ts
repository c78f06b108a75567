import { describe, expect, test } from 'vitest';
import type { WorkerMeter } from '../meter/meter.ts';
import { limitOn, planWith, recordRequest, windowOf } from '../metrics/collector.cases.ts';
import type { ThresholdOperator } from '../model/aggregation.ts';
import type { CutWork, MetricWindow } from '../model/metric.ts';
import type { Plan, ScenarioPlan, ThresholdPlan } from '../model/plan.ts';
import type { ThresholdOutcome } from '../model/run-record.ts';
import { Histogram } from '../stats/histogram.ts';
import { judgedCollector } from './judged-collector.cases.ts';

const tags = { scenario: 'main', user: 'buyer', task: 'price', method: 'GET', name: '/a', status: '200' };

function scenario(name: string, startAtMs: number, durationMs: number): ScenarioPlan {
  return {
    ...{ name, startAtMs, gracefulStopMs: 0, iterationTimeoutMs: 0, users: [], tags: {} },
    executor: { kind: 'constant-vus', vus: 5, rampUpMs: 0, durationMs },
  };
}

/** A limit as a suite writes it; suite/ has the real reader. */
function limitFrom(key: string, expression: string, changes: Partial<ThresholdPlan> = {}): ThresholdPlan {
  const [metric = '', scenarioName] = key.split(/\{scenario:|\}/);
  const [, aggregation = '', operator, limit, percent, clauses = ''] =
    /^([a-z]+(?:\(\d+\))?)(<=|>=|<|>)([\d.]+)(%?)(.*)$/.exec(expression)!;
  const of = (word: string): number | undefined => {
    const found = new RegExp(` ${word} (\\d+)`).exec(clauses)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const [forSeconds, share] = [of('for'), of('in')];
  return limitOn(
    metric,
    aggregation.replace(/[()]/g, ''),
    operator as ThresholdOperator,
    Number(limit) * (percent === '' ? 1 : 0.01),
    {
      ...(scenarioName !== undefined && { tags: { scenario: scenarioName } }),
      expression,
      windows: {
        lengthMs: (of('over') ?? 1) * 1000,
        withinMs: (of('within') ?? 0) * 1000,
        ...(forSeconds === undefined ? { share: (share ?? 100) / 100 } : { forMs: forSeconds * 1000 }),
      },
      ...changes,
    },
  );
}

interface Second {
  readonly times?: readonly number[];
  readonly failed?: number;
  readonly cut?: readonly number[];
  readonly scenario?: string;
}

function windowsOf(worker: number, second: number, given: Second): MetricWindow {
  const own = { ...tags, scenario: given.scenario ?? 'main' };
  const window = windowOf(worker, second * 1000, (meter) => {
    for (const [i, ms] of (given.times ?? []).entries()) {
      recordRequest(meter, ms, i < (given.failed ?? 0), own);
    }
  });
  if (given.cut === undefined) return window;
  const waits = new Histogram();
  for (const ms of given.cut) waits.add(ms);
  const { status: _, ...known } = own;
  const work: CutWork = {
    ...{ metric: 'http_req_duration', tags: known, bound: 'waited', due: false },
    waits: waits.encode(),
  };
  return { ...window, cut: [work] };
}

function judge(
  metric: string,
  expression: string,
  seconds: readonly Second[],
  changes: Partial<Plan> = {},
  options: Partial<ThresholdPlan> = {},
): ThresholdOutcome {
  const durationMs = seconds.length * 1000;
  const scenarios = [scenario('main', 0, durationMs)];
  const thresholds = [limitFrom(metric, expression, options)];
  const collector = judgedCollector(planWith({ scenarios, durationMs, thresholds, ...changes }));
  for (const [i, second] of seconds.entries()) collector.accept(windowsOf(0, i, second));
  return collector.finish(durationMs).thresholds[0]!;
}

const good: Second = { times: [50, 50, 50, 50] };
const bad: Second = { times: [500, 500, 500, 500] };
const none: Second = {};
const times = (count: number, second: Second): Second[] => Array.from({ length: count }, () => second);

describe('a limit for 30 s on end', () => {
  test.each([
    [29, true],
    [30, false],
    [31, false],
  ])('that is broken for %i s on end is held: %s', (count, ok) => {
    const seconds = [...times(10, good), ...times(count, bad), ...times(20, good)];
    const result = judge('http_req_duration', 'p(95)<200 for 30s', seconds);
    expect(result).toMatchObject({
      ok,
      actual: ok ? 50 : 500,
      windows: {
        ...{ held: 30, broken: count, open: 0 },
        longestBroken: { fromMs: 10_000, lengthMs: count * 1000 },
        worst: { value: 500, fromMs: 10_000 },
      },
    });
  });

  test('is not broken by breaches that a good second parts', () => {
    const seconds = [...times(20, bad), good, ...times(20, bad)];
    expect(judge('http_req_duration', 'p(95)<200 for 30s', seconds).ok).toBe(true);
  });

  test('is broken through seconds in which nothing ended', () => {
    const seconds = [...times(10, good), ...times(16, bad).flatMap((one) => [one, none]), ...times(10, good)];
    expect(judge('http_req_duration', 'p(95)<200 for 30s', seconds).ok).toBe(false);
  });

  test('is undecided when all of a shorter load broke it', () => {
    expect(judge('http_req_duration', 'p(95)<200 for 30s', times(10, bad))).toMatchObject({
      ok: false,
      undecided: true,
    });
    expect(judge('http_req_duration', 'p(95)<200 for 30s', times(10, good)).ok).toBe(true);
  });

  test('ends the run when it has lasted so long', () => {
    const limit = limitFrom('http_req_duration', 'p(95)<200 for 5s', { abortOnFail: true });
    const durationMs = 60_000;
    const plan = planWith({ scenarios: [scenario('main', 0, durationMs)], durationMs, thresholds: [limit] });
    const collector = judgedCollector(plan);
    const states: boolean[] = [];
    for (let i = 0; i < 12; i++) {
      collector.accept(windowsOf(0, i, i < 3 ? good : bad));
      states.push(collector.breachedAborts(0).length > 0);
    }
    expect(states.indexOf(true)).toBe(7);
    expect(collector.finish(12_000).thresholds[0]).toMatchObject({ ok: false, aborted: true });
  });
});

describe('a limit in a share of the windows', () => {
  test.each([
    [57, 3, true],
    [56, 4, false],
  ])('of 95 %% with %i good and %i bad seconds is held: %s', (held, broken, ok) => {
    const result = judge('http_req_duration', 'p(95)<200 in 95%', [
      ...times(held, good),
      ...times(broken, bad),
    ]);
    expect(result).toMatchObject({ ok, actual: ok ? 50 : 500, windows: { held, broken, open: 0 } });
  });

  test('on failures judges each second', () => {
    const failing: Second = { times: times(10, good).flatMap(({ times: own }) => own ?? []), failed: 2 };
    const result = judge('http_req_failed', 'rate<1% in 90%', [...times(8, good), ...times(2, failing)]);
    expect(result).toMatchObject({ ok: false, actual: 0.05, windows: { held: 8, broken: 2 } });
    expect(judge('http_req_failed', 'rate<1% in 80%', [...times(8, good), ...times(2, failing)]).ok).toBe(
      true,
    );
  });

  test('on throughput counts seconds without any as 0', () => {
    const result = judge('http_reqs', 'rate>=4 in 90%', [...times(8, good), ...times(2, none)]);
    expect(result).toMatchObject({ ok: false, actual: 0, windows: { held: 8, broken: 2 } });
  });

  test('ends the run when what is left cannot mend it', () => {
    const limit = limitFrom('http_req_duration', 'p(95)<200 in 90%', { abortOnFail: true });
    const plan = planWith({
      scenarios: [scenario('main', 0, 20_000)],
      durationMs: 20_000,
      thresholds: [limit],
    });
    const collector = judgedCollector(plan);
    const states: boolean[] = [];
    for (let i = 0; i < 10; i++) {
      collector.accept(windowsOf(0, i, i % 2 === 0 ? bad : good));
      states.push(collector.breachedAborts(0).length > 0);
    }
    // 2 of 20 may be bad: the third is in second 4.
    expect(states.indexOf(true)).toBe(4);
  });
});

describe('longer windows and a late start', () => {
  test('over 10 s merge what ended in them', () => {
    const mixed = [...times(9, good), bad];
    // 4 of 40 are 500 ms: below the 95th percentile is 500, the 90th is 50 or between.
    expect(judge('http_req_duration', 'p(95)<200 over 10s', [...mixed, ...mixed])).toMatchObject({
      ...{ ok: false, actual: 500 },
      windows: { held: 0, broken: 2 },
    });
    expect(judge('http_req_duration', 'med<200 over 10s', [...mixed, ...mixed]).windows).toMatchObject({
      held: 2,
    });
  });

  test('within 10 s leave out what came before, of the load or of the scenario', () => {
    const seconds = [...times(10, bad), ...times(10, good)];
    expect(judge('http_req_duration', 'p(95)<200 within 10s', seconds).ok).toBe(true);
    expect(judge('http_req_duration', 'p(95)<200 within 9s', seconds).ok).toBe(false);
    const scenarios = [scenario('calm', 0, 10_000), scenario('rush', 10_000, 10_000)];
    const phases = [
      ...times(10, { ...good, scenario: 'calm' }),
      ...times(5, { ...bad, scenario: 'rush' }),
      ...times(5, { ...good, scenario: 'rush' }),
    ];
    const rush = (expression: string) =>
      judge('http_req_duration{scenario:rush}', expression, phases, { scenarios });
    expect(rush('p(95)<200 within 5s')).toMatchObject({ ok: true, windows: { held: 5, broken: 0 } });
    expect(rush('p(95)<200 within 4s').ok).toBe(false);
  });

  test('a rest of less than half a window joins the last one', () => {
    const { windows } = judge('http_req_duration', 'p(95)<200 over 10s', times(24, good));
    expect(windows).toMatchObject({ held: 2 });
    expect(judge('http_req_duration', 'p(95)<200 over 10s', times(25, good)).windows).toMatchObject({
      held: 3,
    });
  });
});

describe('a window in which users waited', () => {
  const stall = (count: number): Second[] => [
    ...times(10, good),
    ...times(count, none),
    { times: Array.from({ length: 4 }, () => count * 1000 + 500) },
    ...times(10, good),
  ];

  test('is no good one, though nothing ended in it', () => {
    const result = judge('http_req_duration', 'p(95)<200 in 95%', stall(8));
    // Of 8 s the one in which the requests perhaps began is not counted against the target.
    expect(result).toMatchObject({ ok: false, windows: { held: 20, broken: 8 } });
    expect(judge('http_req_duration', 'p(95)<200 for 5s', stall(8)).ok).toBe(false);
  });

  test('is bad for those who waited, though others were served', () => {
    const partly = [
      ...times(10, good),
      ...times(20, { times: [50] }),
      { times: Array.from({ length: 40 }, () => 20_500) },
      ...times(10, good),
    ];
    const result = judge('http_req_duration', 'p(95)<200 in 95%', partly);
    expect(result.ok).toBe(false);
    expect(result.windows!.broken).toBeGreaterThanOrEqual(19);
  });

  test('is bad when what waited was cut off', () => {
    const seconds = [...times(10, good), ...times(9, none), { cut: [9500, 9500, 9500] }];
    const result = judge('http_req_duration', 'p(95)<200 in 90%', seconds);
    expect(result).toMatchObject({ ok: false });
    expect(result.windows!.broken).toBeGreaterThanOrEqual(7);
  });

  test('leaves a share of failures open', () => {
    const result = judge('http_req_failed', 'rate<1% in 95%', stall(8));
    expect(result).toMatchObject({ ok: false, undecided: true, windows: { held: 21, broken: 0 } });
    expect(result.windows!.open).toBeGreaterThanOrEqual(7);
  });

  test('is left out when nobody did: a rare task is judged by what there is', () => {
    const rare = times(6, good).flatMap((one) => [one, ...times(9, none)]);
    expect(judge('http_req_duration', 'p(95)<200 in 95%', rare)).toMatchObject({
      ok: true,
      windows: { held: 6, broken: 0, open: 0 },
    });
  });

  test('counts also when it ended after the load', () => {
    const scenarios = [scenario('main', 0, 10_000)];
    const late = [...times(10, good), { times: [500] }, good];
    const result = judge('http_req_duration', 'max<200 in 99%', late, { scenarios, durationMs: 10_000 });
    expect(result).toMatchObject({ ok: false, windows: { held: 10, broken: 1 } });
  });
});

describe('a limit on a stage', () => {
  const stage = { scenario: 'main', fromMs: 10_000, untilMs: 20_000 };
  const ofStage = (metric: string, expression: string, seconds: readonly Second[]) => {
    const { windows, ...limit } = limitFrom(metric, expression);
    const own =
      windows!.lengthMs === 1000 && windows!.share === 1 ? { ...windows!, lengthMs: 10_000 } : windows!;
    return judge(
      metric,
      expression,
      seconds,
      {},
      {
        ...{ ...limit, tags: { stage: '2' } },
        windows: { ...own, stage },
      },
    );
  };
  const course = (middle: Second) => [...times(10, bad), ...times(10, middle), ...times(10, bad)];

  test('is on what ended in it, and on nothing else', () => {
    expect(ofStage('http_req_duration', 'p(95)<200', course(good))).toMatchObject({ ok: true, actual: 50 });
    expect(ofStage('http_req_duration', 'p(95)<200', course({ times: [50, 300, 300] }))).toMatchObject({
      ...{ ok: false, actual: 300 },
    });
    expect(ofStage('http_reqs', 'count<=40', course(good))).toMatchObject({ ok: true, actual: 40 });
    expect(ofStage('http_reqs', 'rate>=4', course(good))).toMatchObject({ ok: true, actual: 4 });
  });

  test('counts what was sent in it and ended only later', () => {
    const seconds = [...times(10, good), ...times(5, good), ...times(10, none), { times: [10_500, 10_500] }];
    const result = ofStage('http_req_duration', 'p(95)<200', [...seconds, ...times(4, good)]);
    expect(result).toMatchObject({ ok: false });
    expect(result.bounds!.least).toBeGreaterThan(9000);
    expect(ofStage('http_req_failed', 'rate<1%', [...seconds, ...times(4, good)])).toMatchObject({
      undecided: true,
    });
  });

  test('counts what was sent in it and was cut off', () => {
    const seconds = [...times(15, good), ...times(14, none), { cut: [14_500, 14_500] }];
    expect(ofStage('http_req_duration', 'p(95)<200', seconds)).toMatchObject({ ok: false });
  });

  test('can be on its windows', () => {
    const middle = [...times(5, good), ...times(5, bad)];
    const seconds = [...times(10, bad), ...middle, ...times(10, bad)];
    expect(ofStage('http_req_duration', 'p(95)<200 in 50%', seconds)).toMatchObject({
      ...{ ok: true },
      windows: { held: 5, broken: 5 },
    });
    expect(ofStage('http_req_duration', 'p(95)<200 for 6s', seconds).ok).toBe(true);
    expect(ofStage('http_req_duration', 'p(95)<200 for 5s', seconds).ok).toBe(false);
  });
});

describe('a limit on a stage that is not whole seconds', () => {
  const duration = (ms: number) => ({ kind: 'constant-vus', vus: 5, rampUpMs: 0, durationMs: ms }) as const;
  const ofStage = (
    metric: string,
    expression: string,
    seconds: readonly Second[],
    [fromMs, untilMs]: readonly [number, number],
  ) => {
    const lengthMs = Math.max(1000, Math.round((untilMs - fromMs) / 1000) * 1000);
    const windows = { lengthMs, withinMs: 0, share: 1, stage: { scenario: 'main', fromMs, untilMs } };
    const scenarios = [{ ...scenario('main', 0, 0), executor: duration(untilMs) }];
    return judge(metric, expression, seconds, { scenarios }, { tags: { stage: '2' }, windows });
  };
  const of = (count: number): Second => ({ times: Array.from({ length: count }, () => 50) });

  test('never counts more than what ended', () => {
    // 40 and at most 20 more, never 80.
    const seconds = [of(40), of(40), of(20)];
    expect(ofStage('http_reqs', 'count>70', seconds, [1000, 2500])).toMatchObject({
      ...{ ok: false, actual: 60 },
      bounds: { least: 40, greatest: 60 },
    });
    const open = ofStage('http_reqs', 'count>50', seconds, [1000, 2500]);
    expect(open).toMatchObject({ ok: false, undecided: true });
    expect(ofStage('http_reqs', 'count>30', seconds, [1000, 2500]).ok).toBe(true);
    // Per second of the stage: from 26.7 to 40.
    expect(ofStage('http_reqs', 'rate>30', seconds, [1000, 2500]).undecided).toBe(true);
    expect(ofStage('http_reqs', 'rate>41', seconds, [1000, 2500])).toMatchObject({ ok: false, actual: 40 });
  });

  test('tells of a stage in which all that was counted is at its edges', () => {
    const seconds = [none, of(4), none, none];
    expect(ofStage('http_reqs', 'count<1', seconds, [1500, 3500]).undecided).toBe(true);
    expect(ofStage('http_reqs', 'count<5', seconds, [1500, 3500]).ok).toBe(true);
  });

  test('leaves open what its edges decide', () => {
    const slow: Second = { times: Array.from({ length: 40 }, () => 900), failed: 30 };
    const seconds = [of(40), of(40), slow];
    expect(ofStage('http_req_duration', 'p(95)<500', seconds, [1000, 2500]).undecided).toBe(true);
    expect(ofStage('http_req_failed', 'rate<10%', seconds, [1000, 2500]).undecided).toBe(true);
  });
});

describe('a count over a window that is shorter than the others', () => {
  const of = (count: number): Second => ({ times: Array.from({ length: count }, () => 50) });
  test('is judged with the one before, by the mean of both', () => {
    const seconds = [...times(10, of(8)), ...times(5, of(14))];
    // 80 in 10 s and 70 in 5 s: 100 in 10 s of the 15 s, and no 140.
    expect(judge('http_reqs', 'count>=100 over 10s', seconds)).toMatchObject({
      ...{ ok: true, actual: 100 },
      windows: { held: 1 },
    });
    expect(judge('http_reqs', 'count>=120 in 50% over 10s', seconds).ok).toBe(false);
  });

  test('is open upwards when there is no other', () => {
    const short = judge('http_reqs', 'count>50 over 10s', times(6, of(6)));
    expect(short).toMatchObject({ ok: false, undecided: true, bounds: { least: 36, greatest: null } });
    expect(judge('http_reqs', 'count>30 over 10s', times(6, of(6))).ok).toBe(true);
    expect(judge('http_reqs', 'count<30 over 10s', times(6, of(6)))).not.toHaveProperty('undecided');
  });
});

describe('what ends after the load', () => {
  const check = (meter: WorkerMeter, passes: number, fails: number) => {
    for (let i = 0; i < passes; i++) meter.rate('checks', { ...tags, check: 'ok' }).add(true);
    for (let i = 0; i < fails; i++) meter.rate('checks', { ...tags, check: 'ok' }).add(false);
  };
  const judgeChecks = (windows: NonNullable<ThresholdPlan['windows']>, isGoodAfter = false) => {
    const limit = limitOn('checks', 'rate', '>', 0.99, { windows, expression: 'rate>0.99 over 3s' });
    const plan = planWith({ scenarios: [scenario('main', 0, 6000)], durationMs: 6000, thresholds: [limit] });
    const collector = judgedCollector(plan);
    for (let i = 0; i < 12; i++) {
      collector.accept(
        windowOf(0, i * 1000, (meter) => {
          if (i < 6) check(meter, 40, 0);
          if (i === 9) check(meter, isGoodAfter ? 4 : 0, isGoodAfter ? 0 : 4);
        }),
      );
    }
    return collector.finish(12_000).thresholds[0]!;
  };

  test('breaks a lower limit on checks, as an upper one on failures', () => {
    const windows = { lengthMs: 3000, withinMs: 0, share: 1 };
    expect(judgeChecks(windows)).toMatchObject({ ok: false, actual: 0, windows: { held: 2, broken: 1 } });
    expect(judgeChecks(windows, true)).toMatchObject({ ok: true, windows: { held: 2, broken: 0 } });
  });

  test('leaves open a limit on the stage that the load ends with', () => {
    const stage = { scenario: 'main', fromMs: 3000, untilMs: 6000 };
    const windows = { lengthMs: 3000, withinMs: 0, share: 1, stage };
    expect(judgeChecks(windows)).toMatchObject({ ok: false, undecided: true });
    expect(judgeChecks(windows, true).ok).toBe(true);
    const earlier = { ...windows, stage: { ...stage, fromMs: 0, untilMs: 3000 } };
    expect(judgeChecks(earlier).ok).toBe(true);
  });

  test('does not break a lower limit on throughput', () => {
    const scenarios = [scenario('main', 0, 10_000)];
    const seconds = [...times(10, good), none, { times: [50] }];
    expect(judge('http_reqs', 'rate>=4', seconds, { scenarios }).ok).toBe(true);
    expect(judge('http_reqs', 'count<5', [...seconds, { times: [5, 5, 5, 5, 5] }], { scenarios }).ok).toBe(
      false,
    );
  });

  test.each([
    ['single stragglers do not', [none, { times: [900] }, ...times(20, none), { times: [800] }], true],
    ['broken seconds that good ones part do not', [...times(12, bad), good, ...times(12, bad)], true],
    ['so many on end do', times(20, bad), false],
  ] as const)('breaks a limit for 20 s on end: %s', (_, after, ok) => {
    const seconds = [...times(60, good), ...after];
    const scenarios = [scenario('main', 0, 60_000)];
    const collector = judgedCollector(
      planWith({
        ...{ scenarios, durationMs: 60_000 },
        thresholds: [limitFrom('http_req_duration', 'p(95)<200 for 20s')],
      }),
    );
    // Workers need not tell in the order of time.
    const last = windowsOf(0, seconds.length - 1, seconds.at(-1)!);
    for (const [i, second] of seconds.slice(0, -1).entries()) collector.accept(windowsOf(0, i, second));
    collector.accept(last);
    expect(collector.finish(seconds.length * 1000).thresholds[0]!.ok).toBe(ok);
  });
});

describe('what is known in part', () => {
  test('tells nothing without a sample, unless that is fine', () => {
    expect(judge('http_req_duration', 'p(95)<200 for 5s', times(10, none))).toMatchObject({
      ok: false,
      actual: null,
    });
    expect(judge('http_req_duration', 'p(95)<200 for 5s', times(10, none), {}, { optional: true }).ok).toBe(
      true,
    );
  });

  test('is the same of three workers as of one, in whatever order they tell', () => {
    const plan = (workers: number) =>
      planWith({
        ...{ workers, durationMs: 20_000, scenarios: [scenario('main', 0, 20_000)] },
        thresholds: [
          limitFrom('http_req_duration', 'p(95)<200 in 90%'),
          limitFrom('http_req_duration', 'p(95)<200 for 3s'),
          limitFrom('http_req_failed', 'rate<10% in 90%'),
          limitFrom('http_reqs', 'rate>10 in 90%'),
        ],
      });
    const one = judgedCollector(plan(1));
    const many = judgedCollector(plan(3));
    const late: MetricWindow[] = [];
    for (let i = 0; i < 20; i++) {
      const parts = [0, 1, 2].map((worker) => ({
        times: Array.from({ length: 4 }, (_, k) => (i % 7 === worker ? 3000 : 20 + k)),
        failed: (i + worker) % 5 === 0 ? 1 : 0,
      }));
      one.accept(
        windowOf(0, i * 1000, (meter) => {
          for (const { times: all, failed } of parts)
            for (const [k, ms] of all.entries()) recordRequest(meter, ms, k < failed, tags);
        }),
      );
      for (const [worker, part] of parts.entries()) {
        const window = windowsOf(worker, i, part);
        if (worker === 2) late.push(window);
        else many.accept(window);
      }
      if (i % 6 === 5) for (const window of late.splice(0)) many.accept(window);
    }
    for (const window of late) many.accept(window);
    const strip = (outcomes: readonly ThresholdOutcome[]) => outcomes.map(({ cut: _, ...rest }) => rest);
    expect(strip(many.finish(20_000).thresholds)).toEqual(strip(one.finish(20_000).thresholds));
  });

  test('forgets nothing of hours in little memory', () => {
    const hours = 3600;
    const seconds = Array.from({ length: hours }, (_, i) => (i % 100 === 99 ? bad : good));
    const result = judge('http_req_duration', 'p(95)<200 in 99%', seconds);
    expect(result).toMatchObject({ ok: true, windows: { held: hours * 0.99, broken: hours * 0.01 } });
  });
});
