// The HTTP side of a target: finds the route, reads the body, answers, and survives whatever comes. Called by targets.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf, UsageError } from '../model/errors.ts';
import { monotonicMs } from '../time/clock.ts';
import { cancelTimer, startTimer } from '../time/timer.ts';
import { HttpError } from './http-error.ts';
import { type BodyRule, findRoute, type Reply, type Route } from './http-routing.ts';
import { hasBody, readBody } from './read-body.ts';

/** Connections that wait to be accepted, as far as the system allows: thousands of users may come within seconds. */
const longestBacklog = 4096;
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

/** What `listen` threw, as what the user of a target is told. */
export function asUsageError(error: NodeJS.ErrnoException, host: string, port: number): UsageError {
  if (error.code !== 'EADDRINUSE') {
    return new UsageError(`cannot listen on ${host} port ${port}: ${messageOf(error)}`);
  }
  return new UsageError(`port ${port} of ${host} is taken by another process`, {
    hint: 'choose another with --port, or --port 0 for a free one',
  });
}

/** Listens for a target; resolves with its URL. Throws a `UsageError` for a port that is taken, and the like. */
export async function listenAt(
  server: Pick<HttpServer, 'listen'>,
  { port = 0, host = '127.0.0.1' }: { readonly port?: number; readonly host?: string },
): Promise<string> {
  const address = await server.listen(port, host).catch((error: NodeJS.ErrnoException) => {
    throw asUsageError(error, host, port);
  });
  return urlOf(address);
}

/** The URL of a server that listens there; an address that means "all" is no address to send requests to. */
export function urlOf({ address, port }: { readonly address: string; readonly port: number }): string {
  const shown = address === '0.0.0.0' || address === '::' ? '127.0.0.1' : address;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
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
  const rule = route.reads ?? defaultRule(route.method);
  return route.run({
    params,
    query: new URLSearchParams(queryAt < 0 ? '' : target.slice(queryAt + 1)),
    headers: request.headers,
    body: rule === undefined ? undefined : await readBody(request, rule),
  });
}

function defaultRule(method: Route['method']): BodyRule | undefined {
  return method === 'POST' || method === 'PUT' ? { kind: 'json' } : undefined;
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

async function send(request: IncomingMessage, response: ServerResponse, reply: Reply): Promise<void> {
  if (response.destroyed) return;
  // A body left unread would be taken for the next request: the connection ends with this answer.
  const headers: Record<string, string | number> =
    !request.complete && hasBody(request) ? { connection: 'close' } : {};
  Object.assign(headers, { 'cache-control': 'no-store' }, reply.headers);
  headers['content-type'] = reply.contentType ?? jsonType;
  if (reply.pieces === undefined) {
    const text = reply.text ?? JSON.stringify(reply.body);
    response.writeHead(reply.status, { ...headers, 'content-length': Buffer.byteLength(text) });
    response.end(request.method === 'HEAD' ? undefined : text);
  } else {
    response.writeHead(reply.status, headers);
    await sendPieces(response, reply.pieces);
  }
  // What still arrives is thrown away until the client has read the answer.
  if (!request.complete) request.resume();
}

/** Leaves the loop, and so ends what makes the pieces, as soon as the client is gone. */
async function sendPieces(response: ServerResponse, pieces: AsyncIterable<string>): Promise<void> {
  for await (const piece of pieces) {
    if (response.destroyed) return;
    if (!response.write(piece)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end();
}

function listen(server: Server, port: number, host: string) {
  return new Promise<{ port: number; family: string; address: string }>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: longestBacklog }, () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the server has no address'));
      else resolve(address);
    });
  });
}
