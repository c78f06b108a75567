import { expect, test } from 'vitest';
import { formatEvidence, oneLine } from './format-values.ts';

test("evidence in a known unit has that unit's format, and any other unit stands behind the number", () => {
  expect(formatEvidence(97, 'iterations')).toBe('97 iterations');
  expect(formatEvidence(0.97, 'ratio')).toBe('97 %');
  expect(formatEvidence(12, 'count')).toBe('12');
  expect(formatEvidence(12.3456, 'per s')).toBe('12.3/s');
});

test('one line is one line, without escape sequences, cut at its limit', () => {
  expect(oneLine('a\r\nb\u001b[31m\u0000')).toBe('a b\ufffd[31m\ufffd');
  expect(oneLine('abcdef', 4)).toBe('abc…');
});
