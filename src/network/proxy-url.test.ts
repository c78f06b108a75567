import { expect, test } from 'vitest';
import { parseProxy } from './proxy-url.ts';

const accountOf = (text: string): string => {
  const read = parseProxy(text);
  if ('expected' in read) throw new Error(read.expected);
  return Buffer.from(read.authorization.replace('Basic ', ''), 'base64').toString();
};

test.each([
  ['127.0.0.1:3128', '127.0.0.1', 3128],
  ['proxy.corp:3128', 'proxy.corp', 3128],
  ['localhost:8080', 'localhost', 8080],
  ['proxy', 'proxy', 80],
  ['//proxy:1', 'proxy', 1],
  ['http://proxy.corp', 'proxy.corp', 80],
  ['HTTP://Proxy.Corp:3128/', 'proxy.corp', 3128],
  ['http://proxy:3128/ignored?x', 'proxy', 3128],
  ['[::1]:3128', '::1', 3128],
  ['http://[fd00::1]', 'fd00::1', 80],
  ['  http://proxy:3128\n', 'proxy', 3128],
  ['user:pass@proxy.corp:3128', 'proxy.corp', 3128],
])('%j is %s, port %i', (text, host, port) => {
  expect(parseProxy(text)).toMatchObject({ host, port });
});

test('user and password are taken as curl takes them', () => {
  expect(accountOf('http://u:p@proxy')).toBe('u:p');
  expect(accountOf('http://u:100%@proxy')).toBe('u:100%');
  expect(accountOf('http://u:100%25@proxy')).toBe('u:100%');
  expect(accountOf('http://u:50%zz%41@proxy')).toBe('u:50%zzA');
  expect(accountOf('http://u:p@ss@proxy')).toBe('u:p@ss');
  expect(accountOf('u:p%40ss@proxy:1')).toBe('u:p@ss');
  expect(accountOf('http://us%C3%A9r:p@proxy')).toBe('usér:p');
  expect(accountOf('http://usér:p@proxy')).toBe('usér:p');
  expect(accountOf('http://DOMAIN%5Cuser:p@proxy')).toBe('DOMAIN\\user:p');
  expect(accountOf('http://user@proxy')).toBe('user:');
  expect(accountOf('http://u:a%3Ab@proxy')).toBe('u:a:b');
  expect(parseProxy('http://proxy:1')).toMatchObject({ authorization: '' });
});

test.each([
  ['socks5://127.0.0.1:1080', 'SOCKS proxies (socks5://) are not supported'],
  ['socks5h://u:secret@127.0.0.1:1080', 'SOCKS proxies (socks5h://) are not supported'],
  ['socks4a://127.0.0.1', 'SOCKS proxies (socks4a://) are not supported'],
  ['SOCKS://127.0.0.1', 'SOCKS proxies (socks://) are not supported'],
  ['https://proxy:443', 'proxies that require TLS (https://) are not supported'],
  ['ftp://proxy', 'not one of ftp://'],
  ['http://', 'with @ / # ? : and % in user and password as'],
  ['http://u:secret#1@proxy:3128', 'with @ / # ? : and % in user and password as'],
  ['http://proxy:99999', 'with @ / # ? : and % in user and password as'],
  ['http://proxy:0', 'with a port from 1 to 65535'],
  ['http:proxy:3128', 'with @ / # ? :'],
  ['::1', 'with @ / # ? :'],
  ['', 'with @ / # ? :'],
])('%j is refused by name', (text, expected) => {
  const read = parseProxy(text);
  expect(read).toHaveProperty('expected');
  expect((read as { expected: string }).expected).toContain(expected);
  expect((read as { expected: string }).expected).not.toContain('secret');
});
