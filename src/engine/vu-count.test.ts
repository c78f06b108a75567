import { expect, test } from 'vitest';
import { VuCount } from './vu-count.ts';

test('every change reaches the gauge, and so does the count that a window begins with', () => {
  const values: number[] = [];
  const count = new VuCount({ set: (value) => values.push(value) });
  count.change(1);
  count.change(2);
  count.change(-3);
  count.restate();
  expect(values).toEqual([1, 3, 0, 0]);
});
