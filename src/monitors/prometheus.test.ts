import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import type { PrometheusSelection } from '../model/monitor-settings.ts';
import { planSelections, selectionFigures } from '../model/selection-figures.ts';
import { monotonicMs } from '../time/clock.ts';
import { type Answer, httpSource, startHttpSource } from './http-source.cases.ts';
import { describeMonitor, failureOf, read } from './monitor.cases.ts';
import type { Monitor } from './monitor.ts';
import { firstPage, secondPage } from './prometheus/protobuf-pages.cases.ts';
import { createPrometheusMonitor } from './prometheus.ts';

type Select = Readonly<Record<string, string | PrometheusSelection>>;

const textType = 'text/plain; version=0.0.4; charset=utf-8';

/** A monitor of a page that the test can change. */
async function watch(
  select: Select,
  page: string | Buffer,
  contentType = textType,
): Promise<{ monitor: Monitor; show: (page: string | Buffer) => void; accept: () => string | undefined }> {
  let shown = page;
  let accept: string | undefined;
  const { url } = await httpSource((request, response) => {
    accept = request.headers.accept;
    response.writeHead(200, { 'content-type': contentType }).end(shown);
  });
  const monitor = createPrometheusMonitor({ kind: 'prometheus', url, select: planSelections(select) });
  onTestFinished(() => monitor.close());
  return {
    monitor,
    show: (next) => {
      shown = next;
    },
    accept: () => accept,
  };
}

const histogram = (counts: readonly number[], sum: number, labels = ''): string =>
  [0.1, 0.2, 0.5, '+Inf']
    .map((le, i) => `x_seconds_bucket{${labels}le="${le}"} ${counts[i]}\n`)
    .concat(`x_seconds_sum{${labels}} ${sum}\n`, `x_seconds_count{${labels}} ${counts.at(-1)}\n`)
    .join('');

test('values of all kinds are read off a page', async () => {
  const type = '# TYPE x_seconds histogram\n';
  const rest = `# TYPE in_flight gauge
in_flight{pod="a"} 3
in_flight{pod="b"} 5
in_flight{pod="c"} NaN
# TYPE rss_bytes gauge
rss_bytes 1048576
# TYPE s_seconds summary
s_seconds{quantile="0.95"} 0.25
s_seconds_sum 1.5
s_seconds_count 3
`;
  const { monitor, show } = await watch(
    {
      in_flight: 'in_flight',
      in_flight_max: { metric: 'in_flight', combine: 'max' },
      in_flight_min: { metric: 'in_flight', combine: 'min' },
      in_flight_avg: { metric: 'in_flight', combine: 'avg' },
      of_b: { metric: 'in_flight', labels: { pod: 'b' } },
      requests: 'http_requests_total',
      errors: { metric: 'http_requests_total', labels: { code: '500' } },
      p50_ms: { metric: 'x_seconds', quantile: 0.5, scale: 1000, unit: 'ms' },
      mean_ms: { metric: 'x_seconds', scale: 1000 },
      calls: 'x_seconds_count',
      fast_calls: { metric: 'x_seconds_bucket', labels: { le: '0.10' } },
      s_p95: { metric: 's_seconds', labels: { quantile: '0.950' } },
      s_mean: 's_seconds',
      rss_mb: { metric: 'rss_bytes', scale: 1 / 2 ** 20 },
    },
    `# TYPE http_requests_total counter\nhttp_requests_total{code="200"} 10\n${type}${histogram([1, 2, 3, 4], 1)}${rest}`,
  );
  const first = await read(monitor);
  expect(first.events).toEqual([
    'errors: http_requests_total has no series with code="500" so far, which counts as 0',
  ]);
  expect(first.values).toEqual({
    in_flight: 8,
    in_flight_max: 5,
    in_flight_min: 3,
    in_flight_avg: 4,
    of_b: 5,
    requests: 10,
    errors: 0,
    calls: 4,
    fast_calls: 1,
    s_p95: 0.25,
    rss_mb: 1,
  });
  show(
    `# TYPE http_requests_total counter\nhttp_requests_total{code="200"} 14\nhttp_requests_total{code="500"} 2\n` +
      `${type}${histogram([1, 6, 7, 8], 2)}${rest.replace('sum 1.5', 'sum 4.5').replace('count 3', 'count 4')}`,
  );
  const { values, events } = await read(monitor);
  expect(events).toBeUndefined();
  expect(values).toMatchObject({ requests: 16, errors: 2, calls: 8, fast_calls: 1, mean_ms: 250, s_mean: 3 });
  // All four lie between 0.1 and 0.2.
  expect(values.p50_ms).toBeCloseTo(150, 9);
});

test('one replica that begins again is no new beginning of the sum', async () => {
  const page = (a: number, b: number): string =>
    `# TYPE jobs_total counter\njobs_total{pod="a"} ${a}\njobs_total{pod="b"} ${b}\n`;
  const { monitor, show } = await watch({ jobs: 'jobs_total' }, page(1000, 10));
  expect((await read(monitor)).values.jobs).toBe(1010);
  show(page(3, 15));
  expect((await read(monitor)).values.jobs).toBe(1018);
  show('# TYPE jobs_total counter\njobs_total{pod="b"} 16\n');
  expect((await read(monitor)).values.jobs).toBe(1019);
  show(page(5, 16));
  expect((await read(monitor)).values.jobs).toBe(1021);
});

test('quantiles of a histogram hold over a restart of one replica', async () => {
  const page = (a: readonly number[], b: readonly number[]): string =>
    `# TYPE x_seconds histogram\n${histogram(a, 1, 'pod="a",')}${histogram(b, 1, 'pod="b",')}`;
  const { monitor, show } = await watch(
    { p100: { metric: 'x_seconds', quantile: 1 } },
    page([0, 0, 900, 900], [5, 5, 5, 5]),
  );
  expect((await read(monitor)).values).toEqual({});
  show(page([1, 1, 1, 1], [5, 7, 7, 7]));
  expect((await read(monitor)).values.p100).toBe(0.2);
  // Nothing was observed since.
  expect((await read(monitor)).values).toEqual({});
});

test('native histograms are asked for and read when a quantile is selected', async () => {
  const select = {
    p99: { metric: 'rpc_seconds', quantile: 0.99 },
    p50_a: { metric: 'rpc_seconds', quantile: 0.5, labels: { service: 'a' } },
    size: { metric: 'sizes', quantile: 1 },
    jobs: 'jobs_total',
    calls: 'rpc_seconds_count',
  };
  const type = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';
  const { monitor, show, accept } = await watch(select, firstPage, type);
  const first = await read(monitor);
  expect(accept()).toMatch(
    /^application\/vnd\.google\.protobuf;proto=io\.prometheus\.client\.MetricFamily;encoding=/,
  );
  expect(first).toEqual({ values: { size: expect.closeTo(45.25, 1) as number, jobs: 10, calls: 5 } });
  show(secondPage);
  const { values } = await read(monitor);
  // Gained: 0 0.3 0.3 0.31 2 and 6, with buckets 9 % wide.
  expect(values).toMatchObject({ jobs: 25, calls: 11 });
  expect(values.p99! / 6).toBeGreaterThan(0.91);
  expect(values.p99! / 6).toBeLessThan(1.1);
  expect(values.p50_a! / 0.3).toBeGreaterThan(0.91);
  expect(values.p50_a! / 0.3).toBeLessThan(1.1);
});

test('text formats are asked for otherwise, and OpenMetrics is read', async () => {
  const { monitor, accept } = await watch(
    { jobs: 'jobs_total', up: 'up' },
    '# TYPE jobs counter\njobs_total 3\njobs_created 1e9\n# TYPE up gauge\nup 1\n# EOF\n',
    'application/openmetrics-text; version=1.0.0; charset=utf-8',
  );
  expect((await read(monitor)).values).toEqual({ jobs: 3, up: 1 });
  expect(accept()).not.toContain('protobuf');
});

test('what cannot be is said once, with what to write, and costs no other figure', async () => {
  const { monitor } = await watch(
    {
      missing: 'http_request_total',
      short: 'jobs',
      gauge_named_so: 'errors_total',
      counter_not_named_so: 'bytes_sent',
      no_histogram: { metric: 'up', quantile: 0.5 },
      whole: { metric: 'x_seconds', as: 'value' },
      of_summary: { metric: 's', quantile: 0.9 },
      no_label: { metric: 'up', labels: { pod: 'z' } },
      forced: { metric: 'bytes_sent', as: 'increase' },
      as_it_is: { metric: 'errors_total', as: 'value' },
    },
    `# TYPE http_requests_total counter\nhttp_requests_total 1\n# TYPE errors_total gauge\nerrors_total 4
# TYPE bytes_sent counter\nbytes_sent 5\n# TYPE up gauge\nup 1\n# TYPE jobs_total counter\njobs_total 1
# TYPE s summary\ns_sum 1\ns_count 2\n# TYPE x_seconds histogram\n${histogram([1, 2, 3, 4], 1)}`,
  );
  const { values, events } = await read(monitor);
  expect(values).toEqual({ forced: 5, as_it_is: 4 });
  expect(events).toEqual([
    'missing: there is no metric http_request_total; did you mean http_requests_total?',
    'short: there is no metric jobs; did you mean jobs_total?',
    'gauge_named_so: errors_total is a gauge and its name is that of a counter: say as: value',
    'counter_not_named_so: bytes_sent is a counter, and its name is not that of one: say as: increase',
    'no_histogram: up is a gauge and has no quantile',
    'whole: x_seconds is a histogram: select x_seconds_count, or say as: average or quantile',
    'of_summary: s is a summary, which contains its own quantiles: select one by labels, such as quantile: "0.95"',
    'no_label: up has no series with pod="z"',
  ]);
  expect((await read(monitor)).events).toBeUndefined();
});

async function failureAt(answer: Answer, select: Select = { up: 'up' }): Promise<string> {
  const { url } = await httpSource(answer);
  const monitor = createPrometheusMonitor({ kind: 'prometheus', url, select: planSelections(select) });
  onTestFinished(() => monitor.close());
  const failure = await failureOf(read(monitor));
  return (failure as Error).message.replace(url, 'URL');
}

test('answers that are no page are refused with the reason', async () => {
  const send =
    (body: string | Buffer, contentType = textType, headers = {}, status = 200): Answer =>
    (_request, response) => {
      response.writeHead(status, { 'content-type': contentType, ...headers }).end(body);
    };
  expect(await failureAt(send('<html>', 'text/html'))).toBe(
    'the page at URL cannot be read: it is text/html, and no page in Prometheus format',
  );
  expect(await failureAt(send('{}', 'application/json'))).toMatch(/application\/json/);
  expect(await failureAt(send('up one\n'))).toBe(
    'the page at URL cannot be read: line 1: "one" is not a number',
  );
  expect(await failureAt(send(Buffer.from([0xff, 0x0a])))).toMatch(/it is not UTF-8 text/);
  expect(await failureAt(send('no', textType, {}, 503))).toMatch(/the server answered 503/);
  expect(await failureAt(send('up 1\n', textType, { 'content-encoding': 'gzip' }))).toMatch(
    /decoded as gzip/,
  );
  expect(await failureAt(send('up 1\n', textType, { 'content-encoding': 'zstd' }))).toMatch(
    /coded as "zstd"/,
  );
  const bomb = gzipSync(Buffer.alloc(17 * 2 ** 20, '\n'));
  expect(await failureAt(send(bomb, textType, { 'content-encoding': 'gzip' }))).toMatch(/larger than 16 MiB/);
  expect(await failureAt(send(Buffer.alloc(17 * 2 ** 20, '\n')))).toMatch(/larger than 16 MiB/);
  const cutOff: Answer = (_request, response) => {
    response.writeHead(200, { 'content-type': textType, 'content-length': '100' });
    response.write('up 1\n', () => response.destroy());
  };
  expect(await failureAt(cutOff)).toBe('GET URL: the connection was closed before the answer was complete');
});

test('a page that comes slowly, in pieces and as gzip is read', async () => {
  const page = gzipSync('up 1\n');
  const { url } = await httpSource((_request, response) => {
    response.writeHead(200, { 'content-type': textType, 'content-encoding': 'gzip' });
    response.write(page.subarray(0, 5));
    setTimeout(() => response.end(page.subarray(5)), 100);
  });
  const monitor = createPrometheusMonitor({ kind: 'prometheus', url, select: planSelections({ up: 'up' }) });
  onTestFinished(() => monitor.close());
  expect((await read(monitor)).values).toEqual({ up: 1 });
});

test('user, password and headers are sent, and in no message', async () => {
  const secret = { url: '', headers: { 'x-api-key': 'key-4711' } };
  const { url, requests, stop } = await httpSource(({ headers }, response) => {
    response.writeHead(200, { 'content-type': textType });
    response.end(`echo of ${headers.authorization ?? ''} hunter22 key-4711\n`);
  });
  const monitor = createPrometheusMonitor(
    { kind: 'prometheus', url, select: planSelections({ up: 'echo' }) },
    { ...secret, url: url.replace('//', '//mona:hunter22@') },
  );
  onTestFinished(() => monitor.close());
  const echoed = (await failureOf(read(monitor))) as Error;
  expect(requests[0]!.request.headers).toMatchObject({
    authorization: `Basic ${Buffer.from('mona:hunter22').toString('base64')}`,
    'x-api-key': 'key-4711',
  });
  await stop();
  const refused = (await failureOf(read(monitor))) as Error;
  for (const { message } of [echoed, refused]) expect(message).not.toMatch(/hunter22|key-4711/);
  expect(refused.message).toBe(`GET ${url}: the connection was refused, so nothing listens there`);
});

test('a connection that the server closes as it is used again is replaced without a word', async () => {
  let connections = 0;
  const server = net.createServer((socket) => {
    connections++;
    let asked = 0;
    socket.on('error', () => {});
    socket.on('data', () => {
      asked++;
      if (asked === 2) socket.resetAndDestroy();
      else socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nup 1\n');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
  const monitor = createPrometheusMonitor({ kind: 'prometheus', url, select: planSelections({ up: 'up' }) });
  onTestFinished(() => monitor.close());
  for (let i = 0; i < 3; i++) {
    expect((await read(monitor)).values.up).toBe(1);
    // The connection is free again a moment after the answer.
    await sleep(20);
  }
  expect(connections).toBe(3);
});

test('10,000 lines with five metrics selected take little time', async () => {
  const lines = Array.from({ length: 5000 }, (_, i) => {
    const name = `app_metric_${Math.floor(i / 10)}`;
    const head = i % 10 === 0 ? `# HELP ${name} some help\n# TYPE ${name} gauge\n` : '';
    return `${head}${name}{route="/api/v1/things/${i}",method="GET",code="200"} ${i}\n${name}{route="/b/${i}"} 1\n`;
  });
  const select = Object.fromEntries([1, 100, 200, 300, 499].map((i) => [`f${i}`, `app_metric_${i}`]));
  const { monitor } = await watch(select, lines.join(''));
  let leastMs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 10; i++) {
    const startedAtMs = monotonicMs();
    expect(Object.keys((await read(monitor)).values)).toHaveLength(5);
    leastMs = Math.min(leastMs, monotonicMs() - startedAtMs);
  }
  // With sending 1 MB over loopback; some 10 ms on an idle machine.
  expect(leastMs).toBeLessThan(100);
});

let served = 0;
const source = await startHttpSource((_request, response) => {
  served += 3;
  response.writeHead(200, { 'content-type': textType });
  response.end(
    `# TYPE up gauge\nup 1\n# TYPE served_total counter\nserved_total ${served}\n# TYPE x_seconds histogram\n${histogram([served, served, served, served], served)}`,
  );
});
afterAll(() => source.stop());
const selected: Select = { up: 'up', served: 'served_total', mean: 'x_seconds', lost: 'nothing' };

describeMonitor('the monitor of a Prometheus page', {
  create: () =>
    createPrometheusMonitor(
      { kind: 'prometheus', url: source.url, select: planSelections(selected) },
      { url: source.url.replace('//', '//mona:hunter22@'), headers: { 'x-key': 'key-4711' } },
    ),
  figures: selectionFigures(selected),
  always: ['up', 'served', 'mean'],
  secrets: ['hunter22', 'key-4711'],
  stop: source.stop,
  start: source.start,
  hang: source.hang,
});
