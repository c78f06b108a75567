import { expect, test } from 'vitest';
import { parseMarkerExpression } from './marker-expression.ts';

const profiles: Readonly<Record<string, readonly string[]>> = {
  smoke: ['quick'],
  normal: ['load'],
  soak: ['load', 'slow'],
  bare: [],
};

test.for([
  ['load', ['normal', 'soak']],
  ['load and not slow', ['normal']],
  ['not load', ['smoke', 'bare']],
  ['quick or load and slow', ['smoke', 'soak']],
  ['(quick or load) and not slow', ['smoke', 'normal']],
  ['not (quick or slow)', ['normal', 'bare']],
  ['not not slow', ['soak']],
] as const)('%s', ([source, expected]) => {
  const { matches } = parseMarkerExpression(source);
  expect(Object.keys(profiles).filter((name) => matches(profiles[name]!))).toEqual(expected);
});

test('the markers that it names', () => {
  expect(parseMarkerExpression('a and not (b or a)').markers).toEqual(['a', 'b']);
});

test.for([
  ['', 'expected a marker, found the end'],
  ['load and', 'expected a marker, found the end'],
  ['load slow', 'expected "and", "or" or the end, found "slow"'],
  ['(load', 'expected ")", found the end'],
  ['load)', 'found ")"'],
  ['or load', 'expected a marker, found "or"'],
  ['lo*', 'expected a marker, found "lo*"'],
] as const)('%s is refused', ([source, message]) => {
  expect(() => parseMarkerExpression(source)).toThrow(message);
});
