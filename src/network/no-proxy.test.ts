import { expect, test } from 'vitest';
import { NoProxy, splitNoProxy } from './no-proxy.ts';

const excepts = (variable: string, host: string, port = 80): boolean =>
  new NoProxy(splitNoProxy(variable)).excepts(host, port);

// Where the examples come from: tests of golang.org/x/net/http/httpproxy, and of curl (tests 1614 and unit1614).
test.each([
  ['*', 'example.com'],
  ['localhost, *', 'example.com'],
  ['example.com', 'example.com'],
  ['example.com', 'www.example.com'],
  ['EXAMPLE.com', 'www.Example.COM'],
  ['example.com.', 'example.com'],
  ['example.com', 'example.com.'],
  ['.example.com', 'www.example.com'],
  ['.example.com', 'example.com'],
  ['*.example.com', 'www.example.com'],
  ['foo.com,bar.com example.com', 'example.com'],
  ['  foo.com ,\texample.com', 'example.com'],
  ['example.com:80', 'example.com'],
  ['.example.com:80', 'a.example.com'],
  ['192.168.0.0/16', '192.168.7.7'],
  ['192.168.1.1/32', '192.168.1.1'],
  ['0.0.0.0/0', '10.1.2.3'],
  ['192.168.1.1', '192.168.1.1'],
  ['192.168.1.1:80', '192.168.1.1'],
  ['::1', '::1'],
  ['[::1]', '::1'],
  ['[::1]:80', '::1'],
  ['fe80::/10', 'fe80::7'],
  ['[fd00::]/8', 'fd12::1'],
  ['FD00:0:0::1', 'fd00::1'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['127.0.0.0/8', '127.0.0.1'],
])('%j excepts %s', (variable, host) => {
  expect(excepts(variable, host)).toBe(true);
});

test.each([
  ['', 'example.com'],
  [' , ', 'example.com'],
  ['example.com', 'notexample.com'],
  ['example.com', 'example.com.evil.net'],
  ['www.example.com', 'example.com'],
  ['example.com:443', 'example.com'],
  ['192.168.0.0/16', '192.169.0.1'],
  ['192.168.0.0/16', 'host.example'],
  ['192.168.0.0/99', '192.168.0.1'],
  ['192.168', '192.168.0.1'],
  ['1.1', '192.168.1.1'],
  ['[::1]:443', '::1'],
  ['::1', '::2'],
  [':80', 'example.com'],
  ['localhost', '127.0.0.1'],
])('%j does not except %s', (variable, host) => {
  expect(excepts(variable, host)).toBe(false);
});
