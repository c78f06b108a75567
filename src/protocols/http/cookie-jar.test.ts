// The rules of cookies (RFC 6265 sections 5.1 to 5.4, with what browsers do since).

import { describe, expect, test } from 'vitest';
import { CookieJar, type CookiePlace } from './cookie-jar.ts';
import { parseCookieDate, parseSetCookie } from './set-cookie.ts';
import { TargetResolver } from './target.ts';

const now = Date.UTC(2026, 10, 29, 12);
const resolver = new TargetResolver(undefined);

function at(url: string): CookiePlace {
  return resolver.resolve(url);
}

/** What goes to `to` after `from` has set the cookies. */
function sent(from: string, headers: string | readonly string[], to = from, laterMs = 0): string {
  const jar = new CookieJar();
  for (const header of [headers].flat() as string[]) jar.store(header, at(from), now);
  return jar.header(at(to), now + laterMs);
}

describe('whom a cookie is for', () => {
  test.each([
    // Services of a compose file, machines of a home, addresses: names without a public suffix.
    ['http://web/', 'web', 'http://web/', true],
    ['http://web:8080/', 'WEB', 'http://web:9090/', true],
    ['http://web/', '.web', 'http://web/', true],
    ['http://web/', 'web', 'http://a.web/', false],
    ['http://localhost/', 'localhost', 'http://localhost/', true],
    ['http://a.localhost/', 'localhost', 'http://a.localhost/', false],
    ['http://nas.lan/', 'lan', 'http://nas.lan/', false],
    ['http://nas.lan/', 'nas.lan', 'http://nas.lan/', true],
    ['http://a.svc.cluster.local/', 'svc.cluster.local', 'http://b.svc.cluster.local/', true],
    ['http://shop.test/', 'shop.test', 'http://www.shop.test/', true],
    ['http://127.0.0.1/', '127.0.0.1', 'http://127.0.0.1/', true],
    ['http://127.0.0.1/', '0.0.1', 'http://127.0.0.1/', false],
    ['http://[::1]/', '[::1]', 'http://[::1]/', false],
    ['http://[::1]/', '', 'http://[::1]/', true],
    // Public suffixes.
    ['https://a.co.uk/', 'co.uk', 'https://a.co.uk/', false],
    ['https://a.github.io/', 'github.io', 'https://a.github.io/', false],
    ['https://github.io/', 'github.io', 'https://github.io/', true],
    ['https://github.io/', 'github.io', 'https://a.github.io/', false],
    ['https://www.example.com/', 'example.com', 'https://api.example.com/', true],
    ['https://www.example.com/', 'com', 'https://www.example.com/', false],
    ['https://example.com/', 'www.example.com', 'https://www.example.com/', false],
    ['https://www.example.com/', 'ample.com', 'https://www.example.com/', false],
    ['https://www.example.com/', '', 'https://a.www.example.com/', false],
    ['https://www.EXAMPLE.com/', 'Example.COM', 'https://www.example.com/', true],
    // A final dot is no part of the name.
    ['http://web./', '', 'http://web./', true],
    ['http://web./', '', 'http://web/', true],
    ['https://www.example.com./', 'example.com.', 'https://www.example.com./', true],
    ['https://bücher.example/', 'xn--bcher-kva.example', 'https://bücher.example/', true],
  ])('of %s with domain "%s" to %s: %s', (from, domain, to, isSent) => {
    expect(sent(from, `a=1; Domain=${domain}`, to)).toBe(isSent ? 'a=1' : '');
  });

  test.each([
    ['/a/b?c=/d/', undefined, '/a/x', true],
    ['/a/b', undefined, '/a', true],
    ['/a/b', undefined, '/ab', false],
    ['/a/b', undefined, '/b', false],
    ['/login', undefined, '/x/y', true],
    ['/', '/shop', '/shop', true],
    ['/', '/shop', '/shop?x', true],
    ['/', '/shop', '/shop/cart', true],
    ['/', '/shop', '/shopping', false],
    ['/', '/shop/', '/shop', false],
    ['/', '/shop/', '/shop/x', true],
    ['/a/b', 'relative', '/a/x', true],
    ['/a/b', '', '/a/x', true],
    ['/a/b', '/Shop', '/shop', false],
  ])('of path %s with Path=%s to %s: %s', (from, path, to, isSent) => {
    const header = path === undefined ? 'a=1' : `a=1; Path=${path}`;
    expect(sent(`http://web${from}`, header, `http://web${to}`)).toBe(isSent ? 'a=1' : '');
  });

  test('Secure cookies go over TLS, and within this machine', () => {
    expect(sent('https://web/', 'a=1; Secure')).toBe('a=1');
    expect(sent('https://web/', 'a=1; Secure', 'http://web/')).toBe('');
    expect(sent('http://web/', 'a=1; Secure', 'https://web/')).toBe('');
    for (const host of ['localhost', 'a.localhost', '127.0.0.1', '127.9.9.9', '[::1]']) {
      expect(sent(`http://${host}:8000/`, 'a=1; secure; HttpOnly')).toBe('a=1');
    }
    // Nor are they replaced or deleted without it.
    const jar = new CookieJar();
    jar.store('a=1; Secure', at('https://web/'), now);
    jar.store('a=2', at('http://web/'), now);
    jar.store('a=; Max-Age=0', at('http://web/'), now);
    expect(jar.header(at('https://web/'), now)).toBe('a=1');
  });

  test.each([
    ['__Secure-a=1; Secure', 'https://web/', true],
    ['__Secure-a=1', 'https://web/', false],
    ['__secure-a=1', 'https://web/', false],
    ['__Host-a=1; Secure; Path=/', 'https://web/', true],
    ['__Host-a=1; Secure; Path=/', 'http://localhost/', true],
    ['__Host-a=1; Secure', 'https://web/', true],
    ['__Host-a=1; Secure', 'https://web/x/y', false],
    ['__Host-a=1; Secure; Path=/x', 'https://web/x', false],
    ['__Host-a=1; Secure; Path=/; Domain=www.example.com', 'https://www.example.com/', false],
    ['__Host-a=1; Path=/', 'https://web/', false],
    ['=__Host-a=1; Secure; Path=/', 'https://web/', false],
  ])('the promise of %s at %s holds: %s', (header, from, isSent) => {
    expect(sent(from, header) !== '').toBe(isSent);
  });
});

describe('what is kept', () => {
  test.each([
    ['a=1', 'a=1'],
    ['a="x y"', 'a="x y"'],
    ['a=b=c', 'a=b=c'],
    ['  a  =  b  ; Path=/', 'a=b'],
    ['a=', 'a='],
    ['value', 'value'],
    ['=value', 'value'],
    ['=', ''],
    ['', ''],
    ['; Path=/', ''],
    ['a=caf\xe9', 'a=caf\xe9'],
    ['a=1,2 3', 'a=1,2 3'],
    ['a=1\x01', ''],
    ['a=1; unknown=2; SameSite=Strict; Priority=High; Partitioned', 'a=1'],
    ['__proto__=1', '__proto__=1'],
    [`a=${'x'.repeat(4095)}`, `a=${'x'.repeat(4095)}`],
    [`a=${'x'.repeat(4096)}`, ''],
    [`a=1; Path=/${'x'.repeat(2000)}`, 'a=1'],
  ])('of %j', (header, expected) => {
    expect(sent('http://web/', header)).toBe(expected);
  });

  test('the same name, domain and path is one cookie, which keeps its place', () => {
    expect(sent('http://web/', ['a=1', 'b=2', 'a=3'])).toBe('a=3; b=2');
    expect(sent('http://web/', ['a=1', 'A=2'])).toBe('a=1; A=2');
    expect(sent('http://web/x/y', ['a=1; Path=/', 'a=2; Path=/x', 'b=3; Path=/'])).toBe('a=2; a=1; b=3');
  });

  test.each([
    ['Max-Age=10', 9_999, true],
    ['Max-Age=10', 10_000, false],
    ['Max-Age=0', 0, false],
    ['Max-Age=-1', 0, false],
    ['max-age=99999999999999999999', 1e12, true],
    ['Max-Age=x', 1e12, true],
    ['Max-Age=', 1e12, true],
    ['Max-Age=10; Expires=Thu, 01 Jan 1970 00:00:00 GMT', 0, true],
    ['Expires=Thu, 01 Jan 1970 00:00:00 GMT', 0, false],
    ['Expires=Sun, 29-Nov-2026 12:00:01 GMT', 999, true],
    ['Expires=Sun, 29-Nov-2026 12:00:01 GMT', 1000, false],
    ['Expires=never', 1e12, true],
    ['Expires=0', 1e12, true],
  ])('with %s after %i ms: %s', (attribute, laterMs, isSent) => {
    expect(sent('http://web/', `a=1; ${attribute}`, 'http://web/', laterMs)).toBe(isSent ? 'a=1' : '');
  });

  test('an end in the past deletes what was set before', () => {
    expect(sent('http://web/', ['a=1', 'b=2', 'a=; Max-Age=0'])).toBe('b=2');
    expect(sent('http://web/', ['a=1', 'a=; expires=Thu, 01-Jan-70 00:00:01 GMT'])).toBe('');
    expect(sent('http://web/x/y', ['a=1; Path=/', 'a=; Max-Age=0'])).toBe('a=1');
  });

  test('their number is bounded, for each domain and in all', () => {
    const jar = new CookieJar();
    for (let i = 0; i < 1000; i++) jar.store(`a${i}=1`, at('http://web/'), now);
    const pairs = jar.header(at('http://web/'), now).split('; ');
    expect(pairs).toHaveLength(180);
    expect(pairs.at(-1)).toBe('a999=1');
    for (let host = 0; host < 40; host++) {
      for (let i = 0; i < 100; i++) jar.store(`a${i}=1`, at(`http://h${host}/`), now);
    }
    const counts = ['web', ...Array.from({ length: 40 }, (_, host) => `h${host}`)].map(
      (host) =>
        jar
          .header(at(`http://${host}/`), now)
          .split('; ')
          .filter(Boolean).length,
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3000);
    expect(counts.at(-1)).toBe(100);
  });

  test('what has expired makes room first', () => {
    const jar = new CookieJar();
    jar.store('session=1', at('http://web/'), now);
    for (let i = 0; i < 179; i++) jar.store(`a${i}=1; Max-Age=1`, at('http://web/'), now);
    jar.store('new=1', at('http://web/'), now + 2000);
    expect(jar.header(at('http://web/'), now + 2000)).toBe('session=1; new=1');
  });
});

test.each([
  ['Sun, 06 Nov 1994 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
  ['Sunday, 06-Nov-94 08:49:37 GMT', '1994-11-06T08:49:37.000Z'],
  ['Sun Nov  6 08:49:37 1994', '1994-11-06T08:49:37.000Z'],
  ['06-november-2094 8:9:7', '2094-11-06T08:09:07.000Z'],
  ['1 Jan 69 0:0:0', '2069-01-01T00:00:00.000Z'],
  ['1 Jan 70 0:0:0', '1970-01-01T00:00:00.000Z'],
  ['Tue, 31 Feb 2026 00:00:00 GMT', undefined],
  ['Mon, 01 Jan 1600 00:00:00 GMT', undefined],
  ['Mon, 01 Jan 2026 24:00:00 GMT', undefined],
  ['Mon, 32 Jan 2026 00:00:00 GMT', undefined],
  ['01 Jan 2026', undefined],
  ['tomorrow', undefined],
])('the date %s is %s (RFC 6265 section 5.1.1)', (text, expected) => {
  const parsed = parseCookieDate(text);
  expect(parsed === undefined ? undefined : new Date(parsed).toISOString()).toBe(expected);
});

test('the last of several attributes counts', () => {
  expect(parseSetCookie('a=1; Path=/x; Domain=a.b; path=/y; DOMAIN=.C.D', now)).toMatchObject({
    path: '/y',
    domain: 'c.d',
  });
});
