import { describe, expect, it } from 'vitest';
import { deviates } from './chi-square.ts';
import { createRandom } from './random.ts';

describe('deviates', () => {
  it('is false for counts close to their shares and true for counts far off', () => {
    expect(deviates([502, 201, 249, 48], [0.5, 0.2, 0.25, 0.05])).toBe(false);
    expect(deviates([580, 170, 210, 40], [0.5, 0.2, 0.25, 0.05])).toBe(true);
  });

  it('agrees with the table: 10.83 for one and 16.27 for three degrees of freedom, within 3 %', () => {
    // Of 100,000 halves, an excess of d gives a chi-square of 4 d² / 100,000.
    const half = (chiSquare: number) => Math.sqrt((chiSquare * 100_000) / 4);
    expect(deviates([50_000 + half(10.83), 50_000 - half(10.83)], [0.5, 0.5])).toBe(false);
    expect(deviates([50_000 + half(11.3), 50_000 - half(11.3)], [0.5, 0.5])).toBe(true);
    // Of four quarters of 25,000, two off by d each way give 4 d² / 25,000.
    const quarter = (chiSquare: number) => Math.sqrt((chiSquare * 25_000) / 4);
    const counts = (d: number) => [25_000 + d, 25_000 - d, 25_000 + d, 25_000 - d];
    expect(deviates(counts(quarter(16.27)), [0.25, 0.25, 0.25, 0.25])).toBe(false);
    expect(deviates(counts(quarter(16.8)), [0.25, 0.25, 0.25, 0.25])).toBe(true);
  });

  it('stays silent for almost every fair draw', () => {
    let alarms = 0;
    for (let seed = 0; seed < 500; seed++) {
      const random = createRandom(seed, 'fair');
      const counts = [0, 0, 0];
      for (let i = 0; i < 400; i++) {
        const x = random();
        counts[x < 0.6 ? 0 : x < 0.9 ? 1 : 2]!++;
      }
      if (deviates(counts, [0.6, 0.3, 0.1])) alarms++;
    }
    expect(alarms).toBeLessThanOrEqual(3);
  });

  it('says nothing about too few counts', () => {
    expect(deviates([4, 0], [0.5, 0.5])).toBe(false);
    expect(deviates([], [])).toBe(false);
    expect(deviates([0, 0], [0.5, 0.5])).toBe(false);
  });
});
