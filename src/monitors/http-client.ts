// Asks one HTTP server for small answers, on connections of its own beside those of the load. Used by the monitors that
// read by HTTP.

import http from 'node:http';
import https from 'node:https';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { isSecretName } from '../masking/secret-names.ts';
import { messageOf } from '../model/errors.ts';
import type { MonitorSecret } from '../model/monitor-settings.ts';
import { Dialer } from '../network/dialer.ts';
import { createAgent, dialingUntil } from '../network/node-http.ts';
import { monotonicMs } from '../time/clock.ts';

export interface HttpAnswer {
  readonly status: number;
  /** Lower case, without parameters: `text/plain`; `''` when none was named. */
  readonly contentType: string;
  /** The whole header. */
  readonly contentTypeHeader: string;
  /** Those that came, lower case, without those that may hold secrets. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decoded. */
  readonly body: Buffer;
  /** From the request to the last byte of the answer. */
  readonly elapsedMs: number;
}

export interface HttpRequest {
  readonly method?: 'GET' | 'POST';
  /** Added to the path of the URL. */
  readonly path?: string;
  /** Added to the query of the URL, encoded. */
  readonly search?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpClient {
  /** Rejects, with a message of one sentence and without secrets, when no complete answer came. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  /** Ends what is under way, which then rejects, and all connections. */
  close(): void;
  readonly closed: boolean;
  /** The text without any secret, for what a server says about itself. */
  withoutSecrets(text: string): string;
}

export interface HttpClientOptions {
  /** For messages, and to connect to where `secret` has no other. */
  readonly url: string;
  readonly secret: MonitorSecret | undefined;
  /** Connections are used again; else each request makes a new one. */
  readonly keepAlive: boolean;
  /** Of the answer, coded and decoded. */
  readonly maxBodyBytes: number;
  readonly dialer?: Dialer | undefined;
}

/** Throws a `TypeError` when the URL is none. */
export function createHttpClient({
  url,
  secret,
  keepAlive,
  maxBodyBytes,
  dialer = new Dialer(),
}: HttpClientOptions): HttpClient {
  const target = new URL(secret?.url ?? url);
  const secure = target.protocol === 'https:';
  const { request: makeRequest } = secure ? https : http;
  const agent = createAgent(dialer, secure, { keepAlive, maxSockets: 16 });
  const ownHeaders = headersOf(target, secret);
  const withoutSecrets = masker(target, secret);
  /** Of the requests under way: what ends each. */
  const ends = new Map<http.ClientRequest, (reason: Error) => void>();
  let closed = false;
  target.username = '';
  target.password = '';

  async function once(given: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const place = new URL(target);
    if (given.path !== undefined) place.pathname = place.pathname.replace(/\/$/, '') + given.path;
    if (given.search !== undefined) place.search += `${place.search === '' ? '?' : '&'}${given.search}`;
    const startedAtMs = monotonicMs();
    const dialing = new AbortController();
    const request = makeRequest(place, {
      agent,
      ...dialingUntil(dialing.signal),
      method: given.method ?? 'GET',
      headers: {
        'accept-encoding': 'gzip, deflate, br',
        connection: keepAlive ? 'keep-alive' : 'close',
        ...given.headers,
        ...ownHeaders,
      },
    });
    const ended = new Promise<never>((_resolve, reject) => {
      ends.set(request, reject);
    });
    const giveUp = (): void =>
      ends.get(request)?.(new Error('no complete answer came before the time limit'));
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      const response = await Promise.race([ended, responseTo(request, given.body)]);
      const body = await Promise.race([ended, readBody(response, maxBodyBytes)]);
      const contentTypeHeader = response.headers['content-type'] ?? '';
      return {
        status: response.statusCode ?? 0,
        contentType: contentTypeHeader.split(';')[0]!.trim().toLowerCase(),
        contentTypeHeader,
        headers: shownHeaders(response.headers),
        body,
        elapsedMs: monotonicMs() - startedAtMs,
      };
    } catch (error) {
      dialing.abort();
      request.destroy();
      throw error;
    } finally {
      signal.removeEventListener('abort', giveUp);
      ends.delete(request);
    }
  }

  return {
    withoutSecrets,
    async send(given, signal) {
      try {
        if (signal.aborted) throw new Error('the request was cancelled before it began');
        return await once(given, signal).catch((error: unknown) => {
          if (!(error instanceof StaleConnectionError) || signal.aborted) throw error;
          return once(given, signal);
        });
      } catch (error) {
        const shown = `${given.method ?? 'GET'} ${url}${given.path ?? ''}`;
        throw new Error(withoutSecrets(`${shown}: ${reasonOf(error)}`), { cause: error });
      }
    },
    get closed() {
      return closed;
    },
    close() {
      closed = true;
      for (const end of ends.values()) end(new Error('the monitor was closed'));
      agent.destroy();
    },
  };
}

function shownHeaders(headers: http.IncomingHttpHeaders): Record<string, string> {
  const shown = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    typeof value !== 'string' || isSecretName(name) || name.includes('cookie') ? [] : [[name, value]],
  );
  return Object.fromEntries(shown);
}

function responseTo(request: http.ClientRequest, body: string | undefined): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', (error) => reject(staleError(request, error) ?? error));
    request.on('close', () => reject(new Error('the connection was closed before an answer came')));
    request.end(body);
  });
}

/** The server closed an idle connection at the moment it was used again: asking once more on another one is due. */
class StaleConnectionError extends Error {}

function staleError(request: http.ClientRequest, error: Error): Error | undefined {
  const isReset = 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
  return isReset && request.reusedSocket ? new StaleConnectionError(error.message) : undefined;
}

function headersOf(target: URL, secret: MonitorSecret | undefined): Readonly<Record<string, string>> {
  const { username, password } = target;
  if (username === '' && password === '') return { ...secret?.headers };
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}`, ...secret?.headers };
}

function masker(target: URL, secret: MonitorSecret | undefined): (text: string) => string {
  const values = [target.username, target.password].flatMap((value) => [value, decodeURIComponent(value)]);
  for (const value of Object.values(secret?.headers ?? {})) {
    // `Bearer <token>`: the token alone is as secret.
    values.push(value, ...value.split(' ').slice(1));
  }
  for (const value of target.searchParams.values()) values.push(value, encodeURIComponent(value));
  // Shorter ones would mask ordinary words; they are in no text that this client makes.
  const secrets = values.filter((value) => value.length >= 4).sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((masked, value) => masked.replaceAll(value, '***'), text);
}

async function readBody(response: http.IncomingMessage, maxBodyBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > maxBodyBytes) throw new Error(`the answer is larger than ${maxBodyBytes / 2 ** 20} MiB`);
    pieces.push(piece);
  }
  const body = Buffer.concat(pieces);
  const coding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (coding === 'identity' || body.length === 0) return body;
  const decode = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
  if (decode === undefined)
    throw new Error(`the answer is coded as ${JSON.stringify(coding)}, which was not asked for`);
  try {
    return await decode(body, { maxOutputLength: maxBodyBytes });
  } catch (error) {
    if (error instanceof RangeError)
      throw new Error(`the answer is larger than ${maxBodyBytes / 2 ** 20} MiB`);
    throw new Error(`the answer cannot be decoded as ${coding}: ${messageOf(error)}`);
  }
}

const decoders: Readonly<
  Record<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>
> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** What a failed connection means, in words. */
function reasonOf(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  switch (code) {
    case 'ECONNREFUSED':
      return 'the connection was refused, so nothing listens there';
    case 'ENOTFOUND':
      return 'the host name is not known';
    case 'EAI_AGAIN':
      return 'the look-up of the host name failed';
    case 'ECONNRESET':
      return 'the connection was closed before the answer was complete';
    default:
      return messageOf(thrown).split('\n')[0]!.slice(0, 200);
  }
}
