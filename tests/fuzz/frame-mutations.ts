// Sequences of HTTP/2 frames to damage, and the damage. The same seed gives the same bytes. Used by frames.test.ts.

import { frame } from '../../src/protocols/http/http2/servers.cases.ts';
import { damagePlace, insertBytes } from './mutations.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const setting = (id: number, value: number): Buffer => {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt16BE(id, 0);
  bytes.writeUInt32BE(value, 2);
  return bytes;
};
const data = (streamId: number, flags: number, text: string): Buffer =>
  frame(0, flags, streamId, Buffer.from(text));
const settings = frame(4, 0, 0, Buffer.concat([setting(3, 100), setting(4, 70_000), setting(5, 16_384)]));
const plain = hex('88 0f0d 02 3132');
/** RFC 7541 appendix C.6: Huffman, and fields that go into the table; then the same by their indexes. */
const first =
  hex(`4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7
  8f0b 97c8 e9ae 82ae 43d3`);
const second = hex('4883 640e ffc1 c0bf');
const third = hex('88 c1 c0 0f28 03 613d31');

/** What servers answer to the requests on streams 1 and 3. */
export const answers: readonly Buffer[] = [
  [frame(4, 0, 0), frame(1, 4, 1, plain), data(1, 1, 'hello, world'), frame(1, 5, 3, hex('89'))],
  [
    settings,
    frame(4, 1, 0),
    frame(1, 4, 1, first),
    data(1, 1, 'x'),
    frame(1, 4, 3, second),
    data(3, 0, 'y'),
    data(3, 1, 'z'),
  ],
  [
    settings,
    frame(8, 0, 0, hex('00010000')),
    frame(6, 0, 0, hex('0102030405060708')),
    frame(1, 0x2c, 1, Buffer.concat([hex('02 00000000 10'), first, hex('0000')])),
    frame(0, 9, 1, Buffer.concat([hex('05'), Buffer.from('padded'), hex('0000000000')])),
    frame(1, 5, 3, third),
  ],
  [
    settings,
    frame(1, 0, 3, first.subarray(0, 20)),
    frame(9, 0, 3, first.subarray(20, 40)),
    frame(9, 4, 3, first.subarray(40)),
    data(3, 0, 'a body'),
    frame(1, 5, 3, hex('00 01 61 01 62')),
    frame(1, 5, 1, second),
  ],
  [settings, frame(1, 4, 1, hex('08 03 313033')), frame(1, 5, 1, hex('88')), frame(3, 0, 3, hex('00000007'))],
  [settings, frame(7, 0, 0, hex('00000001 00000000')), frame(1, 4, 1, plain), data(1, 1, 'hello, world')],
  [
    frame(4, 0, 0),
    frame(0x42, 7, 3, hex('abcdef')),
    frame(2, 0, 1, hex('0000000000')),
    frame(1, 5, 1, hex('88')),
    frame(1, 5, 3, hex('88')),
  ],
].map((frames) => Buffer.concat(frames));

/** No sequence grows beyond this. */
export const maxSequenceBytes = 2048;

const fragments: readonly Buffer[] = [
  frame(4, 0, 0, setting(4, 2 ** 31 - 1)),
  frame(4, 0, 0, setting(1, 0)),
  frame(8, 0, 1, hex('7fffffff')),
  frame(8, 0, 3, hex('00000000')),
  frame(3, 0, 1, hex('00000008')),
  frame(7, 0, 0, hex('7fffffff 00000000')),
  frame(7, 0, 0, hex('00000000 0000000b')),
  frame(1, 5, 1, hex('88')),
  frame(1, 4, 3, hex('20 88 be')),
  frame(9, 4, 1),
  frame(5, 4, 1, hex('00000002 88')),
  data(1, 1, ''),
  data(3, 1, 'more'),
  frame(0, 8, 1, hex('00')),
  hex('ff'),
  hex('7f 80 80 80 01'),
  hex('00 00'),
  hex('3f e1 1f'),
  hex('40 01 61 01 0a'),
];

/** Damages the frames in `bytes[0, length)` in one to three places; returns the new length. */
export function mutateFrames(bytes: Buffer, length: number, random: () => number): number {
  let now = length;
  for (let rounds = 1 + Math.floor(random() * 3); rounds > 0; rounds--) now = mutateOnce(bytes, now, random);
  return now;
}

function mutateOnce(bytes: Buffer, length: number, random: () => number): number {
  if (length === 0) return 0;
  const at = Math.floor(random() * length);
  switch (Math.floor(random() * 7)) {
    case 0:
    case 1:
    case 2:
      return damagePlace(bytes, length, at, random);
    case 3:
      return insertBytes(
        bytes,
        length,
        at,
        fragments[Math.floor(random() * fragments.length)]!,
        maxSequenceBytes,
      );
    // The others leave the frames whole, so that their order is what is wrong.
    case 4:
    case 5: {
      const starts = startsOf(bytes, length);
      const start = starts[Math.floor(random() * starts.length)]!;
      return insertBytes(
        bytes,
        length,
        start,
        fragments[Math.floor(random() * fragments.length)]!,
        maxSequenceBytes,
      );
    }
    default: {
      const starts = startsOf(bytes, length);
      const k = Math.floor(random() * starts.length);
      const one = Buffer.from(bytes.subarray(starts[k]!, starts[k + 1] ?? length));
      return insertBytes(bytes, length, starts[Math.floor(random() * starts.length)]!, one, maxSequenceBytes);
    }
  }
}

/** Where frames begin, as far as their lengths say so. */
function startsOf(bytes: Buffer, length: number): number[] {
  const starts: number[] = [];
  for (let at = 0; at < length; at += 9 + (at + 3 <= length ? bytes.readUIntBE(at, 3) : length))
    starts.push(at);
  return starts;
}
