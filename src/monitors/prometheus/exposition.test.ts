import fc from 'fast-check';
import { expect, test } from 'vitest';
import { namesOnPage, parseExposition } from './exposition.ts';
import { ExpositionError } from './exposition-line.ts';
import type { Metrics } from './metric.ts';

const text = (page: string, ...wanted: string[]): Metrics =>
  parseExposition(page, { openMetrics: false, ...(wanted.length > 0 && { wanted: new Set(wanted) }) });
const openMetrics = (page: string, ...wanted: string[]): Metrics =>
  parseExposition(page, { openMetrics: true, ...(wanted.length > 0 && { wanted: new Set(wanted) }) });

function numbers(metrics: Metrics, name: string): [labels: object, value: number][] {
  return metrics.get(name)!.numbers.map(({ labels, value }) => [Object.fromEntries(labels), value]);
}

// The example of prometheus.io/docs/instrumenting/exposition_formats, without its end.
const example = `# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045

# A histogram, which has a pretty complex representation in the text format:
# HELP http_request_duration_seconds A histogram of the request duration.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="0.1"} 33444
http_request_duration_seconds_bucket{le="0.2"} 100392
http_request_duration_seconds_bucket{le="0.5"} 129389
http_request_duration_seconds_bucket{le="1"} 133988
http_request_duration_seconds_bucket{le="+Inf"} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320

# Finally a summary, which has a complex representation, too:
# TYPE rpc_duration_seconds summary
rpc_duration_seconds{quantile="0.01"} 3102
rpc_duration_seconds{quantile="0.99"} 76656
rpc_duration_seconds_sum 1.7560473e+07
rpc_duration_seconds_count 2693
`;

test('a page in text format', () => {
  const page = text(example);
  expect(page.get('http_requests_total')!.type).toBe('counter');
  expect(numbers(page, 'http_requests_total')).toEqual([
    [{ method: 'post', code: '200' }, 1027],
    [{ method: 'post', code: '400' }, 3],
  ]);
  expect(numbers(page, 'msdos_file_access_time_seconds')).toEqual([
    [{ path: 'C:\\DIR\\FILE.TXT', error: 'Cannot find file:\n"FILE.TXT"' }, 1458255915],
  ]);
  expect(page.get('metric_without_timestamp_and_labels')!.type).toBe('unknown');
  expect(numbers(page, 'something_weird')).toEqual([
    [{ problem: 'division by zero' }, Number.POSITIVE_INFINITY],
  ]);
  const { type, distributions } = page.get('http_request_duration_seconds')!;
  expect(type).toBe('histogram');
  expect(distributions.map(({ distribution }) => distribution)).toEqual([
    {
      count: 144320,
      sum: 53423,
      classic: {
        bounds: [0.05, 0.1, 0.2, 0.5, 1, Number.POSITIVE_INFINITY],
        counts: [24054, 33444, 100392, 129389, 133988, 144320],
      },
    },
  ]);
  const summary = page.get('rpc_duration_seconds')!;
  expect(summary.distributions[0]!.distribution).toEqual({ count: 2693, sum: 17560473 });
  expect(numbers(page, 'rpc_duration_seconds')).toEqual([
    [{ quantile: '0.01' }, 3102],
    [{ quantile: '0.99' }, 76656],
  ]);
});

test('blanks, tabs, a last comma and words for numbers in text format', () => {
  const page = text(
    'a { x = "1" ,\ty="2", }\t-.5e1 7\n  b NaN\nc{} inf\nd -INF\n# any comment, { " \\\n#TYPE e nothing\ne 0x\n',
    'a',
    'b',
    'c',
    'd',
  );
  expect(numbers(page, 'a')).toEqual([[{ x: '1', y: '2' }, -5]]);
  expect(numbers(page, 'b')[0]![1]).toBeNaN();
  expect(numbers(page, 'c')).toEqual([[{}, Number.POSITIVE_INFINITY]]);
  expect(numbers(page, 'd')).toEqual([[{}, Number.NEGATIVE_INFINITY]]);
});

test('only metrics asked for are kept, by their own name or that of a sample', () => {
  expect([...text(example, 'http_requests_total').keys()]).toEqual(['http_requests_total']);
  expect([...text(example, 'http_request_duration_seconds_count').keys()]).toEqual([
    'http_request_duration_seconds',
  ]);
  // Same letters at the beginning are another name.
  const page = text('x 1\nx_y 2\nxy 3\nx{a="b"} 4\n', 'x');
  expect(numbers(page, 'x')).toEqual([
    [{}, 1],
    [{ a: 'b' }, 4],
  ]);
  expect([...page.keys()]).toEqual(['x']);
});

test('a type without samples is a metric without series', () => {
  expect(text('# TYPE errors_total counter\n', 'errors_total').get('errors_total')).toEqual({
    type: 'counter',
    numbers: [],
    distributions: [],
  });
});

test.each([
  ['a{x="1"} one\n', 'line 1: "one" is not a number'],
  ['ok 1\na{x="1" 1\n', 'line 2: "1" is not a label such as code="200"'],
  ['a{x="1",x="2"} 1\n', 'line 1: the label x occurs twice'],
  ['a\n', 'line 1: the end of the line is not allowed in the name of a metric'],
  ['a{} \n', 'line 1: a value is missing'],
  ['a 1 2 3\n', 'line 1: "3" is one too many'],
  ['a 1 1.5\n', 'line 1: ".5" is one too many'],
  ['a', 'line 1: the end of the line is not allowed in the name of a metric'],
  ['a 1\r\n', 'line 1: "1\\r" is not a number; lines end with LF, not with CR LF'],
  // Of numbers Prometheus takes neither hexadecimal ones nor underscores: `parseFloat` of promparse.go.
  ['a 0x1p-3\n', 'line 1: "0x1p-3" is not a number'],
  ['a 1_2\n', 'line 1: "1_2" is not a number'],
  ['a{x="1",,} 1\n', 'line 1: ",} 1" is not a label such as code="200"'],
  ['a{,} 1\n', 'line 1: ",} 1" is not a label such as code="200"'],
  ['a{="1"} 1\n', 'line 1: "=\\"1\\"} 1" is not a label such as code="200"'],
  ['{x="1"} 1\n', 'line 1: the metric has no name'],
  ['a{"b"} 1\n', 'line 1: the metric has two names'],
  ['{"a","b"} 1\n', 'line 1: "\\"b\\"} 1" is not a label such as code="200"'],
  ['# TYPE a unknown\n', 'line 1: "unknown" is not a type of metric'],
  ['1a 1\n', 'line 1: "1a 1" does not begin with the name of a metric'],
  ['<html>\n', 'line 1: "<html>" does not begin with the name of a metric'],
  ['a-b 1\n', 'line 1: "-b 1" is not allowed in the name of a metric'],
  ['# TYPE a histo\n', 'line 1: "histo" is not a type of metric'],
  ['# TYPE a\n', 'line 1: TYPE needs a name and a type'],
])('text format: %j is refused', (page, message) => {
  expect(() => text(page)).toThrow(ExpositionError);
  expect(() => text(page)).toThrow(message);
});

const openMetricsExample = `# TYPE acme_http_router_request_seconds summary
# UNIT acme_http_router_request_seconds seconds
# HELP acme_http_router_request_seconds Latency though all of ACME's HTTP request router.
acme_http_router_request_seconds_sum{path="/api/v1",method="GET"} 9036.32
acme_http_router_request_seconds_count{path="/api/v1",method="GET"} 807283.0
acme_http_router_request_seconds_created{path="/api/v1",method="GET"} 1605281325.0
# TYPE go_goroutines gauge
go_goroutines 69
# TYPE process_cpu_seconds counter
# UNIT process_cpu_seconds seconds
process_cpu_seconds_total 4.20072246e+06 1520879607.789 # {trace_id="a # {b} \\" c"} 0.67 1520879607.1
process_cpu_seconds_created 1520430000.123
# TYPE foo gaugehistogram
foo_bucket{le="0.01"} 20.0
foo_bucket{le="+Inf"} 34.0
foo_gcount 34.0
foo_gsum 324789.3
# TYPE state stateset
state{state="a"} 0
state{state="bb"} 1
# TYPE build info
build_info{version="8.2.7"} 1
# TYPE odd unknown
odd 2
# EOF
`;

test('a page in OpenMetrics format', () => {
  for (const given of [openMetricsExample, openMetricsExample.trimEnd()]) {
    const page = openMetrics(given);
    expect([...page].map(([name, { type }]) => [name, type])).toEqual([
      ['acme_http_router_request_seconds', 'summary'],
      ['go_goroutines', 'gauge'],
      ['process_cpu_seconds_total', 'counter'],
      ['foo', 'gaugehistogram'],
      ['state', 'stateset'],
      ['build_info', 'info'],
      ['odd', 'unknown'],
    ]);
    expect(page.get('process_cpu_seconds_total')!.numbers[0]).toMatchObject({
      value: 4200722.46,
      startEpochMs: 1520430000123,
    });
    expect(page.get('acme_http_router_request_seconds')!.distributions[0]).toMatchObject({
      startEpochMs: 1605281325000,
      distribution: { count: 807283, sum: 9036.32 },
    });
    expect(page.get('foo')!.distributions[0]!.distribution).toMatchObject({ count: 34, sum: 324789.3 });
    expect(numbers(page, 'state')).toEqual([
      [{ state: 'a' }, 0],
      [{ state: 'bb' }, 1],
    ]);
    expect(numbers(page, 'build_info')).toEqual([[{ version: '8.2.7' }, 1]]);
  }
});

test.each([
  ['a 1\n', 'line 2: the page does not end with # EOF'],
  ['# EOF\na 1\n', 'line 2: there is text after # EOF'],
  ['a 1\n\n# EOF\n', 'line 2: OpenMetrics has no empty lines'],
  ['# hello\n# EOF\n', 'line 1: OpenMetrics has no comments but'],
  ['a  1\n# EOF\n', 'line 1: a value is missing'],
  ['a{x= "1"} 1\n# EOF\n', 'line 1: "x= \\"1\\"} 1" is not a label'],
  ['a 1 soon\n# EOF\n', 'line 1: "soon" is not a timestamp'],
  ['a 1 # {x="1"}\n# EOF\n', 'line 1: a value is missing'],
  ['# UNIT a_bytes seconds\n# EOF\n', 'line 1: a_bytes does not end with its unit seconds'],
  ['# TYPE a untyped\n# EOF\n', 'line 1: "untyped" is not a type of metric'],
  ['{"a b",x="1" y="2"} 1\n# EOF\n', 'line 1: "x=\\"1\\" y=\\"2\\"} 1" is not a label'],
  ['a 1 # {"x"} 1\n# EOF\n', 'line 1: an exemplar has no name of its own'],
])('OpenMetrics: %j is refused', (page, message) => {
  expect(() => openMetrics(page)).toThrow(message);
});

// What Prometheus reads, though the formats do not allow it: promparse.go, openmetricsparse.go and their tests.
test('a page without a final line feed is read to its end', () => {
  expect(numbers(text('# TYPE a gauge\na 1\nb{x="y"} 2'), 'b')).toEqual([[{ x: 'y' }, 2]]);
  expect(text('a 1\n# a comment').size).toBe(1);
  expect(text('# TYPE a counter').get('a')!.type).toBe('counter');
  expect(text('a 1\n  ').size).toBe(1);
});

test.each([
  ['twice', '# TYPE a counter\n# HELP a x\na{x="1"} 1\n# TYPE a counter\na{x="2"} 2\n'],
  ['late', 'a{x="1"} 1\na{x="2"} 2\n# TYPE a counter\n# HELP a x\n'],
  ['in the middle', 'a{x="1"} 1\n# TYPE a counter\na{x="2"} 2\n'],
  ['otherwise at first', '# TYPE a gauge\na{x="1"} 1\n# TYPE a counter\na{x="2"} 2\n'],
  ['with other metrics between', '# TYPE a counter\na{x="1"} 1\nb 1\na{x="2"} 2\n'],
])('TYPE may stand there %s: the last one counts, for all samples', (_how, page) => {
  for (const metrics of [text(page), text(page, 'a'), openMetrics(`${page}# EOF`)]) {
    expect(metrics.get('a')!.type).toBe('counter');
    expect(numbers(metrics, 'a')).toEqual([
      [{ x: '1' }, 1],
      [{ x: '2' }, 2],
    ]);
  }
});

test('TYPE after the samples of a histogram makes them one', () => {
  const samples = 'h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 3\nh_sum 4\nh_count 3\n';
  const expected = { count: 3, sum: 4, classic: { bounds: [1, Number.POSITIVE_INFINITY], counts: [1, 3] } };
  for (const page of [
    `# TYPE h histogram\n${samples}`,
    `${samples}# TYPE h histogram\n`,
    `# TYPE h gauge\n${samples}# TYPE h histogram`,
  ]) {
    for (const wanted of [[], ['h'], ['h_count']]) {
      expect(text(page, ...wanted).get('h')!.distributions[0]!.distribution).toEqual(expected);
    }
  }
});

test('of series that stand there twice the first counts', () => {
  expect(numbers(text('a{x="1",y="2"} 1\na{y="2",x="1"} 2\na{x="1"} 3\n'), 'a')).toEqual([
    [{ x: '1', y: '2' }, 1],
    [{ x: '1' }, 3],
  ]);
});

test('samples that say nothing of their histogram or summary do no harm to the page', () => {
  const page = text(
    '# TYPE h histogram\nh 1\nh_bucket{le="x"} 1\nh_bucket 1\nh_bucket{le="1"} 1\nh_count 2\n' +
      '# TYPE s summary\ns 1\ns{quantile="x"} 1\ns_sum 3\n# TYPE n histogram\nn_bucket{le="1"} -1\nn_bucket{le="+Inf"} NaN\n' +
      '# TYPE c histogram\nc_count 1\n# TYPE o histogram\no_bucket{le="1"} 1\nok 1',
  );
  // The count stands for the bucket of Infinity.
  expect(page.get('h')!.distributions[0]!.distribution).toEqual({
    count: 2,
    sum: Number.NaN,
    classic: { bounds: [1, Number.POSITIVE_INFINITY], counts: [1, 2] },
  });
  expect(page.get('s')!.distributions[0]!.distribution).toEqual({ count: Number.NaN, sum: 3 });
  for (const name of ['n', 'o']) {
    expect(page.get(name)!.distributions[0]!.distribution).toEqual({ count: Number.NaN, sum: Number.NaN });
  }
  expect(page.get('c')!.distributions[0]!.distribution).toEqual({ count: 1, sum: Number.NaN });
  expect(numbers(page, 'ok')).toEqual([[{}, 1]]);
});

// From `TestUTF8PromParse`.
test('names in quotes are read in both formats', () => {
  const page = [
    '# HELP "go.gc_duration_seconds" A summary',
    '# TYPE "go.gc_duration_seconds" summary',
    '{"go.gc_duration_seconds",quantile="0"} 4.9351e-05',
    '{"go.gc_duration_seconds_count"} 99',
    '{"Heiz\u00f6l 10\u20ac with \\"interesting\\" {character\\nchoices}","strange\u00a9"="6"} 10',
    'plain{"a.b"="c",d="{}"} 1',
  ].join('\n');
  const blanks = '{ "go.gc_duration_seconds", quantile = "0.9", }\t8e-05\n';
  for (const metrics of [text(`${page}\n${blanks}`), openMetrics(`${page}\n# EOF`)]) {
    const { type, distributions } = metrics.get('go.gc_duration_seconds')!;
    expect([type, distributions[0]!.distribution.count]).toEqual(['summary', 99]);
    expect(numbers(metrics, 'go.gc_duration_seconds')[0]).toEqual([{ quantile: '0' }, 4.9351e-5]);
    expect(numbers(metrics, 'Heiz\u00f6l 10\u20ac with "interesting" {character\nchoices}')).toEqual([
      [{ 'strange\u00a9': '6' }, 10],
    ]);
    expect(numbers(metrics, 'plain')).toEqual([[{ 'a.b': 'c', d: '{}' }, 1]]);
  }
  expect(text(page, 'go.gc_duration_seconds_count').size).toBe(1);
  expect(namesOnPage(page).has('go.gc_duration_seconds')).toBe(true);
});

test('labels without commas between them, and without a value', () => {
  expect(numbers(text('a { x = "1" y = "2" } 1\nb{x="",} 2\nc{} 3\n'), 'a')).toEqual([
    [{ x: '1', y: '2' }, 1],
  ]);
  expect(numbers(openMetrics('b{x="",} 2\n# EOF'), 'b')).toEqual([[{ x: '' }, 2]]);
});

test('OpenMetrics counters and infos are called as they are, with and without their endings', () => {
  const page = openMetrics(
    '# TYPE a counter\na 1\n# TYPE b_total counter\nb_total 2\n# TYPE c counter\nc_total 3\nc_created 5\n' +
      '# TYPE i info\ni{v="1"} 1\n# EOF\n',
  );
  expect([...page.keys()]).toEqual(['a', 'b_total', 'c_total', 'i']);
  expect(page.get('c_total')!.numbers[0]).toMatchObject({ value: 3, startEpochMs: 5000 });
});

test('label values of any characters come through', () => {
  const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/);
  const value = fc.double();
  fc.assert(
    fc.property(
      fc.dictionary(name, fc.string({ unit: 'binary', maxLength: 12 })),
      value,
      fc.boolean(),
      (labels, number, strict) => {
        const pairs = Object.entries(labels).map(
          ([label, text]) => `${label}="${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`,
        );
        const page = `m{${pairs.join(',')}} ${String(number)}\n${strict ? '# EOF\n' : ''}`;
        const [series] = parseExposition(page, { openMetrics: strict }).get('m')!.numbers;
        expect(series!.labels).toEqual(new Map(Object.entries(labels)));
        expect(series!.value).toBe(Object.is(number, -0) ? 0 : number);
      },
    ),
    { numRuns: 50 },
  );
});

test('damaged pages are refused with a line, or read, and nothing else is thrown', () => {
  const pages = fc.tuple(fc.constantFrom(example, openMetricsExample), fc.nat(), fc.string({ maxLength: 3 }));
  fc.assert(
    fc.property(pages, fc.boolean(), ([page, at, inserted], strict) => {
      const cut = at % page.length;
      const damaged = page.slice(0, cut) + inserted + page.slice(cut + 1);
      try {
        parseExposition(damaged, { openMetrics: strict });
      } catch (error) {
        expect(error).toBeInstanceOf(ExpositionError);
        expect((error as Error).message).toMatch(/^line \d+: /);
      }
    }),
  );
});

test('names for suggestions are those of types and samples', () => {
  expect(namesOnPage('# TYPE a counter\na_total{x="1"} 1\n# HELP h text\nb 2\n')).toEqual(
    new Set(['a', 'a_total', 'b']),
  );
});
