// One TCP request over a connection that is kept, for the tests that all protocols run.

import net from 'node:net';
import { listen } from '../http/keeping-client.cases.ts';
import type { ConformingCase } from '../protocol.cases.ts';
import type { TcpConnection } from './tcp.ts';

export const conforming: ConformingCase = {
  name: 'tcp',
  metrics: {
    count: 'tcp_reqs',
    failed: 'tcp_req_failed',
    duration: 'tcp_req_duration',
    serviceTime: 'tcp_req_service_time',
  },
  async start() {
    let seen = 0;
    const server = net.createServer((socket) => {
      socket.on('data', () => {
        seen++;
        socket.write('ok\n');
      });
    });
    return { port: await listen(server), seen: () => seen };
  },
  settings: () => ({}),
  async operate({ tcp, session }, port, timeoutMs) {
    session.connection ??= await tcp.connect(`127.0.0.1:${port}`, { timeout: timeoutMs });
    const { error } = await (session.connection as TcpConnection).request('ask\n', { until: '\n' });
    return error?.code ?? null;
  },
};
