import { expect, test } from 'vitest';
import { figuresOf } from './run-figures.ts';
import { simulateRuns } from './runs.cases.ts';
import { spreadOf } from './spread.ts';

const spread = (runNoise: number, slower = 1) => {
  const records = simulateRuns(4, { seed: 2, seconds: 20, runNoise, slower });
  return spreadOf(records.map((record) => figuresOf([record], false, [50, 95])[0]!));
};

test('equal runs of little noise are close to each other, and such of much noise are not', () => {
  expect(spread(0.01).some(({ isWide }) => isWide)).toBe(false);
  const wide = spread(0.3).filter(({ isWide }) => isWide);
  expect(wide.map(({ figure }) => figure.statistic)).toEqual(['p(50)', 'p(95)']);
});

test('mean, deviation and variation are those of the values', () => {
  const rate = (value: number) =>
    new Map([
      [
        'http_reqs per second',
        { metric: 'http_reqs', statistic: 'per second', kind: 'level', value, exposure: 1 } as const,
      ],
    ]);
  // 8, 10, 12: squares of 4, 0, 4 over 2.
  expect(spreadOf([rate(8), rate(10), rate(12)])).toEqual([
    {
      figure: { metric: 'http_reqs', statistic: 'per second' },
      ...{
        unit: 'per s',
        count: 3,
        mean: 10,
        least: 8,
        greatest: 12,
        deviation: 2,
        variation: 0.2,
        isWide: true,
      },
    },
  ]);
  expect(spreadOf([rate(8)])).toEqual([]);
  expect(spreadOf([rate(0), rate(0)])[0]).toMatchObject({ mean: 0, deviation: 0, isWide: false });
});
