import { expect, test } from 'vitest';
import { studentQuantile } from './student-t.ts';

// Printed tables of Student's t.
test.each([
  [0.975, 1, 12.7062],
  [0.975, 4, 2.7764],
  [0.975, 9, 2.2622],
  [0.975, 29, 2.0452],
  [0.975, 119, 1.9801],
  [0.995, 5, 4.0321],
  [0.95, 10, 1.8125],
  [0.975, 1e6, 1.96],
])('the quantile of %d with %d degrees of freedom is %d', (p, freedom, expected) => {
  expect(studentQuantile(p, freedom)).toBeCloseTo(expected, 3);
  expect(studentQuantile(1 - p, freedom)).toBeCloseTo(-expected, 3);
});
