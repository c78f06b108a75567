import { describe, expect, test } from 'vitest';
import { adjustPValues } from './false-discovery.ts';

describe('adjusted p-values', () => {
  test('find what Benjamini and Hochberg found in their example of 15 tests', () => {
    // Benjamini and Hochberg 1995, section 3.2: at q = 0.05 the first four are rejected.
    const published = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528,
      0.759, 1,
    ];
    const adjusted = adjustPValues(published);
    expect(adjusted.filter((p) => p <= 0.05)).toHaveLength(4);
    expect(adjusted[3]).toBeCloseTo((0.0095 * 15) / 4, 12);
    expect(adjusted[14]).toBe(1);
  });

  test('keep the order given, never fall with p, and are those given for one test', () => {
    expect(adjustPValues([0.04, 0.01, 0.04])).toEqual([0.04, 0.03, 0.04]);
    expect(adjustPValues([0.2])).toEqual([0.2]);
    expect(adjustPValues([])).toEqual([]);
  });
});
