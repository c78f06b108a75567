// One event stream, which is an HTTP request and told as one, for the tests that all protocols run.

import http from 'node:http';
import { listen } from '../http/keeping-client.cases.ts';
import type { ConformingCase } from '../protocol.cases.ts';

export const conforming: ConformingCase = {
  name: 'sse',
  metrics: {
    count: 'http_reqs',
    failed: 'http_req_failed',
    duration: 'http_req_duration',
    serviceTime: 'http_req_service_time',
  },
  async start() {
    let seen = 0;
    const server = http.createServer((_request, response) => {
      seen++;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end('data: one\n\n');
    });
    return { port: await listen(server), seen: () => seen };
  },
  settings: (port, timeoutMs) => ({ baseUrl: `http://127.0.0.1:${port}`, http: { timeout: timeoutMs } }),
  async operate({ sse }) {
    const stream = await sse.connect('/');
    while ((await stream.next()) !== null);
    return stream.error?.code ?? null;
  },
};
