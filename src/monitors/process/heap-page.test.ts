import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { fetchPage, HeapPage, parseHeapBytes } from './heap-page.ts';

test('the heap of Node, Go and Java', () => {
  expect(
    parseHeapBytes(
      '# HELP nodejs_heap_size_used_bytes x\nnodejs_heap_size_used_bytes 12345678 1700000000000\n',
    ),
  ).toBe(12345678);
  expect(parseHeapBytes('go_memstats_heap_alloc_bytes_total 5\ngo_memstats_heap_alloc_bytes 1.5e+06\n')).toBe(
    1_500_000,
  );
  expect(
    parseHeapBytes(
      [
        'jvm_memory_used_bytes{area="heap",id="G1 Eden Space",} 100.0',
        'jvm_memory_used_bytes{area="nonheap",id="Metaspace",} 1000.0',
        'jvm_memory_used_bytes{area="heap",id="G1 Old Gen",} 20.0',
      ].join('\n'),
    ),
  ).toBe(120);
});

test('one name of several, all its series', () => {
  expect(
    parseHeapBytes(
      'process_heap_bytes 7\nnodejs_heap_size_used_bytes{worker="1"} 2\nnodejs_heap_size_used_bytes{worker="2"} 3\n',
    ),
  ).toBe(5);
});

test('no heap on a page without one, nor one that is no number', () => {
  for (const page of [
    '',
    '# nodejs_heap_size_used_bytes 5\n',
    'my_process_heap_bytes 5\n',
    'process_heap_bytes NaN\n',
  ]) {
    expect(parseHeapBytes(page)).toBeUndefined();
  }
});

/** A server for one test, and the URL of its page. */
async function serve(answer: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(answer!).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
}

const never = new AbortController().signal;

test('a page that stops working is told once, and once more after it has worked', async () => {
  let status = 200;
  const url = await serve((_request, response) => {
    response.statusCode = status;
    response.end('process_heap_bytes 7\n');
  });
  const page = new HeapPage(url, fetchPage);
  expect(await page.read(never)).toEqual({ bytes: 7 });
  status = 503;
  expect(await page.read(never)).toEqual({
    event: `the heap could not be read from ${url}: it answers with status 503`,
  });
  expect(await page.read(never)).toEqual({});
  status = 200;
  expect(await page.read(never)).toEqual({ bytes: 7 });
  status = 503;
  expect(await page.read(never)).toHaveProperty('event');
});

test('a page that never answers costs half a second', async () => {
  const url = await serve(() => {});
  expect(await new HeapPage(url, fetchPage).read(never)).toEqual({
    event: `the heap could not be read from ${url}: no answer within 500 ms`,
  });
});

test('a page without end is cut off', async () => {
  const url = await serve((_request, response) => {
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', more);
    more();
  });
  await expect(fetchPage(url, never)).rejects.toThrow('it is longer than 16777216 bytes');
});
