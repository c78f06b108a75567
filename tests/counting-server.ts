// A server that counts what it receives: the truth that runs are checked against.

import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CountingServer {
  readonly url: string;
  /** Requests received so far, in all and by path without query. */
  readonly count: number;
  readonly byPath: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** Answers `ok` after `delayMs`, which may be drawn anew for each request. */
export async function startCountingServer(delayMs: () => number = () => 0): Promise<CountingServer> {
  let count = 0;
  const byPath = new Map<string, number>();
  const server = http.createServer((request, response) => {
    count++;
    const path = request.url!.split('?')[0]!;
    byPath.set(path, (byPath.get(path) ?? 0) + 1);
    request.resume();
    const wait = delayMs();
    if (wait > 0) setTimeout(() => response.end('ok'), wait);
    else response.end('ok');
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', 1024, resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get count() {
      return count;
    },
    byPath,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
