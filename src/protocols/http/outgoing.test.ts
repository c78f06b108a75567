// What goes out as users wrote it, and what does not go out: headers, methods, query, forms, multipart and JSON.

import type http from 'node:http';
import net from 'node:net';
import { describe, expect, test } from 'vitest';
import type { HttpOptions } from '../../model/context.ts';
import { connect, listen, serve } from './keeping-client.cases.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

function serveEcho(): Promise<string> {
  return serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() }));
    });
  });
}

/** The bytes of one request, as they came. */
async function bytesOf(send: (base: string) => Promise<unknown>): Promise<string> {
  let got = '';
  const port = await listen(
    net.createServer((socket) => {
      socket.on('data', (chunk) => {
        got += chunk.toString('latin1');
        if (got.includes('\r\n\r\n')) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      });
    }),
  );
  await send(`http://127.0.0.1:${port}`);
  return got;
}

describe('headers', () => {
  test.each<[string, HttpOptions, string]>([
    [
      'a bearer token that ends in a line feed',
      { auth: { bearer: 'abc\n' } },
      'auth.bearer has a line feed (U+000A) as character 4 of 4',
    ],
    [
      'CR LF in a bearer token',
      { auth: { bearer: 'a\r\nx: y' } },
      'auth.bearer has a carriage return (U+000D) as character 2',
    ],
    [
      'an ellipsis',
      { auth: { bearer: 'eyJ\u2026' } },
      'auth.bearer has a character beyond Latin-1 (U+2026) as character 4',
    ],
    [
      'an emoji',
      { headers: { 'x-a': '\u{1f600}' } },
      'the header "x-a" has a character beyond Latin-1 (U+1F600) as character 1',
    ],
    ['NUL', { headers: { 'X-A': 'secret\0' } }, 'the header "X-A" has a NUL (U+0000) as character 7'],
    ['DEL', { headers: { 'x-a': '\x7f' } }, 'a control character (U+007F)'],
    ['a lone line feed', { headers: { 'x-a': 'a\nb' } }, 'a line feed (U+000A) as character 2 of 3'],
    ['a name with a colon', { headers: { 'a:b': 'c' } }, '"a:b" is not the name of a header'],
    ['a name with a line end', { headers: { 'a\r\nb': 'c' } }, '"a\\r\\nb" is not the name of a header'],
    ['an empty name', { headers: { '': 'c' } }, 'a header has an empty name'],
    ['undefined', { headers: { 'x-a': undefined as unknown as string } }, 'the header "x-a" is undefined'],
    ['null', { headers: { 'x-a': null as unknown as string } }, 'the header "x-a" is null'],
    ['an object', { headers: { 'x-a': {} as unknown as string } }, 'the header "x-a" is object'],
    ['no auth', { auth: null as unknown as { bearer: string } }, 'auth is null; expected { username'],
    ['a text for auth', { auth: 'secret' as unknown as { bearer: string } }, 'auth is string; expected'],
    ['no token', { auth: { bearer: undefined as unknown as string } }, 'auth.bearer is undefined'],
    [
      'a password with a line feed',
      { auth: { username: 'u', password: 'secret\n' } },
      'auth.password has a control character (U+000A) as character 7',
    ],
    ['a user name with a colon', { auth: { username: 'u:v', password: 'p' } }, 'auth.username has a colon'],
    [
      'no password',
      { auth: { username: 'u', password: undefined as unknown as string } },
      'auth.password is undefined',
    ],
    [
      'a user name of a digest',
      { auth: { username: 'u\r\n', password: 'p', scheme: 'digest' } },
      'auth.username has a control',
    ],
    [
      'the type of a part',
      { multipart: { a: { content: 'x', contentType: 'a/b\r\nx: y' } } },
      'multipart.a.contentType has a carriage return',
    ],
    ['a cookie', { headers: { cookie: 'a=\u2026' } }, 'the header "cookie" has a character beyond Latin-1'],
    ['the host', { headers: { host: 'a\r\nb' } }, 'the header "host" has a carriage return'],
  ])('%s is refused, and the value is not shown', async (_what, options, message) => {
    const client = connect(await serveEcho());
    let thrown: unknown;
    try {
      await client.http.get('/', options);
    } catch (error) {
      thrown = error;
    }
    expect(String(thrown)).toContain(message);
    expect(String(thrown)).not.toContain('secret');
    expect(client.meter.requests()).toBe(0);
  });

  test('a method is checked as well', async () => {
    const { http: client } = connect(await serveEcho());
    for (const method of ['GE T', 'GET\r\n', '', 'G\u2026T', undefined as unknown as string]) {
      expect(() => client.request(method, '/')).toThrow('is not a request method');
    }
    expect(() => client.request('connect', '/')).toThrow('CONNECT opens a tunnel');
  });

  test('blanks at both ends are no part of a value, and octets beyond ASCII stay what they are', async () => {
    const got = await bytesOf((base) =>
      connect(base).http.get('/', { headers: { 'x-a': ' \ta b\t ', 'x-b': 'caf\xe9', 'x-c': '', 'x-n': 5 } }),
    );
    expect(got).toContain('\r\nx-a: a b\r\nx-b: caf\xe9\r\nx-c: \r\nx-n: 5\r\n');
  });

  test('what a server makes the client send is checked too', async () => {
    const got = await bytesOf((base) => connect(base).http.get('/a\r\nx: y\u0000?q=\r\n\u2026#part'));
    expect(got).toMatch(/^GET \/ax:%20y%00\?q=%E2%80%A6 HTTP\/1\.1\r\n/);
  });

  test('headers named like members of objects are headers', async () => {
    const headers = JSON.parse('{"__proto__":"a","constructor":"b"}') as Record<string, string>;
    const got = await bytesOf((base) => connect(base).http.get('/', { headers }));
    expect(got).toContain('\r\n__proto__: a\r\nconstructor: b\r\n');
  });

  test('defaults of a suite pass the same check', () => {
    expect(() => connect('http://127.0.0.1:1', { headers: { 'x-a': 'b\r\nc' } })).toThrow(
      'the header "x-a" has a carriage return',
    );
  });
});

test('lists, maps and texts in place of names with values are refused', async () => {
  const { http: client } = connect(await serveEcho());
  for (const given of [new Map([['a', 'b']]), new Headers({ a: 'b' }), [['a', 'b']], 'a=b', null]) {
    const value = given as unknown as Record<string, string>;
    expect(() => client.get('/', { headers: value })).toThrow('headers are an object');
    expect(() => client.get('/', { params: value })).toThrow('params are an object');
    expect(() => client.post('/', { form: value })).toThrow('form are an object');
    expect(() => client.post('/', { multipart: value })).toThrow('multipart is an object');
  }
});

test.each([
  ['patch', 'PATCH'],
  ['Get', 'GET'],
  ['delete', 'DELETE'],
  ['propfind', 'PROPFIND'],
  ['m-search', 'M-SEARCH'],
  ['Frobnicate', 'Frobnicate'],
])('the method %s goes out, and is counted, as %s', async (given, sent) => {
  let got = '';
  let client!: ReturnType<typeof connect>;
  got = await bytesOf(async (base) => {
    client = connect(base);
    await client.http.request(given, '/');
    await client.http.batch([{ method: given, url: '/' }]);
  });
  expect(got.match(/^\S+(?= \/ HTTP)/gm)).toEqual([sent, sent]);
  expect(client.meter.requests({ method: sent })).toBe(2);
});

describe('query and form', () => {
  const values = {
    one: 1,
    list: ['a', 'b c', 3],
    none: [],
    gone: undefined,
    flag: true,
    big: 9_007_199_254_740_993n,
    odd: 'ä&=+',
  };
  const expected = 'one=1&list=a&list=b+c&list=3&flag=true&big=9007199254740993&odd=%C3%A4%26%3D%2B';

  test('lists repeat their name, and undefined is left out', async () => {
    const { http: client } = connect(await serveEcho());
    expect((await client.get('/p', { params: values })).json<Seen>().url).toBe(`/p?${expected}`);
    expect((await client.post('/f', { form: values })).json<Seen>().body).toBe(expected);
    const params = new URLSearchParams([
      ['a', '1'],
      ['a', '2'],
    ]);
    expect((await client.get('/p', { params })).json<Seen>().url).toBe('/p?a=1&a=2');
    expect((await client.get('/p', { params: { gone: undefined } })).json<Seen>().url).toBe('/p');
  });

  test.each([
    ['/p#part', '/p?a=1'],
    ['/p?x=1#part?no', '/p?x=1&a=1'],
    ['/p?', '/p?a=1'],
    ['/p?x&', '/p?x&a=1'],
    ['#part', '/?a=1'],
  ])('they go before the fragment of %s, which is not sent', async (url, sent) => {
    const base = await serveEcho();
    const { http: client } = connect(base);
    const address = url.startsWith('/') ? url : base + url;
    expect((await client.get(address, { params: { a: 1 } })).json<Seen>().url).toBe(sent);
  });

  test.each([
    ['null', null, 'is null; expected a text, a number, or true or false (undefined leaves it out'],
    ['a date', new Date(0), 'is a Date; expected a text, a number, or true or false (write it as'],
    ['an object', { a: 1 }, 'is an object;'],
    ['a list in a list', [[1]], 'is a list in a list;'],
    ['null in a list', [1, null], 'is null;'],
    ['a function', () => 1, 'is a function;'],
  ])('%s is refused: it could be written in several ways', async (_what, value, message) => {
    const { http: client } = connect(await serveEcho());
    const fields = { from: value } as unknown as NonNullable<HttpOptions['params']>;
    expect(() => client.get('/', { params: fields })).toThrow(`params.from ${message}`);
    expect(() => client.post('/', { form: fields })).toThrow(`form.from ${message}`);
  });
});

describe('multipart', () => {
  async function partsOf(multipart: NonNullable<HttpOptions['multipart']>, headers = {}): Promise<string[]> {
    const { http: client } = connect(await serveEcho());
    const seen = (await client.post('/', { multipart, headers })).json<Seen>();
    const boundary = /boundary=(.*)$/.exec(seen.headers['content-type']!)![1]!;
    const parts = seen.body.split(`--${boundary}`);
    expect(parts.at(-1)).toBe('--\r\n');
    return parts.slice(1, -1).map((part) => part.slice(2, -2));
  }

  test('a part has a file name only when it is given one', async () => {
    expect(
      await partsOf({
        plain: 'a',
        typed: { content: '{"a":1}', contentType: 'application/json' },
        text: { content: 'x' },
        bytes: { content: Buffer.from('y') },
        file: { content: 'z', filename: 'z.bin' },
        gone: undefined,
      }),
    ).toEqual([
      'Content-Disposition: form-data; name="plain"\r\n\r\na',
      'Content-Disposition: form-data; name="typed"\r\nContent-Type: application/json\r\n\r\n{"a":1}',
      'Content-Disposition: form-data; name="text"\r\n\r\nx',
      'Content-Disposition: form-data; name="bytes"\r\nContent-Type: application/octet-stream\r\n\r\ny',
      'Content-Disposition: form-data; name="file"; filename="z.bin"\r\nContent-Type: application/octet-stream\r\n\r\nz',
    ]);
  });

  test('lists repeat their name', async () => {
    const files = [
      { content: '1', filename: 'a' },
      { content: '2', filename: 'b' },
    ];
    const parts = await partsOf({ tags: ['x', 2, true], files });
    expect(parts.map((part) => /name="([^"]*)"/.exec(part)![1])).toEqual([
      'tags',
      'tags',
      'tags',
      'files',
      'files',
    ]);
    expect(parts.map((part) => part.split('\r\n\r\n')[1])).toEqual(['x', '2', 'true', '1', '2']);
  });

  test('names are quoted as browsers quote them (HTML standard, 4.10.21.8)', async () => {
    const parts = await partsOf({
      'a"b\r\nc': 'x',
      'größe\n': 'y\nz',
      f: { content: 'a\nb', filename: 'q"\r\n\\ü.txt', contentType: 'text/plain' },
    });
    expect(parts).toEqual([
      'Content-Disposition: form-data; name="a%22b%0D%0Ac"\r\n\r\nx',
      'Content-Disposition: form-data; name="größe%0D%0A"\r\n\r\ny\r\nz',
      'Content-Disposition: form-data; name="f"; filename="q%22%0D%0A\\ü.txt"\r\nContent-Type: text/plain\r\n\r\na\nb',
    ]);
  });

  test.each([
    ['null', null, 'multipart.a is null'],
    ['a date', new Date(0), 'multipart.a is an object without content'],
    ['a list in a list', [['x']], 'multipart.a is an object without content'],
    ['content of another kind', { content: 5 }, 'multipart.a.content is number'],
    ['a file name of another kind', { content: 'x', filename: 5 }, 'multipart.a.filename is number'],
  ])('%s is refused', async (_what, value, message) => {
    const { http: client } = connect(await serveEcho());
    expect(() => client.post('/', { multipart: { a: value as unknown as string } })).toThrow(message);
    expect(() => client.post('/', { multipart: { a: 'x' }, json: 1 })).toThrow('one body');
  });

  test('an own multipart type keeps its boundary, or gets one', async () => {
    const { http: client } = connect(await serveEcho());
    const send = async (type: string): Promise<Seen> =>
      (await client.post('/', { multipart: { a: 'x' }, headers: { 'Content-Type': type } })).json<Seen>();
    const own = await send('multipart/form-data; boundary="own b"');
    expect(own.headers['content-type']).toBe('multipart/form-data; boundary="own b"');
    expect(own.body).toBe('--own b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--own b--\r\n');
    const given = await send('multipart/related');
    expect(given.headers['content-type']).toMatch(/^multipart\/related; boundary=\S+$/);
    expect(() =>
      client.post('/', {
        multipart: { a: '--own' },
        headers: { 'content-type': 'multipart/form-data; boundary=own' },
      }),
    ).toThrow('the boundary');
  });
});

describe('json and body', () => {
  test('bigints go out with all their digits', async () => {
    const { http: client } = connect(await serveEcho());
    const json = { id: 9_007_199_254_740_993n, list: [1n, undefined, 'x'], gone: undefined, at: new Date(0) };
    const seen = (await client.post('/', { json })).json<Seen>();
    expect(seen.body).toBe('{"id":9007199254740993,"list":[1,null,"x"],"at":"1970-01-01T00:00:00.000Z"}');
  });

  test('what is no body is refused', async () => {
    const { http: client } = connect(await serveEcho());
    expect(() => client.post('/', { json: () => 1 })).toThrow('json is a function, which JSON cannot say');
    const body = (value: unknown) => () => client.post('/', { body: value as string });
    expect(body({ a: 1 })).toThrow(
      'body is object; expected a text, bytes, or a source of them (or use json)',
    );
    expect(body(5)).toThrow('body is number');
    expect(body(null)).toThrow('body is null');
  });
});
