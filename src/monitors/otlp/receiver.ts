// Receives OTLP/HTTP exports of metrics on a port of this machine and answers as the protocol wants. Made by the monitor
// `otlp`. Source: opentelemetry.io/docs/specs/otlp, "OTLP/HTTP".

import http from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { messageOf } from '../../model/errors.ts';
import { isOwnName } from '../../network/own-names.ts';
import { decodeJsonExport } from './decode-json.ts';
import { decodeProtobufExport } from './decode-protobuf.ts';
import type { OtlpExport } from './export.ts';

export const metricsPath = '/v1/metrics';

/** Of a request, as sent and decoded. */
const maxBodyBytes = 8 * 2 ** 20;

const unzip = promisify(gunzip);

/** Rejected requests end with this status and a message. */
class RequestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** How long senders may take, and how much of theirs is held at a time. */
export interface ReceiverLimits {
  /** From the connection, or from the answer before, to the last line of a request's head. */
  readonly headMs: number;
  /** To the last byte of its body. */
  readonly requestMs: number;
  /** Between requests. */
  readonly idleMs: number;
  /** Bodies of all requests that are being received. */
  readonly heldBytes: number;
}

const usualLimits: ReceiverLimits = {
  headMs: 10_000,
  requestMs: 30_000,
  idleMs: 90_000,
  heldBytes: 32 * 2 ** 20,
};

export interface ReceiverEvents {
  taken(exported: OtlpExport): void;
  /** An export was refused; the reason is one sentence. */
  refused(reason: string): void;
}

/** A server that is not listening yet. Metrics that are not `wanted` are taken only by their names. */
export function createReceiver(
  wanted: ReadonlySet<string>,
  events: ReceiverEvents,
  { headMs, requestMs, idleMs, heldBytes }: ReceiverLimits = usualLimits,
): http.Server {
  const held = new HeldBytes(heldBytes);
  const options = {
    headersTimeout: headMs,
    requestTimeout: requestMs,
    keepAliveTimeout: idleMs,
    // How soon a connection that takes too long is noticed.
    connectionsCheckingInterval: Math.min(1000, headMs),
  };
  const server = http.createServer(options, (request, response) => {
    const contentType = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
    receive(request, contentType, wanted, held).then(
      (exported) => {
        events.taken(exported);
        // An empty `ExportMetricsServiceResponse`: everything was accepted.
        answer(response, 200, contentType, contentType === 'application/json' ? '{}' : '');
      },
      (error: unknown) => {
        const status = error instanceof RequestError ? error.status : 400;
        // What asks for something else is no export.
        if (status !== 404 && status !== 405) events.refused(messageOf(error));
        // What was not read would stand before the next request.
        if (!request.complete) response.setHeader('connection', 'close');
        if (status === 503) response.setHeader('retry-after', '1');
        answer(response, status, contentType, failureBody(contentType, messageOf(error)));
        request.resume();
      },
    );
  });
  server.maxConnections = 100;
  return server;
}

/** Counts the bytes of bodies that are being received. */
class HeldBytes {
  readonly #most: number;
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Throws when it would be too much for now. */
  add(byteCount: number): void {
    if (this.#count + byteCount > this.#most) {
      throw new RequestError(503, 'too much is being received at a time; send it again');
    }
    this.#count += byteCount;
  }
  remove(byteCount: number): void {
    this.#count -= byteCount;
  }
}

async function receive(
  request: http.IncomingMessage,
  contentType: string,
  wanted: ReadonlySet<string>,
  held: HeldBytes,
): Promise<OtlpExport> {
  if (!isOwnName(request.headers.host)) {
    throw new RequestError(403, 'only requests to localhost, 127.0.0.1 or [::1] are accepted here');
  }
  const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (pathname !== metricsPath) throw new RequestError(404, `only ${metricsPath} is received here`);
  if (request.method !== 'POST') throw new RequestError(405, 'only POST is received here');
  if (contentType !== 'application/json' && contentType !== 'application/x-protobuf') {
    throw new RequestError(415, 'only application/x-protobuf and application/json are read here');
  }
  const received = await readBody(request, held);
  try {
    const body = await decoded(received, request.headers['content-encoding']);
    return contentType === 'application/json'
      ? decodeJsonExport(body.toString('utf8'), wanted)
      : decodeProtobufExport(body, wanted);
  } finally {
    held.remove(received.length);
  }
}

/** Its bytes stay counted; of a request that fails they are not. */
async function readBody(request: http.IncomingMessage, held: HeldBytes): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge();
  let size = 0;
  try {
    return await new Promise((resolve, reject) => {
      let pieces: Buffer[] = [];
      let isOver = false;
      const fail = (error: Error): void => {
        isOver = true;
        pieces = [];
        reject(error);
      };
      request.on('data', (piece: Buffer) => {
        // The rest is read and dropped, so that the answer arrives.
        if (isOver) return;
        if (size + piece.length > maxBodyBytes) return fail(tooLarge());
        try {
          held.add(piece.length);
        } catch (thrown) {
          return fail(thrown as Error);
        }
        size += piece.length;
        pieces.push(piece);
      });
      request.on('end', () => resolve(Buffer.concat(pieces)));
      request.on('error', fail);
      request.on('close', () => fail(new RequestError(400, 'the request was cut off')));
    });
  } catch (thrown) {
    held.remove(size);
    throw thrown;
  }
}

async function decoded(body: Buffer, coding: string | undefined): Promise<Buffer> {
  if (coding === undefined || coding === 'identity') return body;
  if (coding !== 'gzip') throw new RequestError(415, 'only gzip is decoded here');
  try {
    return await unzip(body, { maxOutputLength: maxBodyBytes });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge();
    throw new RequestError(400, `the body cannot be decoded as gzip: ${messageOf(error)}`);
  }
}

function tooLarge(): RequestError {
  return new RequestError(413, `the body is larger than ${maxBodyBytes / 2 ** 20} MiB`);
}

function answer(
  response: http.ServerResponse,
  status: number,
  contentType: string,
  body: string | Buffer,
): void {
  const ofKind = contentType === 'application/x-protobuf' ? contentType : 'application/json';
  response.writeHead(status, { 'content-type': ofKind, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** A `google.rpc.Status` with code 3, invalid argument, and the message. */
function failureBody(contentType: string, message: string): string | Buffer {
  if (contentType !== 'application/x-protobuf') return JSON.stringify({ code: 3, message });
  // Shorter than 128 bytes, so that its length is one byte.
  const text = Buffer.from(message.slice(0, 100), 'latin1');
  return Buffer.concat([Buffer.from([0x08, 3, 0x12, text.length]), text]);
}
