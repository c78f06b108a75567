// URLs as they are written, in locations and by users: what of them is sent.

import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { atEnd, connect, serve } from './keeping-client.cases.ts';
import { type Seen, serveRedirects, to } from './redirects.cases.ts';

describe('locations', () => {
  test.each([
    ['/größe €', '/gr%C3%B6%C3%9Fe%20%E2%82%AC'],
    ['/à', '/%C3%A0'],
    ['/%C3%B6?q=ä', '/%C3%B6?q=%C3%A4'],
    ['?x=1#part', '/dir/from?x=1'],
    ['sub/./a/../b', '/dir/sub/b'],
    ['//HOST/x', '/x'],
  ])('%s leads to %s', async (location, path) => {
    let host = '';
    const urls: string[] = [];
    const base = await serve((request, response) => {
      urls.push(request.url!);
      if (request.url !== '/dir/from') response.end();
      else {
        // Node writes header values as Latin-1: these are the octets of UTF-8.
        const octets = Buffer.from(location.replace('HOST', host)).toString('latin1');
        response.writeHead(302, { location: octets }).end();
      }
    });
    host = new URL(base).host;
    const response = await connect(base).http.get('/dir/from#frag');
    expect(urls).toEqual(['/dir/from', path]);
    expect(response.url).toBe(base + path);
  });

  test('octets that are no UTF-8 are sent back as they came', async () => {
    const urls: string[] = [];
    const base = await serve((request, response) => {
      urls.push(request.url!);
      if (urls.length === 1) response.writeHead(302, { location: '/caf\xe9' }).end();
      else response.end();
    });
    expect((await connect(base).http.get('/')).status).toBe(200);
    expect(urls).toEqual(['/', '/caf%E9']);
  });
});

test('behind a unix socket, redirects to localhost stay there, and other sockets are refused', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-'));
  const socketPath = join(folder, 'app.sock');
  const urls: string[] = [];
  const server = http.createServer((request, response) => {
    urls.push(request.url!);
    const location = decodeURIComponent(request.url!.slice(1));
    if (location === 'end') response.end();
    else response.writeHead(302, { location }).end();
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  atEnd(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  const base = `http+unix://${encodeURIComponent(socketPath)}`;
  const { http: client } = connect(undefined);
  const get = (location: string) => client.get(`${base}/${encodeURIComponent(location)}`);
  for (const location of ['/end', 'http://localhost/end', `${base}/end`]) {
    expect(await get(location)).toMatchObject({ status: 200, url: `${base}/end` });
  }
  const elsewhere = await get('http+unix://%2Frun%2Fdocker.sock/info');
  expect(elsewhere.error!.code).toBe('redirect_location_invalid');
  expect(urls).toHaveLength(7);
});

describe('user and password of a URL', () => {
  const withAccount = (url: string, account: string): string => url.replace('//', `//${account}@`);

  test('they go out as Basic credentials, decoded, and nowhere else', async () => {
    const base = await serveRedirects();
    const client = connect(base);
    const response = await client.http.get(withAccount(`${base}/x?y=1`, 'j%C3%BCrgen:p%40ss%3A100%'));
    const seen = response.json<Seen>();
    const expected = Buffer.from('jürgen:p@ss:100%').toString('base64');
    expect(seen.headers.authorization).toBe(`Basic ${expected}`);
    expect(seen.headers.host).toBe(new URL(base).host);
    expect(response.url).toBe(`${base}/x?y=1`);
    expect(client.meter.values('http_reqs', { name: '/x' })).toEqual([1]);
    const user = (await client.http.get(withAccount(`${base}/x`, 'only'))).json<Seen>();
    expect(user.headers.authorization).toBe(`Basic ${Buffer.from('only:').toString('base64')}`);
    const none = (await client.http.get(`${base}/x`)).json<Seen>();
    expect(none.headers.authorization).toBeUndefined();
  });

  test('those of the base URL hold for its paths', async () => {
    const base = await serveRedirects();
    const client = connect(withAccount(base, 'u:p'));
    expect((await client.http.get('/a')).json<Seen>().headers.authorization).toBe('Basic dTpw');
    expect((await client.http.get('/ä b')).json<Seen>().headers.authorization).toBe('Basic dTpw');
    const own = await client.http.get('/a', { headers: { Authorization: 'Bearer x' } });
    expect(own.json<Seen>().headers.authorization).toBe('Bearer x');
    const auth = await client.http.get('/a', { auth: { bearer: 'y' } });
    expect(auth.json<Seen>().headers.authorization).toBe('Bearer y');
  });

  test('they go along on the same origin, not to another one', async () => {
    const base = await serveRedirects();
    const other = await serveRedirects();
    const { http: client } = connect(withAccount(base, 'u:p'));
    const same = (await client.get(to(302, '/x'))).json<Seen>();
    expect(same.headers.authorization).toBe('Basic dTpw');
    const elsewhere = (await client.get(to(302, `${other}/x`))).json<Seen>();
    expect(elsewhere.headers.authorization).toBeUndefined();
    const given = (await client.get(to(302, withAccount(`${other}/x`, 'a:b')))).json<Seen>();
    expect(given.headers.authorization).toBe('Basic YTpi');
    const anew = (await client.get(to(302, withAccount(`${base}/x`, 'a:b')))).json<Seen>();
    expect(anew.headers.authorization).toBe('Basic YTpi');
  });

  test('messages do not show the password', () => {
    expect(() => connect('http://u:secret@:80')).toThrow(/^base URL "http:\/\/u:\*\*\*@:80" is not a URL/);
    expect(() => connect(undefined).http.get('ftp://u:secret@x/')).toThrow(/"ftp:\/\/u:\*\*\*@x\/"/);
  });
});
