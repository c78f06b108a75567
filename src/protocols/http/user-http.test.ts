import type http from 'node:http';
import zlib from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { closeAll, connect, serve } from './counting-client.cases.ts';

afterEach(closeAll);

/** Answers with what it received, as JSON. */
const echo: http.RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { method, url, headers } = request;
    const body = Buffer.concat(chunks).toString();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ method, url, headers, body }));
  });
};

interface Echo {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

describe('requests', () => {
  test('methods, query, headers and bodies arrive as written', async () => {
    const { http: client } = connect(await serve(echo));
    const get = (await client.get('/a?x=1', { params: { y: 'ä b', z: undefined } })).json<Echo>();
    expect(get).toMatchObject({ method: 'GET', url: '/a?x=1&y=%C3%A4+b', body: '' });
    expect(get.headers['user-agent']).toBe('plimsoll/test');
    const json = (
      await client.post('/p', { json: { name: 'Jürgen' }, headers: { 'X-One': 1 } })
    ).json<Echo>();
    expect(JSON.parse(json.body)).toEqual({ name: 'Jürgen' });
    expect(json.headers).toMatchObject({ 'x-one': '1', 'content-type': 'application/json' });
    const form = (await client.put('/f', { form: { a: 1, b: 'x&y' } })).json<Echo>();
    expect(form).toMatchObject({ method: 'PUT', body: 'a=1&b=x%26y' });
    const raw = (
      await client.patch('/r', { body: Buffer.from('bytes'), headers: { 'content-type': 'a/b' } })
    ).json<Echo>();
    expect(raw).toMatchObject({ method: 'PATCH', body: 'bytes' });
    expect((await client.del('/d')).json<Echo>().method).toBe('DELETE');
    const head = await client.head('/h');
    expect(head).toMatchObject({ status: 200, body: '' });
  });

  test('multipart bodies carry fields and files', async () => {
    const { http: client } = connect(await serve(echo));
    const response = await client.post('/upload', {
      multipart: {
        note: 'hello',
        file: { content: 'PDF', filename: 'a.pdf', contentType: 'application/pdf' },
      },
    });
    const { headers, body } = response.json<Echo>();
    expect(headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
    expect(body).toContain('filename="a.pdf"');
    expect(body).toContain('application/pdf');
    expect(body).toContain('hello');
  });

  test('basic and bearer credentials are sent', async () => {
    const { http: client } = connect(await serve(echo));
    const basic = await client.get('/', { auth: { username: 'u', password: 'p' } });
    expect(basic.json<Echo>().headers.authorization).toBe('Basic dTpw');
    const bearer = await client.get('/', { auth: { bearer: 't' } });
    expect(bearer.json<Echo>().headers.authorization).toBe('Bearer t');
  });

  test('a header value cannot smuggle in another request', async () => {
    const { http: client } = connect(await serve(echo));
    expect(() => client.get('/', { headers: { a: 'b\r\n\r\nGET /evil HTTP/1.1' } })).toThrow(
      'is not allowed in a header',
    );
    expect(() => client.request('GE T', '/', {})).toThrow('not a request method');
    expect(() => client.get('/', { json: 1, body: 'x' })).toThrow('one body');
    expect(() => client.get('ftp://127.0.0.1/')).toThrow('expected http: or https:');
    const spaced = (await client.get('/a b\r\nX: y')).json<Echo>();
    expect(spaced.url).toBe('/a%20bX:%20y');
  });

  test('one user keeps one connection for requests one after the other', async () => {
    const ports = new Set<number>();
    const { http: client, meter } = connect(
      await serve((request, response) => {
        ports.add(request.socket.remotePort!);
        response.end('ok');
      }),
    );
    for (let i = 0; i < 20; i++) expect((await client.get('/')).body).toBe('ok');
    expect(ports.size).toBe(1);
    expect(meter.sums.get('http_reqs 200')).toBe(20);
    expect(meter.values('http_req_connecting').filter((ms) => ms > 0)).toHaveLength(1);
  });

  test('batch uses parallel connections up to the limit and answers in order', async () => {
    let open = 0;
    let most = 0;
    const base = await serve((request, response) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        response.end(request.url);
      }, 20);
    });
    const { http: client } = connect(base, { connectionsPerHost: 3 });
    const urls = Array.from({ length: 10 }, (_, i) => `/${i}`);
    const responses = await client.batch(urls);
    expect(responses.map(({ body }) => body)).toEqual(urls);
    expect(most).toBe(3);
  });
});

describe('responses', () => {
  test('redirects are followed as browsers do, each counted', async () => {
    const base = await serve((request, response) => {
      if (request.url === '/post') response.writeHead(302, { location: '/done' }).end();
      else if (request.url === '/keep') response.writeHead(307, { location: '/done' }).end();
      else if (request.url === '/loop') response.writeHead(301, { location: '/loop' }).end();
      else echo(request, response);
    });
    const { http: client, meter } = connect(base);
    expect((await client.post('/post', { body: 'x' })).json<Echo>()).toMatchObject({
      method: 'GET',
      body: '',
    });
    expect((await client.post('/keep', { body: 'x' })).json<Echo>()).toMatchObject({
      method: 'POST',
      body: 'x',
    });
    expect((await client.post('/post', { body: 'x', redirects: 0 })).status).toBe(302);
    expect((await client.get('/loop', { redirects: 3 })).status).toBe(301);
    expect(meter.sums.get('http_reqs 302')).toBe(2);
    expect(meter.sums.get('http_reqs 301')).toBe(3);
    expect(meter.sums.get('http_reqs 301 too_many_redirects')).toBe(1);
    expect(meter.sums.get('http_reqs 200')).toBe(2);
  });

  test('credentials do not follow a redirect to another host', async () => {
    const other = await serve(echo);
    const base = await serve((_request, response) => {
      response.writeHead(302, { location: `${other}/x` }).end();
    });
    const { http: client } = connect(base);
    const response = await client.get('/', { auth: { bearer: 'secret' } });
    expect(response.json<Echo>().headers.authorization).toBeUndefined();
  });

  test('cookies are kept per user and sent back by domain and path', async () => {
    const base = await serve((request, response) => {
      if (request.url === '/login') {
        response.setHeader('set-cookie', ['sid=1; Path=/', 'deep=2; Path=/admin', 'gone=3; Max-Age=0']);
      }
      echo(request, response);
    });
    const { http: client } = connect(base);
    await client.get('/login');
    expect((await client.get('/shop')).json<Echo>().headers.cookie).toBe('sid=1');
    expect((await client.get('/admin/x')).json<Echo>().headers.cookie).toBe('deep=2; sid=1');
    expect((await connect(base).http.get('/shop')).json<Echo>().headers.cookie).toBeUndefined();
  });

  test('hosts without a dot, and with a final one, get their cookies back', async () => {
    const seen: string[] = [];
    const base = await serve((request, response) => {
      seen.push(`${request.headers.host!.replace(/:.*/, '')} ${request.headers.cookie ?? ''}`);
      response.setHeader('set-cookie', ['sid=1; Domain=web; Secure=', 'lang=de; Domain=web']).end();
    });
    const port = new URL(base).port;
    const { http: client } = connect(`http://web:${port}`, {
      hosts: { web: '127.0.0.1', 'web.': '127.0.0.1' },
    });
    for (const host of ['web', 'web', 'web.']) await client.get(`http://${host}:${port}/`);
    expect(seen).toEqual(['web ', 'web lang=de', 'web. lang=de']);
  });

  test.each([
    ['gzip', zlib.gzipSync],
    ['deflate', zlib.deflateSync],
    ['deflate', zlib.deflateRawSync],
    ['br', zlib.brotliCompressSync],
  ])('%s bodies are decoded, small and large', async (encoding, encode) => {
    for (const size of [10, 2_000_000]) {
      const text = 'abcdefghij'.repeat(size / 10);
      // Random bytes do not compress, which takes the large body beyond what is decoded at once.
      const noise = Buffer.from(Array.from({ length: size / 10 }, () => Math.floor(Math.random() * 256)));
      const body = encode(Buffer.concat([Buffer.from(text), noise]));
      const base = await serve((_request, response) => {
        response.setHeader('content-encoding', encoding);
        response.end(body);
      });
      const response = await connect(base).http.get('/', { responseType: 'buffer' });
      expect((response.body as Buffer).subarray(0, size).toString()).toBe(text);
      expect((response.body as Buffer).subarray(size).equals(noise)).toBe(true);
    }
  });

  test('a damaged compressed body is a failure with a reason', async () => {
    const base = await serve((_request, response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end('this is not gzip');
    });
    const { http: client, failures } = connect(base);
    expect((await client.get('/')).error).toMatchObject({ code: 'decode_error' });
    expect(failures).toEqual(['decode_error']);
  });

  test('expected statuses decide what counts as failed', async () => {
    const base = await serve((_request, response) => {
      response.writeHead(404).end('none');
    });
    const { http: client, meter, failures } = connect(base);
    expect((await client.get('/')).ok).toBe(false);
    expect((await client.get('/', { expect: 404 })).ok).toBe(true);
    expect((await client.get('/', { expect: [200, 404] })).ok).toBe(true);
    expect(meter.sums.get('http_req_failed 404')).toBe(1);
    expect(failures).toEqual(['http_404']);
  });

  test('a body that is not JSON says whose it is and how it starts', async () => {
    const base = await serve((_request, response) => response.end('<html>oops'));
    const response = await connect(base).http.get('/page');
    expect(() => response.json()).toThrow(/GET http.*\/page \(status 200\) is not JSON: "<html>oops"/);
  });

  test('timings add up and the first request of a due iteration counts from when it was due', async () => {
    const base = await serve((_request, response) => {
      setTimeout(() => response.end('slow'), 40);
    });
    const client = connect(base);
    const { timings } = await client.http.get('/');
    expect(timings.duration).toBeCloseTo(timings.sending + timings.waiting + timings.receiving, 6);
    expect(timings.waiting).toBeGreaterThan(35);
    expect(timings.connecting).toBeGreaterThan(0);
    client.scheduledAtMs = performance.now() - 500;
    await client.http.get('/');
    await client.http.get('/');
    const [first, due, later] = client.meter.values('http_req_duration');
    expect(first).toBeLessThan(300);
    expect(due).toBeGreaterThan(535);
    expect(later).toBeLessThan(300);
    expect(client.meter.values('http_req_service_time')).toHaveLength(1);
  });
});
