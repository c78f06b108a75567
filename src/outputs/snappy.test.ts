import fc from 'fast-check';
import { uncompress } from 'snappyjs';
import { expect, test } from 'vitest';
import { compressSnappy } from './snappy.ts';

const roundTrips = (input: Uint8Array): void => {
  const compressed = compressSnappy(input);
  expect(compressed.length).toBeLessThanOrEqual(32 + input.length + Math.ceil(input.length / 6));
  expect(Buffer.compare(Buffer.from(uncompress(new Uint8Array(compressed))), input)).toBe(0);
};

test('another decoder reads what was compressed', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 3000 }), roundTrips));
  // Few different bytes make many matches, of all lengths and distances.
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 1, 2), { maxLength: 3000 }), (all) =>
      roundTrips(Uint8Array.from(all)),
    ),
  );
});

test.each([0, 1, 3, 4, 5, 59, 60, 61, 255, 256, 257, 65_535, 65_536, 65_537, 200_000])(
  '%d bytes come through, alike and unlike',
  (length) => {
    roundTrips(new Uint8Array(length));
    roundTrips(Uint8Array.from({ length }, (_, k) => (k * 2_654_435_761) >>> 13));
    roundTrips(Uint8Array.from({ length }, (_, k) => k % 251));
  },
);

test('a part of a larger buffer comes through', () => {
  const buffer = Uint8Array.from({ length: 1000 }, (_, k) => k % 7);
  roundTrips(buffer.subarray(13, 777));
});

test('what repeats gets small', () => {
  const text = Buffer.from('plimsoll_http_req_duration_seconds_bucket{le="0.5"} 1\n'.repeat(2000));
  expect(compressSnappy(text).length).toBeLessThan(text.length / 15);
});
