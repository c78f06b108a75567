// Responses that are not written as they should be, and that RFC 9112 and RFC 9110 tell a user agent how to read, or
// leave it to read. Each is read the same in whatever pieces it comes.

import { describe, expect, test } from 'vitest';
import { ok, parse, piecesOf } from './response-parser.cases.ts';

const length = 'Content-Length: 2\r\n';
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;

function expectRead(text: string, expected: object): void {
  const parsed = parse(text);
  expect(parsed).toMatchObject({ complete: true, leftover: '', ...expected });
  for (const size of [1, 2, 3, 7, 16]) expect(parse(text, { pieces: piecesOf(text, size) })).toEqual(parsed);
}

describe('folded lines (RFC 9112 section 5.2) are one line, each fold a space', () => {
  test.each([
    ['by a space', 'A: b\r\n c\r\n', 'A: b c\r\n'],
    ['by a tab', 'A: b\r\n\tc\r\n', 'A: b c\r\n'],
    ['several times, with white space around', 'A: b \r\n  c\r\n \t d  \r\n', 'A: b c d\r\n'],
    ['with nothing on the first line', 'A:\r\n b\r\n', 'A: b\r\n'],
    ['with nothing in the fold', 'A: b\r\n \r\nC: d\r\n', 'A: b\r\nC: d\r\n'],
    ['in the middle of others', `X: 1\r\nA: b\r\n c\r\nY: 2\r\n`, 'X: 1\r\nA: b c\r\nY: 2\r\n'],
    ['twice', `A: b\r\n c\r\nX: 1\r\nD: e\r\n f\r\n`, 'A: b c\r\nX: 1\r\nD: e f\r\n'],
    ['a line that looks like another header', 'A: b\r\n Content-Length: 9\r\n', 'A: b Content-Length: 9\r\n'],
    ['by line feeds', 'A: b\n c\n', 'A: b c\r\n'],
    ['beyond ASCII', 'A: \xe9\r\n \xfc\r\n', 'A: \xe9 \xfc\r\n'],
  ])('%s', (_name, lines, kept) => {
    expectRead(`${ok}${lines}${length}\r\nhi`, { rawHeaders: `${kept}${length}`, body: 'hi' });
    expectRead(`${ok}${length}${lines}\r\nhi`, { rawHeaders: `${length}${kept}`, body: 'hi' });
  });

  test('also in the lines that frame the message', () => {
    expectRead(`${ok}Content-Length:\r\n 2\r\n\r\nhi`, { body: 'hi' });
    expectRead(`${ok}Transfer-Encoding:\r\n\tchunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`, { body: 'hi' });
    expectRead(`${ok}Connection: x,\r\n close\r\n${length}\r\nhi`, { body: 'hi', keepAlive: false });
  });

  test('white space before the first header: its lines are passed over (section 2.2)', () => {
    expectRead(`${ok} X: 1\r\n\tY: 2\r\n${length}\r\nhi`, { rawHeaders: length, body: 'hi' });
    expectRead(`${ok} Content-Length: 900\r\n${length}\r\nhi`, { body: 'hi' });
  });
});

describe('lines', () => {
  test.each([
    ['line feeds alone (section 2.2)', 'HTTP/1.1 200 OK\nA: b\nContent-Length: 2\n\nhi', 'A: b\r\n'],
    ['a line feed after the status', `HTTP/1.1 200 OK\nA: b\r\n${length}\r\nhi`, 'A: b\r\n'],
    ['a line feed after a header', `${ok}A: b\n${length}\r\nhi`, 'A: b\r\n'],
    ['a line feed for the empty line', `${ok}A: b\r\n${length}\nhi`, 'A: b\r\n'],
    ['an empty line before the status', `\r\n${ok}A: b\r\n${length}\r\nhi`, 'A: b\r\n'],
    ['empty lines of both kinds before it', `\n\r\n\n${ok}A: b\r\n${length}\r\nhi`, 'A: b\r\n'],
    ['white space before the colon (section 5.1)', `${ok}A : b\r\n${length}\r\nhi`, 'A: b\r\n'],
    ['a tab before the colon', `${ok}A\t : b\r\n${length}\r\nhi`, 'A: b\r\n'],
    [
      'a control character in a value (RFC 9110 section 5.5)',
      `${ok}A: b\x01\x7fc\r\n${length}\r\nhi`,
      'A: b\x01\x7fc\r\n',
    ],
  ])('%s', (_name, text, kept) => {
    expectRead(text, { status: 200, rawHeaders: `${kept}${length}`, body: 'hi' });
  });

  test('a length with white space before its colon is a length', () => {
    expectRead(`${ok}Content-Length : 2\r\n\r\nhi`, { body: 'hi' });
  });

  test.each([
    ['two spaces before the status (section 4)', 'HTTP/1.1  404 No\r\n', 404],
    ['a tab before the status', 'HTTP/1.1\t404 No\r\n', 404],
    ['a tab before the reason', 'HTTP/1.1 404\tNo\r\n', 404],
    ['a line feed and no reason', 'HTTP/1.1 404\n', 404],
    ['spaces and no reason', 'HTTP/1.1 404  \n', 404],
    ['a later minor version (RFC 9110 section 2.5)', 'HTTP/1.3 404 No\r\n', 404],
    ['obs-text in the reason', 'HTTP/1.1  404 N\xf6\r\n', 404],
  ])('%s', (_name, line, status) => {
    expectRead(`${line}${length}\r\nhi`, { status, body: 'hi', keepAlive: true });
  });
});

describe('lengths and codings (section 6.3)', () => {
  test.each([
    ['a list of equal lengths', 'Content-Length: 2, 2\r\n'],
    ['the same without spaces, and with empty elements', 'Content-Length: 2,2,,\r\n'],
    ['two equal lengths', 'Content-Length: 2\r\nContent-Length: 2\r\n'],
    ['equal lengths written differently', 'Content-Length: 2\r\nContent-Length: 02, 2\r\n'],
    ['no coding', `${length}Transfer-Encoding: identity\r\n`],
    ['an empty coding', `${length}Transfer-Encoding:\r\n`],
  ])('%s', (_name, lines) => {
    expectRead(`${ok}${lines}\r\nhi`, { body: 'hi', keepAlive: true });
  });

  test.each([
    ['a length before the coding', 'Content-Length: 99\r\nTransfer-Encoding: chunked\r\n'],
    ['a length after it', 'Transfer-Encoding: chunked\r\nContent-Length: 0\r\n'],
    ['a length that is none', 'Transfer-Encoding: chunked\r\nContent-Length: many\r\n'],
    ['lengths that differ', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n'],
  ])('with %s the coding wins, and the connection ends', (_name, lines) => {
    expectRead(`${ok}${lines}\r\n2\r\nhi\r\n0\r\n\r\n`, { body: 'hi', keepAlive: false });
  });

  test.each([
    ['both a length and a coding', 'Content-Length: 9\r\nTransfer-Encoding: chunked\r\n'],
    ['a length that is none', 'Content-Length: many\r\n'],
    ['lengths that differ', 'Content-Length: 1\r\nContent-Length: 2\r\n'],
  ])('without a body, %s frame nothing', (_name, lines) => {
    for (const line of ['HTTP/1.1 304 Same\r\n', 'HTTP/1.1 204 None\r\n']) {
      expectRead(`${line}${lines}\r\n`, { body: null, keepAlive: true });
    }
    expect(parse(`${ok}${lines}\r\n`, { head: true })).toMatchObject({
      body: null,
      complete: true,
      keepAlive: true,
    });
    expectRead(`HTTP/1.1 102 Wait\r\n${lines}\r\n${ok}${length}\r\nhi`, { body: 'hi', keepAlive: true });
  });

  test('chunks named twice are chunks once', () => {
    const body = '2\r\nhi\r\n0\r\n\r\n';
    expectRead(`${ok}Transfer-Encoding: chunked, chunked\r\n\r\n${body}`, { body: 'hi' });
    expectRead(`${ok}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n${body}`, {
      body: 'hi',
    });
  });

  test('a coding other than chunks ends with the connection, whatever the length', () => {
    const text = `${ok}Content-Length: 2\r\nTransfer-Encoding: gzip\r\n\r\npacked`;
    expect(parse(text, { close: true })).toMatchObject({ body: 'packed', keepAlive: false });
  });
});

describe('chunks', () => {
  test.each([
    ['a space after the size, as old servers pad it', '2 \r\nhi\r\n0 \r\n\r\n'],
    ['several', '2      \r\nhi\r\n0\t\r\n\r\n'],
    ['a space before and after an extension', '2 ; a = b \r\nhi\r\n0 ;z \r\n\r\n'],
    ['a space after an extension', '2;a="b" \r\nhi\r\n0\r\n\r\n'],
  ])('%s', (_name, body) => {
    expectRead(`${chunked}${body}`, { body: 'hi', keepAlive: true });
  });

  test.each([
    ['folded', 'A: b\r\n c\r\n\r\n'],
    ['with a space before the colon', 'A : b\r\n\r\n'],
    ['with line feeds', 'A: b\nC: d\n\n'],
    ['with a line feed for the empty line', '\n'],
  ])('trailers %s', (_name, lines) => {
    expectRead(`${chunked}2\r\nhi\r\n0\r\n${lines}`, { body: 'hi' });
  });
});

test('chunks are complete with the last one, though the connection closes right after it (section 8)', () => {
  for (const size of [1, 3, 1000]) {
    const text = `${chunked}2\r\nhi\r\n0\r\n`;
    const pieces = piecesOf(text, size);
    expect(parse(text, { close: true, pieces })).toMatchObject({ body: 'hi', complete: true });
    expect(() => parse(`${text}A: b`, { close: true })).toThrow('in the middle');
    expect(() => parse(`${text}A: b\r\n`, { close: true })).toThrow('in the middle');
    expect(() => parse(text.slice(0, -2), { close: true })).toThrow('in the middle');
  }
});

test('lines that come close to being readable cost no more than others', () => {
  const spaces = ' '.repeat(60_000);
  const startedAt = performance.now();
  for (const text of [
    `HTTP/1.1  200${spaces}\x01\r\n`,
    `HTTP/1.1${spaces}x\r\n`,
    `${ok}A${spaces}b: c\r\nC: d\r\n\r\n`,
    `${ok}A: b\r\n${` ${'x'.repeat(50)}\r\n`.repeat(1100)}\0\r\n\r\n`,
    `${chunked}5${spaces.slice(0, 4000)};${spaces.slice(0, 4000)}\r\n`,
    `${chunked}5${' ;a'.repeat(1300)}=\r\n`,
  ]) {
    expect(() => parse(text)).toThrow();
  }
  expect(performance.now() - startedAt).toBeLessThan(1000);
});
