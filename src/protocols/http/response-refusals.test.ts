import { describe, expect, test } from 'vitest';
import { ok, parse } from './response-parser.cases.ts';

type Refusal = readonly [name: string, text: string, reason: string];
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;

const badChunkLines: readonly Refusal[] = [
  ['a semicolon and no extension', '5;', 'invalid chunk extension'],
  ['an extension with an empty value', '5;a=', 'invalid chunk extension'],
  ['an extension with an empty name', '5;=b', 'invalid chunk extension'],
  ['a quoted text that never ends', '5;a="b";c="d', 'invalid chunk extension'],
  ['text after a quoted text', '5;a="b"c', 'invalid chunk extension'],
  ['an extension with a zero byte', '5;a\0b', 'invalid chunk size'],
  ['an extension with a bare line feed', '5;a\nb', 'invalid chunk size'],
  ['an extension with a bare carriage return', '5;a\rb', 'invalid chunk size'],
  ['an endless extension', `5;a=${'b'.repeat(5000)}`, 'chunk extensions longer than 4096 bytes'],
  ['a chunk size with a bare line feed', '5\nhello', 'invalid chunk size'],
  ['a chunk size with a bare carriage return', '5\rhello', 'invalid chunk size'],
  ['no chunk size', '', 'invalid chunk size'],
  ['a plus before the chunk size', '+5', 'invalid chunk size'],
  ['a chunk size with a space before it', ' 5', 'invalid chunk size'],
  ['an underscore in the chunk size', '1_0', 'invalid chunk size'],
];

const badTrailers: readonly Refusal[] = [
  ['a trailer folded into nothing', ' b\r\n', 'invalid trailer line'],
  ['a trailer without name', ': b\r\n', 'invalid trailer line'],
  ['a trailer with a bare carriage return', 'A: b\rc\r\n', 'invalid byte in a trailer'],
  ['a trailer with a zero byte', 'A: \0\r\n', 'invalid byte in a trailer'],
  ['endless trailers', 'A: b\r\n'.repeat(20_000), 'trailers longer than 65536 bytes'],
];

describe('refused', () => {
  test.each<Refusal>([
    ['other protocols', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 'not an HTTP response'],
    ['a short greeting of another protocol', '+PONG\r\n', 'not an HTTP response'],
    ['lower-case http', 'http/1.1 200 OK\r\n\r\n', 'not an HTTP response'],
    ['HTTP/2 in text', 'HTTP/2.0 200 OK\r\n\r\n', 'unsupported HTTP version'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\nA: b\r\n\r\n', 'invalid status code'],
    ['a status below 100', 'HTTP/1.1 099 No\r\n\r\n', 'invalid status code'],
    ['a status of one digit', 'HTTP/1.1 2 OK\r\nA: b\r\n\r\n', 'invalid status code'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n', 'invalid status code'],
    ['a status with a letter', 'HTTP/1.1 2O0 OK\r\n\r\n', 'invalid status code'],
    ['a reason without space', 'HTTP/1.1 200OK\r\n\r\n', 'invalid status code'],
    ['a longer protocol name', 'HTTPS/1.1 200 OK\r\n\r\n', 'not an HTTP response'],
    ['a shorter protocol name', 'HTP/1.1 200 OK\r\n\r\n', 'not an HTTP response'],
    ['two digits before the dot', 'HTTP/11.1 200 OK\r\n\r\n', 'unsupported HTTP version'],
    ['two digits after the dot', 'HTTP/1.01 200 OK\r\n\r\n', 'invalid status code'],
    ['a version without dot', 'HTTP/1,1 200 OK\r\n\r\n', 'unsupported HTTP version'],
    ['a version that never was', 'HTTP/5.6 200 OK\r\n\r\n', 'unsupported HTTP version'],
    ['a zero byte in the reason', 'HTTP/1.1 200 O\0K\r\n\r\n', 'invalid byte in the status line'],
    [
      'a bare carriage return in the reason',
      'HTTP/1.1 200 OK\rA: b\r\n\r\n',
      'invalid byte in the status line',
    ],
    [
      'two carriage returns after the status',
      'HTTP/1.1 200 OK\r\r\nA: b\r\n\r\n',
      'invalid byte in the status line',
    ],
    ['an endless reason', `HTTP/1.1 200 ${'O'.repeat(70_000)}`, 'status line longer than 65536 bytes'],
    ['an empty header name', `${ok}: x\r\n\r\n`, 'invalid byte in a header name'],
    ['a space within a header name', `${ok}en-US Content-Type: a/b\r\n\r\n`, 'invalid byte in a header name'],
    ['a header line without colon', `${ok}Content-Type\r\n\r\n`, 'invalid byte in a header name'],
    ['a header name beyond ASCII', `${ok}N\xe4me: x\r\n\r\n`, 'invalid byte in a header name'],
    ['a zero byte in a header name', `${ok}A\0: x\r\n\r\n`, 'invalid byte in a header name'],
    ['two carriage returns after a header', `${ok}A: b\r\r\n\r\n`, 'invalid byte in a header value'],
    ['a bare carriage return in a header', `${ok}A: b\rc\r\n\r\n`, 'invalid byte in a header value'],
    ['a zero byte in a folded line', `${ok}A: b\r\n \0c\r\n\r\n`, 'invalid byte in a header value'],
    [
      'a bare carriage return in a folded line',
      `${ok}A: b\r\n c\rd\r\n\r\n`,
      'invalid byte in a header value',
    ],
    ['a zero byte in a header', `${ok}A: b\0c\r\n\r\n`, 'invalid byte in a header value'],
    [
      'a carriage return instead of the empty line',
      `${ok}A: b\r\n\rX`,
      'a carriage return without a line feed',
    ],
    ['a negative length', `${ok}Content-Length: -1\r\n\r\n`, 'invalid content-length'],
    ['a signed length', `${ok}Content-Length: +5\r\n\r\nhello`, 'invalid content-length'],
    ['an empty length', `${ok}Content-Length:\r\n\r\n`, 'invalid content-length'],
    ['a length with a fraction', `${ok}Content-Length: 5.0\r\n\r\nhello`, 'invalid content-length'],
    ['a hexadecimal length', `${ok}Content-Length: 0x5\r\n\r\nhello`, 'invalid content-length'],
    ['a length with a space inside', `${ok}Content-Length: 1 0\r\n\r\n`, 'invalid content-length'],
    ['a length of 16 digits', `${ok}Content-Length: 1000000000000000\r\n\r\n`, 'invalid content-length'],
    [
      'a length that wraps at 64 bits',
      `${ok}Content-Length: 18446744073709551621\r\n\r\nhello`,
      'invalid content-length',
    ],
    [
      'two lengths that differ',
      `${ok}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
      'content-length given twice',
    ],
    ['a list of lengths that differ', `${ok}Content-Length: 5, 6\r\n\r\nhello`, 'content-length given twice'],
    ['a list with something else', `${ok}Content-Length: 5, x\r\n\r\nhello`, 'invalid content-length'],
    ['a list of nothing', `${ok}Content-Length: ,\r\n\r\nhello`, 'invalid content-length'],
    [
      'an invalid length after a valid one',
      `${ok}Content-Length: 5\r\nContent-Length: x\r\n\r\nhello`,
      'invalid',
    ],
    ['an absurd length', `${ok}Content-Length: 99999999999999999999\r\n\r\n`, 'invalid content-length'],
    [
      'chunks doubled in one word',
      `${ok}Transfer-Encoding: chunkedchunked\r\n\r\n`,
      'unsupported transfer-encoding',
    ],
    [
      'a no-break space after the coding',
      `${ok}Transfer-Encoding: chunked\xa0\r\n\r\n`,
      'unsupported transfer-encoding',
    ],
    [
      'a coding that nobody knows',
      `${ok}Transfer-Encoding: foo, chunked\r\n\r\n`,
      'unsupported transfer-encoding',
    ],
    [
      'chunks that are not the last coding',
      `${ok}Transfer-Encoding: chunked, gzip\r\n\r\n`,
      'unsupported transfer',
    ],
    ['a chunk size that is no number', `${chunked}xyz\r\n`, 'invalid chunk size'],
    ['a negative chunk size', `${chunked}-5\r\nhello\r\n`, 'invalid chunk size'],
    ['a hexadecimal prefix', `${chunked}0x5\r\nhello\r\n`, 'invalid chunk size'],
    ...badChunkLines.map(
      ([name, line, reason]): Refusal => [name, `${chunked}${line}\r\nhello\r\n0\r\n\r\n`, reason],
    ),
    ['an absurd chunk size', `${chunked}ffffffffffffffff\r\n`, 'chunk size too large'],
    ['an extension without semicolon', `${chunked}2 abc\r\nhi\r\n`, 'invalid chunk extension'],
    ['a chunk longer than it says', `${chunked}3\r\nhello\r\n0\r\n\r\n`, 'missing line end after a chunk'],
    ['a chunk shorter than it says', `${chunked}7\r\nhello\r\n0\r\n\r\n`, 'missing line end after a chunk'],
    ['a bare line feed after a chunk', `${chunked}5\r\nhello\n0\r\n\r\n`, 'missing line end after a chunk'],
    ...badTrailers.map(([name, lines, reason]): Refusal => [name, `${chunked}0\r\n${lines}\r\n`, reason]),
    ['a carriage return after the last chunk', `${chunked}0\r\n\rX`, 'a carriage return without a line feed'],
    ['a broken trailer', `${chunked}0\r\nno colon\r\n\r\n`, 'invalid trailer line'],
    [
      'an unasked switch of protocols',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n',
      'unexpected switch',
    ],
    [
      'endless informational responses',
      'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1001),
      'too many informational',
    ],
    ['endless empty lines', '\r\n'.repeat(40_000), 'longer than 65536 bytes'],
    ['an endless folded header', `${ok}A: b\r\n${' c\r\n'.repeat(20_000)}`, 'longer than 65536 bytes'],
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
    expect(() => parse(`${chunked}3\r\nabc\r\n`, { close: true })).toThrow('in the middle');
  });
});

// llhttp, the parser inside Node, reads these. RFC 9112 does not say how, and one response read differently from how it
// was meant shifts all after it.
describe('refused although llhttp reads it', () => {
  test.each([
    ['RTSP', 'RTSP/1.0 200 OK\r\n\r\n', 'not an HTTP response'],
    ['ICE', 'ICE/1.0 200 OK\r\n\r\n', 'not an HTTP response'],
    // We ask in HTTP/1.1, which neither of these answers.
    ['version 0.9', 'HTTP/0.9 200 OK\r\n\r\n', 'unsupported HTTP version'],
    ['version 2.0', 'HTTP/2.0 200 OK\r\n\r\n', 'unsupported HTTP version'],
    // We never ask for another protocol, so none can have been agreed on.
    [
      'a switch of protocols with a body',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nContent-Length: 4\r\n\r\nbody',
      'unexpected switch of protocols',
    ],
    // No coding but chunks may come unless we ask for it with "TE" (RFC 9110 section 10.1.4); reading
    // such a body until the connection closes, as llhttp does, would call garbage a success.
    [
      'chunks inside another coding',
      `${ok}Transfer-Encoding: chunked, gzip\r\n\r\nx`,
      'unsupported transfer',
    ],
    // More digits than any real size has; llhttp counts leading zeros as nothing.
    ['a length of 16 zeros', `${ok}Content-Length: 0000000000000000\r\n\r\n`, 'invalid content-length'],
    ['a chunk size of 14 zeros', `${chunked}00000000000000\r\n\r\n`, 'chunk size too large'],
    // llhttp leaves the limit to Node, whose own is a quarter of this.
    ['a head of more than 64 KiB', `${ok}A: ${'x'.repeat(66_000)}\r\n\r\n`, 'longer than 65536 bytes'],
  ])('%s', (_name, text, reason) => {
    expect(() => parse(text, { close: true })).toThrow(reason);
  });
});

test('a line that cannot become valid is refused before the rest of it arrives', () => {
  expect(() => parse('SSH-2')).toThrow('not an HTTP response');
  expect(() => parse('\rH')).toThrow('not an HTTP response');
  expect(() => parse(`${chunked}x`)).toThrow('invalid chunk size');
  expect(() => parse(`${chunked}5\n`)).toThrow('invalid chunk size');
});
