// Requests and responses of HTTP/2 in the terms of HTTP/1.1, which the rest of the client speaks.

import type { OutgoingHttpHeaders } from 'node:http2';
import type { HttpExchange } from './exchange.ts';
import type { PreparedRequest } from './request.ts';

/** What belongs to one connection of HTTP/1.1 and may not be sent (RFC 9113 section 8.2.2). */
const forbidden = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** The header fields of a prepared request. `host` becomes `:authority`. */
export function http2Headers(request: PreparedRequest): OutgoingHttpHeaders {
  const { target, bytes } = request;
  const text = typeof bytes === 'string' ? bytes : bytes.toString('latin1');
  const headers: OutgoingHttpHeaders = {
    ':method': request.method,
    ':scheme': target.origin.secure ? 'https' : 'http',
    ':authority': target.origin.hostHeader,
    ':path': target.path,
  };
  // The head is our own: lower-case names, one line each, nothing folded.
  let from = text.indexOf('\r\n') + 2;
  for (let end = text.indexOf('\r\n', from); end > from; end = text.indexOf('\r\n', from)) {
    const colon = text.indexOf(':', from);
    const name = text.slice(from, colon);
    const value = text.slice(colon + 2, end);
    if (name === 'host') headers[':authority'] = value;
    else if (!forbidden.has(name) && (name !== 'te' || value === 'trailers')) headers[name] = value;
    from = end + 2;
  }
  return headers;
}

/**
 * Puts status and header lines of a response into its exchange. `fields` are names and values by turns. Returns the
 * declared length of the body, -1 without one.
 */
export function readHttp2Head(exchange: HttpExchange, fields: readonly string[]): number {
  let lines = '';
  let lengthBytes = -1;
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i]!;
    const value = fields[i + 1]!;
    if (name === ':status') {
      exchange.status = Number(value);
      continue;
    }
    lines += `${name}: ${value}\r\n`;
    if (name === 'set-cookie') exchange.hasSetCookie = true;
    else if (name === 'content-encoding') exchange.hasContentEncoding = true;
    else if (name === 'content-length') lengthBytes = Number(value);
  }
  exchange.rawHeaders = lines;
  return lengthBytes;
}
