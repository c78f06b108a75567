import { expect, test } from 'vitest';
import { connect, serve } from './keeping-client.cases.ts';
import { textOf } from './text-charset.ts';

const type = (value: string): string =>
  `server: x\r\ncontent-type: ${value}\r\nx-charset: 1; charset=utf-16\r\n`;

test.each([
  ['no charset', 'text/plain', [0xc3, 0xa9], 'é'],
  ['utf-8', 'text/plain; charset=utf-8', [0xc3, 0xa9], 'é'],
  ['Latin 1, as browsers read it', 'text/html; charset=ISO-8859-1', [0xe9, 0x80], 'é€'],
  ['quoted, and not the first parameter', 'text/html; x=1 ; Charset="windows-1252"; y=2', [0xe9], 'é'],
  ['cyrillic', 'text/plain;charset=koi8-r', [0xd4], 'т'],
  ['japanese', 'text/plain; charset=Shift_JIS', [0x82, 0xa0], 'あ'],
  ['utf-16', 'text/plain; charset=utf-16', [0xe9, 0x00], 'é'],
  ['a label that nobody knows is UTF-8', 'text/plain; charset=nonsense', [0xc3, 0xa9], 'é'],
  ['a label from an object is UTF-8', 'text/plain; charset=constructor', [0xc3, 0xa9], 'é'],
  ['what stands in quotes is no parameter', 'text/plain; x="; charset=utf-16le"', [0xc3, 0xa9], 'é'],
  ['quotes with an escaped one', 'text/plain; x="\\";"; charset=koi8-r', [0xd4], 'т'],
  ['the first of two', 'text/plain; charset=utf-8; charset=koi8-r', [0xc3, 0xa9], 'é'],
  [
    'several lines: the last',
    'text/html; charset=koi8-r\r\ncontent-type: text/html; charset=utf-8',
    [0xc3, 0xa9],
    'é',
  ],
  ['several lines, one with a charset', 'text/html; charset=koi8-r\r\ncontent-type: text/html', [0xd4], 'т'],
  ['no label', 'text/plain; charset=', [0xc3, 0xa9], 'é'],
  ['bytes that the charset does not have', 'text/plain; charset=utf-8', [0x61, 0xff], 'a\ufffd'],
  ['a mark of UTF-8', 'text/plain', [0xef, 0xbb, 0xbf, 0x61], 'a'],
  ['a mark wins over the charset', 'text/plain; charset=iso-8859-1', [0xef, 0xbb, 0xbf, 0xc3, 0xa9], 'é'],
  ['a mark of UTF-16, big end first', 'text/plain', [0xfe, 0xff, 0x00, 0xe9], 'é'],
  ['a mark of UTF-16, little end first', 'text/plain; charset=utf-8', [0xff, 0xfe, 0xe9, 0x00], 'é'],
  ['a mark in the middle is a character', 'text/plain', [0x61, 0xef, 0xbb, 0xbf], 'a\ufeff'],
])('%s', (_name, contentType, bytes, text) => {
  expect(textOf(Buffer.from(bytes), type(contentType))).toBe(text);
});

test('a byte order mark is no part of JSON, in whatever way it is read', async () => {
  const base = await serve((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('\ufeff{"a":"é"}');
  });
  const { http: client } = connect(base);
  expect((await client.get('/')).json()).toEqual({ a: 'é' });
  expect((await client.get('/', { responseType: 'json' })).body).toEqual({ a: 'é' });
  expect((await client.get('/')).text()).toBe('{"a":"é"}');
  // Bytes are what came.
  expect((await client.get('/', { responseType: 'buffer' })).body).toHaveLength(13);
});
