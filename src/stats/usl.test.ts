import { describe, expect, test } from 'vitest';
import { sortedQuantile } from './median.ts';
import { createRandom } from './random.ts';
import {
  fitUsl,
  resampleUsl,
  type UslParameters,
  type UslPoint,
  uslGreatestThroughput,
  uslPeakLoad,
  uslThroughput,
} from './usl.ts';

function points(loads: readonly number[], throughputs: readonly number[]): UslPoint[] {
  return loads.map((load, i) => ({ load, throughput: throughputs[i]! }));
}

/** N. J. Gunther, "Guerrilla Capacity Planning" (2007): SPEC SDM91; the figures of R's package `usl`. */
const specLoads = [1, 18, 36, 72, 108, 144, 216];
const spec = points(specLoads, [64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775, 1702.2]);

/** The same book: a ray tracer on an SGI Origin 2000. */
const rayLoads = [1, 4, 8, 12, 16, 20, 24, 28, 32, 48, 64];
const ray = points(rayLoads, [20, 78, 130, 170, 190, 200, 210, 230, 260, 280, 310]);

/** B. Schwartz, "Practical Scalability Analysis with the Universal Scalability Law" (2015): MySQL on Cisco hardware. */
const mysql = points(
  Array.from({ length: 32 }, (_, i) => i + 1),
  [
    955.16, 1878.91, 2688.01, 3548.68, 4315.54, 5130.43, 5931.37, 6531.08, 7219.8, 7867.61, 8278.71, 8646.7,
    9047.84, 9426.55, 9645.37, 9897.24, 10097.6, 10240.5, 10532.39, 10798.52, 11151.43, 11518.63, 11806.0,
    12089.37, 12075.41, 12177.29, 12211.41, 12158.93, 12155.27, 12118.04, 12140.4, 12074.39,
  ],
);

describe('published data give the published parameters', () => {
  test('of SPEC SDM91, with its peak and its residual error', () => {
    const fit = fitUsl(spec)!;
    expect(fit.sigma).toBeCloseTo(0.02773, 5);
    expect(fit.kappa).toBeCloseTo(1.044e-4, 7);
    expect(fit.gamma).toBeCloseTo(90, 1);
    expect(Math.sqrt(fit.squares / fit.freedom)).toBeCloseTo(82.85, 1);
    expect(uslPeakLoad(fit)).toBeCloseTo(96.51956, 3);
    expect(specLoads.map((load) => Math.round(uslThroughput(fit, load)))).toEqual([
      90, 1078, 1541, 1850, 1879, 1822, 1646,
    ]);
  });

  test('of a ray tracer up to 20 processors', () => {
    const fit = fitUsl(ray.slice(0, 6))!;
    expect(fit.sigma).toBeCloseTo(0.02444, 5);
    expect(fit.kappa).toBeCloseTo(0.00163, 5);
    expect(fit.gamma).toBeCloseTo(20.856, 3);
  });

  test('of MySQL on 1 to 32 threads', () => {
    const fit = fitUsl(mysql)!;
    expect(fit.sigma / 0.026_715_91).toBeCloseTo(1, 3);
    expect(fit.kappa / 7.690_945e-4).toBeCloseTo(1, 3);
    expect(fit.gamma / 995.6486).toBeCloseTo(1, 4);
    expect(Math.floor(uslPeakLoad(fit))).toBe(35);
    expect(Math.floor(uslThroughput(fit, 35))).toBe(12_341);
    expect(uslThroughput(fit, 20)).toBeCloseTo(11_063.63, 0);
    expect((20 / uslThroughput(fit, 20)) * 1000).toBeCloseTo(1.80772, 4);
  });

  test("of the synthetic series of R's package `usl`", () => {
    const fit = fitUsl(points([1, 2, 4, 6, 8, 10], [1, 1.8868, 3.0769, 3.5294, 3.5398, 3.3557]))!;
    expect(fit.sigma).toBeCloseTo(0.02, 3);
    expect(fit.kappa).toBeCloseTo(0.02, 3);
    expect(fit.gamma).toBeCloseTo(1, 3);
  });
});

test('a curve that would need a negative parameter gets the best one that does not', () => {
  const fit = fitUsl(ray)!;
  expect(fit.kappa).toBe(0);
  expect(fit.sigma).toBeCloseTo(0.0577708, 6);
  expect(fit.gamma).toBeCloseTo(21.8488, 3);
  expect(fit.squares).toBeCloseTo(697.24, 1);
  expect(uslPeakLoad(fit)).toBe(Number.POSITIVE_INFINITY);
  expect(uslGreatestThroughput(fit)).toBeCloseTo(378.2, 1);
});

test('without noise the parameters are what they were, in any unit', () => {
  const truth = { sigma: 0.05, kappa: 2e-7, gamma: 3e5 };
  const loads = [10, 100, 300, 1000, 3000];
  const fit = fitUsl(loads.map((load) => ({ load, throughput: uslThroughput(truth, load) })))!;
  for (const key of ['sigma', 'kappa', 'gamma'] as const) expect(fit[key] / truth[key]).toBeCloseTo(1, 6);
});

test('linear growth has no contention, and nothing is told of two loads', () => {
  expect(fitUsl(points([1, 2, 3, 4], [10, 20, 30, 40]))).toMatchObject({ sigma: 0, kappa: 0 });
  expect(fitUsl(points([1, 2, 2, 1], [10, 20, 19, 11]))).toBeUndefined();
});

test('a point with little weight counts little', () => {
  const truth = { sigma: 0.1, kappa: 0.001, gamma: 10 };
  const exact = [1, 2, 5, 10, 20, 40].map((load) => ({ load, throughput: uslThroughput(truth, load) }));
  const wild = fitUsl([...exact, { load: 30, throughput: 5, weight: 1e-9 }])!;
  expect(wild.sigma).toBeCloseTo(0.1, 5);
});

describe('95 % intervals', () => {
  /** How many of 50 intervals hold the true value, with noise in proportion to the throughput. */
  function coverage(loads: readonly number[], truth: UslParameters, noise: number) {
    const held = { sigma: 0, kappa: 0, gamma: 0, peak: 0, beyond: 0 };
    const beyond = 2 * loads.at(-1)!;
    const values = (all: UslParameters) => ({
      ...all,
      peak: uslPeakLoad(all),
      beyond: uslThroughput(all, beyond),
    });
    const random = createRandom(7, 'coverage', loads.length, noise);
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    for (let i = 0; i < 50; i++) {
      const measured = loads.map((load) => {
        const throughput = uslThroughput(truth, load) * (1 + noise * normal());
        return { load, throughput, weight: throughput ** -2 };
      });
      const replicates = resampleUsl(measured, fitUsl(measured)!, 100).map(values);
      for (const key of Object.keys(held) as (keyof typeof held)[]) {
        const sorted = replicates.map((one) => one[key]).sort((a, b) => a - b);
        const [low, high] = [sortedQuantile(sorted, 0.025), sortedQuantile(sorted, 0.975)];
        if (low <= values(truth)[key] && values(truth)[key] <= high) held[key]++;
      }
    }
    return held;
  }

  test.each([
    [[1, 2, 4, 8, 16, 32, 64], 0.03],
    [[10, 20, 40, 80, 120], 0.03],
    [[10, 20, 40, 80], 0.05],
  ])('from loads %j with noise of %d hold the true value in 43 of 50 cases', (loads, noise) => {
    const held = coverage(loads, { sigma: 0.02, kappa: 2e-4, gamma: 50 }, noise);
    for (const count of Object.values(held)) expect(count).toBeGreaterThanOrEqual(43);
  });
});
