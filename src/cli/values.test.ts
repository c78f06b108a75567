import { InvalidArgumentError } from 'commander';
import { describe, expect, test } from 'vitest';
import { expectedUsers, monthlyGrowth, plannedUsers } from './values.ts';

describe('values of a capacity plan', () => {
  test('are taken up to the bounds that suites have', () => {
    expect(monthlyGrowth('10%')).toBeCloseTo(0.1, 12);
    expect(monthlyGrowth('1000%')).toBe(10);
    expect(plannedUsers('300')).toBe(300);
    expect(expectedUsers('1 year=5000')).toEqual([{ title: '1 year', months: 12, users: 5000 }]);
  });

  test('beyond them are refused, with the bound', () => {
    for (const text of ['1001%', '1e300%', '0%', 'Infinity%', '']) {
      expect(() => monthlyGrowth(text)).toThrow(InvalidArgumentError);
    }
    expect(() => monthlyGrowth('1e300%')).toThrow('1000% at the most');
    expect(() => plannedUsers('1e300')).toThrow('at most 10000000000 users');
    expect(() => expectedUsers('1 year=1e300')).toThrow('at most 10000000000 users');
  });
});
