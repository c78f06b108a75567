import http2 from 'node:http2';
import net from 'node:net';
import { describe, expect, test } from 'vitest';
import { listen } from '../keeping-client.cases.ts';
import { Http2Failure } from './failure.ts';
import { HpackDecoder } from './hpack-decoder.ts';
import { decodeHuffman } from './huffman.ts';
import { KnownHeads } from './known-heads.ts';

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex');
const newDecoder = (): HpackDecoder => new HpackDecoder(new KnownHeads());

function failureOf(act: () => unknown): string {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof Http2Failure) return thrown.code;
    throw thrown;
  }
  return 'none';
}

// RFC 7541 appendix C.5 (plain) and C.6 (Huffman): three responses on one connection. There the table has 256 bytes, which a
// size update says at the start; the fourth size of it is what the encoder's table was left with.
const resize = '3fe101';
const plain = [
  `${resize} 4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768
   7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d`,
  '4803 3330 37c1 c0bf',
  `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48
   514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31`,
];
const huffman = [
  `${resize} 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8
   e9ae 82ae 43d3`,
  '4883 640e ffc1 c0bf',
  `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af
   2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07`,
];
const common = (seconds: string): string =>
  `cache-control: private\r\ndate: Mon, 21 Oct 2013 20:13:${seconds} GMT\r\nlocation: https://www.example.com\r\n`;
const cookie = 'foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1';

describe('the examples of RFC 7541 appendix C', () => {
  test.each([
    ['C.5', plain],
    ['C.6', huffman],
  ])('%s', (_name, blocks) => {
    const decoder = newDecoder();
    const [first, second, third] = blocks.map((hex) => {
      const bytes = bytesOf(hex);
      return decoder.read(bytes, 0, bytes.length);
    });
    expect(first).toMatchObject({ status: 302, rawHeaders: common('21'), fault: null, hasSetCookie: false });
    expect(second).toMatchObject({ status: 307, rawHeaders: common('21') });
    expect(third).toMatchObject({
      status: 200,
      rawHeaders: `${common('22')}content-encoding: gzip\r\nset-cookie: ${cookie}\r\n`,
      hasSetCookie: true,
      hasContentEncoding: true,
    });
  });
});

describe('the code of Huffman', () => {
  test('has a meaning for each sequence of bits, or refuses it', () => {
    // Decoding all two-byte texts must find a symbol or padding, never a hole: a hole would throw.
    for (let value = 0; value < 65_536; value++) {
      const text = decodeHuffman(Buffer.from([value >> 8, value & 255]), 0, 2);
      expect(text === undefined || text.length <= 3).toBe(true);
    }
  });

  test('reads each byte that a server of Node writes', async () => {
    // Of these nghttp2 takes the Huffman code, which is shorter than the text only among letters: so padded with them.
    const symbols = Array.from({ length: 224 }, (_, i) => i + 32).filter((code) => code !== 127);
    const values = symbols.map((code) => `${'e'.repeat(20)}${String.fromCharCode(code)}${'e'.repeat(20)}`);
    const server = http2.createServer();
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200, 'x-value': values }, { endStream: true });
    });
    const port = await listen(server as unknown as net.Server);
    const block = await headBlockFrom(port);
    const { rawHeaders } = newDecoder().read(block, 0, block.length);
    const read = [...rawHeaders.matchAll(/x-value: (.*)\r\n/g)].map(([, value]) => value);
    expect(read).toEqual(values);
    expect(block.length).toBeLessThan(values.join('').length);
  });

  test.each([
    ['the end of a string within', [0xff, 0xff, 0xff, 0xff]],
    ['padding of zeros', [0b00011000]],
    ['padding of eight bits', [0b00011111, 0xff]],
  ])('refuses %s (section 5.2)', (_name, bytes) => {
    expect(decodeHuffman(Buffer.from(bytes), 0, bytes.length)).toBeUndefined();
  });
});

/** The payload of the first HEADERS frame that a server sends to `GET /`. */
async function headBlockFrom(port: number): Promise<Buffer> {
  const socket = net.connect(port, '127.0.0.1');
  const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
  const get = Buffer.from([0x82, 0x86, 0x84, 0x41, 1, 0x61]);
  const head = Buffer.from([0, 0, get.length, 1, 5, 0, 0, 0, 1]);
  socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), settings, head, get]));
  let read: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      read = Buffer.concat([read, chunk]);
      for (let at = 0; at + 9 <= read.length; at += 9 + read.readUIntBE(at, 3)) {
        const end = at + 9 + read.readUIntBE(at, 3);
        if (read[at + 3] === 1 && end <= read.length) return read.subarray(at + 9, end);
      }
    }
  } finally {
    socket.destroy();
  }
  throw new Error('no head came');
}

describe('blocks that no server may send', () => {
  test.each([
    ['an index beyond both tables', 'be'],
    ['index 0', '80'],
    ['a name of an index beyond both tables', '7f0001 61'],
    ['a text longer than its block', '40 7f 01 61'],
    ['a number without an end', `7f${'ff'.repeat(20)}`],
    ['a number that is cut off', '7f'],
    ['a table larger than it may be (section 4.2)', '3fe21f'],
    ['a size of the table after a field (section 4.2)', '88 20'],
    ['a Huffman code that does not exist', '40 01 61 84 ffffffff'],
  ])('%s is a compression error', (_name, hex) => {
    const bytes = bytesOf(hex);
    expect(failureOf(() => newDecoder().read(bytes, 0, bytes.length))).toBe('http2_compression_error');
  });

  test('a field larger than the table empties it (section 4.4)', () => {
    const decoder = newDecoder();
    const small = bytesOf('88 40 01 61 01 62');
    decoder.read(small, 0, small.length);
    const byIndex = bytesOf('88 be');
    expect(decoder.read(byIndex, 0, byIndex.length).rawHeaders).toBe('a: b\r\n');
    // 4,100 bytes.
    const large = Buffer.concat([bytesOf('88 40 01 63 7f 85 1f'), Buffer.alloc(4100, 'x')]);
    expect(decoder.read(large, 0, large.length).rawHeaders).toHaveLength(3 + 4100 + 2);
    expect(failureOf(() => decoder.read(byIndex, 0, byIndex.length))).toBe('http2_compression_error');
  });

  // RFC 9113 sections 8.2 and 8.3.
  test.each([
    ['a line break in a value', '88 00 01 61 03 62 0d 0a'],
    ['a NUL in a value', '88 00 01 61 01 00'],
    ['white space at an end of a value', '88 00 01 61 02 62 20'],
    ['a name in upper case', '88 00 01 41 01 62'],
    ['an empty name', '88 00 00 01 62'],
    ['a field of a connection', '88 00 0a 636f6e6e656374696f6e 05 636c6f7365'],
    ['a pseudo-header field of requests', '88 84'],
    ['two statuses', '88 89'],
    ['a status after other fields', '00 01 61 01 62 88'],
    ['a status of two digits', '08 02 32 30'],
    ['the status 101', '08 03 31 30 31'],
    ['two lengths that differ', '88 0f 0d 01 31 0f 0d 01 32'],
    ['a length that is no number', '88 0f 0d 02 2d 31'],
  ])('%s makes the message none, and leaves the table as it is to be', (_name, hex) => {
    const decoder = newDecoder();
    const bytes = Buffer.concat([bytesOf(hex), bytesOf('40 01 61 01 62')]);
    expect(decoder.read(bytes, 0, bytes.length).fault).not.toBeNull();
    const next = bytesOf('88 be');
    expect(decoder.read(next, 0, next.length)).toMatchObject({ fault: null, rawHeaders: 'a: b\r\n' });
  });

  test('a bomb of indexes costs no memory', () => {
    const decoder = newDecoder();
    const line = Buffer.concat([bytesOf('88 40 01 61 7f 9d 1e'), Buffer.alloc(3996, 'x')]);
    decoder.read(line, 0, line.length);
    const bomb = Buffer.concat([bytesOf('88'), Buffer.alloc(60_000, 0xbe)]);
    const head = decoder.read(bomb, 0, bomb.length);
    expect(head.fault).toContain('longer than 65536 bytes');
    expect(head.rawHeaders.length).toBeLessThan(70_000);
  });
});

describe('blocks that were read before', () => {
  const inserting = bytesOf('88 40 01 61 01 62');
  const byIndex = bytesOf('88 be');
  const read = (decoder: HpackDecoder, bytes: Buffer): string =>
    decoder.read(bytes, 0, bytes.length).rawHeaders;

  test('mean the same to another connection, and put the same into its table', () => {
    const known = new KnownHeads();
    const [one, other] = [new HpackDecoder(known), new HpackDecoder(known)];
    expect(read(one, inserting)).toBe('a: b\r\n');
    expect(read(other, inserting)).toBe('a: b\r\n');
    expect(read(other, byIndex)).toBe('a: b\r\n');
  });

  test('that name fields of the table mean what the table has now', () => {
    const decoder = newDecoder();
    read(decoder, inserting);
    expect(read(decoder, byIndex)).toBe('a: b\r\n');
    expect(read(decoder, byIndex)).toBe('a: b\r\n');
    read(decoder, bytesOf('88 40 01 63 01 64'));
    expect(read(decoder, byIndex)).toBe('c: d\r\n');
    const other = newDecoder();
    expect(failureOf(() => read(other, byIndex))).toBe('http2_compression_error');
  });

  test('of thousands of insertions the table keeps the newest that fit', () => {
    const decoder = newDecoder();
    for (let i = 0; i < 1000; i++) {
      const value = String(i).padStart(4, '0');
      read(decoder, Buffer.concat([bytesOf('88 40 01 61 04'), Buffer.from(value)]));
    }
    // 37 bytes each: 110 fit into 4,096.
    expect(read(decoder, byIndex)).toBe('a: 0999\r\n');
    const oldest = Buffer.from([0x88, 0xff, 62 + 109 - 127]);
    expect(read(decoder, oldest)).toBe('a: 0890\r\n');
    expect(failureOf(() => read(decoder, Buffer.from([0x88, 0xff, 62 + 110 - 127])))).toBe(
      'http2_compression_error',
    );
  });
});
