import { expect, test } from 'vitest';
import type { SuiteFinding } from '../model/verdict.ts';
import { findingOf } from './suite-finding.ts';

test('a finding of the suite says where it comes from, its title standing in for the detail', () => {
  const evidence = [{ name: 'scans', value: 0, unit: 'count', limit: 1 }];
  expect(findingOf({ severity: 'warning', title: 'Unused index', evidence })).toEqual({
    kind: 'suite',
    source: 'suite',
    severity: 'warning',
    title: 'Unused index',
    detail: 'Unused index',
    evidence,
  });
});

test.each([
  [{ severity: 'fatal', title: 'x' }, /severity/],
  [{ severity: 'info', title: ' ' }, /title/],
  [{ severity: 'info' }, /title/],
  [{ severity: 'info', title: 'x', detail: 5 }, /detail/],
  [{ severity: 'info', title: 'x', advice: null }, /advice/],
  [{ severity: 'info', title: 'x', evidence: [{ name: 'rows', value: Number.NaN, unit: '' }] }, /evidence/],
  [{ severity: 'info', title: 'x', evidence: 'many' }, /evidence/],
])('refuses %j', (given, message) => {
  expect(() => findingOf(given as unknown as SuiteFinding)).toThrow(message);
});
