// Turns method, URL and options into the bytes of a request. Nothing here touches a socket.

import { knownSecrets } from '../../masking/known-secrets.ts';
import type { HttpOptions, Redirects, ResponseType } from '../../model/context.ts';
import { headerNameFault, headerValue, isPlainValue } from '../../model/header-fields.ts';
import type { RetryPlan } from '../../model/http-settings.ts';
import { parseByteSize } from '../../text/byte-size.ts';
import { mergeCookies } from './cookies.ts';
import { authorizationOf, digestCredentials } from './credentials.ts';
import type { DigestCredentials } from './digest.ts';
import { encodeBody, type RequestBody } from './request-body.ts';
import { parseTimeouts, planRetries, type Timeouts } from './setting-values.ts';
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
  readonly redirects: RedirectPlan;
  /** A response of more bytes, head included, is given up. */
  readonly maxResponseBytes: number;
  readonly retries: RetryPlan | null;
  readonly digest: DigestCredentials | null;
  readonly throws: boolean;
  /** It asks for the end of its connection of HTTP/1.1: no other may follow on it. */
  readonly closes: boolean;
  /** Headers and body as given, kept to send them again after a redirect. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestBody | null;
}

/** In ms; infinite without a limit. */
export interface PhaseLimits {
  readonly connectMs: number;
  readonly responseMs: number;
}

export interface RedirectPlan {
  /** So many are followed; 0 makes a redirect the answer that was asked for. */
  readonly most: number;
  /** One that leads to another origin is a failure. */
  readonly sameOrigin: boolean;
}

/** What holds for every request unless its options say otherwise. Header names in lower case. */
export interface RequestDefaults {
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly phases: PhaseLimits | null;
  readonly redirects: RedirectPlan;
  readonly maxResponseBytes: number;
  readonly retries: RetryPlan | null;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range is what it means
const asciiOnly = /^[\x00-\x7f]*$/;

/** One of a list (RFC 9110 section 7.6.1). */
const closeOption = /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i;

const noOptions: HttpOptions = {};
/** How many are followed where nobody says so. */
const usualRedirects = 10;

/** Lower-cases and checks header names and values. Throws a `TypeError` naming the bad one. */
export function normaliseHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  if (typeof headers !== 'object' || headers === null || Symbol.iterator in headers) {
    throw new TypeError('headers are an object of names with values, such as { accept: "application/json" }');
  }
  const result: Record<string, string> = {};
  for (const name in headers) {
    const fault = headerNameFault(name);
    if (fault !== undefined) throw new TypeError(fault);
    const given = headers[name];
    const value = isPlainValue(given) ? given : headerValue(`the header "${name}"`, given);
    const lower = name.toLowerCase();
    if (lower === '__proto__') Object.defineProperty(result, lower, { value, enumerable: true });
    else result[lower] = value;
  }
  return result;
}

/** Prepares a request. Throws a `TypeError` for options that make no sense. */
export function prepareRequest(
  method: string,
  target: Target,
  options: HttpOptions = noOptions,
  defaults: RequestDefaults,
  cookie: string,
): PreparedRequest {
  const digest = digestCredentials(options.auth);
  const responseType = options.responseType ?? 'text';
  const keepsBody = responseType !== 'none' && responseType !== 'stream';
  const timeouts = options.timeout === undefined ? undefined : parseTimeouts(options.timeout);
  let headers = headersOf(options, target, defaults, digest !== null);
  const body = encodeBody(options, headers['content-type']);
  // Without its boundary nobody can read it.
  if (options.multipart !== undefined) headers = { ...headers, 'content-type': body!.contentType! };
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
    redirects:
      options.redirects === undefined
        ? defaults.redirects
        : redirectPlan(options.redirects, defaults.redirects),
    maxResponseBytes: responseLimit(options.maxResponseSize, keepsBody, defaults),
    retries: options.retries === undefined ? defaults.retries : planRetries(options.retries),
    digest,
    throws: options.throw === true,
  });
}

/** Own headers go before `auth`, that before the defaults, and those before user and password of the URL. */
function headersOf(
  { headers: given, auth }: HttpOptions,
  target: Target,
  defaults: RequestDefaults,
  isDigest: boolean,
): Readonly<Record<string, string>> {
  let headers = defaults.headers;
  if (given !== undefined || auth !== undefined) {
    const own = given === undefined ? {} : normaliseHeaders(given);
    if (auth !== undefined && !isDigest) own.authorization ??= authorizationOf(auth);
    if (auth !== undefined) knownSecrets.learn('bearer' in auth ? auth.bearer : auth.password);
    for (const name in own) knownSecrets.learnHeader(name, own[name]!);
    headers = { ...headers, ...own };
  }
  if (target.authorization === null || isDigest || headers.authorization !== undefined) return headers;
  return { ...headers, authorization: target.authorization };
}

/** A count leaves it as it is where redirects may lead, a word leaves their count unless that is none. */
function redirectPlan(given: Redirects, { most, sameOrigin }: RedirectPlan): RedirectPlan {
  if (given === 'all' || given === 'same-origin') {
    return { most: most === 0 ? usualRedirects : most, sameOrigin: given === 'same-origin' };
  }
  if (Number.isInteger(given) && given >= 0) return { most: given, sameOrigin };
  throw new TypeError(`redirects is ${JSON.stringify(given)}; expected a count, "all" or "same-origin"`);
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

type Parts = Omit<PreparedRequest, 'bytes' | 'bodyBytes' | 'upload' | 'byteCount' | 'closes'> & {
  readonly cookie: string;
};

/** Writes head and body. All that goes into the head was checked where it came from. */
export function assemble(parts: Parts): PreparedRequest {
  const { method, target, headers, body, cookie } = parts;
  const { route } = target.origin;
  let head = `${method} ${route.absoluteForm ? target.href : target.path} HTTP/1.1\r\n${route.proxyLines}`;
  if (headers.host === undefined) head += `host: ${target.origin.hostHeader}\r\n`;
  for (const name in headers) {
    if (name !== 'content-length' && name !== 'transfer-encoding' && name !== 'cookie') {
      head += `${name}: ${headers[name]}\r\n`;
    }
  }
  const cookies = headers.cookie === undefined ? cookie : mergeCookies(headers.cookie, cookie);
  if (cookies !== '') head += `cookie: ${cookies}\r\n`;
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
    timeoutMs: parts.timeoutMs, phases: parts.phases, redirects: parts.redirects,
    maxResponseBytes: parts.maxResponseBytes, retries: parts.retries, digest: parts.digest, throws: parts.throws,
    closes: headers.connection !== undefined && closeOption.test(headers.connection),
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
