import http from 'node:http';
import net from 'node:net';
import zlib from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { Meter, Tags } from '../../model/metric.ts';
import { delay } from '../../time/clock.ts';
import { Scope } from '../scope.ts';
import { Cookies } from './cookies.ts';
import { HttpRuntime } from './runtime.ts';
import { HttpSession } from './session.ts';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listen(server: net.Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    if (server instanceof http.Server) server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
}

function serve(handler: http.RequestListener): Promise<string> {
  return listen(http.createServer(handler));
}

/** Counts what is recorded, by metric and the tags that matter here. */
class CountingMeter implements Meter {
  readonly sums = new Map<string, number>();
  readonly trends: { metric: string; value: number; tags: Tags }[] = [];

  #add(metric: string, tags: Tags, amount: number): void {
    const key = `${metric} ${tags.status ?? ''} ${tags.error_code ?? ''}`.trim();
    this.sums.set(key, (this.sums.get(key) ?? 0) + amount);
  }
  trend(metric: string, tags: Tags) {
    return { add: (value: number) => void this.trends.push({ metric, value, tags }) };
  }
  counter(metric: string, tags: Tags) {
    return { add: (amount: number) => this.#add(metric, tags, amount) };
  }
  rate(metric: string, tags: Tags) {
    return { add: (passed: boolean) => this.#add(metric, tags, passed ? 1 : 0) };
  }
  gauge() {
    return { set() {} };
  }
  define(): void {}
  has(): boolean {
    return true;
  }
  values(metric: string): number[] {
    return this.trends.filter((sample) => sample.metric === metric).map(({ value }) => value);
  }
}

interface Client {
  readonly http: HttpSession;
  readonly meter: CountingMeter;
  readonly failures: string[];
  scheduledAtMs: number;
}

function connect(baseUrl: string, plan: { timeoutMs?: number; connectionsPerHost?: number } = {}): Client {
  const meter = new CountingMeter();
  const failures: string[] = [];
  const runtime = new HttpRuntime({
    baseUrl,
    plan: { timeoutMs: 5000, maxRedirects: 10, headers: {}, connectionsPerHost: 6, ...plan },
    userAgent: 'plimsoll/test',
    onFailure: (_exchange, code) => failures.push(code),
  });
  const scope = new Scope(meter, { scenario: 'default', user: 'u', task: 't' }, () => {});
  const client = { scheduledAtMs: -1, meter, failures } as { -readonly [Key in keyof Client]: Client[Key] };
  const session = new HttpSession(
    runtime,
    {
      scope,
      takeScheduledAtMs() {
        const at = client.scheduledAtMs;
        client.scheduledAtMs = -1;
        return at;
      },
    },
    new Cookies(),
  );
  client.http = session;
  closers.push(async () => {
    session.close();
    await runtime.close();
  });
  return client;
}

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
    expect(() => client.get('/', { headers: { a: 'b\r\n\r\nGET /evil HTTP/1.1' } })).toThrow('may not stand');
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
    expect(meter.sums.get('http_reqs 301')).toBe(4);
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

describe('faults', () => {
  test('a refused connection is a response with status 0, or throws when asked to', async () => {
    const server = net.createServer();
    const base = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const { http: client, meter } = connect(base);
    const response = await client.get('/');
    expect(response).toMatchObject({ status: 0, ok: false, error: { code: 'ECONNREFUSED' } });
    await expect(client.get('/', { throw: true })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(meter.sums.get('http_reqs 0 ECONNREFUSED')).toBe(2);
  });

  test('a server that never answers runs into the timeout, which counts in full', async () => {
    const base = await serve(() => {});
    const { http: client, meter } = connect(base);
    const response = await client.get('/', { timeout: 150 });
    expect(response.error).toMatchObject({ code: 'timeout' });
    expect(meter.values('http_req_duration')[0]).toBeGreaterThanOrEqual(150);
  });

  test.each([
    ['garbage', 'SSH-2.0-x\r\n', 'protocol_error'],
    [
      'a reset in the middle of the body',
      'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf',
      'connection_closed',
    ],
    ['nothing at all', '', 'connection_closed'],
  ])(
    '%s is a failure by its name, and the next request gets a new connection',
    async (_name, bytes, code) => {
      let count = 0;
      const server = net.createServer((socket) => {
        const nth = count++;
        socket.on('error', () => {});
        socket.once('data', () => {
          if (nth === 0) socket.end(bytes);
          else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
        });
      });
      const { http: client, failures } = connect(await listen(server));
      expect((await client.get('/')).error).toMatchObject({ code });
      expect(failures).toEqual([code]);
      expect((await client.get('/')).body).toBe('ok');
    },
  );

  test('bytes nobody asked for close the connection before they can become an answer', async () => {
    const server = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => {
        socket.write(
          'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nrealHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfake',
        );
      });
    });
    const { http: client } = connect(await listen(server));
    for (let i = 0; i < 5; i++) expect((await client.get('/')).body).toBe('real');
  });

  test('a request that meets an idle connection being closed is sent again, one that may not be is not', async () => {
    let count = 0;
    const server = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => {
        count++;
        // Every second request meets a close in place of an answer.
        if (count % 2 === 0) socket.destroy();
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      });
    });
    const { http: client, failures } = connect(await listen(server));
    expect((await client.get('/')).body).toBe('ok');
    await delay(600);
    expect((await client.get('/')).body).toBe('ok');
    expect(failures).toEqual([]);
    // Not idle: the server saw the request and gave it up.
    expect((await client.get('/')).error?.code).toMatch(/connection_closed|ECONNRESET/);
    expect((await client.get('/')).body).toBe('ok');
    await delay(600);
    // Sending a POST twice could do its work twice, so its failure is shown.
    expect((await client.post('/', { body: 'x' })).error?.code).toMatch(/connection_closed|ECONNRESET/);
    expect(count).toBe(6);
  });

  test('a server that announces a short keep-alive is not met at the moment it closes', async () => {
    const base = await serve((_request, response) => response.end('ok'));
    const server = http.createServer((_request, response) => response.end('ok'));
    server.keepAliveTimeout = 2000;
    const announced = await listen(server);
    expect(base).not.toBe(announced);
    let connections = 0;
    server.on('connection', () => connections++);
    const { http: client } = connect(announced);
    await client.get('/');
    await delay(1100);
    await client.get('/');
    expect(connections).toBe(2);
  });

  test('closing lets a sent request reach the server and counts it as aborted', async () => {
    let received = 0;
    const base = await serve(() => {
      received++;
    });
    const { http: client, meter } = connect(base);
    const pending = client.get('/');
    await delay(30);
    client.close();
    await expect(pending).rejects.toThrow('stopped');
    await delay(30);
    expect(received).toBe(1);
    expect(meter.sums.get('http_reqs 0 aborted')).toBe(1);
    expect(meter.sums.get('http_req_failed 0 aborted')).toBeUndefined();
    await expect(client.get('/')).rejects.toThrow('stopped');
  });
});
