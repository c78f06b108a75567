import { expect, test } from 'vitest';
import { findComparisonMistakes } from './rules-comparisons.ts';

const good = {
  metric: 'http_req_duration',
  of: { name: '/guarded' },
  against: { name: '/plain' },
  limit: '<10%',
};
const mistakesOf = (comparison: unknown): string[] =>
  findComparisonMistakes(['comparisons'], { comparisons: { one: comparison } }, {}).map(({ path }) => path);

test('a comparison of two selections of a trend is in order', () => {
  expect(mistakesOf(good)).toEqual([]);
  for (const limit of ['<= 5 %', '>-3%', '>=0.5%']) expect(mistakesOf({ ...good, limit })).toEqual([]);
});

test.each([
  [{ metric: 'http_reqs' }, 'comparisons.one.metric'],
  [{ metric: 'http_req_duratoin' }, 'comparisons.one.metric'],
  [{ against: { name: '/guarded' } }, 'comparisons.one.against'],
  [{ limit: '<10' }, 'comparisons.one.limit'],
  [{ limit: '10%' }, 'comparisons.one.limit'],
])('%j is a mistake at %s', (change, path) => {
  expect(mistakesOf({ ...good, ...change })).toEqual([path]);
});
