import { describe, expect, it } from 'vitest';
import type { WorkerMeter } from '../../meter/meter.ts';
import type { ExpectationPlan, FaultRecord } from '../../model/fault.ts';
import type { MonitorRecord } from '../../model/monitor.ts';
import { analyse } from '../analyse.ts';
import { recordIterations } from '../measurements.cases.ts';
import { faultResults } from './fault-results.ts';
import { both, type FaultCase, isDuring, resultOf, runWith, type Second } from './faults.cases.ts';

describe('recovery', () => {
  const recovery: ExpectationPlan = { kind: 'recovery', withinMs: 3000 };

  it('is met by a system that the fault did nothing to', () => {
    expect(resultOf({ expect: [recovery] })).toMatchObject({ status: 'met', value: 0 });
  });

  it('counts from the end of the fault to the first of three intervals as before', () => {
    const failingUntil = (end: number): Second => {
      return (meter, second) => both(meter, { failed: second >= 10 && second < end ? 60 : 0 });
    };
    expect(resultOf({ expect: [recovery], second: failingUntil(17) })).toMatchObject({
      status: 'met',
      value: 2000,
    });
    expect(resultOf({ expect: [recovery], second: failingUntil(20) })).toMatchObject({
      status: 'unmet',
      value: 5000,
    });
  });

  it('is not met while response times are longer, or one operation is missing', () => {
    const slow: Second = (meter, second) => both(meter, { durationMs: second >= 10 ? 80 : 20 });
    expect(resultOf({ expect: [recovery], second: slow }).status).toBe('unmet');
    // Users who wait for orders are in no figure, and prices are as good as ever.
    const hanging: Second = (meter, second) => {
      recordIterations(meter, 100, { task: 'price' });
      if (second < 10) recordIterations(meter, 50, { task: 'order' });
    };
    expect(resultOf({ expect: [recovery], second: hanging }).status).toBe('unmet');
  });

  it('is open when the run ends too early, or nothing shows what is usual', () => {
    const failing: Second = (meter, second) => both(meter, { failed: second >= 10 ? 60 : 0 });
    expect(resultOf({ expect: [recovery], second: failing, seconds: 18 }).status).toBe('open');
    const late: Second = (meter, second) => {
      if (second >= 7) both(meter);
    };
    expect(resultOf({ expect: [recovery], second: late })).toMatchObject({
      status: 'open',
      detail: expect.stringContaining('fewer than 5 intervals'),
    });
    const sparse: Second = (meter) => recordIterations(meter, 2);
    expect(resultOf({ expect: [recovery], second: sparse }).detail).toContain('too few');
  });
});

describe('failover', () => {
  const failover: ExpectationPlan = { kind: 'failover', withinMs: 1000 };
  const failingFor = (seconds: number): Second => {
    return (meter, second) => both(meter, { failed: second >= 10 && second < 10 + seconds ? 60 : 0 });
  };

  it('counts from the start, while the fault is on', () => {
    expect(resultOf({ expect: [failover], second: failingFor(1) })).toMatchObject({ status: 'met' });
    expect(resultOf({ expect: [failover], second: failingFor(2) })).toMatchObject({ status: 'unmet' });
    // Back only because the fault is over.
    expect(resultOf({ expect: [failover], second: failingFor(5) })).toMatchObject({ status: 'unmet' });
  });
});

describe('other operations', () => {
  const flat: ExpectationPlan = { kind: 'others-flat', affected: ['order'], mostRatio: 0.02 };

  it('are flat when only the affected fail', () => {
    const second: Second = (meter, at) => both(meter, { failed: isDuring(at) ? 100 : 0 });
    expect(resultOf({ expect: [flat], second }).status).toBe('met');
  });

  it('are not when they fail, too, during the fault or soon after', () => {
    const failing = (from: number, until: number): Second => {
      return (meter, second) => {
        recordIterations(meter, 100, { task: 'order' });
        recordIterations(meter, 100, { task: 'price', failed: second >= from && second < until ? 20 : 0 });
      };
    };
    expect(resultOf({ expect: [flat], second: failing(10, 15) })).toMatchObject({
      status: 'unmet',
      detail: expect.stringContaining('POST /price (task price)'),
    });
    expect(resultOf({ expect: [flat], second: failing(15, 18) }).status).toBe('unmet');
    // What failed as much before is no cascade.
    expect(resultOf({ expect: [flat], second: failing(0, 30) }).status).not.toBe('unmet');
  });

  it('are open when they are too few, hang, or the affected are not known', () => {
    const few: Second = (meter) => {
      recordIterations(meter, 100, { task: 'order' });
      recordIterations(meter, 5, { task: 'price' });
    };
    expect(resultOf({ expect: [flat], second: few })).toMatchObject({
      status: 'open',
      detail: expect.stringContaining('Too few'),
    });
    const hanging: Second = (meter, second) => {
      recordIterations(meter, 100, { task: 'order' });
      if (!isDuring(second)) recordIterations(meter, 100, { task: 'price' });
    };
    expect(resultOf({ expect: [flat], second: hanging }).status).toBe('open');
    const misspelt: ExpectationPlan = { ...flat, affected: ['oder'] };
    expect(resultOf({ expect: [misspelt] })).toMatchObject({
      status: 'open',
      detail: expect.stringContaining('oder'),
    });
  });
});

describe('a figure that must reach a value', () => {
  const opens: ExpectationPlan = {
    ...{ kind: 'reach', expression: 'monitor_api_open == 1 within 2s', withinMs: 2000 },
    condition: { metric: 'monitor_api_open', tags: {}, operator: '==', limit: 1, unit: 'count' },
  };
  const closes: ExpectationPlan = {
    ...{ kind: 'return', expression: 'monitor_api_open == 0 within 2s', withinMs: 2000 },
    condition: { ...opens.condition, limit: 0 },
  };
  /** A monitor that saw these values at these times. */
  const seen = (values: Readonly<Record<number, number>>): Readonly<Record<string, MonitorRecord>> => {
    const times = Object.keys(values).map(Number);
    return {
      api: {
        ...{
          kind: 'http',
          title: 'api',
          source: '',
          intervalMs: 1000,
          readingsPerEntry: 1,
          readings: times.length,
        },
        figures: { open: { type: 'gauge', unit: 'count', title: 'open' } },
        ...{ times, series: { open: { avg: Object.values(values) } } },
        ...{ failures: 0, gaps: [], events: [], tables: [], readingMs: 0, skipped: 0 },
      },
    };
  };
  const reached = (values: Readonly<Record<number, number>>) =>
    resultOf({ expect: [opens], monitors: seen(values) });

  it('is met at a reading within the time, and not met when it comes later or never', () => {
    expect(reached({ 9000: 0, 10500: 0, 11500: 1 })).toMatchObject({ status: 'met', value: 1500 });
    expect(reached({ 9000: 0, 12100: 0, 13000: 1 })).toMatchObject({ status: 'unmet' });
    expect(reached({ 9000: 0, 11000: 0, 14000: 0 })).toMatchObject({ status: 'unmet' });
  });

  it('is open when it was so before, or when readings are too far apart', () => {
    expect(reached({ 9000: 1, 11000: 1 })).toMatchObject({ status: 'open' });
    expect(reached({ 9000: 0, 11000: 0, 13000: 1 })).toMatchObject({ status: 'open' });
    expect(reached({ 9000: 0 })).toMatchObject({ status: 'open' });
    expect(reached({ 9000: 0, 11000: 0 })).toMatchObject({ status: 'open' });
  });

  it('is open when nobody knows how it was before', () => {
    expect(reached({ 10500: 1, 11000: 1 })).toMatchObject({
      status: 'open',
      detail: expect.stringContaining('was not read before the fault'),
    });
  });

  it('is not reached by what the next fault does', () => {
    const opensLate = { ...opens, withinMs: 10_000 };
    const run = runWith({ expect: [opensLate], monitors: seen({ 9000: 0, 11000: 0, 15500: 0, 18000: 1 }) });
    const next = { name: 'next', fromMs: 17_000, untilMs: 19_000 };
    const measured = {
      ...run,
      plan: {
        ...run.plan,
        faults: [...run.plan.faults!, { ...run.plan.faults![0]!, name: 'next', expect: [] }],
      },
      faults: [...run.faults!, next],
    };
    expect(faultResults(measured)[0]!.expectations[0]).toMatchObject({ status: 'open' });
    expect(faultResults(run)[0]!.expectations[0]).toMatchObject({ status: 'met' });
  });

  it('is found in readings that were joined', () => {
    const joined = seen({ 9000: 0, 11000: 0.5 });
    const series = { open: { avg: [0, 0.5], min: [0, 0], max: [0, 1] } };
    const monitors = { api: { ...joined.api!, series } };
    expect(resultOf({ expect: [opens], monitors }).status).toBe('met');
  });

  it('counts from the end when it must return', () => {
    const monitors = seen({ 9000: 0, 11000: 1, 14500: 1, 16000: 0 });
    expect(resultOf({ expect: [closes], monitors })).toMatchObject({ status: 'met', value: 1000 });
    const stuck = seen({ 9000: 0, 11000: 1, 16000: 1, 20000: 1 });
    expect(resultOf({ expect: [closes], monitors: stuck }).status).toBe('unmet');
  });

  it('may be one of the load, known when an interval is over', () => {
    const failing: ExpectationPlan = {
      ...{ kind: 'reach', expression: 'http_req_failed > 20% within 2s', withinMs: 2000 },
      condition: { metric: 'http_req_failed', tags: {}, operator: '>', limit: 0.2, unit: 'ratio' },
    };
    const second: Second = (meter, at) => both(meter, { failed: at === 11 ? 60 : 0 });
    expect(resultOf({ expect: [failing], second })).toMatchObject({ status: 'met', value: 2000 });
  });
});

describe('stale reads', () => {
  const fresh: ExpectationPlan = { kind: 'no-stale', metric: 'stale_reads', afterMs: 2000 };
  const metrics = { stale_reads: { type: 'rate', contains: 'default' } };
  const reads = (staleUntil: number, count = 10) => {
    return (meter: WorkerMeter, second: number) => {
      both(meter);
      if (second === 0) meter.define('stale_reads', { type: 'rate', contains: 'default' });
      for (let i = 0; i < count; i++)
        meter.rate('stale_reads', { scenario: 'main' }).add(second >= 10 && second < staleUntil);
    };
  };

  it('may be there up to the time, and not later', () => {
    expect(resultOf({ expect: [fresh], metrics, second: reads(12) }).status).toBe('met');
    expect(resultOf({ expect: [fresh], metrics, second: reads(14) })).toMatchObject({
      status: 'unmet',
      value: 4000,
    });
  });

  it('are open when hardly anything was read', () => {
    expect(resultOf({ expect: [fresh], metrics, second: reads(0, 1) }).status).toBe('open');
    expect(resultOf({ expect: [fresh], metrics }).status).toBe('open');
  });
});

describe('what a fault costs', () => {
  const cost: ExpectationPlan = { kind: 'cost', mostRatio: 0.5 };
  const long = { fault: { forMs: 10_000 }, record: { untilMs: 20_000 } };
  const slower = (durationMs: number): Second => {
    return (meter, second) => {
      const isOn = second >= 10 && second < 20;
      recordIterations(meter, 100, { durationMs: isOn ? durationMs : 20 + (second % 3) });
    };
  };

  it('is met up to its share, and not met beyond', () => {
    expect(resultOf({ ...long, expect: [cost], second: slower(25) }).status).toBe('met');
    expect(resultOf({ ...long, expect: [cost], second: slower(60) }).status).toBe('unmet');
  });

  it('is open where the intervals are too few, or spread around the limit', () => {
    expect(resultOf({ expect: [cost] }).detail).toContain('at least 6');
    const spread: Second = (meter, second) => {
      const isOn = second >= 10 && second < 20;
      recordIterations(meter, 100, { durationMs: isOn ? 20 + (second % 4) * 9 : 20 });
    };
    expect(resultOf({ ...long, expect: [cost], second: spread })).toMatchObject({ status: 'open' });
  });
});

describe('a fault', () => {
  const recovery: ExpectationPlan = { kind: 'recovery', withinMs: 3000 };
  const troubleOf = (record: Partial<FaultRecord>, fault: FaultCase['fault'] = {}) =>
    faultResults(runWith({ expect: [recovery], record, fault }))[0]!;

  it('was as planned when it began and ended about when it should', () => {
    const traffic = { connections: 10, cut: 10, bytes: 100, addedMs: null };
    expect(troubleOf({ fromMs: 10_080, untilMs: 15_040, traffic }).trouble).toEqual([]);
  });

  it.each([
    [{ fromMs: null, untilMs: null }, {}, 'It was not begun: the load ended before 10s.'],
    [{ trouble: ['It could not be taken back: no.'] }, {}, 'It could not be taken back: no.'],
    [{ fromMs: 12_500, untilMs: 17_500 }, {}, 'It began 2.5s late.'],
    [{ untilMs: 12_000 }, {}, 'It was on for 2s of 5s: the load ended.'],
    [{ untilMs: null }, {}, 'Nobody knows whether it was taken back.'],
    [
      { traffic: { connections: 0, cut: 0, bytes: 0, addedMs: null } },
      {},
      'No connection came through the proxy crm, so nothing felt it.',
    ],
    [
      { traffic: { connections: 3, cut: 0, bytes: 0, addedMs: null } },
      { kind: 'latency' },
      'Nothing was sent through the proxy crm while it was on, so nothing felt it.',
    ],
  ] as const)('was not with %j', (record, fault, sentence) => {
    const { trouble, expectations } = troubleOf(record, fault);
    expect(trouble).toEqual([sentence]);
    expect(expectations.map(({ status }) => status)).toEqual(['open']);
    const { verdict, findings } = analyse(runWith({ expect: [recovery], record, fault }));
    expect(verdict.status).toBe('inconclusive');
    expect(findings.find(({ kind }) => kind === 'fault')).toMatchObject({ severity: 'warning' });
  });

  it('is a finding of its own, critical when something was not met', () => {
    const second: Second = (meter, at) => both(meter, { failed: at >= 10 ? 60 : 0 });
    const { verdict, findings } = analyse(runWith({ expect: [recovery], second }));
    expect(verdict.status).toBe('fail');
    expect(verdict.reasons[0]).toContain('as before within 3s of its end” was not met');
    expect(findings.find(({ kind }) => kind === 'fault')).toMatchObject({
      severity: 'critical',
      title: 'Fault at 10s: The CRM is down, 0 of 1 expectations met',
    });
  });

  it('leaves the verdict alone when all was met', () => {
    expect(analyse(runWith({ expect: [recovery] })).verdict.status).toBe('pass');
  });
});
