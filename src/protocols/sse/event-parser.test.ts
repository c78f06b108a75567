// How a stream is split into lines and events (HTML standard, sections 9.2.5 and 9.2.6).

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventParser } from './event-parser.ts';

type Told = readonly ['event', string, string] | readonly ['id', string] | readonly ['retry', number];

function parse(chunks: readonly string[], maxLength = 1000): Told[] {
  const told: Told[] = [];
  const parser = new EventParser(
    {
      event: (type, data) => told.push(['event', type, data]),
      lastId: (id) => told.push(['id', id]),
      retry: (ms) => told.push(['retry', ms]),
    },
    maxLength,
  );
  for (const chunk of chunks) parser.feed(chunk);
  return told;
}

test.each<[string, string, Told[]]>([
  ['line feeds', 'data: a\n\n', [['event', 'message', 'a']]],
  [
    'carriage returns',
    'data: a\r\rdata: b\r\r',
    [
      ['event', 'message', 'a'],
      ['event', 'message', 'b'],
    ],
  ],
  ['both', 'data: a\r\n\r\n', [['event', 'message', 'a']]],
  ['a mixture', 'data: a\rdata: b\ndata: c\r\n\n', [['event', 'message', 'a\nb\nc']]],
  [
    'line feed and carriage return',
    'data: a\n\rdata: b\n\r',
    [
      ['event', 'message', 'a'],
      ['event', 'message', 'b'],
    ],
  ],
  ['no blank after the colon', 'data:a\n\n', [['event', 'message', 'a']]],
  ['one blank of two', 'data:  a\n\n', [['event', 'message', ' a']]],
  ['a tab', 'data:\ta\n\n', [['event', 'message', '\ta']]],
  ['a field without a colon', 'data\n\n', [['event', 'message', '']]],
  ['two of them', 'data\ndata\n\n', [['event', 'message', '\n']]],
  ['empty data', 'data:\n\n', [['event', 'message', '']]],
  ['no data', 'event: x\n\ndata: a\n\n', [['event', 'message', 'a']]],
  ['an empty type', 'event: x\nevent\ndata: a\n\n', [['event', 'message', 'a']]],
  [
    'a type',
    'event: x\ndata: a\n\ndata: b\n\n',
    [
      ['event', 'x', 'a'],
      ['event', 'message', 'b'],
    ],
  ],
  ['comments', ':\n: x\n:data: y\n\ndata: a\n\n', [['event', 'message', 'a']]],
  ['unknown fields', 'Data: x\n data: y\nfoo: z\ndata: a\n\n', [['event', 'message', 'a']]],
  ['an id without data', 'id: 7\n\n', [['id', '7']]],
  [
    'an id and data',
    'id: 7\ndata: a\n\ndata: b\n\n',
    [
      ['id', '7'],
      ['event', 'message', 'a'],
      ['id', '7'],
      ['event', 'message', 'b'],
    ],
  ],
  [
    'an id that is taken back',
    'id: 7\n\nid\n\n',
    [
      ['id', '7'],
      ['id', ''],
    ],
  ],
  [
    'an id with NUL',
    'id: 7\nid: 8\0\ndata: a\n\n',
    [
      ['id', '7'],
      ['event', 'message', 'a'],
    ],
  ],
  ['an id without its blank line', 'id: 7\n', []],
  ['a wait', 'retry: 1500\n', [['retry', 1500]]],
  ['waits that are none', 'retry: 1.5\nretry: -1\nretry: 1e3\nretry:\nretry\nretry: ١\nretry:  5\n', []],
  ['half an event at the end', 'data: a\n\ndata: b\n', [['event', 'message', 'a']]],
])('%s', (_what, text, expected) => {
  expect(parse([text])).toEqual(expected);
  expect(parse([...text])).toEqual(expected);
});

test('a carriage return ends the line at once, and a line feed after it is no other line', () => {
  expect(parse(['data: a\r\r'])).toEqual([['event', 'message', 'a']]);
  expect(parse(['data: a\r', '\ndata: b\r', '', '\n\r', '\n'])).toEqual([['event', 'message', 'a\nb']]);
  expect(parse(['data: a\r', '\n', '\r', '\ndata: b\r\n', '\r\n'])).toEqual([
    ['event', 'message', 'a'],
    ['event', 'message', 'b'],
  ]);
});

test('where the chunks are cut makes no difference', () => {
  const piece = fc.constantFrom(
    '\r',
    '\n',
    '\r\n',
    'data',
    ':',
    ' ',
    'a',
    'id: 5',
    'event: x',
    'retry: 3',
    '\0',
    '',
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 60 }),
      fc.array(fc.nat(8), { minLength: 1 }),
      (pieces, lengths) => {
        const text = pieces.join('');
        const chunks: string[] = [];
        for (let from = 0, i = 0; from < text.length; i++) {
          const length = 1 + lengths[i % lengths.length]!;
          chunks.push(text.slice(from, from + length));
          from += length;
        }
        expect(parse(chunks)).toEqual(parse([text]));
        // One kind of line end is as good as another.
        expect(parse([text.replaceAll(/\r\n|\r/g, '\n')])).toEqual(parse([text]));
      },
    ),
  );
});

test('what is too long is told', () => {
  const parser = new EventParser({ event() {}, lastId() {}, retry() {} }, 10);
  expect(parser.feed('data: 1234\n')).toBe(true);
  expect(parser.feed('data: 123456\n\n')).toBe(false);
  const endless = new EventParser({ event() {}, lastId() {}, retry() {} }, 10);
  expect(endless.feed('0123456789')).toBe(true);
  expect(endless.feed('0')).toBe(false);
});
