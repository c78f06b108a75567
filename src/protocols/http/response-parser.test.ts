import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ok, type Parsed, parse, piecesOf } from './response-parser.cases.ts';
import { ResponseParser } from './response-parser.ts';

describe('framing', () => {
  test.each([
    ['content-length', `${ok}Content-Length: 5\r\n\r\nhello`, 'hello'],
    ['an empty body', `${ok}Content-Length: 0\r\n\r\n`, null],
    ['white space around the length', `${ok}content-length: \t5 \r\n\r\nhello`, 'hello'],
    [
      'chunks',
      `${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`,
      'hello world',
    ],
    [
      'chunk sizes in both cases',
      `${ok}transfer-encoding: Chunked\r\n\r\nA\r\n0123456789\r\nb\r\n0123456789a\r\n0\r\n\r\n`,
      '01234567890123456789a',
    ],
    [
      'chunk extensions',
      `${ok}Transfer-Encoding: chunked\r\n\r\n5;a=b;c="d"\r\nhello\r\n0;x\r\n\r\n`,
      'hello',
    ],
    [
      'chunk extensions with values, quoted text that holds a semicolon and a quote, and white space',
      `${ok}Transfer-Encoding: chunked\r\n\r\n5;a;b=c;d="x; \\"y\\" \xe9" ; e = f\r\nhello\r\n0;last\r\n\r\n`,
      'hello',
    ],
    [
      'white space before a chunk extension',
      `${ok}Transfer-Encoding: chunked\r\n\r\n5 ;a\r\nhello\r\n0\r\n\r\n`,
      'hello',
    ],
    [
      'a chunk size with leading zeros',
      `${ok}Transfer-Encoding: chunked\r\n\r\n0000000000005\r\nhello\r\n000\r\n\r\n`,
      'hello',
    ],
    ['no chunk but the last', `${ok}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, null],
    [
      'chunks that look like responses',
      `${ok}Transfer-Encoding: chunked\r\n\r\n13\r\nHTTP/1.1 500 No\r\n\r\n\r\n0\r\n\r\n`,
      'HTTP/1.1 500 No\r\n\r\n',
    ],
    ['a length with leading zeros', `${ok}Content-Length: 0005\r\n\r\nhello`, 'hello'],
    ['the longest length', 'HTTP/1.1 304 Same\r\nContent-Length: 999999999999999\r\n\r\n', null],
    [
      'names that only start or end like the ones that frame a message',
      `${ok}Content-Length-X: 1\r\nX-Content-Length: 2\r\nXontent-Length: 3\r\nTransfer-EncodinX: chunked\r\nContent-Length: 5\r\n\r\nhello`,
      'hello',
    ],
    ['trailers', `${ok}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n`, 'hi'],
    [
      'a trailer that names a length',
      `${ok}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nContent-Length: 900\r\nEmpty:\r\n\r\n`,
      'hi',
    ],
    ['no reason phrase', 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi', 'hi'],
    ['an empty reason phrase', 'HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nhi', 'hi'],
    ['a reason of spaces', 'HTTP/1.1 200    \r\nContent-Length: 2\r\n\r\nhi', 'hi'],
    ['a reason beyond ASCII', 'HTTP/1.1 500 Orient\xebring\t!\r\nContent-Length: 2\r\n\r\nhi', 'hi'],
    ['a very long reason', `HTTP/1.1 200 ${'OK '.repeat(15_000)}\r\nContent-Length: 2\r\n\r\nhi`, 'hi'],
    ['a status of no known class', 'HTTP/1.1 999 Go Away\r\nContent-Length: 2\r\n\r\nhi', 'hi'],
    ['205 with a length', 'HTTP/1.1 205 Reset Content\r\nContent-Length: 2\r\n\r\nhi', 'hi'],
    [
      '200 that offers an upgrade',
      `${ok}Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 4\r\n\r\nbody`,
      'body',
    ],
    ['204 that announces chunks', 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n', null],
    ['304 that announces chunks', 'HTTP/1.1 304 Same\r\nTransfer-Encoding: chunked\r\n\r\n', null],
    ['204 without body', 'HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n', null],
    ['304 without body', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n', null],
    [
      'informational responses before the answer',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok}Content-Length: 2\r\n\r\nhi`,
      'hi',
    ],
    [
      'an informational response that announces a length it does not have',
      `HTTP/1.1 103 Early Hints\r\nContent-Length: 7\r\nConnection: close\r\n\r\n${ok}Content-Length: 2\r\n\r\nhi`,
      'hi',
    ],
    [
      'as many informational responses as are allowed',
      `${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(1000)}${ok}Content-Length: 2\r\n\r\nhi`,
      'hi',
    ],
  ])('%s', (_name, text, body) => {
    const parsed = parse(text);
    expect(parsed).toMatchObject({ body, leftover: '', complete: true });
    // The same, whatever pieces it arrives in.
    for (const size of [1, 2, 3, 7]) expect(parse(text, { pieces: piecesOf(text, size) })).toEqual(parsed);
  });

  test('a body without length runs until the connection closes, and the connection ends with it', () => {
    expect(parse(`${ok}\r\nall of it`, { close: true })).toMatchObject({
      body: 'all of it',
      keepAlive: false,
    });
  });

  test('an empty body that the connection ends is no body', () => {
    expect(parse(`${ok}Content-Type: a/b\r\n\r\n`, { close: true })).toMatchObject({
      body: null,
      complete: true,
    });
  });

  test('a body that the connection ends may look like a response', () => {
    const second = `${ok}Content-Length: 2\r\n\r\nhi`;
    expect(
      parse(`HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n${second}`, { close: true }),
    ).toMatchObject({
      body: second,
      keepAlive: false,
    });
  });

  test.each([
    ['Content-Length: 5\r\n', true],
    ['Transfer-Encoding: chunked\r\n', true],
    // Without a length, a GET would have been ended by the connection; a HEAD needs no such end.
    ['', true],
    ['Connection: close\r\n', false],
  ])('a HEAD response with the headers %j has no body and keeps the connection: %s', (headers, keepAlive) => {
    expect(parse(`${ok}${headers}\r\n`, { head: true })).toMatchObject({
      body: null,
      complete: true,
      keepAlive,
    });
  });

  test('what follows a complete response is left alone', () => {
    expect(parse(`${ok}Content-Length: 2\r\n\r\nhiHTTP/1.1`).leftover).toBe('HTTP/1.1');
    expect(parse('HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nhi').leftover).toBe('hi');
    expect(parse(`${ok}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n\r\n`).leftover).toBe('\r\n');
    expect(parse(`${ok}Content-Length: 2\r\n\r\n`, { head: true }).leftover).toBe('');
  });

  test('a parser reads one response after the other', () => {
    const parser = new ResponseParser();
    for (const [text, status] of [
      [`${ok}Content-Length: 1\r\nSet-Cookie: a=b\r\n\r\nx`, 200],
      ['HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 404],
    ] as const) {
      parser.begin(false, true);
      expect(parser.execute(Buffer.from(text), 0, text.length)).toBe(text.length);
      expect(parser.complete).toBe(true);
      expect(parser.status).toBe(status);
      expect(parser.hasSetCookie).toBe(status === 200);
    }
  });
});

describe('headers', () => {
  test.each([
    ['an empty value', 'Pragma:\r\nA: b\r\n'],
    ['a value of white space', 'Pragma: \t \r\nA: b\r\n'],
    ['every character a name may have', "aZ09!#$%&'*+-.^_`|~: x\r\n"],
    ['white space inside and around a value', 'A: \t b  c\td \t\r\n'],
    ['bytes beyond ASCII in a value', 'Server: \x80\xe9\xff\r\n'],
    ['the same name several times', 'A: 1\r\nSet-Cookie: x=1\r\na: 2\r\nset-cookie: y=2\r\n'],
    ['a colon and quotes in a value', 'P3P: policyref="http://x/p3p.xml",CP="CAO DSP"\r\n'],
  ])('%s is kept as received', (_name, headers) => {
    for (const size of [1, 5, 1000]) {
      const text = `${ok}${headers}Content-Length: 2\r\n\r\nhi`;
      const parsed = parse(text, { pieces: piecesOf(text, size) });
      expect(parsed).toMatchObject({
        rawHeaders: `${headers}Content-Length: 2\r\n`,
        body: 'hi',
        leftover: '',
      });
    }
  });

  test('a head of just 64 KiB is read, one byte more is refused, whatever pieces it comes in', () => {
    const start = `${ok}Content-Length: 0\r\nA: `;
    const head = (byteCount: number): string => `${start}${'x'.repeat(byteCount - start.length - 2)}\r\n\r\n`;
    for (const size of [100_000, 4096, 1460]) {
      const fits = head(65_536);
      expect(parse(fits, { pieces: piecesOf(fits, size) }).complete).toBe(true);
      const over = head(65_537);
      expect(() => parse(over, { pieces: piecesOf(over, size) })).toThrow('longer than 65536 bytes');
    }
  });
});

describe('connection persistence', () => {
  test.each([
    [`${ok}Content-Length: 0\r\n\r\n`, true],
    [`${ok}Connection: close\r\nContent-Length: 0\r\n\r\n`, false],
    [`${ok}Connection: foo, Close\r\nContent-Length: 0\r\n\r\n`, false],
    [`${ok}Connection: close \r\nContent-Length: 0\r\n\r\n`, false],
    [`${ok}Connection: closed\r\nContent-Length: 0\r\n\r\n`, true],
    [`${ok}Connection:\r\nContent-Length: 0\r\n\r\n`, true],
    [`${ok}Connection: ,,keep-alive\t,\r\nContent-Length: 0\r\n\r\n`, true],
    [`${ok}Connection: close, keep-alive\r\nContent-Length: 0\r\n\r\n`, false],
    [`${ok}Connection: close\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n`, false],
    [`${ok}Proxy-Connection: close\r\nContent-Length: 0\r\n\r\n`, true],
    [`${ok}Transfer-Encoding: chunked\r\n\r\n0\r\nConnection: close\r\n\r\n`, true],
    ['HTTP/1.1 204 No Content\r\n\r\n', true],
    ['HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n', false],
    ['HTTP/1.0 204 No Content\r\nConnection: keep-alive\r\n\r\n', true],
    ['HTTP/1.0 200 OK\r\nConnection: close, keep-alive\r\nContent-Length: 0\r\n\r\n', false],
    ['HTTP/1.0 200 OK\r\nConnection: close\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n', false],
    ['HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n', false],
    // HTTP/1.0 knows no chunks: RFC 9112 section 6.1 has the connection closed after such a response.
    ['HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', false],
    ['HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', false],
    ['HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n', true],
  ])('%j keeps the connection: %s', (text, keepAlive) => {
    expect(parse(text).keepAlive).toBe(keepAlive);
  });
});

test('random damage to a response neither crashes nor hangs the parser', () => {
  const response = `${ok}Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n`;
  const damage = fc.record({
    at: fc.nat({ max: response.length - 1 }),
    remove: fc.nat({ max: 5 }),
    insert: fc.string({ unit: 'binary-ascii', maxLength: 5 }),
    pieces: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 20 }),
  });
  fc.assert(
    fc.property(damage, ({ at, remove, insert, pieces }) => {
      const text = response.slice(0, at) + insert + response.slice(at + remove);
      let parsed: Parsed | undefined;
      try {
        parsed = parse(text, { pieces, close: true });
      } catch (error) {
        expect((error as Error).message).not.toBe('');
      }
      if (parsed !== undefined) expect(parsed.complete).toBe(true);
    }),
    { numRuns: 5000 },
  );
});
