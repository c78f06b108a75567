import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ForeignDataError } from '../foreign-data.ts';
import { mergeDistributions } from './distribution.ts';
import type { Distribution, Metrics } from './metric.ts';
import { namesOnProtobufPage, parseProtobufPage } from './protobuf-page.ts';
import { firstPage, secondPage } from './protobuf-pages.cases.ts';

const names = ['rpc_seconds', 'both_seconds', 'sizes', 'jobs_total', 'temperature', 'odd', 'wait_seconds'];
const parse = (page: Buffer, ...wanted: string[]): Metrics => parseProtobufPage(page, new Set(wanted));

test('families of all types, of which only those asked for are read', () => {
  expect([...namesOnProtobufPage(firstPage)]).toEqual(names);
  const page = parse(firstPage, ...names);
  expect([...page].map(([name, { type }]) => [name, type])).toEqual([
    ['rpc_seconds', 'histogram'],
    ['both_seconds', 'histogram'],
    ['sizes', 'gaugehistogram'],
    ['jobs_total', 'counter'],
    ['temperature', 'gauge'],
    ['odd', 'unknown'],
    ['wait_seconds', 'summary'],
  ]);
  expect(page.get('jobs_total')!.numbers).toEqual([
    {
      key: '[["queue","größer"]]',
      labels: new Map([['queue', 'größer']]),
      value: 10,
      startEpochMs: 1_700_000_000_500,
    },
  ]);
  expect(page.get('temperature')!.numbers[0]!.value).toBe(-7.25);
  expect(page.get('odd')!.numbers[0]!.value).toBeNaN();
  expect(page.get('wait_seconds')!.distributions[0]!.distribution).toEqual({ count: 4, sum: 10 });
  expect(page.get('wait_seconds')!.numbers).toMatchObject([
    { labels: new Map([['quantile', '0.5']]), value: 2 },
  ]);
  expect([...parse(firstPage, 'rpc_seconds_count').keys()]).toEqual(['rpc_seconds']);
});

/** Bucket `ceil(log2(v) * 2^schema)` of each value. */
function indices(schema: number, ...values: number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) {
    const index = Math.ceil(Math.log2(value) * 2 ** schema);
    counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  return counts;
}

function distributions(page: Metrics, name: string): Distribution[] {
  return page.get(name)!.distributions.map(({ distribution }) => distribution);
}

test('native histograms have the buckets of what was observed', () => {
  const [a, b] = distributions(parse(secondPage, 'rpc_seconds'), 'rpc_seconds');
  expect(a!.native).toEqual({
    schema: 3,
    zeroThreshold: 2 ** -128,
    zeroCount: 1,
    positive: indices(3, 0.1, 0.2, 0.2, 1.5, 0.3, 0.3, 0.31, 2),
    negative: new Map(),
  });
  expect(a!.count).toBe(9);
  expect(b!.native!.positive).toEqual(indices(3, 5, 6));
  expect(b!.classic).toBeUndefined();
  expect(mergeDistributions([a!, b!]).count).toBe(11);
});

test('a histogram may have native and classic buckets, and a gauge histogram fractions and negative ones', () => {
  const [both] = distributions(parse(firstPage, 'both_seconds'), 'both_seconds');
  expect(both!.native!.positive).toEqual(indices(0, 0.1, 0.2, 0.2, 1.5));
  expect(both!.classic).toEqual({ bounds: [0.5, 1, 2, Number.POSITIVE_INFINITY], counts: [3, 3, 4, 4] });
  const [sizes] = distributions(parse(firstPage, 'sizes'), 'sizes');
  expect(sizes).toMatchObject({ count: 5, native: { schema: 1, zeroCount: 1 } });
  expect(sizes!.native!.negative).toEqual(indices(1, 2.5, 2.5));
  expect(sizes!.native!.positive).toEqual(indices(1, 3, 40));
});

test('damaged pages are refused, or read, and never without end', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat(), (at, byte, cut) => {
      const damaged = Buffer.from(firstPage);
      damaged[at % damaged.length] = byte;
      const end = cut % 3 === 0 ? cut % damaged.length : damaged.length;
      try {
        parse(damaged.subarray(0, end), ...names);
      } catch (error) {
        expect(error).toBeInstanceOf(ForeignDataError);
      }
    }),
    { numRuns: 500 },
  );
  expect(() => parse(firstPage.subarray(0, 100), 'rpc_seconds')).toThrow('the message is cut off');
});
