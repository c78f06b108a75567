import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ExactNumber, stringifyExact } from '../model/exact-number.ts';
import { parseExact } from './exact-json.ts';

test.each([
  '9007199254740993',
  '-9007199254740993',
  '1234567890123456789012345678901234567890',
  '1.10',
  '1.0',
  '0.1000000000000000055511151231257827',
  '1e400',
  '1E5',
  '12e-3',
  '-0',
  '0.0000001',
  '100000000000000000000000',
])('%s comes out as it went in', (text) => {
  const document = `{"a":[${text},{"b": ${text} }],"c":"${text}","d":7}`;
  const parsed = parseExact(document) as { a: [unknown, { b: unknown }]; c: string };
  expect(String(parsed.a[0])).toBe(text);
  expect(String(parsed.a[1].b)).toBe(text);
  expect(parsed.c).toBe(text);
  expect(stringifyExact(parsed)).toBe(document.replaceAll(' ', ''));
});

test('numbers that JavaScript holds as they are stay numbers', () => {
  const document = '[0,7,-1.5,9007199254740991,0.000001,1.25,"9007199254740993"]';
  expect(parseExact(document)).toEqual(JSON.parse(document));
  expect(parseExact('[9007199254740993, 1.5]')).toEqual([9_007_199_254_740_993n, 1.5]);
  expect(Number(parseExact('1.10') as ExactNumber) + 1).toBe(2.1);
});

test('texts of an answer are never taken for numbers, keys and escapes are kept', () => {
  const document = '{"__proto__":1.10,"a\\"1.10":"\\u0000number:5","b":"\\\\","c":1.10}';
  const parsed = parseExact(document) as Record<string, unknown>;
  expect(Object.keys(parsed)).toEqual(['__proto__', 'a"1.10', 'b', 'c']);
  expect(String(parsed.c)).toBe('1.10');
});

test('what is not JSON is refused as by JSON.parse', () => {
  for (const text of ['', '{', '[1.10,]', '01.10', '<html>'])
    expect(() => parseExact(text)).toThrow(SyntaxError);
});

test('any JSON is read as JSON.parse reads it, and written as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      const parsed = parseExact(text);
      expect(stringifyExact(parsed) ?? JSON.stringify(parsed)).toBe(text);
    }),
  );
});
