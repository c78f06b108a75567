import { expect, it } from 'vitest';
import { maskCommand } from './mask-command.ts';

it.each([
  [['set', 'user:7', 'secret'], 'SET user:7 ?'],
  [['GET', 'a b\nc'], 'GET a b c'],
  [['PING'], 'PING'],
  [['AUTH', 'bob', 'secret'], 'AUTH ? ?'],
  [['EVAL', "return 'secret'", '1', 'k'], 'EVAL ? ? ?'],
  [['config', 'set', 'requirepass', 'secret'], 'CONFIG SET ? ?'],
  [['MSET', ...Array(20).fill('k')], 'MSET k ? ? ? ? ? ? ? ? …'],
  [[], ''],
])('%j is kept as %s', (words, text) => {
  expect(maskCommand(words)).toBe(text);
});

it('is 200 characters long at the most', () => {
  expect(maskCommand(['GET', 'k'.repeat(500)])).toHaveLength(200);
});
