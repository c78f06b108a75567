// Suites without code, run by the command line: what redirects come to, and what becomes of long numbers.

import http from 'node:http';
import type net from 'node:net';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from 'plimsoll';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectExit } from './exit-code.ts';
import { figureOf } from './profile-run.ts';
import { type CliResult, readRecord, startCli, temporaryFolder } from './run-cli.ts';

const suite = fileURLToPath(new URL('./fixtures/declared.suite.yaml', import.meta.url));
const answer = '{"id":9007199254740993,"price":1.10,"items":[{"sku":12345678901234567890}]}';
const seen: string[] = [];
const server = http.createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on('end', () => {
    const { method, url } = request;
    seen.push(`${method} ${url} ${body}`.trim());
    if (url === '/to-one') response.writeHead(302, { location: '/one' }).end();
    else if (url === '/loop') response.writeHead(302, { location: '/loop' }).end();
    else if (url === '/away')
      response.writeHead(302, { location: base.replace('127.0.0.1', 'localhost') }).end();
    else if (url === '/nowhere') response.writeHead(302, { location: '' }).end();
    else response.end(answer);
  });
});
let base = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function run(profile: string): Promise<CliResult & { record: RunRecord }> {
  seen.length = 0;
  const folder = temporaryFolder();
  try {
    const flags = ['--profile', profile, '--base-url', base, '--out', folder.path, '--formats', 'json'];
    const result = await startCli(['run', suite, ...flags]).done;
    return { ...result, record: readRecord(folder.path, 'declared') };
  } finally {
    folder.dispose();
  }
}

test('a redirect on the way to what is expected is no failure', async () => {
  const finished = await run('final');
  const { record } = finished;
  expect(record.errors).toEqual([]);
  expect(record.metrics.http_req_failed!.values).toMatchObject({ rate: 0 });
  expect(figureOf(record, 'http_reqs')).toBe(8);
  expectExit(finished, 0);
  expect(new Set(seen)).toEqual(new Set(['POST /to-one {"a":1}', 'GET /one']));
});

test.each([
  ['loop', 'too_many_redirects', 44],
  ['nowhere', 'redirect_without_location', 4],
  ['away', 'redirect_off_origin', 4],
])('%s fails the run as %s', async (profile, errorCode, requestCount) => {
  const finished = await run(profile);
  const { record } = finished;
  expect(record.errors).toMatchObject([{ code: errorCode, count: 4, source: 'request' }]);
  expect(figureOf(record, 'http_reqs')).toBe(requestCount);
  expect(seen).toHaveLength(requestCount);
  expect(record.metrics.http_req_failed!.thresholds).toMatchObject({ 'rate<0.01': { ok: false } });
  expectExit(finished, 1);
});

test('ids beyond 2^53 are asked for as they stood in the answer', async () => {
  const finished = await run('ids');
  expect(seen.slice(1)).toEqual([
    'GET /items/9007199254740993?tag=1.10&tag=b',
    'PATCH /echo {"id":9007199254740993,"all":[{"sku":12345678901234567890}]}',
  ]);
  expectExit(finished, 0);
});
