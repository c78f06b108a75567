import { describe, expect, test } from 'vitest';
import type { ExecutorPlan } from '../executors/executors.ts';
import type { WorkerMeter } from '../meter/meter.ts';
import type { UserPlan } from '../model/plan.ts';
import type { Measurements } from '../model/run-record.ts';
import { createRandom } from '../stats/random.ts';
import { type UslParameters, uslThroughput } from '../stats/usl.ts';
import { analyse } from './analyse.ts';
import { measure, recordIterations, scenario } from './measurements.cases.ts';
import { findScalability, type Scalability } from './scalability.ts';
import { findLevels } from './scaling-levels.ts';

/** Greatest throughput at 44 users: 333/s. */
const truth: UslParameters = { sigma: 0.02, kappa: 5e-4, gamma: 20 };

/** One second of `users` without think time, with a noise of 1 %. */
function recordSecond(meter: WorkerMeter, users: number, name = 'main', failed = 0): void {
  const throughput = uslThroughput(truth, users);
  const random = createRandom(users, name);
  const count = Math.round(throughput * (1 + 0.02 * (random() - 0.5)));
  recordIterations(meter, count, { scenario: name, durationMs: (1000 * users) / throughput, failed });
  meter.gauge('vus', { scenario: name }).set(users);
}

const constant = (vus: number, durationMs: number): ExecutorPlan => {
  return { kind: 'constant-vus', vus, rampUpMs: 0, durationMs };
};

/** A search in steps of 10 s. */
function search(loads: readonly number[], failedFrom = Number.POSITIVE_INFINITY): Measurements {
  const names = loads.map((_, i) => `step-${i}`);
  return measure({
    plan: {
      scenarios: loads.map((load, i) =>
        scenario(names[i]!, constant(load, 10_000), { startAtMs: i * 10_000 }),
      ),
      durationMs: loads.length * 10_000,
      search: { unit: 'users', steps: loads.map((load, i) => ({ scenario: names[i]!, load })) },
    },
    seconds: loads.length * 10,
    record: (meter, second) => {
      const step = Math.floor(second / 10);
      const load = loads[step]!;
      recordSecond(meter, load, names[step], load >= failedFrom ? 50 : 0);
    },
  });
}

/** One run of half a minute at one load. */
function single(users: number, plan: Partial<Parameters<typeof scenario>[2]> = {}): Measurements {
  return measure({
    plan: { scenarios: [scenario('main', constant(users, 30_000), plan)], durationMs: 30_000 },
    seconds: 30,
    record: (meter) => recordSecond(meter, users),
  });
}

function modelOf(scalability: Scalability | undefined) {
  if (scalability?.model === undefined) throw new Error(scalability?.refusal ?? 'no levels');
  return scalability.model;
}

const loads = [5, 10, 20, 40, 80];

const searched = search(loads);

describe('levels are read', () => {
  test('from the steps of a search', () => {
    const { unit, levels } = findLevels(searched)!;
    expect(unit).toBe('users');
    expect(levels.map(({ load, title }) => [load, title])).toEqual(
      loads.map((load) => [load, `step of ${load} users`]),
    );
    for (const { load, throughput, seconds, leftOut } of levels) {
      expect(throughput / uslThroughput(truth, load)).toBeCloseTo(1, 1);
      expect(seconds).toBe(10);
      expect(leftOut).toBeUndefined();
    }
  });

  test('from the stages of a ramp, and from its slopes', () => {
    const stages = [
      { durationMs: 20_000, target: 10 },
      { durationMs: 0, target: 30 },
      { durationMs: 20_000, target: 30 },
      { durationMs: 20_000, target: 50 },
    ];
    const executor: ExecutorPlan = { kind: 'ramping-vus', startVUs: 10, stages, gracefulRampDownMs: 0 };
    const measured = measure({
      plan: { scenarios: [scenario('main', executor)], durationMs: 60_000 },
      seconds: 60,
      record: (meter, second) =>
        recordSecond(meter, second < 20 ? 10 : second < 40 ? 30 : 30 + (second - 39.5)),
    });
    expect(findLevels(measured)!.levels.map(({ load, title }) => [Math.round(load), title])).toEqual([
      [10, '5s to 19s'],
      [30, '25s to 39s'],
      [35, '40s to 50s'],
      [45, '50s to 1m'],
    ]);
  });

  test('of arrival rates as iterations in flight, by what was finished and how long it took', () => {
    const executor: ExecutorPlan = {
      ...{ kind: 'constant-arrival-rate', ratePerSec: 100, durationMs: 30_000 },
      ...{ preAllocatedVUs: 50, maxVUs: 50 },
    };
    const measured = measure({
      plan: { scenarios: [scenario('main', executor)], durationMs: 30_000 },
      seconds: 30,
      record: (meter) => recordIterations(meter, 100, { durationMs: 40 }),
    });
    const { unit, levels } = findLevels(measured)!;
    expect(unit).toBe('in flight');
    expect(levels).toHaveLength(1);
    expect(levels[0]!.load).toBeCloseTo(4, 1);
  });

  test('without those at which much failed', () => {
    const { levels } = findLevels(search(loads, 80))!;
    expect(levels.map(({ leftOut }) => leftOut !== undefined)).toEqual([false, false, false, false, true]);
    expect(levels.at(-1)!.leftOut).toMatch(/^1\d(\.\d)? % of its operations failed$/);
  });
});

describe('the model', () => {
  test('has the true parameters, peak and throughput within its intervals', () => {
    const model = modelOf(findScalability([searched]));
    const within = ({ low, high }: { low: number; high: number }, value: number): boolean =>
      low <= value && value <= high;
    expect(within(model.sigma, truth.sigma)).toBe(true);
    expect(within(model.kappa, truth.kappa)).toBe(true);
    expect(within(model.gamma, truth.gamma)).toBe(true);
    expect(within(model.peak!.load, Math.sqrt(0.98 / 5e-4))).toBe(true);
    expect(model.rSquared).toBeGreaterThan(0.99);
    expect(model.deviation).toBeLessThan(0.02);
  });

  test('of several runs is that of their levels together', () => {
    const scalability = findScalability(loads.map((users) => single(users)));
    expect(scalability!.levels.map(({ load }) => load)).toEqual(loads);
    expect(modelOf(scalability).peak!.load.value).toBeGreaterThan(35);
  });

  test('tells no peak where none is proven', () => {
    const model = modelOf(findScalability([search([1, 2, 3, 4, 6])]));
    expect(model.peak).toBeUndefined();
    expect(model.capacity.load).toBe(6);
  });

  test('names the largest level that counts where others were left out', () => {
    const { findings } = analyse(search([2, 4, 6, 8, 12, 160], 160));
    const finding = findings.find(({ kind }) => kind === 'scalability')!;
    expect(finding.title).toBe('Throughput shows no peak up to 12 users');
  });

  test('has levels that lie close to each other, if they reach far', () => {
    const close = Array.from({ length: 40 }, (_, i) => Math.round(10 * 1.04 ** i));
    expect(findScalability([search(close)])!.refusal).toBeUndefined();
  });

  test('has the low end of the peak for its capacity', () => {
    const model = modelOf(findScalability([searched]));
    expect(model.capacity.load).toBe(model.peak!.load.low);
  });

  test('says of a peak beyond the largest level that the load was not reached', () => {
    const finding = analyse(search([5, 10, 15, 20, 30, 40])).findings.find(
      ({ kind }) => kind === 'scalability',
    );
    expect(finding!.title).toMatch(/^Throughput would be greatest at about 4\d users, by the curve: /);
    expect(finding!.detail).toContain('That load was not reached');
  });

  test('is a finding of the run', () => {
    const { findings } = analyse(searched);
    const finding = findings.find(({ kind }) => kind === 'scalability');
    expect(finding).toMatchObject({ severity: 'info' });
    expect(finding!.title).toMatch(/^Throughput is greatest at about 4\d users: 3\d\d iterations\/s$/);
    expect(finding!.detail).toContain('fitted to 5 levels from 5 to 80 users');
    expect(finding!.evidence.every(({ value }) => Number.isFinite(value))).toBe(true);
    expect(JSON.stringify(finding)).not.toMatch(/recommended/i);
  });
});

describe('it refuses', () => {
  const refusal = (...records: Measurements[]): string | undefined => findScalability(records)?.refusal;

  test('too few levels, loads too close together, and says what was left out', () => {
    expect(refusal(search([10, 20, 40]))).toBe('A curve needs 4 levels of load or more; there are 3.');
    expect(refusal(search([10, 10, 20, 20]))).toContain('there are 2.');
    expect(refusal(search([10, 12, 14, 16]))).toBe(
      'The levels are too close together: the largest load is 1.6 times the smallest, and must be 2 times.',
    );
    expect(refusal(search([10, 20, 40, 80], 80))).toBe(
      'A curve needs 4 levels of load or more; there are 3 (in 1 level too many operations failed).',
    );
  });

  test('levels at which the generator was the limit', () => {
    const weak = loads.map((users) => {
      const one = single(users);
      return { ...one, generator: { ...one.generator, saturated: users > 20, reasons: ['It was busy.'] } };
    });
    expect(refusal(...weak)).toBe(
      'A curve needs 4 levels of load or more; there are 3 (in 2 levels the generator was the limit).',
    );
  });

  test('runs of different work', () => {
    const [user] = scenario('main', constant(1, 1)).users;
    const others: UserPlan[] = [{ ...user!, thinkTime: { kind: 'fixed', ms: 1000 } }];
    expect(refusal(...loads.map((users) => single(users)), single(60, { users: others }))).toMatch(
      /^The runs are not of the same work/,
    );
  });

  test('levels that no curve describes', () => {
    const jumping = search([5, 10, 20, 40]);
    const measured = [20, 200, 30, 300].map((throughput, i) => {
      const users = [5, 10, 20, 40][i]!;
      return measure({
        plan: { scenarios: [scenario('main', constant(users, 30_000))], durationMs: 30_000 },
        seconds: 30,
        record: (meter) => {
          recordIterations(meter, throughput, { durationMs: (1000 * users) / throughput });
          meter.gauge('vus', { scenario: 'main' }).set(users);
        },
      });
    });
    expect(refusal(jumping)).toBeUndefined();
    expect(refusal(...measured)).toMatch(/from the best curve/);
  });

  test('and has no levels of runs without load', () => {
    expect(findScalability([measure({ plan: { scenarios: [] }, record: () => undefined })])).toBeUndefined();
  });
});

describe('at another load', () => {
  const ask = (...at: number[]) => findScalability([searched], { loads: at, targetMs: 500 })!.estimates;

  test('throughput and time have a range, which holds the true value', () => {
    const [near, far] = ask(60, 160);
    expect(near!.note).toBe('Within what was measured.');
    expect(far!.note).toMatch(/^100 % beyond the largest load that was measured \(80\)/);
    for (const { load, throughput, iterationMs } of [near!, far!]) {
      const expected = uslThroughput(truth, load);
      expect(throughput!.low).toBeLessThanOrEqual(expected);
      expect(throughput!.high).toBeGreaterThanOrEqual(expected);
      expect(iterationMs!.value / ((1000 * load) / throughput!.value)).toBeCloseTo(1, 1);
    }
    const width = ({ low, high, value }: { low: number; high: number; value: number }): number =>
      (high - low) / value;
    expect(width(far!.throughput!)).toBeGreaterThan(width(near!.throughput!));
  });

  test('nothing is said further than ten times what was measured, but the straight line', () => {
    const [estimate] = ask(4000);
    expect(estimate!.throughput).toBeUndefined();
    expect(estimate!.note).toMatch(/^Nothing can be said of a load 50 times the largest/);
    // 80 users took 287 ms each: (500 / 287) × 80 users are 139, and 4,000 are 29 times that.
    expect(estimate!.linearMs! / 1000).toBeCloseTo(8.24, 1);
  });
});
