import { afterAll, expect, onTestFinished, test } from 'vitest';
import { valueFigures } from '../model/selection-figures.ts';
import { type Answer, httpSource, startHttpSource } from './http-source.cases.ts';
import { describeMonitor, failureOf, read } from './monitor.cases.ts';
import { createPrometheusQueryMonitor } from './prometheus-query.ts';

// Recorded from Prometheus 2.42.0: status and body by query.
const recorded: Readonly<Record<string, readonly [status: number, body: string]>> = {
  'scalar(up)': [200, '{"status":"success","data":{"resultType":"scalar","result":[1795716319.197,"0.25"]}}'],
  '0/0': [200, '{"status":"success","data":{"resultType":"scalar","result":[1795716320.117,"NaN"]}}'],
  up: [
    200,
    '{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up","instance":"127.0.0.1:19390","job":"self"},"value":[1795716319.398,"1"]}]}}',
  ],
  nope: [200, '{"status":"success","data":{"resultType":"vector","result":[]}}'],
  prometheus_http_requests_total: [
    200,
    '{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"prometheus_http_requests_total","code":"200","handler":"/api/v1/query"},"value":[1795716319.570,"2"]},{"metric":{"__name__":"prometheus_http_requests_total","code":"400","handler":"/api/v1/query"},"value":[1795716319.570,"1"]}]}}',
  ],
  'up[5s]': [
    200,
    '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up","instance":"127.0.0.1:19390","job":"self"},"values":[[1795716319.398,"1"]]}]}}',
  ],
  '"x"': [200, '{"status":"success","data":{"resultType":"string","result":[1795716319.955,"x"]}}'],
  'sum(': [
    400,
    '{"status":"error","errorType":"bad_data","error":"invalid parameter \\"query\\": 1:5: parse error: unclosed left parenthesis"}',
  ],
};

const asPrometheus: Answer = (request, response, body) => {
  const query = new URLSearchParams(body).get('query') ?? '';
  const known = request.url === '/api/v1/query' && request.method === 'POST' ? recorded[query] : undefined;
  const [status, text] = known ?? [404, '404 page not found\n'];
  response.writeHead(status, { 'content-type': known ? 'application/json' : 'text/plain' }).end(text);
};

function monitorOf(url: string, queries: Readonly<Record<string, string>>) {
  const monitor = createPrometheusQueryMonitor({ kind: 'prometheus-query', url, queries });
  onTestFinished(() => monitor.close());
  return monitor;
}

test('scalars and single series are values, NaN is left out, and what is neither is said once', async () => {
  const { url } = await httpSource(asPrometheus);
  const monitor = monitorOf(url, {
    scalar: 'scalar(up)',
    one: 'up',
    not_a_number: '0/0',
    none: 'nope',
    several: 'prometheus_http_requests_total',
    range: 'up[5s]',
    text: '"x"',
    wrong: 'sum(',
  });
  expect(await read(monitor)).toEqual({
    values: { scalar: 0.25, one: 1 },
    events: [
      'none: the query gives no series',
      'several: the query gives 2 series: make them one, such as by sum(...)',
      'range: the query gives a matrix, and no scalar or vector',
      'text: the query gives a string, and no scalar or vector',
      'wrong: the query failed (bad_data): invalid parameter "query": 1:5: parse error: unclosed left parenthesis',
    ],
  });
  expect(await read(monitor)).toEqual({ values: { scalar: 0.25, one: 1 } });
});

test('a server that answers no query cannot be read', async () => {
  const { url } = await httpSource(asPrometheus);
  expect(((await failureOf(read(monitorOf(url, { wrong: 'sum(' })))) as Error).message).toBe(
    'the query failed (bad_data): invalid parameter "query": 1:5: parse error: unclosed left parenthesis',
  );
  expect(((await failureOf(read(monitorOf(`${url}/elsewhere`, { up: 'up' })))) as Error).message).toBe(
    'the server answered 404 with text/plain, which is not how the API of Prometheus answers',
  );
});

test('behind a proxy that lets no POST through, queries are sent by GET, below the path of the URL', async () => {
  const { url, requests } = await httpSource((request, response) => {
    if (request.method === 'POST') response.writeHead(405).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(recorded.up![1]);
  });
  expect(await read(monitorOf(`${url}/prom/`, { up: 'up{job="a b"} > 0' }))).toEqual({ values: { up: 1 } });
  const place = new URL(requests[1]!.request.url!, url);
  expect([place.pathname, place.searchParams.get('query')]).toEqual([
    '/prom/api/v1/query',
    'up{job="a b"} > 0',
  ]);
});

const source = await startHttpSource(asPrometheus);
afterAll(() => source.stop());
const queries = { up: 'up', scalar: 'scalar(up)', none: 'nope' };

describeMonitor('the monitor of a Prometheus server', {
  create: () =>
    createPrometheusQueryMonitor(
      { kind: 'prometheus-query', url: source.url, queries },
      { url: source.url.replace('//', '//mona:hunter22@'), headers: { authorization: 'Bearer tok-4711' } },
    ),
  figures: valueFigures(queries),
  always: ['up', 'scalar'],
  secrets: ['hunter22', 'tok-4711'],
  stop: source.stop,
  start: source.start,
  hang: source.hang,
});
