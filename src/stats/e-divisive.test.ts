import { expect, test } from 'vitest';
import { divisiveChanges } from './e-divisive.ts';
import { halved, threeLevels, tigerBeetle } from './published-changes.cases.ts';
import { createRandom } from './random.ts';

const usual = { significance: 0.01, permutations: 199, fewest: 3, seed: 1, leastShare: 0 };
const indexesOf = (values: readonly number[], more: Partial<typeof usual> = {}): number[] =>
  divisiveChanges(values, { ...usual, ...more }).map(({ index }) => index);

test('finds the published changes of three levels, and of a series that was halved', () => {
  // Three readings before six can be shuffled in 84 ways, so no p-value of the second is below 1/84.
  expect(indexesOf(threeLevels, { fewest: 1, significance: 0.05 })).toEqual([5, 8]);
  expect(indexesOf(threeLevels, { significance: 0.05 })).toEqual([5, 8]);
  expect(indexesOf(halved)).toEqual([10]);
});

test('finds the published changes of 5 % or more of TigerBeetle, and passes over its lone outlier', () => {
  expect(indexesOf(tigerBeetle, { leastShare: 0.05, permutations: 99 })).toEqual([15, 71]);
});

test('is the same every time, and has p-values above 0', () => {
  const [one] = divisiveChanges(halved, usual);
  expect(divisiveChanges(halved, usual)).toEqual([one]);
  expect(one!.pValue).toBeGreaterThanOrEqual(1 / 200);
});

test('finds nothing in few readings, equal ones, or none', () => {
  expect(indexesOf([])).toEqual([]);
  expect(indexesOf([1, 1, 9, 9, 9])).toEqual([]);
  expect(indexesOf(Array.from({ length: 40 }, () => 7))).toEqual([]);
});

test('finds a change in noise at most about as often as told', () => {
  const random = createRandom(5, 'noise');
  const series = 200;
  let alarms = 0;
  for (let i = 0; i < series; i++) {
    const values = Array.from({ length: 20 }, () => random() + random() + random());
    if (indexesOf(values, { significance: 0.05, permutations: 99, seed: i }).length > 0) alarms++;
  }
  // 5 % of 200 are 10; 18 would be 2.6 standard deviations more.
  expect(alarms).toBeLessThanOrEqual(18);
  expect(alarms).toBeGreaterThan(1);
});
