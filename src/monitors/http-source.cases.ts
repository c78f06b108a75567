// A real HTTP server as the source of a monitor under test: goes away, comes back on its port, hangs.

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface HttpSource {
  readonly url: string;
  /** Requests that came, with their bodies. */
  readonly requests: { readonly request: http.IncomingMessage; readonly body: string }[];
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Accepts and never answers, until the result is called. */
  hang(): Promise<() => void>;
}

export type Answer = (request: http.IncomingMessage, response: http.ServerResponse, body: string) => void;

/** Starts on a free port of 127.0.0.1. Whoever starts it stops it. */
export async function startHttpSource(answer: Answer): Promise<HttpSource> {
  const requests: HttpSource['requests'] = [];
  let waiting: (() => void)[] | undefined;
  let server: http.Server | undefined;
  let port = 0;
  const listener: http.RequestListener = (request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces).toString('utf8');
      requests.push({ request, body });
      const go = (): void => answer(request, response, body);
      if (waiting === undefined) go();
      else waiting.push(go);
    });
  };
  const start = async (): Promise<void> => {
    if (server !== undefined) return;
    const next = http.createServer(listener);
    server = next;
    await new Promise<void>((resolve, reject) => {
      next.once('error', reject);
      next.listen(port, '127.0.0.1', resolve);
    });
    port = (next.address() as AddressInfo).port;
  };
  const stop = async (): Promise<void> => {
    const last = server;
    server = undefined;
    if (last === undefined) return;
    last.closeAllConnections();
    await new Promise((resolve) => last.close(resolve));
  };
  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    stop,
    start,
    async hang() {
      waiting = [];
      return () => {
        for (const go of waiting ?? []) go();
        waiting = undefined;
      };
    },
  };
}

/** For the time of one test. */
export async function httpSource(answer: Answer): Promise<HttpSource> {
  const source = await startHttpSource(answer);
  onTestFinished(() => source.stop());
  return source;
}
