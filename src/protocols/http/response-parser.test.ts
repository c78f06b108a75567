import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { invalid, ResponseParser } from './response-parser.ts';

interface Parsed {
  status: number;
  body: string | null;
  keepAlive: boolean;
  leftover: string;
  complete: boolean;
}

/** Feeds a response in pieces of the given sizes (the rest at once) and closes the connection when asked. */
function parse(text: string, options: { pieces?: number[]; close?: boolean; head?: boolean } = {}): Parsed {
  const bytes = Buffer.from(text, 'latin1');
  const parser = new ResponseParser();
  parser.begin(options.head === true, true);
  let pos = 0;
  const sizes = [...(options.pieces ?? [])];
  while (pos < bytes.length && !parser.complete) {
    const to = Math.min(bytes.length, pos + (sizes.shift() ?? bytes.length));
    // A copy, overwritten afterwards: whatever the parser keeps must be its own.
    const piece = Buffer.from(bytes.subarray(pos, to));
    const used = parser.execute(piece, 0, piece.length);
    piece.fill(0xee);
    if (used === invalid) throw new Error(parser.failure);
    pos += used;
  }
  if (!parser.complete && options.close === true && !parser.finish()) throw new Error(parser.failure);
  return {
    status: parser.status,
    body: parser.body === null ? null : parser.body.toString('latin1'),
    keepAlive: parser.keepAlive,
    leftover: bytes.toString('latin1', pos),
    complete: parser.complete,
  };
}

const ok = 'HTTP/1.1 200 OK\r\n';

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
    ['trailers', `${ok}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\n`, 'hi'],
    ['no reason phrase', 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi', 'hi'],
    ['an empty reason phrase', 'HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nhi', 'hi'],
    ['204 without body', 'HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n', null],
    ['304 without body', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n', null],
    [
      'informational responses before the answer',
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok}Content-Length: 2\r\n\r\nhi`,
      'hi',
    ],
  ])('%s', (_name, text, body) => {
    const parsed = parse(text);
    expect(parsed).toMatchObject({ body, leftover: '', complete: true });
    // The same, whatever pieces it arrives in.
    for (const size of [1, 2, 3, 7]) {
      expect(parse(text, { pieces: new Array<number>(text.length).fill(size) })).toEqual(parsed);
    }
  });

  test('a body without length runs until the connection closes, and the connection ends with it', () => {
    expect(parse(`${ok}\r\nall of it`, { close: true })).toMatchObject({
      body: 'all of it',
      keepAlive: false,
    });
  });

  test('a HEAD response has no body whatever it announces', () => {
    expect(parse(`${ok}Content-Length: 5\r\n\r\n`, { head: true })).toMatchObject({
      body: null,
      complete: true,
    });
  });

  test('what follows a complete response is left alone', () => {
    expect(parse(`${ok}Content-Length: 2\r\n\r\nhiHTTP/1.1`).leftover).toBe('HTTP/1.1');
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

describe('connection persistence', () => {
  test.each([
    [`${ok}Content-Length: 0\r\n\r\n`, true],
    [`${ok}Connection: close\r\nContent-Length: 0\r\n\r\n`, false],
    [`${ok}Connection: foo, Close\r\nContent-Length: 0\r\n\r\n`, false],
    ['HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', false],
    ['HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n', true],
  ])('%j keeps the connection: %s', (text, keepAlive) => {
    expect(parse(text).keepAlive).toBe(keepAlive);
  });
});

describe('refused', () => {
  test.each([
    ['other protocols', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 'not an HTTP response'],
    ['a short greeting of another protocol', '+PONG\r\n', 'not an HTTP response'],
    ['lower-case http', 'http/1.1 200 OK\r\n\r\n', 'not an HTTP response'],
    ['HTTP/2 in text', 'HTTP/2.0 200 OK\r\n\r\n', 'unsupported HTTP version'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\nA: b\r\n\r\n', 'invalid status code'],
    ['a status below 100', 'HTTP/1.1 099 No\r\n\r\n', 'invalid status code'],
    ['two spaces before the status', 'HTTP/1.1  200 OK\r\n\r\n', 'invalid status code'],
    ['a bare line feed after the status', 'HTTP/1.1 200 OK\nA: b\r\n\r\n', 'invalid byte in the status line'],
    ['a space before the colon', `${ok}Content-Length : 5\r\n\r\nhello`, 'invalid byte in a header name'],
    ['an empty header name', `${ok}: x\r\n\r\n`, 'invalid byte in a header name'],
    ['a folded header', `${ok}A: b\r\n c\r\n\r\n`, 'folded header line'],
    ['a bare line feed after a header', `${ok}A: b\nC: d\r\n\r\n`, 'invalid byte in a header value'],
    ['a bare carriage return in a header', `${ok}A: b\rc\r\n\r\n`, 'invalid byte in a header value'],
    ['a zero byte in a header', `${ok}A: b\0c\r\n\r\n`, 'invalid byte in a header value'],
    [
      'a carriage return instead of the empty line',
      `${ok}A: b\r\n\rX`,
      'a carriage return without a line feed',
    ],
    ['a negative length', `${ok}Content-Length: -1\r\n\r\n`, 'invalid content-length'],
    ['a signed length', `${ok}Content-Length: +5\r\n\r\nhello`, 'invalid content-length'],
    ['a list of lengths', `${ok}Content-Length: 5, 5\r\n\r\nhello`, 'invalid content-length'],
    ['an empty length', `${ok}Content-Length:\r\n\r\n`, 'invalid content-length'],
    ['an absurd length', `${ok}Content-Length: 99999999999999999999\r\n\r\n`, 'invalid content-length'],
    ['two lengths', `${ok}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`, 'content-length given twice'],
    [
      'length and chunks together',
      `${ok}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
      'together',
    ],
    [
      'chunks and length together',
      `${ok}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n`,
      'together',
    ],
    [
      'an unknown transfer encoding',
      `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n`,
      'unsupported transfer-encoding',
    ],
    [
      'two transfer encodings',
      `${ok}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
      'unsupported transfer-encoding',
    ],
    [
      'a chunk size that is no number',
      `${ok}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`,
      'invalid chunk size',
    ],
    ['a negative chunk size', `${ok}Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n`, 'invalid chunk size'],
    ['a hexadecimal prefix', `${ok}Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n`, 'invalid chunk size'],
    [
      'a space after the chunk size',
      `${ok}Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n`,
      'invalid chunk size',
    ],
    [
      'an absurd chunk size',
      `${ok}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n`,
      'chunk size too large',
    ],
    [
      'a chunk longer than it says',
      `${ok}Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n`,
      'missing line end after a chunk',
    ],
    [
      'a broken trailer',
      `${ok}Transfer-Encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n`,
      'invalid trailer line',
    ],
    [
      'an unasked switch of protocols',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n',
      'unexpected switch',
    ],
    ['endless informational responses', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(20), 'too many informational'],
    ['endless headers', `${ok}${'A: b\r\n'.repeat(20_000)}`, 'longer than 65536 bytes'],
    ['an endless header line', `${ok}A: ${'b'.repeat(70_000)}`, 'longer than 65536 bytes'],
  ])('%s', (_name, text, reason) => {
    expect(() => parse(text)).toThrow(reason);
    expect(() => parse(text, { pieces: new Array<number>(3000).fill(1) })).toThrow(reason);
  });

  test('a connection closed early says how far the response had come', () => {
    expect(() => parse('', { close: true })).toThrow('before any response');
    expect(() => parse(`${ok}Content-Le`, { close: true })).toThrow('in the middle');
    expect(() => parse(`${ok}Content-Length: 5\r\n\r\nhel`, { close: true })).toThrow('in the middle');
    expect(() => parse(`${ok}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`, { close: true })).toThrow(
      'in the middle',
    );
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
