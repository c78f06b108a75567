// Pages and exports that nobody should read: each is refused by name, within a bounded time, and the reader goes on.

import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { monotonicMs } from '../time/clock.ts';
import { ForeignDataError } from './foreign-data.ts';
import { decodeJsonExport } from './otlp/decode-json.ts';
import { decodeProtobufExport } from './otlp/decode-protobuf.ts';
import { jsonExport, protobufExport } from './otlp/exports.cases.ts';
import { MetricStore } from './otlp/metric-store.ts';
import { DistributionGains, mergeDistributions, quantileOf } from './prometheus/distribution.ts';
import { parseExposition } from './prometheus/exposition.ts';
import type { DistributionSeries } from './prometheus/metric.ts';
import {
  mergeNative,
  type NativeHistogram,
  nativeQuantile,
  subtractNative,
} from './prometheus/native-histogram.ts';
import { parseProtobufPage } from './prometheus/protobuf-page.ts';
import { firstPage } from './prometheus/protobuf-pages.cases.ts';
import { SeriesTotals } from './prometheus/series-totals.ts';
import { ProtobufReader } from './protobuf-reader.ts';

/** What is done here takes a fraction of this on a machine that does nothing else. */
const limitMs = 5000;

function inTime<Result>(work: () => Result): Result {
  const before = process.cpuUsage();
  const result = work();
  // Time of the processor: that others keep it busy meanwhile says nothing about the work.
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(limitMs);
  return result;
}

function refusal(work: () => unknown): string {
  return inTime(() => {
    try {
      work();
    } catch (error) {
      expect(error).toBeInstanceOf(ForeignDataError);
      return (error as Error).message;
    }
    throw new Error('it was read');
  });
}

// Protocol buffers, as much of them as these tests write.
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}
const number = (field: number, value: number): Buffer => Buffer.concat([varint(field * 8), varint(value)]);
const bytes = (field: number, ...parts: readonly Uint8Array[]): Buffer => {
  const all = Buffer.concat(parts);
  return Buffer.concat([varint(field * 8 + 2), varint(all.length), all]);
};
const double = (field: number, value: number): Buffer => {
  const all = Buffer.alloc(8);
  all.writeDoubleLE(value);
  return Buffer.concat([varint(field * 8 + 1), all]);
};
const text = (field: number, value: string): Buffer => bytes(field, Buffer.from(value));

/** A page with one histogram `h`. */
function pageOf(...fields: readonly Buffer[]): Buffer {
  const family = Buffer.concat([text(1, 'h'), number(3, 4), bytes(4, bytes(7, ...fields))]);
  return Buffer.concat([varint(family.length), family]);
}
const readPage = (page: Buffer) => parseProtobufPage(page, new Set(['h']));
const span = (offset: number, length: number): Buffer => bytes(12, number(1, offset * 2), number(2, length));

describe('a protobuf page', () => {
  it.each([
    ['a zero threshold of NaN', [double(6, Number.NaN), span(0, 0)], 'zero threshold of a histogram is NaN'],
    ['a zero threshold of Infinity', [double(6, Number.POSITIVE_INFINITY)], 'zero threshold'],
    ['a zero threshold below 0', [double(6, -1), span(0, 0)], 'zero threshold'],
    ['a span of 2^31 buckets', [span(0, 2 ** 31)], 'fewer counts than buckets'],
    ['a bucket at 2^31', [span(2 ** 31, 1), bytes(13, varint(2))], 'has no bucket'],
    ['a schema of 2^31', [number(5, 2 ** 31), span(0, 0)], 'unknown schema'],
    [
      'a count below 0',
      [double(4, 5), span(0, 1), bytes(13, varint(1))],
      'not a valid number of observations',
    ],
    ['a count of NaN', [span(0, 1), double(14, Number.NaN)], 'not a valid number of observations'],
    ['a bound of NaN', [bytes(3, number(1, 1), double(2, Number.NaN))], 'do not ascend'],
    ['a bound twice', [bytes(3, double(2, 1)), bytes(3, double(2, 1))], 'do not ascend'],
    ['a length beyond its end', [Buffer.from([0x1a, 0xff, 0xff, 0x7f])], 'cut off'],
    ['a number without end', [Buffer.concat([varint(8), Buffer.alloc(20, 255)])], 'more than ten bytes'],
    ['a group', [Buffer.from([0xa3, 0x06])], 'unknown wire type'],
    ['a field with number 0', [Buffer.from([0, 0])], 'number 0'],
  ])('with %s is refused', (_what, fields, message) => {
    expect(refusal(() => readPage(pageOf(...fields)))).toContain(message);
  });

  it('with millions of buckets, spans, families, series or labels is refused soon', () => {
    const many = 2_000_000;
    expect(refusal(() => readPage(pageOf(span(0, many), bytes(13, Buffer.alloc(many, 2)))))).toContain(
      '10000 buckets',
    );
    expect(refusal(() => readPage(pageOf(...new Array(50_000).fill(span(0, 0)))))).toContain('10000 buckets');
    const bucket = bytes(3, number(1, 1), double(2, 1));
    expect(refusal(() => readPage(pageOf(...new Array(50_000).fill(bucket))))).toContain('10000 buckets');
    expect(refusal(() => readPage(Buffer.alloc(many)))).toContain('more than 100000 metrics');
    const series = Buffer.alloc(many, bytes(4));
    const family = Buffer.concat([text(1, 'h'), number(3, 1), series]);
    expect(refusal(() => readPage(Buffer.concat([varint(family.length), family])))).toContain(
      '50000 samples',
    );
    const labels = Array.from({ length: 300 }, (_, i) => bytes(1, text(1, `l${i}`)));
    const labelled = Buffer.concat([text(1, 'h'), bytes(4, ...labels)]);
    expect(refusal(() => readPage(Buffer.concat([varint(labelled.length), labelled])))).toContain(
      '256 labels',
    );
    const long = Buffer.concat([
      text(1, 'h'),
      bytes(4, bytes(1, text(1, 'l'), text(2, 'x'.repeat(100_000)))),
    ]);
    expect(refusal(() => readPage(Buffer.concat([varint(long.length), long])))).toContain('16384 characters');
  });

  it('nested as deep as it likes is not followed', () => {
    let nested = Buffer.alloc(0) as Buffer;
    for (let i = 0; i < 2000; i++) nested = bytes(4, nested);
    inTime(() => readPage(Buffer.concat([varint(nested.length), nested])));
  });

  test('damaged anywhere is read or refused, in time', () => {
    inTime(() =>
      fc.assert(
        fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }), fc.nat(), (changes, cut) => {
          const damaged = Buffer.from(firstPage);
          for (const [at, byte] of changes) damaged[at % damaged.length] = byte;
          const end = cut % 2 === 0 ? cut % damaged.length : damaged.length;
          try {
            const page = parseProtobufPage(
              damaged.subarray(0, end),
              new Set(['rpc_seconds', 'both_seconds', 'sizes']),
            );
            for (const { distributions } of page.values()) useAll(distributions);
          } catch (error) {
            expect(error).toBeInstanceOf(ForeignDataError);
          }
        }),
        { numRuns: 400 },
      ),
    );
  });
});

/** What is done with distributions that were read: whatever they hold, it ends. */
function useAll(series: readonly DistributionSeries[]): void {
  const gains = new DistributionGains();
  gains.add([], 0);
  const gained = gains.add(series, 1);
  if (gained !== undefined) quantileOf(0.99, gained);
  gains.add(series.toReversed(), 2);
  quantileOf(0.5, mergeDistributions(series.map(({ distribution }) => distribution)));
}

describe('native histograms that a decoder would refuse', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])(
    'are computed with in finite time: %s',
    (zeroThreshold) => {
      const sane: NativeHistogram = {
        ...{ schema: 3, zeroThreshold: 0.1, zeroCount: 1 },
        positive: new Map([[4, 2]]),
        negative: new Map(),
      };
      const odd = { ...sane, zeroThreshold };
      inTime(() => {
        nativeQuantile(0.9, mergeNative([sane, odd]), 3);
        nativeQuantile(0.9, mergeNative([odd, sane]), 3);
        subtractNative(odd, sane);
        subtractNative(sane, odd);
      });
    },
  );
});

const wanted = new Set([
  'queue.length',
  'http.requests',
  'jobs',
  'http.duration',
  'exp.duration',
  'rpc.wait',
  'm',
]);
const jsonOf = (data: object): string =>
  JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', ...data }] }] }] });
const histogram = (point: object): string => jsonOf({ histogram: { dataPoints: [{ count: 1, ...point }] } });
const exponential = (point: object): string =>
  jsonOf({ exponentialHistogram: { dataPoints: [{ count: 1, positive: { bucketCounts: [1] }, ...point }] } });

describe('an OTLP export in JSON', () => {
  it.each([
    ['zeroThreshold', exponential({ zeroThreshold: 'NaN' }), 'zero threshold of a histogram is NaN'],
    ['scale', exponential({ scale: 2 ** 31 }), 'the scale of a histogram is 2147483648'],
    ['scale', exponential({ scale: 0.5 }), 'the scale of a histogram is 0.5'],
    ['scale', exponential({ scale: 'Infinity' }), 'the scale of a histogram is Infinity'],
    ['offset', exponential({ positive: { offset: 1e300, bucketCounts: [1] } }), 'has no bucket'],
    ['offset', exponential({ positive: { offset: 0.5, bucketCounts: [1] } }), 'has no bucket'],
    ['bucketCounts', exponential({ positive: { bucketCounts: [-1] } }), 'not a valid number of observations'],
    ['zeroCount', exponential({ zeroCount: 'NaN' }), 'zero count'],
    ['count', exponential({ count: 'Infinity' }), 'count of a histogram is Infinity'],
    ['bounds', histogram({ explicitBounds: [2, 1], bucketCounts: [1, 1, 1] }), 'do not ascend: 2, 1'],
    ['bounds', histogram({ explicitBounds: ['NaN'], bucketCounts: [1, 1] }), 'do not ascend'],
    ['bounds', histogram({ explicitBounds: [1], bucketCounts: [1] }), 'one count more than it has bounds'],
    ['counts', histogram({ explicitBounds: [], bucketCounts: ['-5'] }), 'not a valid number of observations'],
    ['nothing', 'null', 'is not an object'],
    ['no JSON', '{"a":', 'is not JSON'],
    ['another shape', '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[7]}]}]}', 'is not an object'],
  ])('with a bad %s is refused', (_what, body, message) => {
    expect(refusal(() => decodeJsonExport(body, wanted))).toContain(message);
  });

  it('with too much of anything is refused soon, or left out', () => {
    const counts = Array.from({ length: 30_001 }, () => 1);
    const bounds = Array.from({ length: 30_000 }, (_, i) => i);
    const large = histogram({ explicitBounds: bounds, bucketCounts: counts });
    expect(refusal(() => decodeJsonExport(large, wanted))).toContain('10000 buckets');
    const points = `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[${'{},'.repeat(200_000)}{}]}}]}]}]}`;
    expect(refusal(() => decodeJsonExport(points, wanted))).toContain('50000 samples');
    const attributes = Array.from({ length: 500 }, (_, i) => ({ key: `k${i}`, value: { intValue: i } }));
    const labelled = jsonOf({ gauge: { dataPoints: [{ attributes }] } });
    expect(refusal(() => decodeJsonExport(labelled, wanted))).toContain('256 labels');
    const metrics = `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[${'{"name":"x"},'.repeat(200_000)}{}]}]}]}`;
    expect(inTime(() => decodeJsonExport(metrics, wanted)).names.length).toBeLessThanOrEqual(1000);
    for (const deep of ['['.repeat(4_000_000), '{"a":'.repeat(1_000_000)]) {
      expect(refusal(() => decodeJsonExport(deep, wanted))).toContain('deeper than 100 levels');
    }
    const parts = `[${'{},'.repeat(600_000)}{}]`;
    expect(refusal(() => decodeJsonExport(parts, wanted))).toContain('500000 objects and lists');
    const escaped = `{"a":"${'\\\\'.repeat(500_000)}[[[","b":[]}`;
    inTime(() => decodeJsonExport(escaped, wanted));
  });

  test('changed anywhere is read or refused, in time', () => {
    const words = [
      'NaN',
      '"NaN"',
      '-1',
      '1e999',
      '"Infinity"',
      'null',
      '[]',
      '{}',
      '"__proto__"',
      '9e18',
      '""',
    ];
    inTime(() =>
      fc.assert(
        fc.property(fc.array(fc.tuple(fc.nat(), fc.constantFrom(...words)), { maxLength: 4 }), (changes) => {
          let body = jsonExport;
          for (const [at, word] of changes) {
            const values = [...body.matchAll(/:("[^"]*"|-?[\d.]+|true)/g)];
            const { index, 0: found } = values[at % values.length]!;
            body = `${body.slice(0, index + 1)}${word}${body.slice(index + found.length)}`;
          }
          readExport(() => decodeJsonExport(body, wanted));
        }),
        { numRuns: 300 },
      ),
    );
  });
});

/** Decodes and keeps it, twice; damaged data may throw nothing but the named error. */
function readExport(decode: () => ReturnType<typeof decodeJsonExport>): void {
  try {
    const exported = decode();
    const store = new MetricStore();
    store.add(exported, 0);
    store.add(exported, 1);
    for (const { distributions } of store.take(wanted, 2, true).metrics.values()) useAll(distributions);
  } catch (error) {
    expect(error).toBeInstanceOf(ForeignDataError);
  }
}

test('an OTLP export in protobuf, damaged anywhere, is read or refused, in time', () => {
  inTime(() =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }), fc.nat(), (changes, cut) => {
        const damaged = Buffer.from(protobufExport);
        for (const [at, byte] of changes) damaged[at % damaged.length] = byte;
        const end = cut % 3 === 0 ? cut % damaged.length : damaged.length;
        readExport(() => decodeProtobufExport(damaged.subarray(0, end), wanted));
      }),
      { numRuns: 400 },
    ),
  );
});

describe('a text page', () => {
  const read = (page: string) => parseExposition(page, { openMetrics: false, wanted: new Set(['h']) });

  it('with too many samples is refused soon, and one with many others is read', () => {
    const lines = (name: string): string =>
      Array.from({ length: 200_000 }, (_, i) => `${name}{x="${i}"} 1\n`).join('');
    expect(refusal(() => read(lines('h')))).toContain('50000 samples');
    expect(inTime(() => read(`${lines('other')}h 1`)).get('h')!.numbers.length).toBe(1);
  });

  it.each([
    ['braces', '{'.repeat(1_000_000)],
    ['blanks', `# ${' '.repeat(4_000_000)}`],
    ['a label without end', `h{a="${'x'.repeat(4_000_000)}`],
    ['escapes', `h{a="${'\\n'.repeat(1_000_000)}"} x`],
    ['quotes', `h{${'"a",'.repeat(300_000)}} 1`],
    ['labels', `h{${'a="b",'.repeat(300_000)}} 1`],
    ['a TYPE without end', `# TYPE ${'a'.repeat(4_000_000)}`],
    ['numbers', `h ${'1'.repeat(1_000_000)}x`],
  ])('of %s is refused or read soon', (_what, page) => {
    inTime(() => {
      try {
        read(page);
      } catch (error) {
        expect(error).toBeInstanceOf(ForeignDataError);
      }
    });
  });

  test('with 30,000 bounds in each of ten series is merged soon', () => {
    const series = Array.from({ length: 10 }, (_, key) => ({
      ...{ key: String(key), labels: new Map() },
      distribution: {
        ...{ count: 30_000, sum: 1 },
        classic: {
          bounds: Array.from({ length: 30_000 }, (_n, i) => (i === 29_999 ? Number.POSITIVE_INFINITY : i)),
          counts: Array.from({ length: 30_000 }, (_n, i) => i + 1),
        },
      },
    }));
    const startedAtMs = monotonicMs();
    useAll(series);
    expect(monotonicMs() - startedAtMs).toBeLessThan(3000);
  });
});

describe('exponential histograms', () => {
  const wide = new Map(Array.from({ length: 9000 }, (_, i) => [i, 1]));
  const none = new Map<number, number>();

  test('of which one is large and thousands are small are merged soon', () => {
    const of = (positive: ReadonlyMap<number, number>, zeroThreshold: number) => ({
      ...{ count: 9000, sum: 1 },
      native: { ...{ schema: 8, zeroThreshold, zeroCount: 0 }, positive, negative: none },
    });
    const small = Array.from({ length: 3000 }, (_, i) => of(new Map([[i, 2]]), i % 2 === 0 ? 0 : 1.5));
    const series = [of(wide, 0), ...small].map((distribution, key) => ({
      ...{ key: String(key), labels: new Map() },
      distribution,
    }));
    inTime(() => useAll(series));
  });

  test('of one series that an export adds to without end are left out after a while', () => {
    const positive = { offset: 0, bucketCounts: [...wide.values()] };
    const point = { count: 1, scale: 8, positive: { offset: 3, bucketCounts: [1] } };
    const dataPoints = [{ count: 9000, scale: 8, positive }, ...new Array(20_000).fill(point)];
    const body = jsonOf({ exponentialHistogram: { aggregationTemporality: 1, dataPoints } });
    const store = new MetricStore();
    inTime(() => store.add(decodeJsonExport(body, wanted), 0));
    expect(store.leftOut).toBeGreaterThan(10_000);
    inTime(() => store.add(decodeJsonExport(jsonOf({ gauge: { dataPoints: [{}] } }), wanted), 1));
  });
});

test('a total that was no number once goes on with the next', () => {
  const totals = new SeriesTotals();
  const at = (value: number) => totals.add([{ key: '', labels: new Map(), value }], 0);
  expect([at(5), at(Number.POSITIVE_INFINITY), at(Number.NaN), at(7), at(-3), at(2)]).toEqual([
    5, 5, 5, 7, 7, 12,
  ]);
});

test('a message of lengths and numbers at random is refused or read, in time', () => {
  inTime(() =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (given) => {
        const reader = new ProtobufReader(Buffer.from(given));
        try {
          while (reader.next()) reader.skip();
        } catch (error) {
          expect(error).toBeInstanceOf(ForeignDataError);
        }
      }),
      { numRuns: 500 },
    ),
  );
});
