import { describe, expect, test } from 'vitest';
import { type NoiseKind, noise, noiseKinds, timesOf } from './noise.cases.ts';
import { findGrowth, type Growth } from './steady-growth.ts';

const falseAlarmRatio = 0.0005;

function shareOf(
  count: number,
  seeds: number,
  course: (index: number) => number,
  is: (growth: Growth | undefined) => boolean,
  noiseOf = (seed: number) => noise('ar 0.3', count, seed),
): number {
  let found = 0;
  for (let seed = 0; seed < seeds; seed++) {
    const values = noiseOf(seed).map((value, i) => value + course(i));
    if (is(findGrowth(timesOf(count), values, falseAlarmRatio))) found++;
  }
  return found / seeds;
}

const isFound = (growth: Growth | undefined): boolean => growth !== undefined;
const isSteady = (growth: Growth | undefined): boolean => growth?.course === 'steady';
const flat = (): number => 0;

describe('where nothing grows', () => {
  test.each(noiseKinds)('none of 300 series is said to: %s noise', (kind: NoiseKind) => {
    expect(shareOf(120, 300, flat, isFound, (seed) => noise(kind, 120, seed))).toBe(0);
  });

  test('a random walk is said to in 2 of 100 cases at the most', () => {
    const walk = (seed: number): number[] => {
      let level = 0;
      return noise('white', 120, seed).map((step) => (level += step));
    };
    expect(shareOf(120, 300, flat, isFound, walk)).toBeLessThanOrEqual(0.02);
  });

  test('a single step, or the teeth of a saw, are no growth', () => {
    expect(shareOf(120, 100, (i) => (i > 50 ? 20 : 0), isFound)).toBe(0);
    expect(shareOf(120, 100, (i) => i % 19, isFound)).toBe(0);
  });

  test('what falls does not grow', () => {
    expect(shareOf(120, 20, (i) => -i, isFound)).toBe(0);
  });
});

describe('a line', () => {
  test.each([
    [60, 15, 0.9],
    [120, 8, 0.83],
    [120, 15, 0.98],
  ])('of %d readings that gains %d sigmas is steady growth in a share of %d', (count, gain, least) => {
    expect(shareOf(count, 100, (i) => (gain * i) / count, isSteady)).toBeGreaterThanOrEqual(least);
  });

  test('has the slope that it was given', () => {
    const growth = findGrowth(
      timesOf(60),
      timesOf(60).map((time) => 5 + time / 100),
      falseAlarmRatio,
    );
    expect(growth).toMatchObject({ line: { slope: 0.01, intercept: 5 }, course: 'steady' });
  });
});

test('what fills up is not steady: of a time constant of half the series, in 9 of 10 cases', () => {
  const filling = (i: number): number => 15 * (1 - Math.exp(-i / 60));
  expect(shareOf(120, 100, filling, isSteady)).toBeLessThanOrEqual(0.1);
});

test('of fewer than 30 readings nothing is said', () => {
  expect(findGrowth(timesOf(29), timesOf(29), 0.5)).toBeUndefined();
  expect(findGrowth(timesOf(30), timesOf(30), 0.5)).toBeDefined();
});
