import { describe, expect, test } from 'vitest';
import { isAllowed, parseAllowedHost } from './allowed-hosts.ts';
import { canonicalHost } from './host-name.ts';

const covers = (entry: string, host: string, port = 443): boolean =>
  isAllowed(canonicalHost(host), port, [parseAllowedHost(entry)!]);

test.each([
  ['shop.example.com', 'shop.example.com'],
  ['Shop.Example.COM.', 'shop.example.com'],
  ['shop.example.com', 'SHOP.example.com.'],
  ['shop.example.com:443', 'shop.example.com'],
  ['*.example.com', 'a.b.example.com'],
  ['*.example.com:443', 'a.example.com'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['xn--bcher-kva.example', 'BÜCHER.example'],
  ['*.bücher.example', 'shop.xn--bcher-kva.example'],
  ['203.0.113.7', '203.0.113.7'],
  ['203.0.113.7:443', '203.0.113.7'],
  ['2001:db8::1', '[2001:DB8:0:0::1]'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:0db8::0001]:443', '[2001:db8::1]'],
  ['203.0.113.0/24', '203.0.113.99'],
  ['2001:db8::/32', '[2001:db8:7::1]'],
])('%s covers %s', (entry, host) => {
  expect(covers(entry, host)).toBe(true);
});

test.each([
  ['example.com', 'shop.example.com'],
  ['*.example.com', 'example.com'],
  ['*.example.com', 'badexample.com'],
  ['*.example.com', 'example.com.evil.net'],
  ['shop.example.com:8443', 'shop.example.com'],
  ['[2001:db8::1]:8443', '[2001:db8::1]'],
  ['203.0.113.0/24', '203.0.114.1'],
  ['203.0.113.0/24', 'shop.example.com'],
  ['*.0.113.7', '203.0.113.7'],
])('%s does not cover %s', (entry, host) => {
  expect(covers(entry, host)).toBe(false);
});

describe('what is no entry', () => {
  test.each([
    ...['', '*', '*.', '.example.com', 'api.*.example.com', 'https://shop.example.com', 'shop.example.com/x'],
    ...[
      'shop.example.com:0',
      'shop.example.com:70000',
      'shop.example.com:',
      'a b',
      '10.0.0.0/33',
      '[shop]:80',
    ],
    ...['shop.example.com/24', '2001:db8::1/129', 'user@shop.example.com'],
  ])('%j', (entry) => {
    expect(parseAllowedHost(entry)).toBeUndefined();
  });
});
