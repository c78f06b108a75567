// Redirects (RFC 9110 section 15.4): whether an answer is one, where it leads, and what of the request goes along.
// Called by follow-ups.ts.

import { isSecretName } from '../../masking/secret-names.ts';
import type { HttpError } from '../../model/context.ts';
import type { HttpExchange } from './exchange.ts';
import { assemble, isResendable, type PreparedRequest } from './request.ts';
import { headerValues } from './response-headers.ts';
import type { Target } from './target.ts';

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/** Is the answer a redirect that is to be followed, or that fails when it cannot be? Told from its head. */
export function isRedirect({ status, request }: Pick<HttpExchange, 'status' | 'request'>): boolean {
  return request.redirects.most > 0 && redirectStatuses.has(status);
}

/** Header fields that are about a body, and go with it. */
const bodyField = /^(content-|digest$|repr-digest$|last-modified$|transfer-encoding$|trailer$|expect$)/;
/** What a name says that holds a credential: `x-api-key`, `private-token`, `ocp-apim-subscription-key`, ... */
const credentialName =
  /auth|token|secret|passw|passphrase|credential|cookie|session|signature|jwt|dpop|bearer|[cx]srf|(^|[-_])(sid|sig|pass|pwd|pin|otp|cert)([-_]|$)|key([-_]|$)/;

/** Which header fields go along to another origin. */
export interface RedirectHeaders {
  /** Lower case; these go along although their names look like credentials. */
  readonly keep: ReadonlySet<string>;
  /** Lower case; these stay behind although their names do not. */
  readonly drop: ReadonlySet<string>;
}

function goesAlong(name: string, { keep, drop }: RedirectHeaders): boolean {
  // Says whom it was sent to.
  if (name === 'host') return false;
  return keep.has(name) || !(drop.has(name) || credentialName.test(name) || isSecretName(name));
}

/** Resolves URLs. */
interface Resolver {
  resolve(url: string): Target;
}

/** Where a redirect leads, or why it leads nowhere. */
export function redirectTarget(exchange: HttpExchange, resolver: Resolver): Target | HttpError {
  const { status, request, rawHeaders } = exchange;
  const { most, sameOrigin } = request.redirects;
  const locations = new Set(headerValues(rawHeaders, 'location'));
  const [location = ''] = locations;
  if (location === '') {
    return {
      code: 'redirect_without_location',
      message: `the answer has status ${status} and no location; if you expect this, add the status to expect`,
    };
  }
  if (locations.size > 1) return invalidLocation('the redirect has several locations that differ');
  if (exchange.redirectCount >= most) {
    const times = most === 1 ? 'one redirect' : `${most} redirects`;
    return {
      code: 'too_many_redirects',
      message: `stopped after ${times}, and there is another; see redirects`,
    };
  }
  const target = resolveLocation(location, request.target, resolver);
  if ('code' in target) return target;
  if (sameOrigin && target.origin !== request.target.origin) {
    const [from, to] = [request.target.origin.key, target.origin.key];
    return {
      code: 'redirect_off_origin',
      message: `the redirect leads from ${from} to ${to}, and redirects is "same-origin"`,
    };
  }
  return target;
}

function invalidLocation(message: string): HttpError {
  return { code: 'redirect_location_invalid', message };
}

function resolveLocation(location: string, from: Target, resolver: Resolver): Target | HttpError {
  // Octets beyond ASCII are those of the header line; most often they are UTF-8 that should have been encoded.
  const encoded = location.replaceAll(
    /[\x80-\xff]/g,
    (octet) => `%${octet.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  if (!URL.canParse(encoded, from.href)) return invalidLocation('the location of the redirect is not a URL');
  const url = new URL(encoded, from.href);
  const place = new URL(from.href);
  const isSocket = place.protocol === 'http+unix:';
  // To a server behind a socket we say that it is localhost, and so does its location.
  if (isSocket && url.protocol === 'http:' && url.host === from.origin.hostHeader) {
    return resolver.resolve(new URL(url.pathname + url.search, place).href);
  }
  // A server must not send its clients to files of their machine.
  if (
    !/^https?:$/.test(url.protocol) &&
    !(isSocket && url.protocol === place.protocol && url.host === place.host)
  ) {
    return invalidLocation(`the redirect leads to a "${url.protocol}" URL; expected http: or https:`);
  }
  return resolver.resolve(url.href);
}

/**
 * The request that follows a redirect: 303 always, and 301 and 302 after POST, turn into GET without a body;
 * credentials are left behind when the origin changes. Returns why it cannot be sent when it cannot.
 */
export function prepareRedirect(
  exchange: HttpExchange,
  target: Target,
  cookie: string,
  headersAlong: RedirectHeaders,
): PreparedRequest | HttpError {
  const { request: from, status, rawHeaders } = exchange;
  const toGet =
    (status === 303 && from.method !== 'HEAD' && !(from.method === 'GET' && from.body === null)) ||
    ((status === 301 || status === 302) && from.method === 'POST');
  const body = toGet ? null : from.body;
  if (body !== null && !isResendable(from)) {
    const message =
      'the redirect asks for the body again, which can be read once; give a function that opens it';
    return { code: 'redirect_body_spent', message };
  }
  const isElsewhere = target.origin !== from.target.origin;
  const headers = Object.create(null) as Record<string, string>;
  for (const name in from.headers) {
    if (toGet && bodyField.test(name)) continue;
    if (isElsewhere && !goesAlong(name, headersAlong)) continue;
    headers[name] = from.headers[name]!;
  }
  // A digest is for one URL only.
  if (from.digest !== null) delete headers.authorization;
  if (headers.cookie !== undefined) replaceCookies(headers, headers.cookie, rawHeaders);
  const digest = isElsewhere ? null : from.digest;
  const isOfUrl = headers.authorization === undefined || headers.authorization === from.target.authorization;
  if (target.authorization !== null && digest === null && isOfUrl) {
    headers.authorization = target.authorization;
  }
  return assemble({ ...from, method: toGet ? 'GET' : from.method, target, headers, body, cookie, digest });
}

/** Cookies that the redirect has set are in the jar now: those of the same name, which the request gave itself, end. */
function replaceCookies(headers: Record<string, string>, own: string, rawHeaders: string): void {
  const set = new Set(headerValues(rawHeaders, 'set-cookie').map((value) => cookieName(value)));
  if (set.size === 0) return;
  const left = own.split(';').filter((pair) => !set.has(cookieName(pair)));
  if (left.length === 0) delete headers.cookie;
  else headers.cookie = left.join(';').trim();
}

/** The name of `name=value; ...`. */
function cookieName(pair: string): string {
  return pair.split(/[=;]/, 1)[0]!.trim();
}
