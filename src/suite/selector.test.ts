import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seriesKey } from '../model/metric.ts';
import { endOfTags, parseSelector } from './selector.ts';

describe('parseSelector', () => {
  test('reads tags, whose values may hold colons', () => {
    expect(parseSelector('http_reqs')).toEqual({ metric: 'http_reqs', tags: {} });
    expect(parseSelector('http_reqs{ task:price, name:http://x/y }')).toEqual({
      metric: 'http_reqs',
      tags: { task: 'price', name: 'http://x/y' },
    });
  });

  test.each([
    ['m{task:"price"}', { task: 'price' }],
    ["m{ 'task' : 'price' , user:\"buyer\" }", { task: 'price', user: 'buyer' }],
    ['m{name:"GET /a,b",status:200}', { name: 'GET /a,b', status: '200' }],
    ['m{name:/items/{id}}', { name: '/items/{id}' }],
    ['m{name:/items/{id,kind}/{x},status:200}', { name: '/items/{id,kind}/{x}', status: '200' }],
    ['m{name:"/a}b{"}', { name: '/a}b{' }],
    ['m{check:"it says \\"yes\\" \\\\ no"}', { check: 'it says "yes" \\ no' }],
    ["m{check:it's there}", { check: "it's there" }],
    ['m{check:" kept "}', { check: ' kept ' }],
    ['m {a:b}', { a: 'b' }],
    ['m{__proto__:x}', Object.fromEntries([['__proto__', 'x']])],
  ])('reads %s', (text, tags) => {
    expect(parseSelector(text)).toStrictEqual({ metric: 'm', tags });
  });

  test.each([
    ...['', '{a:b}', 'm{a}', 'm{a:}', 'm{:b}', 'm{a:b', 'm{a:b}x', 'm{}', 'm{a:b,}', 'm{a:b,a:c}', 'm{a:"b}'],
    ...['m{a:""}', 'm{a:"b"c}', 'm{a:b{}', 'm{a:b}}', 'm}', 'm n', 'm{"a:b"}'],
  ])('does not read %j', (text) => {
    expect(parseSelector(text)).toBeUndefined();
  });

  test('reads the key of any series back', () => {
    const text = fc.string({ minLength: 1, unit: fc.constantFrom(...'ab{}:,"\'\\ /') });
    fc.assert(
      fc.property(fc.dictionary(text, text, { maxKeys: 3 }), (tags) => {
        expect(parseSelector(seriesKey('m', tags))).toEqual({ metric: 'm', tags });
      }),
    );
  });

  test('tells where tags end in a longer text', () => {
    const text = 'm{a:"}",b:{c}} > 5';
    expect(text.slice(endOfTags(text, 1))).toBe(' > 5');
    expect(endOfTags('m{a:b > 5', 1)).toBeUndefined();
  });
});
