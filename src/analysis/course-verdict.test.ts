import { expect, test } from 'vitest';
import type { CourseEntry } from '../model/course.ts';
import { courseVerdict } from './course-verdict.ts';

const entry = (profile: string, status: CourseEntry['status'], reason = 'A reason.'): CourseEntry => ({
  profile,
  status,
  reasons: [reason],
});

test('passes only when every profile was run and passed', () => {
  expect(courseVerdict([entry('a', 'pass'), entry('b', 'pass')])).toEqual({
    status: 'pass',
    reasons: ['Each of 2 runs passed.'],
  });
  expect(courseVerdict([entry('a', 'pass'), entry('b', 'not-run', 'It needs c.')])).toEqual({
    status: 'inconclusive',
    reasons: ['b was not run: It needs c.'],
  });
  expect(courseVerdict([entry('a', 'pass'), entry('b', 'warn', 'It is close.')])).toEqual({
    status: 'warn',
    reasons: ['b passed with warnings: It is close.'],
  });
  expect(() => courseVerdict([])).toThrow('without profiles');
});

test('one that failed decides, and all others that did not pass are told after it', () => {
  const { status, reasons } = courseVerdict([
    entry('a', 'warn'),
    entry('b', 'not-run'),
    entry('c', 'inconclusive'),
    entry('d', 'fail'),
    entry('e', 'pass'),
  ]);
  expect(status).toBe('fail');
  expect(reasons.map((reason) => reason[0])).toEqual(['d', 'c', 'b', 'a']);
});
