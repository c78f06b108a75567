import { expect, test } from 'vitest';
import { HeadCache } from './head-cache.ts';
import { invalid, ResponseParser } from './response-parser.ts';

function read(parser: ResponseParser, text: string, isHead = false): ResponseParser {
  parser.begin(isHead, true);
  const bytes = Buffer.from(text, 'latin1');
  const used = parser.execute(bytes, 0, bytes.length);
  // Whatever is kept must be a copy: sockets share one buffer.
  bytes.fill(0xee);
  expect(used).toBe(text.length);
  return parser;
}

function facts(parser: ResponseParser): unknown {
  const { status, rawHeaders, keepAlive, hasSetCookie, hasContentEncoding, complete } = parser;
  return {
    status,
    rawHeaders,
    keepAlive,
    hasSetCookie,
    hasContentEncoding,
    complete,
    body: parser.body?.toString(),
  };
}

const heads = [
  'HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 05:36:19 GMT\r\nContent-Length: 2\r\n\r\n',
  'HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 05:36:20 GMT\r\nContent-Length: 2\r\n\r\n',
  'HTTP/1.1 404 No\r\nDate: Sat, 21 Nov 2026 05:36:20 GMT\r\nContent-Length: 2\r\n\r\n',
  'HTTP/1.1 200 OK\r\nConnection: close\r\nSet-Cookie: a=1\r\nX: 12345678\r\nContent-Length: 2\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nX: 123456789012345678901\r\nContent-Length: 2\r\n\r\n',
];

test('a head that is known reads the same as one that is not', () => {
  const shared = new HeadCache();
  for (let round = 0; round < 3; round++) {
    for (const head of heads) {
      const expected = facts(read(new ResponseParser(), `${head}ok`));
      expect(facts(read(new ResponseParser(shared), `${head}ok`))).toEqual(expected);
    }
  }
});

test('the body after a known head is its own', () => {
  const parser = new ResponseParser(new HeadCache());
  for (const body of ['ab', 'cd', 'ef']) expect(read(parser, heads[0] + body).body?.toString()).toBe(body);
});

test('a connection that HTTP/1.0 chunks came over is spent, also when their head is known', () => {
  const shared = new HeadCache();
  const head = 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n';
  for (let round = 0; round < 3; round++) {
    expect(read(new ResponseParser(shared), `${head}2\r\nok\r\n0\r\n\r\n`).keepAlive).toBe(false);
  }
});

test('a known head answers HEAD without a body and GET with one', () => {
  const parser = new ResponseParser(new HeadCache());
  read(parser, `${heads[0]}ab`);
  parser.begin(true, true);
  const head = Buffer.from(heads[0]!);
  expect(parser.execute(head, 0, head.length)).toBe(head.length);
  expect(parser.complete).toBe(true);
  expect(parser.body).toBeNull();
  expect(read(parser, `${heads[0]}cd`).body?.toString()).toBe('cd');
});

test('a known head that arrives in pieces is read as any other', () => {
  const cache = new HeadCache();
  read(new ResponseParser(cache), `${heads[0]}ab`);
  const parser = new ResponseParser(cache);
  parser.begin(false, true);
  for (const char of `${heads[0]}xy`) expect(parser.execute(Buffer.from(char), 0, 1)).toBe(1);
  expect(parser.body?.toString()).toBe('xy');
});

test('heads that never repeat are kept rarely, and one that does is found again', () => {
  const cache = new HeadCache();
  let kept = 0;
  for (let i = 0; i < 10_000; i++) if (cache.wants(200)) kept++;
  expect(kept).toBeLessThan(250);
  expect(cache.wants(100_000)).toBe(false);
});

test('what is wrong with a length is said the same way when the head is known', () => {
  const shared = new HeadCache();
  for (let round = 0; round < 3; round++) {
    const parser = new ResponseParser(shared);
    parser.begin(false, true);
    const bytes = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok');
    expect(parser.execute(bytes, 0, bytes.length)).toBe(invalid);
    expect(parser.failure).toBe('invalid content-length');
  }
});
