import { describe, expect, test } from 'vitest';
import type { ExecutorPlan } from '../../executors/executors.ts';
import type { WorkerMeter } from '../../meter/meter.ts';
import { type CapacityPlan, defaultBuffers } from '../../model/capacity-plan.ts';
import type { Measurements } from '../../model/run-record.ts';
import type { VerdictStatus } from '../../model/verdict.ts';
import { type UslParameters, uslThroughput } from '../../stats/usl.ts';
import { analyse } from '../analyse.ts';
import { arrivals, limitOn, measure, recordIterations, scenario } from '../measurements.cases.ts';
import { watchedRun } from '../recommendations/watched-runs.cases.ts';
import { findScalability } from '../scalability.ts';
import { assess, level, limit, plain } from './capacity-runs.cases.ts';

const adapterPlan: CapacityPlan = {
  instances: 3,
  buffers: defaultBuffers,
  database: { vcpus: 8, memoryBytes: 32e9 },
  growth: {
    users: 500,
    expected: [
      { title: '3 months', months: 3, users: 1000 },
      { title: '6 months', months: 6, users: 2000 },
      { title: '1 year', months: 12, users: 5000 },
    ],
  },
};

/** Worked by hand: the table of the adapter's guide. */
describe('500 users carried by 3 instances, at 400 requests a second', () => {
  const found = assess([level(500, 400)], adapterPlan)!;

  test('leave 350 users and 300 requests a second', () => {
    expect(found.rows).toMatchObject([
      { subject: 'users', current: 500, recommended: 350, buffer: 0.3, seen: 500 },
      { subject: 'rate', title: 'Requests/s', current: 400, recommended: 300, buffer: 0.25 },
    ]);
    expect(found.rows[0]!.range).toEqual({ value: 500, low: 500, high: Number.POSITIVE_INFINITY });
  });

  test('need 3, 6, 12 and 30 instances for 500, 1,000, 2,000 and 5,000 users, and a database that doubles', () => {
    expect(
      found.growth!.rows.map(({ title, users, instances, withBuffer, database, date }) => [
        title,
        date,
        users,
        instances!.value,
        withBuffer,
        database!.vcpus,
        database!.memoryBytes,
      ]),
    ).toEqual([
      ['today', '2026-01-01', 500, 3, 5, 8, 32e9],
      ['3 months', '2026-04-01', 1000, 6, 9, 16, 64e9],
      ['6 months', '2026-07-01', 2000, 12, 18, 32, 128e9],
      ['1 year', '2027-01-01', 5000, 30, 43, 64, 256e9],
    ]);
    expect(found.growth!.notes[0]).toBe(
      'The recommended maximum of 350 users is reached already: there are 500 users today.',
    );
  });

  test('what the suite states of an instance is told beside what was measured, and is not used', () => {
    const notes = assess([level(500, 400)], { ...adapterPlan, usersPerInstance: 100 })!.growth!.notes;
    expect(notes).toContain(
      'Instances: users ÷ 166.7, rounded up (3 instances carried 500). The suite states 100. They add up only where they share nothing.',
    );
  });
});

describe('the load that was carried', () => {
  test('is nothing that a run without a plan tells by one level', () => {
    expect(assess([level(500, 400)])).toBeUndefined();
    expect(assess([level(500, 400)], plain)!.carried).toMatchObject({ basis: 'held' });
  });

  test('lies below the load of a run that failed', () => {
    const runs = [level(100, 90), level(200, 150), level(300, 160)];
    const { carried, rows } = assess(runs, plain, ['pass', 'pass', 'fail'])!;
    expect(carried).toMatchObject({ basis: 'held', users: { value: 200, low: 200, high: 300 } });
    expect(rows[0]).toMatchObject({ current: 200, recommended: 140 });
    // A run that passed above one that failed proves nothing.
    expect(assess(runs, plain, ['pass', 'fail', 'pass'])!.carried).toMatchObject({
      users: { value: 100, high: 200 },
    });
  });

  const refused: readonly [string, Measurements[], VerdictStatus[], RegExp][] = [
    [
      'the generator was the limit',
      [saturated(level(10, 9))],
      ['inconclusive'],
      /load generator was the limit/,
    ],
    ['the only run failed', [level(10, 9)], ['fail'], /no lower load was measured/],
    ['the run is inconclusive', [level(10, 9)], ['inconclusive'], /see the verdict/],
    [
      'nothing says what counts as carried',
      [level(10, 9, { plan: { thresholds: [] } })],
      ['pass'],
      /No threshold/,
    ],
    ['several levels, and limits broke', [steps([40, 20, 10, 5])], ['fail'], /does not tell at which/],
  ];
  test.each(refused)('cannot be told when %s', (_why, records, status, sentence) => {
    const { carried, rows, growth } = assess(records, adapterPlan, status)!;
    expect('refusal' in carried && carried.refusal).toMatch(sentence);
    expect(rows).toEqual([]);
    expect(growth!.rows.every(({ instances, cost }) => instances === undefined && cost === undefined)).toBe(
      true,
    );
    expect(growth!.notes.join(' ')).toMatch(/How many instances are needed cannot be said/);
    const stated = assess(records, { ...adapterPlan, usersPerInstance: 166.7 }, status)!.growth!;
    expect(stated.rows.map(({ instances }) => instances!.value)).toEqual([3, 6, 12, 30]);
    expect(stated.notes[0]).toMatch(/as the suite states; no run has shown it/);
  });

  test('comes from the curve where there is one, and ends at the interval of its peak', () => {
    const measured = steps([5, 10, 20, 40, 80]);
    const { carried } = assess([measured])!;
    const model = findScalability([measured])!.model!;
    expect(carried).toMatchObject({ basis: 'curve' });
    if ('refusal' in carried) throw new Error(carried.refusal);
    expect(carried.users!.value).toBe(model.capacity.load);
    expect(carried.users!.high).toBe(model.peak!.load.high);
  });

  test('comes from a search, between the step that held and the one that broke', () => {
    const names = ['a', 'b', 'c'];
    const at = [10, 20, 40];
    const measured = measure({
      plan: {
        scenarios: names.map((name, i) =>
          scenario(
            name,
            { kind: 'constant-vus', vus: at[i]!, rampUpMs: 0, durationMs: 10_000 },
            { startAtMs: i * 10_000 },
          ),
        ),
        durationMs: 30_000,
        thresholds: names.map((name) =>
          limitOn('http_req_duration', 'p95', '<', 150, { level: 'search', tags: { scenario: name } }),
        ),
        search: {
          unit: 'users',
          steps: names.map((scenarioName, i) => ({ scenario: scenarioName, load: at[i]! })),
        },
      },
      seconds: 30,
      record: (meter, second) => {
        const step = Math.floor(second / 10);
        recordIterations(meter, 10 * (step + 1), {
          scenario: names[step]!,
          durationMs: step < 2 ? 100 : 200,
        });
      },
    });
    const { carried, rows } = assess([measured])!;
    expect(carried).toMatchObject({ basis: 'search', users: { value: 20, low: 20, high: 40 } });
    expect(rows[0]).toMatchObject({ current: 20, recommended: 14 });
    expect(rows[1]).toMatchObject({ current: 20, recommended: 15 });
  });

  test('is a rate alone in the open model', () => {
    const run = level(1, 50, {
      plan: { scenarios: [scenario('main', { ...arrivals(50, 60), durationMs: 30_000 } as ExecutorPlan)] },
    });
    const { carried, rows, growth } = assess([run], adapterPlan)!;
    expect(carried).not.toHaveProperty('users');
    expect(rows.map(({ subject }) => subject)).toEqual(['rate']);
    expect(growth!.notes.join(' ')).toMatch(/does not say how many users/);
  });
});

/** Twelve seconds at each load, by a curve whose greatest throughput is 333 a second at 44 users. */
function steps(loads: readonly number[]): Measurements {
  const truth: UslParameters = { sigma: 0.02, kappa: 5e-4, gamma: 20 };
  const executors = loads.map(
    (vus): ExecutorPlan => ({ kind: 'constant-vus', vus, rampUpMs: 0, durationMs: 12_000 }),
  );
  return measure({
    plan: {
      scenarios: executors.map((executor, i) => scenario(`s${i}`, executor, { startAtMs: i * 12_000 })),
      durationMs: loads.length * 12_000,
      thresholds: limit,
    },
    seconds: loads.length * 12,
    record: (meter: WorkerMeter, second) => {
      const i = Math.floor(second / 12);
      const users = loads[i]!;
      const perSec = uslThroughput(truth, users);
      const count = Math.round(perSec * (1 + 0.01 * ((second % 3) - 1)));
      recordIterations(meter, count, { scenario: `s${i}`, durationMs: (1000 * users) / perSec });
      for (const k of loads.keys()) meter.gauge('vus', { scenario: `s${k}` }).set(k === i ? users : 0);
    },
  });
}

function saturated(measured: Measurements): Measurements {
  return { ...measured, generator: { ...measured.generator, saturated: true, reasons: ['busy'] } };
}

describe('resources', () => {
  test('are held against their limits: 100 connections leave 70, 4 GB leave 3 GB, CPU leaves 70 %', () => {
    const run = watchedRun(
      {
        db: { kind: 'postgres', read: { connections: 80, connections_ratio: 0.8 } },
        host: { kind: 'host', read: { memory_used_bytes: 2e9, memory_used_ratio: 0.5, cpu_ratio: 0.4 } },
      },
      { plan: { capacity: plain } },
    );
    expect(assess([run])!.rows).toMatchObject([
      { title: 'Connections of db', current: 100, recommended: 70, buffer: 0.3, seen: 80 },
      { title: 'Memory of host', current: 4e9, recommended: 3e9, buffer: 0.25, seen: 2e9 },
      { title: 'CPU of host', current: 1, recommended: 0.7, buffer: 0.3, seen: 0.4 },
    ]);
  });

  test('are not told where the limit was not read, or nothing can be made of it', () => {
    for (const read of [
      { connections: 80 },
      { connections: 80, connections_ratio: 0 },
      { connections: Number.NaN, connections_ratio: 0.5 },
    ]) {
      const run = watchedRun({ db: { kind: 'postgres', read } }, { plan: { capacity: plain } });
      expect(assess([run])!.rows).toEqual([]);
    }
  });
});

describe('growth', () => {
  const growing = (growth: CapacityPlan['growth']): CapacityPlan => ({
    ...{ instances: 1, buffers: defaultBuffers },
    ...(growth !== undefined && { growth }),
  });
  const notesOf = (plan: CapacityPlan): readonly string[] => assess([level(1000, 400)], plan)!.growth!.notes;

  test('by a share each month reaches 700 of 350 after 7.3 months', () => {
    // ln 2 / ln 1.1 = 7.27
    expect(notesOf(growing({ users: 350, perMonth: 0.1, expected: [] }))[0]).toBe(
      'The recommended maximum of 700 users is reached on 2026-08-10, in 7.3 months; the run has not shown where the limit is, and it may be later.',
    );
    expect(
      assess([level(1000, 400)], growing({ users: 100, perMonth: 0.1, expected: [] }))!.growth!.rows,
    ).toMatchObject([
      { title: 'today', users: 100 },
      { title: '3 months', users: 133 },
      { title: '6 months', users: 177 },
      { title: '1 year', users: 314 },
    ]);
  });

  test('between two expected points goes by the same factor each month', () => {
    // From 350 to 1,400 in 6 months: 700 is half of the way.
    expect(
      notesOf(growing({ users: 350, expected: [{ title: '6 months', months: 6, users: 1400 }] }))[0],
    ).toMatch(/reached on 2026-04-01, in 3 months/);
  });

  test('that ends below is never enough, and users of today are those of the run where none are stated', () => {
    expect(
      notesOf(growing({ users: 350, expected: [{ title: '1 year', months: 12, users: 600 }] }))[0],
    ).toMatch(/is not reached by the growth that is stated/);
    expect(notesOf(growing({ perMonth: 0.1, expected: [] })).join(' ')).toMatch(
      /reached already: there are 1,000 users today.*those that the run drove: 1,000/,
    );
  });

  test('that nobody states leaves one row, of today', () => {
    const { rows, notes } = assess([level(1000, 400)], growing({ users: 350, expected: [] }))!.growth!;
    expect(rows).toMatchObject([{ title: 'today', users: 350, instances: { value: 1 } }]);
    expect(notes[0]).toBe(
      'The recommended maximum of 700 users is above the 350 users of today; how they grow is not stated.',
    );
  });

  test('of foreign records never becomes infinite, nor a size that nobody has', () => {
    const wild = { ...adapterPlan, growth: { users: 500, perMonth: 1e300, expected: [] } };
    expect(assess([level(500, 400)], wild)!.growth!.rows.map(({ title }) => title)).toEqual(['today']);
    const expected = Array.from({ length: 2000 }, (_, i) => ({
      ...{ title: `${i + 1} days`, months: (i + 1) / 30, users: 500 },
    }));
    const costs = { database: { currency: 'EUR', low: 100, high: 200 } };
    const long = { ...adapterPlan, costs, growth: { users: 500, expected } };
    const { rows } = assess([level(500, 400)], long)!.growth!;
    expect(rows.filter(({ database }) => database !== undefined)).toHaveLength(8);
    expect(rows.filter(({ cost }) => cost !== undefined)).toHaveLength(8);
    expect(rows[7]!.database!.vcpus).toBe(8 * 128);
  });

  test('costs are those of the suite: instances and a database that doubles', () => {
    const costs = {
      instance: { currency: 'EUR', low: 50, high: 100 },
      database: { currency: 'EUR', low: 100, high: 200 },
    };
    const rows = assess([level(500, 400)], { ...adapterPlan, costs })!.growth!.rows;
    expect(rows.map(({ cost }) => cost)).toEqual([
      { currency: 'EUR', low: 3 * 50 + 100, high: 3 * 100 + 200 },
      { currency: 'EUR', low: 6 * 50 + 200, high: 6 * 100 + 400 },
      { currency: 'EUR', low: 12 * 50 + 400, high: 12 * 100 + 800 },
      { currency: 'EUR', low: 30 * 50 + 800, high: 30 * 100 + 1600 },
    ]);
    const mixed = { ...costs, database: { currency: 'USD', low: 1, high: 2 } };
    expect(
      assess([level(500, 400)], { ...adapterPlan, costs: mixed })!.growth!.rows[0]!.cost,
    ).toBeUndefined();
  });

  test('beyond the recommended maximum recommends more instances, with how many', () => {
    const run = level(500, 400, { plan: { capacity: adapterPlan } });
    const scaleOut = analyse(run).recommendations?.find(({ id }) => id === 'scale-out');
    expect(scaleOut).toMatchObject({
      current: '3 instances',
      recommended: '5 instances for 500 users, the buffer kept free (1 to 3 without it)',
      trigger: '500 users are there today, and the recommended maximum is 350 users.',
    });
  });
});
