// Turns method, URL and options into the bytes of a request. Nothing here touches a socket.

import { knownSecrets } from '../../masking/known-secrets.ts';
import type { HttpOptions, MultipartValue, ResponseType } from '../../model/context.ts';
import type { RetryPlan } from '../../model/http-settings.ts';
import { parseByteSize, parseTimeouts, planRetries, type Timeouts } from '../../suite/http-values.ts';
import type { DigestCredentials } from './digest.ts';
import type { Target } from './target.ts';
import { isBodySource, isRepeatable, type UploadPlan } from './upload.ts';

/** A request ready to be written, as often as wanted. */
export interface PreparedRequest {
  readonly method: string;
  readonly target: Target;
  /** Head and, for text bodies, the body: one write. */
  readonly bytes: string | Buffer;
  /** A binary body, written after `bytes`. */
  readonly bodyBytes: Uint8Array | null;
  /** A body that is made while it is sent, after `bytes`. */
  readonly upload: UploadPlan | null;
  /** Head and body as far as known before: without an upload. */
  readonly byteCount: number;
  readonly responseType: ResponseType;
  /** The body is kept until the response is whole. */
  readonly keepsBody: boolean;
  /** The body is handed on as it comes. */
  readonly streams: boolean;
  readonly expect: number | readonly number[] | undefined;
  readonly timeoutMs: number;
  /** Limits of single phases; `null` when there are none. */
  readonly phases: PhaseLimits | null;
  readonly maxRedirects: number;
  /** A response of more bytes, head included, is given up. */
  readonly maxResponseBytes: number;
  readonly retries: RetryPlan | null;
  readonly digest: DigestCredentials | null;
  readonly throws: boolean;
  /** Headers and body as given, kept to send them again after a redirect. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestBody | null;
}

/** In ms; infinite without a limit. */
export interface PhaseLimits {
  readonly connectMs: number;
  readonly responseMs: number;
}

export interface RequestBody {
  readonly content: string | Uint8Array | UploadPlan['source'];
  readonly contentType: string | null;
}

/** What holds for every request unless its options say otherwise. Header names in lower case. */
export interface RequestDefaults {
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly phases: PhaseLimits | null;
  readonly maxRedirects: number;
  readonly maxResponseBytes: number;
  readonly retries: RetryPlan | null;
}

const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range is what it means
const asciiOnly = /^[\x00-\x7f]*$/;
const methodName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const bodyOptions = ['json', 'form', 'multipart', 'body'] as const;

const noOptions: HttpOptions = {};

/** Lower-cases and checks header names and values. Throws a `TypeError` naming the bad one. */
export function normaliseHeaders(headers: Readonly<Record<string, string | number>>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const name in headers) {
    const value = String(headers[name]);
    if (!headerName.test(name)) throw new TypeError(`"${name}" is not a header name`);
    if (!headerValue.test(value)) {
      throw new TypeError(`the value of header "${name}" has a character that may not stand there`);
    }
    result[name.toLowerCase()] = value;
  }
  return result;
}

/**
 * Prepares a request. `body` is the encoded multipart body when there is one (encoding it is asynchronous).
 * Throws a `TypeError` for options that make no sense.
 */
export function prepareRequest(
  method: string,
  target: Target,
  options: HttpOptions = noOptions,
  defaults: RequestDefaults,
  cookie: string,
  multipart?: RequestBody,
): PreparedRequest {
  const body = multipart ?? encodeBody(options);
  const digest = digestCredentials(options.auth);
  const responseType = options.responseType ?? 'text';
  const keepsBody = responseType !== 'none' && responseType !== 'stream';
  const timeouts = options.timeout === undefined ? undefined : parseTimeouts(options.timeout);
  let headers: Readonly<Record<string, string>> = defaults.headers;
  if (options.headers !== undefined || options.auth !== undefined) {
    const own = options.headers === undefined ? {} : normaliseHeaders(options.headers);
    if (options.auth !== undefined && digest === null) own.authorization ??= authorization(options.auth);
    for (const name in own) knownSecrets.learnHeader(name, own[name]!);
    headers = { ...headers, ...own };
  }
  return assemble({
    method,
    target,
    headers,
    body,
    cookie,
    responseType,
    keepsBody,
    streams: responseType === 'stream',
    expect: options.expect,
    timeoutMs: timeouts?.totalMs ?? defaults.timeoutMs,
    phases: timeouts === undefined ? defaults.phases : phaseLimits(timeouts, defaults.phases),
    maxRedirects: options.redirects ?? defaults.maxRedirects,
    maxResponseBytes: responseLimit(options.maxResponseSize, keepsBody, defaults),
    retries: options.retries === undefined ? defaults.retries : planRetries(options.retries),
    digest,
    throws: options.throw === true,
  });
}

/**
 * The request that follows a redirect (RFC 9110 section 15.4): 303 always, and 301 and 302 after POST, turn
 * into GET without a body; credentials are left behind when the origin changes.
 */
export function prepareRedirect(
  from: PreparedRequest,
  status: number,
  target: Target,
  cookie: string,
): PreparedRequest {
  const toGet =
    (status === 303 && from.method !== 'HEAD') ||
    ((status === 301 || status === 302) && from.method === 'POST');
  const headers: Record<string, string> = { ...from.headers };
  delete headers.cookie;
  const elsewhere = target.origin !== from.target.origin;
  // A digest is for one URL only.
  if (elsewhere || from.digest !== null) delete headers.authorization;
  if (toGet) for (const name of ['content-type', 'content-length', 'content-encoding']) delete headers[name];
  return assemble({
    ...from,
    method: toGet ? 'GET' : from.method,
    target,
    headers,
    body: toGet ? null : from.body,
    cookie,
    maxRedirects: from.maxRedirects - 1,
    digest: elsewhere ? null : from.digest,
  });
}

/** The same request with an answer to a challenge. */
export function prepareAuthorized(
  from: PreparedRequest,
  authorizationValue: string,
  digest: DigestCredentials,
  cookie: string,
): PreparedRequest {
  const headers = { ...from.headers, authorization: authorizationValue };
  return assemble({ ...from, headers, digest, cookie });
}

/** Can the request be sent once more as it is? */
export function isResendable({ upload }: PreparedRequest): boolean {
  return upload === null || isRepeatable(upload);
}

type Parts = Omit<PreparedRequest, 'bytes' | 'bodyBytes' | 'upload' | 'byteCount'> & {
  readonly cookie: string;
};

function assemble(parts: Parts): PreparedRequest {
  const { method, target, headers, body, cookie } = parts;
  if (!methodName.test(method)) throw new TypeError(`"${method}" is not a request method`);
  const { route } = target.origin;
  let head = `${method} ${route.absoluteForm ? target.href : target.path} HTTP/1.1\r\n${route.proxyLines}`;
  if (headers.host === undefined) head += `host: ${target.origin.hostHeader}\r\n`;
  for (const name in headers) {
    if (name !== 'content-length' && name !== 'transfer-encoding') head += `${name}: ${headers[name]}\r\n`;
  }
  if (cookie !== '' && headers.cookie === undefined) head += `cookie: ${cookie}\r\n`;
  let byteCount = 0;
  let upload: UploadPlan | null = null;
  if (body !== null) {
    const { content, contentType } = body;
    if (contentType !== null && headers['content-type'] === undefined) {
      head += `content-type: ${contentType}\r\n`;
    }
    if (isBodySource(content)) {
      upload = { source: content, lengthBytes: givenLength(headers['content-length']) };
      head +=
        upload.lengthBytes === undefined
          ? 'transfer-encoding: chunked\r\n'
          : `content-length: ${upload.lengthBytes}\r\n`;
    } else {
      byteCount = typeof content === 'string' ? Buffer.byteLength(content) : content.byteLength;
      head += `content-length: ${byteCount}\r\n`;
    }
  } else if (method === 'POST' || method === 'PUT' || method === 'PATCH') {
    head += 'content-length: 0\r\n';
  }
  head += '\r\n';
  byteCount += head.length;
  const { bytes, bodyBytes } = join(head, body);
  // biome-ignore format: one line per role
  return {
    method, target, bytes, bodyBytes, upload, byteCount, headers, body,
    responseType: parts.responseType, keepsBody: parts.keepsBody, streams: parts.streams, expect: parts.expect,
    timeoutMs: parts.timeoutMs, phases: parts.phases, maxRedirects: parts.maxRedirects,
    maxResponseBytes: parts.maxResponseBytes, retries: parts.retries, digest: parts.digest, throws: parts.throws,
  };
}

/** A text body goes out with its head in one string; the head is latin1, so only when it is ASCII. */
function join(
  head: string,
  body: RequestBody | null,
): { readonly bytes: string | Buffer; readonly bodyBytes: Uint8Array | null } {
  if (body !== null && typeof body.content === 'string' && asciiOnly.test(head)) {
    return { bytes: head + body.content, bodyBytes: null };
  }
  const bytes = Buffer.from(head, 'latin1');
  if (body === null || isBodySource(body.content)) return { bytes, bodyBytes: null };
  return {
    bytes,
    bodyBytes: typeof body.content === 'string' ? Buffer.from(body.content) : body.content,
  };
}

/** The length that the request itself gives its upload. */
function givenLength(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (!/^\d{1,15}$/.test(header)) throw new TypeError(`"${header}" is not a content-length`);
  return Number(header);
}

function encodeBody(options: HttpOptions): RequestBody | null {
  if (options.json === undefined && options.form === undefined && options.body === undefined) return null;
  const given = bodyOptions.filter((name) => options[name] !== undefined);
  if (given.length > 1) {
    throw new TypeError(`a request has one body, got ${given.map((name) => `"${name}"`).join(' and ')}`);
  }
  if (options.json !== undefined) {
    return { content: JSON.stringify(options.json), contentType: 'application/json' };
  }
  if (options.form !== undefined) {
    const fields = new URLSearchParams();
    for (const name in options.form) fields.append(name, String(options.form[name]));
    return { content: fields.toString(), contentType: 'application/x-www-form-urlencoded' };
  }
  return { content: options.body!, contentType: null };
}

/** Encodes form-data with the platform's own encoder. */
export async function encodeMultipart(
  fields: Readonly<Record<string, MultipartValue>>,
): Promise<RequestBody> {
  const form = new FormData();
  for (const name in fields) {
    const value = fields[name]!;
    if (typeof value !== 'object') {
      form.append(name, String(value));
      continue;
    }
    const type =
      value.contentType ?? (value.filename === undefined ? 'text/plain' : 'application/octet-stream');
    form.append(
      name,
      new Blob([value.content as string | Uint8Array<ArrayBuffer>], { type }),
      value.filename ?? name,
    );
  }
  const encoded = new Response(form);
  return {
    content: Buffer.from(await encoded.arrayBuffer()),
    contentType: encoded.headers.get('content-type'),
  };
}

function authorization(auth: NonNullable<HttpOptions['auth']>): string {
  if ('bearer' in auth) return `Bearer ${auth.bearer}`;
  return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
}

function digestCredentials(auth: HttpOptions['auth']): DigestCredentials | null {
  if (auth === undefined || !('scheme' in auth) || auth.scheme !== 'digest') return null;
  return { username: auth.username, password: auth.password, challenged: false };
}

/** Limits of phases that a request gives, over those that hold for all; `null` when there are none. */
export function phaseLimits(timeouts: Timeouts, defaults: PhaseLimits | null): PhaseLimits | null {
  const connectMs = timeouts.connectMs ?? defaults?.connectMs;
  const responseMs = timeouts.responseMs ?? defaults?.responseMs;
  if (connectMs === undefined && responseMs === undefined) return null;
  const none = Number.POSITIVE_INFINITY;
  return { connectMs: connectMs ?? none, responseMs: responseMs ?? none };
}

/** What is not kept may be of any length, unless the request itself limits it. */
function responseLimit(
  given: HttpOptions['maxResponseSize'],
  keepsBody: boolean,
  defaults: RequestDefaults,
): number {
  if (given === undefined) return keepsBody ? defaults.maxResponseBytes : Number.POSITIVE_INFINITY;
  const size = parseByteSize(given);
  if (size === undefined) throw new TypeError(`"${given}" is not a size such as 65536 or "10MB"`);
  return size;
}

/** The URL with query parameters appended; `undefined` values are left out. */
export function withParams(url: string, params: NonNullable<HttpOptions['params']>): string {
  const query = new URLSearchParams();
  for (const name in params) {
    const value = params[name];
    if (value !== undefined) query.append(name, String(value));
  }
  const text = query.toString();
  if (text === '') return url;
  return url + (url.includes('?') ? '&' : '?') + text;
}
