import { describe, expect, test } from 'vitest';
import { pairedRatio } from './paired-ratio.ts';
import { createRandom } from './random.ts';

/** Pairs of a true ratio, both swayed by the same drift, each with noise of its own. */
function drifting(seed: number, count: number, ratio: number): [number, number][] {
  const random = createRandom(seed, 'pairs');
  const noise = (): number => Math.exp((random() + random() + random() - 1.5) * 0.2);
  return Array.from({ length: count }, (_, i) => {
    const drift = 1 + 0.6 * Math.sin(i / 7) + i / count;
    return [5 * ratio * drift * noise(), 5 * drift * noise()];
  });
}

describe('the ratio of pairs', () => {
  test('is exact without noise', () => {
    const pairs = [1, 2, 3, 4, 5].map((b): [number, number] => [b * 1.3, b]);
    expect(pairedRatio(pairs, 0.95)!.ratio).toBeCloseTo(1.3, 12);
    expect(pairedRatio(pairs, 0.95)!.low).toBeCloseTo(1.3, 9);
  });

  test('agrees with an interval worked by hand', () => {
    // Logarithms 0, 0.1, 0.2, 0.3, 0.4: mean 0.2, deviation 0.158114, t(0.975, 4) = 2.776445.
    const pairs = [0, 0.1, 0.2, 0.3, 0.4].map((log): [number, number] => [Math.exp(log), 1]);
    const { low, high } = pairedRatio(pairs, 0.95)!;
    const reach = (2.776445 * 0.158114) / Math.sqrt(5);
    expect(Math.log(low)).toBeCloseTo(0.2 - reach, 5);
    expect(Math.log(high)).toBeCloseTo(0.2 + reach, 5);
  });

  test.each([1, 1.3, 0.8])('of truth %d lies in the interval in 95 of 100 runs, whatever drifts', (truth) => {
    let held = 0;
    for (let seed = 0; seed < 1000; seed++) {
      const { low, high } = pairedRatio(drifting(seed, 20, truth), 0.95)!;
      if (low <= truth && truth <= high) held++;
    }
    // 1,000 runs with a chance of 0.95 hold 950 +- 21 times at three standard deviations.
    expect(held).toBeGreaterThan(925);
    expect(held).toBeLessThan(975);
  });

  test('tells 30 % from none with a minute of pairs', () => {
    expect(pairedRatio(drifting(1, 60, 1.3), 0.95)!.low).toBeGreaterThan(1.2);
    expect(pairedRatio(drifting(1, 60, 1), 0.95)!.high).toBeLessThan(1.1);
  });

  test('is not told of fewer than five pairs', () => {
    expect(pairedRatio(drifting(1, 4, 1), 0.95)).toBeUndefined();
  });
});
