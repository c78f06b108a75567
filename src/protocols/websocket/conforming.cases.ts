// One WebSocket session, for the tests that all protocols run.

import http from 'node:http';
import { WebSocketServer } from 'ws';
import { listen } from '../http/keeping-client.cases.ts';
import type { ConformingCase } from '../protocol.cases.ts';

export const conforming: ConformingCase = {
  name: 'ws',
  metrics: { count: 'ws_sessions', failed: 'ws_session_failed', duration: 'ws_connecting' },
  async start() {
    let seen = 0;
    const server = http.createServer();
    new WebSocketServer({ server }).on('connection', (socket) => {
      seen++;
      socket.on('error', () => {});
    });
    return { port: await listen(server), seen: () => seen };
  },
  settings: (port, timeoutMs) => ({ baseUrl: `http://127.0.0.1:${port}`, http: { timeout: timeoutMs } }),
  async operate({ ws }) {
    const socket = await ws.connect('/');
    await socket.close();
    return socket.error?.code ?? null;
  },
};
