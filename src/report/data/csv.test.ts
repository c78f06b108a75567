import { expect, test } from 'vitest';
import { csvField } from './csv.ts';

test.each([
  '=1+1',
  ' =1+1',
  '\u00a0=1+1',
  '\n=1+1',
  '+1',
  '-1',
  '@SUM(1)',
  '\t1',
  '\uff1d1+1',
  '\uff20SUM(1)',
])('the text %j is no formula', (text) => {
  expect(csvField(text)).toMatch(/^"?'/);
});

test('other texts and numbers stand as they are', () => {
  expect(['a=b', '/items?x=1', 'p(95)<100', -5, 1.23456789].map(csvField)).toEqual([
    'a=b',
    '/items?x=1',
    'p(95)<100',
    '-5',
    '1.234568',
  ]);
});
