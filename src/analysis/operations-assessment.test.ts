import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  assessAverage,
  assessSuccess,
  assessThroughput,
  linearCapacity,
  responseTimeBeyond,
} from './operations-assessment.ts';

describe('assessments', () => {
  it.each([
    [99.99, 'Excellent', 'good'],
    [100, 'Good', 'good'],
    [499.99, 'Good', 'good'],
    [500, 'Fair', 'fair'],
    [1000, 'Fair', 'fair'],
    [1000.01, 'Poor', 'poor'],
  ])('an average of %d ms is %s', (averageMs, title, grade) => {
    expect(assessAverage(averageMs)).toMatchObject({ title, grade });
  });

  it.each([
    [100.01, 'High'],
    [100, 'Good'],
    [50, 'Good'],
    [49.99, 'Fair'],
    [20, 'Fair'],
    [19.99, 'Poor'],
  ])('%d operations per second are %s', (perSec, title) => {
    expect(assessThroughput(perSec).title).toBe(title);
  });

  it.each([
    [1, 'Excellent'],
    [0.9901, 'Excellent'],
    [0.99, 'Good'],
    [0.95, 'Good'],
    [0.9499, 'Fair'],
    [0.9, 'Fair'],
    [0.8999, 'Poor'],
  ])('a success rate of %d is %s', (ratio, title) => {
    expect(assessSuccess(ratio).title).toBe(title);
  });
});

describe('estimates', () => {
  it('are those of the formulas: 125 users, and 2,965 ms at 4,000', () => {
    expect(linearCapacity(200, 50, 500)).toBe(125);
    expect(responseTimeBeyond(185.34, 250, 4000)).toBeCloseTo(2965.44, 2);
  });

  it('never promise a shorter time for more users', () => {
    const positive = fc.double({ min: 0.01, max: 1e5, noNaN: true });
    fc.assert(
      fc.property(positive, positive, positive, positive, (averageMs, capacity, users, more) => {
        const now = responseTimeBeyond(averageMs, capacity, users);
        expect(now).toBeGreaterThanOrEqual(averageMs);
        expect(responseTimeBeyond(averageMs, capacity, users + more)).toBeGreaterThanOrEqual(now);
      }),
    );
  });
});
