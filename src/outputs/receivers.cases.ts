// Receivers for the tests of outputs: real servers on loopback that keep what they get, and can misbehave.

import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OutputDefinition } from '../model/output.ts';
import type { Sums } from './load.cases.ts';

/** `fail`: answers 500. `hang`: takes everything and never answers. `slow`: answers after 150 ms. */
export type Behaviour = 'ok' | 'fail' | 'hang' | 'slow';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpReceiver {
  readonly url: string;
  /** What was answered with 204. */
  readonly accepted: readonly Received[];
  /** What was answered with something else, or not at all. */
  readonly refused: readonly Received[];
  behaviour: Behaviour;
  /** Goes on with `behaviour` when used up. */
  readonly answers: {
    readonly status: number;
    readonly headers?: Record<string, string>;
    readonly text?: string;
  }[];
  close(): Promise<void>;
}

export async function startHttpReceiver(): Promise<HttpReceiver> {
  const accepted: Received[] = [];
  const refused: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const got = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) };
      const next = receiver.answers.shift();
      if (next !== undefined) {
        (next.status < 300 ? accepted : refused).push(got);
        response.writeHead(next.status, next.headers).end(next.text);
      } else if (receiver.behaviour === 'ok' || receiver.behaviour === 'slow') {
        const answer = (): void => {
          if (response.destroyed) return;
          accepted.push(got);
          response.writeHead(204).end();
        };
        setTimeout(answer, receiver.behaviour === 'slow' ? 150 : 0);
      } else {
        refused.push(got);
        if (receiver.behaviour === 'fail') response.writeHead(500).end('out of order');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver: HttpReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accepted,
    refused,
    behaviour: 'ok',
    answers: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}

/** A port of 127.0.0.1 on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What the conformance suite needs of a receiver. */
export interface CaseReceiver {
  readonly definition: OutputDefinition;
  /** Reads what must be read before the output is closed. */
  beforeClose?(): Promise<void>;
  /** What it has, read by a decoder of its own. */
  sums(): Promise<Sums>;
  /** Absent of receivers that cannot misbehave. */
  behave?(behaviour: Behaviour): void;
  close(): Promise<void>;
}

export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited too long until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
