// What becomes of redirects (RFC 9110 section 15.4): where they may lead, what goes along, and what is a failure.

import type http2 from 'node:http2';
import { describe, expect, test } from 'vitest';
import { HttpRequestError } from '../../model/errors.ts';
import type { HttpPlan } from '../../model/http-settings.ts';
import { serveClear } from './http2/servers.cases.ts';
import { connect, serve } from './keeping-client.cases.ts';
import { failed, type Seen, serveRedirects, to } from './redirects.cases.ts';

describe('what the answer is', () => {
  test('expect is about the final answer, not about the redirects before it', async () => {
    const client = connect(await serveRedirects());
    const response = await client.http.get(to(302, '/done'), { expect: 200 });
    expect(response).toMatchObject({ status: 200, ok: true, error: null });
    expect(client.failures).toEqual([]);
    expect(client.meter.values('http_req_failed')).toEqual([0, 0]);
    expect(client.meter.values('http_reqs', { status: '302', expected_response: 'true' })).toEqual([1]);

    const other = connect(await serveRedirects());
    expect((await other.http.get(to(302, '/done'), { expect: 302 })).ok).toBe(false);
    expect(other.failures).toEqual(['http_200']);
    expect(other.meter.values('http_req_failed')).toEqual([0, 1]);
  });

  test('with redirects: 0 the redirect is the final answer', async () => {
    const client = connect(await serveRedirects());
    expect(await client.http.get(to(302, '/x'), { redirects: 0 })).toMatchObject({ status: 302, ok: true });
    expect((await client.http.get(to(302, '/x'), { redirects: 0, expect: 302 })).ok).toBe(true);
    expect((await client.http.get(to(302, '/x'), { redirects: 0, expect: 200 })).ok).toBe(false);
    expect(client.failures).toEqual(['http_302']);
  });

  test('all of a batch are judged by their final answers', async () => {
    const client = connect(await serveRedirects());
    const options = { expect: 200 };
    const responses = await client.http.batch([
      { url: to(301, '/a'), options },
      { url: to(307, to(302, '/b')), options },
      { url: '/c', options },
    ]);
    expect(responses.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(failed(client)).toBe(0);
  });

  test('an expected answer is not sent for again, one that is not is', async () => {
    let count = 0;
    const base = await serve((request, response) => {
      if (request.url === '/start') response.writeHead(302, { location: '/busy' }).end();
      else response.writeHead(++count === 2 ? 200 : 503).end();
    });
    const client = connect(base);
    const retries = { count: 3, backoff: 1 };
    expect((await client.http.get('/start', { retries, expect: 503 })).status).toBe(503);
    expect(count).toBe(1);
    count = 0;
    expect((await client.http.get('/start', { retries, expect: 200 })).status).toBe(200);
    expect(client.failures).toEqual(['http_503']);
  });

  test('the 401 that a digest answers is no failure whatever is expected', async () => {
    const base = await serve((request, response) => {
      if (request.headers.authorization === undefined) {
        response.writeHead(401, { 'www-authenticate': 'Digest realm="r", nonce="n", qop="auth"' }).end();
      } else response.end('in');
    });
    const client = connect(base);
    const auth = { username: 'u', password: 'p', scheme: 'digest' } as const;
    expect((await client.http.get('/', { auth, expect: 200 })).body).toBe('in');
    expect(failed(client)).toBe(0);
  });
});

describe('redirects that cannot be followed', () => {
  test('a loop is stopped, and has failed', async () => {
    const client = connect(
      await serve((_request, response) => response.writeHead(302, { location: '/' }).end()),
    );
    const response = await client.http.get('/', { redirects: 3 });
    expect(response).toMatchObject({ status: 302, ok: false });
    expect(response.error!.code).toBe('too_many_redirects');
    expect(response.error!.message).toBe('stopped after 3 redirects, and there is another; see redirects');
    expect(client.meter.values('http_req_failed')).toEqual([0, 0, 0, 1]);
    expect(client.meter.requests({ error_code: 'too_many_redirects', status: '302' })).toBe(1);
    expect(client.failures).toEqual(['too_many_redirects']);
    expect((await client.http.get('/')).error!.code).toBe('too_many_redirects');
    expect(client.meter.requests()).toBe(4 + 11);
    // Not even an expectation makes an answer of a loop.
    expect((await client.http.get('/', { expect: 302 })).ok).toBe(false);
    await expect(client.http.get('/', { throw: true })).rejects.toThrow(HttpRequestError);
    // Another round would be the same.
    const before = client.meter.requests();
    await client.http.get('/', { redirects: 1, retries: { count: 2, backoff: 1 } });
    expect(client.meter.requests() - before).toBe(2);
  });

  test('the number of redirects is that of the chain, whatever comes between', async () => {
    const base = await serve((request, response) => {
      const number = Number(request.url!.slice(1));
      if (request.headers.authorization === undefined) {
        response
          .writeHead(401, { 'www-authenticate': `Digest realm="r", nonce="${number}", qop="auth"` })
          .end();
      } else response.writeHead(302, { location: `/${number + 1}` }).end();
    });
    const client = connect(base);
    const auth = { username: 'u', password: 'p', scheme: 'digest' } as const;
    const response = await client.http.get('/0', { auth, redirects: 2 });
    expect(response.error!.code).toBe('too_many_redirects');
    expect(response.url).toBe(`${base}/2`);
  });

  test.each([
    ['none', {}, 'redirect_without_location'],
    ['an empty one', { location: '' }, 'redirect_without_location'],
    ['no URL', { location: 'http://[::1' }, 'redirect_location_invalid'],
    ['another scheme', { location: 'ftp://127.0.0.1/x' }, 'redirect_location_invalid'],
    ['a script', { location: 'javascript:alert(1)' }, 'redirect_location_invalid'],
    ['a file', { location: 'file:///etc/passwd' }, 'redirect_location_invalid'],
    ['a unix socket', { location: 'http+unix://%2Frun%2Fdocker.sock/x' }, 'redirect_location_invalid'],
    ['two that differ', { location: ['/a', '/b'] }, 'redirect_location_invalid'],
  ])('a location that is %s is a failure', async (_what, headers, code) => {
    const base = await serve((_request, response) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value as string);
      response.writeHead(302).end('body');
    });
    const client = connect(base);
    const response = await client.http.get('/');
    expect(response).toMatchObject({ status: 302, ok: false, body: 'body', error: { code } });
    expect(failed(client)).toBe(1);
    expect(client.failures).toEqual([code]);
    // Who names the status is after the redirect itself.
    expect(await client.http.get('/', { expect: 302 })).toMatchObject({ ok: true, error: null });
    expect(await client.http.get('/', { redirects: 0 })).toMatchObject({ ok: true, error: null });
    expect(failed(client)).toBe(1);
  });

  test('a body that was read cannot be sent again', async () => {
    const client = connect(await serveRedirects());
    const body = async function* () {
      yield 'x';
    };
    const spent = await client.http.post(to(307, '/done'), { body: body() });
    expect(spent.error!.code).toBe('redirect_body_spent');
    expect(failed(client)).toBe(1);
    expect((await client.http.post(to(307, '/done'), { body })).json<Seen>().body).toBe('x');
    // Nothing is to be sent again here.
    expect((await client.http.post(to(303, '/done'), { body: body() })).json<Seen>().method).toBe('GET');
  });

  test('same-origin follows within the origin, and refuses to leave it', async () => {
    const other = await serveRedirects();
    const base = await serveRedirects();
    for (const [plan, options] of [
      [{ redirectsTo: 'same-origin' }, {}],
      [{}, { redirects: 'same-origin' }],
      [{ redirectsTo: 'same-origin' }, { redirects: 3 }],
    ] as const) {
      const client = connect(base, plan as Partial<HttpPlan>);
      expect((await client.http.get(to(302, '/x'), options)).status).toBe(200);
      const refused = await client.http.get(to(302, `${other}/x`), options);
      expect(refused).toMatchObject({ status: 302, ok: false, error: { code: 'redirect_off_origin' } });
      expect((await client.http.get(to(302, `${other}/x`), { redirects: 'all' })).status).toBe(200);
    }
    expect(() => connect(base).http.get('/', { redirects: 'same' as 'all' })).toThrow(
      '"all" or "same-origin"',
    );
  });

  test('a word follows redirects where none were to be followed', async () => {
    const client = connect(await serveRedirects(), { maxRedirects: 0 });
    expect((await client.http.get(to(302, '/x'))).status).toBe(302);
    expect((await client.http.get(to(302, '/x'), { redirects: 'same-origin' })).status).toBe(200);
  });

  test('a stream whose redirect fails is an empty one', async () => {
    const client = connect(await serveRedirects());
    const response = await client.http.get(to(302, 'ftp://x/'), { responseType: 'stream' });
    expect(response.error!.code).toBe('redirect_location_invalid');
    expect(await response.body.toArray()).toEqual([]);
  });
});

describe('what goes along', () => {
  const credentials = {
    authorization: 'Bearer a',
    'proxy-authorization': 'Basic b',
    cookie: 'own=1',
    host: 'shop.example',
    'X-Api-Key': 'c',
    'private-token': 'd',
    'Ocp-Apim-Subscription-Key': 'e',
    'x-csrf-token': 'f',
    'x-amz-security-token': 'g',
    'x-client-secret': 'h',
    'x-session-id': 'i',
    apikey: 'j',
    'x-auth': 'k',
    'x-xsrf': 'n',
    'x-goog-api-key': 'o',
    'x-functions-key': 'p',
    'x-hub-signature-256': 'q',
    'authentication-info': 'r',
    'x-user-password': 's',
    'x-tenant': 'l',
    'x-trace': 'm',
    accept: 'text/plain',
  };
  const absent = (seen: Seen): string[] =>
    Object.keys(credentials).filter((name) => seen.headers[name.toLowerCase()] === undefined);

  test('credentials and the own host stay behind when the origin changes', async () => {
    const other = await serveRedirects();
    const client = connect(await serveRedirects());
    const seen = (await client.http.get(to(302, `${other}/x`), { headers: credentials })).json<Seen>();
    expect(absent(seen)).toEqual(
      Object.keys(credentials).filter((name) => !['host', 'x-tenant', 'x-trace', 'accept'].includes(name)),
    );
    expect(seen.headers.host).toBe(new URL(other).host);
    // They stay away when the way leads back.
    const base = await serveRedirects();
    const back = await client.http.get(to(302, `${other}${to(302, `${base}/x`)}`), { headers: credentials });
    expect(back.json<Seen>().headers.authorization).toBeUndefined();
  });

  test('all of them go along on the same origin', async () => {
    const client = connect(await serveRedirects());
    const seen = (await client.http.get(to(302, '/x'), { headers: credentials })).json<Seen>();
    expect(absent(seen)).toEqual([]);
    expect(seen.headers).toMatchObject({ host: 'shop.example', cookie: 'own=1', authorization: 'Bearer a' });
  });

  test('redirectHeaders names exceptions both ways', async () => {
    const other = await serveRedirects();
    const client = connect(await serveRedirects(), {
      redirectHeaders: { keep: ['X-Csrf-Token'], drop: ['X-Tenant'] },
    });
    const seen = (await client.http.get(to(302, `${other}/x`), { headers: credentials })).json<Seen>();
    expect(seen.headers).toMatchObject({ 'x-csrf-token': 'f', 'x-trace': 'm' });
    expect(seen.headers['x-tenant']).toBeUndefined();
  });

  test('own cookies are joined by those of the jar, which the redirect may have replaced', async () => {
    const client = connect(await serveRedirects({ 'set-cookie': ['sid=new; Path=/', 'more=2; Path=/'] }));
    const seen = await client.http.get(to(302, '/x'), { headers: { cookie: 'own=1; sid=old' } });
    expect(seen.json<Seen>().headers.cookie).toBe('own=1; sid=new; more=2');
    // What a request gives itself goes before the jar.
    const next = await client.http.get('/y', { headers: { cookie: 'sid=mine' } });
    expect(next.json<Seen>().headers.cookie).toBe('sid=mine; more=2');
  });

  test.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'POST', 'GET', ''],
    [307, 'POST', 'POST', '{"a":1}'],
    [308, 'POST', 'POST', '{"a":1}'],
    [301, 'PUT', 'PUT', '{"a":1}'],
    [302, 'PATCH', 'PATCH', '{"a":1}'],
    [303, 'PUT', 'GET', ''],
    [303, 'DELETE', 'GET', ''],
  ])('%i after %s is %s', async (status, method, next, body) => {
    const client = connect(await serveRedirects());
    const headers = { 'content-language': 'de', 'content-md5': 'x', digest: 'y', 'x-a': 'z' };
    const response = await client.http.request(method, to(status, '/x'), { json: { a: 1 }, headers });
    const seen = response.json<Seen>();
    expect(seen).toMatchObject({ method: next, body, headers: { 'x-a': 'z' } });
    const bodyFields = Object.keys(seen.headers).filter((name) => /^content-|digest/.test(name));
    expect(bodyFields.length).toBe(body === '' ? 0 : 5);
  });

  test.each([301, 302, 303, 307, 308])('%i after GET keeps all its headers', async (status) => {
    const client = connect(await serveRedirects());
    const headers = { 'content-type': 'a/b', 'content-version': '7' };
    const seen = (await client.http.get(to(status, '/x'), { headers })).json<Seen>();
    expect(seen).toMatchObject({ method: 'GET', headers });
  });

  test.each([301, 302, 303, 307, 308])('%i after HEAD is HEAD', async (status) => {
    const methods: string[] = [];
    const base = await serve((request, response) => {
      methods.push(request.method!);
      if (request.url === '/') response.writeHead(status, { location: '/x' }).end();
      else response.end();
    });
    await connect(base).http.head('/');
    expect(methods).toEqual(['HEAD', 'HEAD']);
  });
});

test('over HTTP/2 the same holds', async () => {
  const seen: http2.IncomingHttpHeaders[] = [];
  const other = await serveRedirects();
  const server = await serveClear((stream, headers) => {
    seen.push(headers);
    const path = headers[':path']!;
    const location = path === '/away' ? `${other}/x` : Buffer.from('/grö\u00dfe').toString('latin1');
    if (path === '/loop') stream.respond({ ':status': 302, location: '/loop' });
    else if (path === '/from' || path === '/away') stream.respond({ ':status': 302, location });
    else stream.respond({ ':status': 200 });
    stream.end();
  });
  const client = connect(server.url.replace('//', '//u:p@'), { version: '2' });
  const headers = { host: 'shop.example', cookie: 'own=1', 'x-caf': 'caf\xe9' };
  expect((await client.http.get('/from', { headers, expect: 200 })).ok).toBe(true);
  const account = { authorization: 'Basic dTpw', cookie: 'own=1', ':authority': 'shop.example' };
  expect(seen[0]).toMatchObject({ ':path': '/from', 'x-caf': 'caf\xe9', ...account });
  expect(seen[1]).toMatchObject({ ':path': '/gr%C3%B6%C3%9Fe', ...account });
  const looped = await client.http.get('/loop', { redirects: 2 });
  expect(looped).toMatchObject({ status: 302, ok: false, error: { code: 'too_many_redirects' } });
  expect(failed(client)).toBe(1);
  const refused = await client.http.get('/away', { redirects: 'same-origin' });
  expect(refused.error!.code).toBe('redirect_off_origin');
  expect(() => client.http.get('/', { headers: { 'x-a': 'b\r\nc' } })).toThrow('a carriage return');
});
