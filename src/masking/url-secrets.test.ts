import { expect, test } from 'vitest';
import { publicUrl, splitUrl } from './url-secrets.ts';

test('what of a URL is secret stays out of plans', () => {
  const url = 'postgresql://me:hidden@db/shop?password=hidden&sslmode=require';
  expect(publicUrl(url)).toBe('postgresql://db/shop?sslmode=require');
});

test('user and secret parameters are told apart from what is shown', () => {
  const parts = splitUrl(new URL('https://me:s%C3%A4cret@db/write?db=d&token=abc#part'));
  expect(parts.url.href).toBe('https://db/write?db=d&token=abc');
  expect(parts.user).toEqual({ name: 'me', password: 'säcret' });
  expect(parts.shown).toBe('https://db/write?db=d&token=***');
  expect(parts.secrets).toEqual(['säcret', 'abc']);
});

test('a URL without secrets is shown as it is', () => {
  expect(splitUrl(new URL('http://db/write?db=d'))).toEqual({
    url: new URL('http://db/write?db=d'),
    shown: 'http://db/write?db=d',
    secrets: [],
  });
});
