import { expect, test } from 'vitest';
import { movesCursor, usesColour } from './colour.ts';

const terminal = { isTTY: true };
const pipe = {};

test.each([
  ['a terminal', terminal, undefined, {}, true],
  ['a pipe', pipe, undefined, {}, false],
  ['NO_COLOR on a terminal', terminal, undefined, { NO_COLOR: '1' }, false],
  ['NO_COLOR=0, which is present', terminal, undefined, { NO_COLOR: '0' }, false],
  ['an empty NO_COLOR', terminal, undefined, { NO_COLOR: '' }, true],
  ['a dumb terminal', terminal, undefined, { TERM: 'dumb' }, false],
  ['--no-color', terminal, false, {}, false],
  ['--no-color and FORCE_COLOR', terminal, false, { FORCE_COLOR: '1' }, false],
  ['FORCE_COLOR in a pipe', pipe, undefined, { FORCE_COLOR: '1' }, true],
  ['FORCE_COLOR=0 on a terminal', terminal, undefined, { FORCE_COLOR: '0' }, false],
  ['an empty FORCE_COLOR in a pipe', pipe, undefined, { FORCE_COLOR: '' }, false],
  ['NO_COLOR and FORCE_COLOR', terminal, undefined, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
] as const)('%s', (_what, stream, flag, env, expected) => {
  expect(usesColour(stream, flag, env)).toBe(expected);
});

test('only a terminal that can do so has its cursor moved', () => {
  expect(movesCursor(terminal, { TERM: 'xterm' })).toBe(true);
  expect(movesCursor(terminal, { TERM: 'dumb' })).toBe(false);
  expect(movesCursor(pipe, { FORCE_COLOR: '1' })).toBe(false);
});
