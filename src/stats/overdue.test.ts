import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Histogram } from './histogram.ts';
import { overdueFromMs, valuesFrom } from './overdue.ts';
import { createRandom } from './random.ts';

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.add(value);
  return histogram;
}

const times = (count: number, value: number): number[] => new Array<number>(count).fill(value);

type Draw = (random: () => number) => number;

const services: Readonly<Record<string, (meanMs: number) => Draw>> = {
  alike: (mean) => () => mean,
  even: (mean) => (random) => mean * (0.5 + random()),
  exponential: (mean) => (random) => -mean * Math.log(1 - random()),
  'with a slow tenth': (mean) => (random) => (random() < 0.1 ? 5 * mean : mean * (0.8 + 0.4 * random())),
};

/** A closed model until `cutMs`: what users had completed by then, and how long each had waited for the rest. */
function closedRun(users: number, cutMs: number, draw: Draw, seed: number) {
  const completed: number[] = [];
  const waits: number[] = [];
  for (let user = 0; user < users; user++) {
    const random = createRandom(seed, 'user', user);
    let nowMs = 0;
    for (;;) {
      const serviceMs = draw(random);
      if (nowMs + serviceMs > cutMs) break;
      completed.push(serviceMs);
      nowMs += serviceMs;
    }
    waits.push(cutMs - nowMs);
  }
  return { completed, waits };
}

/** Where few answers are slow, it takes more of them until slow ones are known. */
const roundsOf = (service: string, rounds: number): number =>
  service === 'with a slow tenth' ? 10 * rounds : rounds;

const healthy = fc.record({
  users: fc.integer({ min: 1, max: 60 }),
  rounds: fc.double({ min: 30, max: 60, noNaN: true }),
  meanMs: fc.double({ min: 0.5, max: 3000, noNaN: true }),
  service: fc.constantFrom(...Object.keys(services)),
  seed: fc.integer(),
});

describe('overdue work', () => {
  test('is none at the end of a healthy run, whatever the load and the times', () => {
    fc.assert(
      fc.property(healthy, ({ users, rounds, meanMs, service, seed }) => {
        const run = closedRun(users, roundsOf(service, rounds) * meanMs, services[service]!(meanMs), seed);
        expect(overdueFromMs(histogramOf(run.waits), histogramOf(run.completed))).toBe(
          Number.POSITIVE_INFINITY,
        );
      }),
      { numRuns: 300, seed: 20261129 },
    );
  });

  test('is all that hangs when the target stops for longer than its slowest answers, in any such run', () => {
    fc.assert(
      fc.property(
        healthy,
        fc.double({ min: 1.05, max: 50, noNaN: true }),
        ({ users, rounds, meanMs, service, seed }, factor) => {
          const { completed, waits } = closedRun(
            users,
            roundsOf(service, rounds) * meanMs,
            services[service]!(meanMs),
            seed,
          );
          const slowest = Math.max(...completed);
          const stopMs = (2 * slowest + 200) * factor;
          const least = overdueFromMs(histogramOf(waits.map((ms) => ms + stopMs)), histogramOf(completed));
          expect(least).toBeLessThanOrEqual(Math.min(...waits) + stopMs);
        },
      ),
      { numRuns: 300, seed: 20261129 },
    );
  });

  test('is told of a handful that hangs among work that does not', () => {
    const waits = histogramOf([...times(48, 2), 3000, 4000]);
    const least = overdueFromMs(waits, histogramOf(times(10_000, 3)));
    expect(least).toBeGreaterThan(2900);
    expect(valuesFrom(waits, least).count).toBe(2);
    expect(valuesFrom(waits, least)).toMatchObject({ max: 4000 });
  });

  test('is not excused by one slow start of every user', () => {
    const completed = histogramOf([...times(50, 1500), ...times(10_000, 10)]);
    expect(overdueFromMs(histogramOf(times(50, 3200)), completed)).toBeLessThanOrEqual(3200);
  });

  test('is none where a run is a few constant answers long', () => {
    for (const waited of [1910, 2600, 2990]) {
      expect(overdueFromMs(histogramOf(times(100, waited)), histogramOf(times(100, 3000)))).toBe(
        Number.POSITIVE_INFINITY,
      );
    }
    const inFlight = Array.from({ length: 60 }, (_, i) => i * 50);
    expect(overdueFromMs(histogramOf(inFlight), histogramOf(times(60, 3000)))).toBe(Number.POSITIVE_INFINITY);
    // Longer than that, and more than completed, prove a stop.
    expect(overdueFromMs(histogramOf(times(100, 3200)), histogramOf(times(100, 3000)))).toBeLessThan(3201);
    expect(overdueFromMs(histogramOf(times(100, 2900)), histogramOf(times(20, 3000)))).toBeLessThan(2901);
  });

  test('is what waits longer than any of many answers took, once several do', () => {
    const completed = histogramOf(times(80, 1005));
    // Twenty a second that take a second, of which none is answered in the last two.
    const waits = Array.from({ length: 39 }, (_, i) => i * 50);
    const least = overdueFromMs(histogramOf(waits), completed);
    expect(least).toBeGreaterThan(1005);
    expect(least).toBeLessThanOrEqual(1700);
    expect(overdueFromMs(histogramOf(times(20, 1950)), completed)).toBeLessThanOrEqual(1950);
    expect(overdueFromMs(histogramOf(times(20, 1200)), completed)).toBe(Number.POSITIVE_INFINITY);
    expect(overdueFromMs(histogramOf(times(4, 1950)), completed)).toBe(Number.POSITIVE_INFINITY);
  });

  test('is none where stops so long are usual', () => {
    const completed = histogramOf([...times(10_000, 3), ...times(300, 2000)]);
    expect(overdueFromMs(histogramOf(times(50, 1500)), completed)).toBe(Number.POSITIVE_INFINITY);
  });

  test('is everything where nothing, or not enough, was completed', () => {
    expect(overdueFromMs(histogramOf([0, 2]), new Histogram())).toBe(0);
    expect(overdueFromMs(histogramOf(times(9, 20)), histogramOf([3]))).toBeLessThanOrEqual(20);
  });

  test('keeps the exact values where all of it is', () => {
    const waits = histogramOf([30_017.3, 46_950.1]);
    expect(valuesFrom(waits, 30_000)).toMatchObject({ min: 30_017.3, max: 46_950.1, sum: waits.sum });
  });
});
