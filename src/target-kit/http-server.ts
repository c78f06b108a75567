// The HTTP side of a target: finds the route, reads the body, answers, and survives whatever comes. Called by targets.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { monotonicMs } from '../time/clock.ts';
import { cancelTimer, startTimer } from '../time/timer.ts';
import { HttpError } from './http-error.ts';
import { findRoute, type Reply, type Route } from './http-routing.ts';

const largestBodyBytes = 64 * 1024;
const jsonType = 'application/json; charset=utf-8';

export interface HttpServerOptions {
  readonly routes: readonly Route[];
  /** Seconds the client must wait, 0 to let it pass. Asked for limited routes only. */
  readonly limit: (client: string) => number;
  /** Called for each request, before anything else is done for it. */
  readonly onRequest: () => void;
  /** False: every answer closes its connection. */
  readonly keepsAlive: boolean;
  readonly onAnswered: (route: string, status: number, durationMs: number) => void;
  readonly onError: (line: string) => void;
}

export interface HttpServer {
  listen(port: number, host: string): Promise<{ port: number; family: string; address: string }>;
  inFlight(): number;
  /** No new connections; requests under way may finish within `graceMs`. */
  close(graceMs: number): Promise<void>;
}

export function createHttpServer(options: HttpServerOptions): HttpServer {
  let inFlight = 0;
  let closing = false;
  const server = createServer((request, response) => {
    const startedAtMs = monotonicMs();
    inFlight++;
    let route = 'none';
    response.once('close', () => {
      inFlight--;
      options.onAnswered(route, response.statusCode, monotonicMs() - startedAtMs);
      if (closing) setImmediate(() => server.closeIdleConnections());
    });
    options.onRequest();
    if (closing || !options.keepsAlive) response.setHeader('connection', 'close');
    handle(request, options, (name) => {
      route = name;
    })
      .catch((error: unknown) => refusal(error, options.onError))
      .then((reply) => send(request, response, reply))
      .catch((error: unknown) => {
        options.onError(`an answer could not be sent: ${String(error)}`);
        response.destroy();
      });
  });
  // Longer than the think time of a patient user: an idle client finds its connection still open.
  server.keepAliveTimeout = 65_000;
  server.headersTimeout = 66_000;
  server.requestTimeout = 30_000;
  return {
    listen: (port, host) => listen(server, port, host),
    inFlight: () => inFlight,
    async close(graceMs) {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = startTimer(() => server.closeAllConnections(), graceMs);
      await closed;
      cancelTimer(timer);
    },
  };
}

async function handle(
  request: IncomingMessage,
  options: HttpServerOptions,
  onRoute: (name: string) => void,
): Promise<Reply> {
  const target = request.url ?? '/';
  const queryAt = target.indexOf('?');
  const path = queryAt < 0 ? target : target.slice(0, queryAt);
  const { route, params } = findRoute(options.routes, request.method ?? 'GET', path, onRoute);
  if (route.limited) {
    const waitSec = options.limit(request.socket.remoteAddress ?? 'unknown');
    if (waitSec > 0) {
      throw new HttpError(429, 'rate_limited', `too many requests; try again in ${waitSec} s`, {
        headers: { 'retry-after': String(waitSec) },
      });
    }
  }
  route.authorize?.(request.headers);
  return route.run({
    params,
    query: new URLSearchParams(queryAt < 0 ? '' : target.slice(queryAt + 1)),
    headers: request.headers,
    body: route.method === 'POST' ? await readJson(request) : undefined,
  });
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new HttpError(415, 'unsupported_media_type', 'send content-type: application/json', {
      headers: { accept: 'application/json' },
    });
  }
  const chunks: Buffer[] = [];
  let size = 0;
  const tooLarge = () =>
    new HttpError(413, 'body_too_large', `a body may have ${largestBodyBytes} bytes at most`);
  if (Number(request.headers['content-length'] ?? 0) > largestBodyBytes) throw tooLarge();
  await new Promise<void>((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > largestBodyBytes) reject(tooLarge());
      else chunks.push(chunk);
    });
    request.once('end', resolve);
    request.once('error', reject);
    request.once('close', () => reject(new HttpError(400, 'incomplete_body', 'the body ended early')));
  });
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch (error) {
    throw new HttpError(400, 'invalid_json', `the body is not JSON: ${String(error)}`);
  }
}

/** The answer to whatever a handler threw; what is not the client's fault is logged. */
function refusal(error: unknown, onError: (line: string) => void): Reply {
  if (error instanceof HttpError) {
    const { code, message, fields } = error;
    const body = { error: { code, message, ...(fields.length > 0 ? { fields } : {}) } };
    return { status: error.status, headers: error.headers, body };
  }
  onError(`a request failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return { status: 500, body: { error: { code: 'internal', message: 'the request failed on the server' } } };
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (response.destroyed) return;
  const text = reply.text ?? JSON.stringify(reply.body);
  const headers: Record<string, string | number> = {
    'content-type': reply.contentType ?? jsonType,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...reply.headers,
  };
  // A body left unread would be taken for the next request: the connection ends with this answer.
  if (!request.complete && hasBody(request)) headers.connection = 'close';
  response.writeHead(reply.status, headers);
  response.end(request.method === 'HEAD' ? undefined : text);
  // What still arrives is thrown away until the client has read the answer.
  if (!request.complete) request.resume();
}

function hasBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

function listen(server: Server, port: number, host: string) {
  return new Promise<{ port: number; family: string; address: string }>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the server has no address'));
      else resolve(address);
    });
  });
}
