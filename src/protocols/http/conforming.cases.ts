// One HTTP request, for the tests that all protocols run.

import http from 'node:http';
import type { ConformingCase } from '../protocol.cases.ts';
import { listen } from './keeping-client.cases.ts';

export const conforming: ConformingCase = {
  name: 'http',
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
      response.end('ok');
    });
    return { port: await listen(server), seen: () => seen };
  },
  settings: (port, timeoutMs) => ({ baseUrl: `http://127.0.0.1:${port}`, http: { timeout: timeoutMs } }),
  operate: async ({ http: client }) => (await client.get('/')).error?.code ?? null,
};
