// Receives OTLP/HTTP exports of metrics on a port of this machine and answers as the protocol wants. Made by the monitor
// `otlp`. Source: opentelemetry.io/docs/specs/otlp, "OTLP/HTTP".

import http from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { messageOf } from '../../model/errors.ts';
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

/** A server that is not listening yet. `take` gets each export; metrics that are not `wanted` only by their names. */
export function createReceiver(
  wanted: ReadonlySet<string>,
  take: (exported: OtlpExport) => void,
): http.Server {
  const server = http.createServer((request, response) => {
    const contentType = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
    receive(request, contentType, wanted).then(
      (exported) => {
        take(exported);
        // An empty `ExportMetricsServiceResponse`: everything was accepted.
        answer(response, 200, contentType, contentType === 'application/json' ? '{}' : '');
      },
      (error: unknown) => {
        const status = error instanceof RequestError ? error.status : 400;
        // What was not read would stand before the next request.
        if (!request.complete) response.setHeader('connection', 'close');
        answer(response, status, contentType, failureBody(contentType, messageOf(error)));
        request.resume();
      },
    );
  });
  server.maxConnections = 100;
  server.requestTimeout = 30_000;
  return server;
}

async function receive(
  request: http.IncomingMessage,
  contentType: string,
  wanted: ReadonlySet<string>,
): Promise<OtlpExport> {
  const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (pathname !== metricsPath) throw new RequestError(404, `only ${metricsPath} is received here`);
  if (request.method !== 'POST') throw new RequestError(405, 'only POST is received here');
  if (contentType !== 'application/json' && contentType !== 'application/x-protobuf') {
    throw new RequestError(415, 'only application/x-protobuf and application/json are read here');
  }
  const body = await decoded(await readBody(request), request.headers['content-encoding']);
  return contentType === 'application/json'
    ? decodeJsonExport(body.toString('utf8'), wanted)
    : decodeProtobufExport(body, wanted);
}

async function readBody(request: http.IncomingMessage): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) throw tooLarge();
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let size = 0;
    request.on('data', (piece: Buffer) => {
      size += piece.length;
      // The rest is read and dropped, so that the answer arrives.
      if (size > maxBodyBytes) reject(tooLarge());
      else pieces.push(piece);
    });
    request.on('end', () => resolve(Buffer.concat(pieces)));
    request.on('error', reject);
    request.on('close', () => reject(new RequestError(400, 'the request was cut off')));
  });
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
