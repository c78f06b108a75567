// Answers that have come whole, but whose bodies are still being decoded when the user ends: the server has counted the
// request, so it is counted here.

import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { StoppedError } from '../../model/errors.ts';
import { delay } from '../../time/timer.ts';
import { connect, serve } from './keeping-client.cases.ts';

/** Small on the wire, and long to decode. */
const packed = gzipSync(Buffer.alloc(200 * 1024 * 1024));

async function serveGzip(): Promise<{ url: string; answered: () => Promise<void> }> {
  let finished = 0;
  const url = await serve((_request, response) => {
    response.on('finish', () => finished++);
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length }).end(packed);
  });
  const answered = async (): Promise<void> => {
    while (finished < 2) await delay(2);
    // For the last bytes to be read.
    await delay(20);
  };
  return { url, answered };
}

describe('a body that is being decoded', () => {
  test('at the end of the run is cut off, once', async () => {
    const { url, answered } = await serveGzip();
    const { http, meter, failures } = connect(url);
    const asked = ['/one', '/two'].map((path) => http.get(path).catch((thrown: unknown) => thrown));
    await answered();
    expect(meter.requests()).toBe(0);
    http.close();
    expect(meter.requests({ error_code: 'aborted' })).toBe(2);
    expect(meter.values('http_req_duration')).toEqual([]);
    for (const end of await Promise.all(asked)) expect(end).toBeInstanceOf(StoppedError);
    await delay(600);
    expect(meter.requests()).toBe(2);
    expect(failures).toEqual(['aborted', 'aborted']);
  });

  test('when its iteration took too long has failed of that, once', async () => {
    const { url, answered } = await serveGzip();
    const { http, meter, failures } = connect(url);
    const asked = ['/one', '/two'].map((path) => http.get(path).catch((thrown: unknown) => thrown));
    await answered();
    http.close({ code: 'iteration_timeout', message: 'too long' });
    await Promise.all(asked);
    await delay(600);
    expect(meter.requests({ error_code: 'iteration_timeout' })).toBe(2);
    expect(meter.requests()).toBe(2);
    expect(failures).toEqual(['iteration_timeout', 'iteration_timeout']);
  });

  test('is answered when nobody ends', async () => {
    const { url } = await serveGzip();
    const { http, meter } = connect(url);
    const response = await http.get('/one');
    expect(response.status).toBe(200);
    expect(response.text()).toHaveLength(200 * 1024 * 1024);
    expect(meter.requests({ status: '200' })).toBe(1);
  });
});
