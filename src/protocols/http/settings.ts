// The settings of HTTP. See ../settings.ts. suite/schema-requests.ts takes from here what single requests may say, too.

import { isIP } from 'node:net';
import { UsageError } from '../../model/errors.ts';
import { headerNameFault } from '../../model/header-fields.ts';
import type { HttpSecrets } from '../../model/http-secrets.ts';
import type {
  DnsPlan,
  HttpDefinition,
  HttpPlan,
  HttpRetries,
  HttpTimeout,
  TlsDefinition,
} from '../../model/http-settings.ts';
import { authorityOf } from '../../network/destination.ts';
import { splitNoProxy } from '../../network/no-proxy.ts';
import { aProxy, parseProxy } from '../../network/proxy-url.ts';
import type { ShapeOf } from '../../suite/schema-fields.ts';
import { parseByteSize } from '../../text/byte-size.ts';
import { msOf } from '../../time/duration.ts';
import { clientTlsShape, planTls, readTlsSecrets, recordedClientTls, tlsExample } from '../client-tls.ts';
import type { ProtocolSettings, RecordWords, SchemaWords } from '../settings.ts';
import { parseTimeouts, planRetries } from './setting-values.ts';

/** What the client keeps of one response at the most. */
const mostResponseBytes = 256 * 1024 * 1024;

const aTimeout = 'a timeout such as "5s", or one per phase such as { connect: "1s", response: "5s" }';

/** What a suite may say of all requests and of each: a key of `http`, or of a request written as data. */
export function requestShape(
  words: SchemaWords,
): ShapeOf<Pick<HttpDefinition, 'timeout' | 'redirects' | 'retries' | 'maxResponseSize'>> {
  const { chosenBy, duration, list, strictObject, where, whole } = words;
  const phases = strictObject(
    {
      connect: duration(1).optional(),
      response: duration(1).optional(),
      total: duration(1).optional(),
    } satisfies ShapeOf<Exclude<HttpTimeout, number | string>>,
    aTimeout,
  );
  const retriesShape = {
    count: whole(0, 100),
    backoff: duration().optional(),
    on: list(
      where(
        (value) => typeof value === 'string' || (Number.isInteger(value) && Number(value) >= 300),
        'a status from 300, the code of an error, or "error" for all errors',
      ),
      'reasons such as ["error", 503]',
      1,
    ).optional(),
  } satisfies ShapeOf<HttpRetries>;
  return {
    timeout: chosenBy((value) =>
      typeof value === 'object' && value !== null ? phases : duration(1),
    ).optional(),
    redirects: where(
      (value) =>
        value === 'all' ||
        value === 'same-origin' ||
        (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 100),
      'a number from 0 to 100, "all" or "same-origin"',
    ).optional(),
    retries: strictObject(retriesShape, 'retries such as { count: 2, backoff: "200ms" }').optional(),
    maxResponseSize: where((value) => {
      const size = parseByteSize(value);
      return size !== undefined && size >= 1 && size <= mostResponseBytes;
    }, 'a size of at most 256 MB, such as "10MB" or 65536').optional(),
  };
}

function shape(words: SchemaWords): ShapeOf<HttpDefinition> {
  const { anyText, duration, flag, list, oneOf, record, strictObject, text, unless, where, whole } = words;
  const headerNames = list(
    where(
      (value) => typeof value === 'string' && headerNameFault(value) === undefined,
      'the name of a header such as "x-tenant"',
    ),
    'names of headers such as ["x-tenant"]',
    1,
  );
  const dnsShape = {
    ttl: duration().optional(),
    select: oneOf('first', 'random', 'round-robin').optional(),
    policy: oneOf('preferIPv4', 'preferIPv6', 'onlyIPv4', 'onlyIPv6', 'any').optional(),
  } satisfies ShapeOf<NonNullable<HttpDefinition['dns']>>;
  const tlsShape = {
    ...clientTlsShape(words),
    sessionReuse: oneOf('vu', 'worker', 'none').optional(),
  } satisfies ShapeOf<TlsDefinition>;
  return {
    ...requestShape(words),
    version: oneOf('auto', '1.1', '2').optional(),
    redirectHeaders: strictObject(
      { keep: headerNames.optional(), drop: headerNames.optional() },
      'header names to keep or drop, such as { keep: ["x-trace-token"], drop: ["x-tenant"] }',
    ).optional(),
    headers: record(anyText, 'headers such as { accept: "application/json" }').optional(),
    connectionsPerHost: whole(1, 1000).optional(),
    nameFromPath: oneOf('template', 'path').optional(),
    socketPath: text('the path of a unix socket').optional(),
    hosts: record(
      text('an address, or an address with a port'),
      'addresses by name, such as { "shop.example.com": "10.0.0.1:8080" }',
    ).optional(),
    localAddresses: list(
      where((value) => typeof value === 'string' && isIP(value) !== 0, 'an IP address of this machine'),
      'IP addresses of this machine',
      1,
    ).optional(),
    dns: strictObject(dnsShape, 'name look-up such as { ttl: "1m", select: "round-robin" }').optional(),
    proxy: unless((value) => {
      const read =
        typeof value === 'string' && value.trim() !== '' ? parseProxy(value) : { expected: aProxy };
      return 'expected' in read ? read.expected : undefined;
    }).optional(),
    proxyFromEnvironment: flag.optional(),
    tls: strictObject(tlsShape, tlsExample).optional(),
  };
}

export const http: ProtocolSettings<HttpDefinition, HttpPlan, HttpSecrets> = {
  name: 'http',
  everywhere: true,
  example: 'HTTP settings such as { timeout: "5s" }',
  shape,
  /** Key by key; `headers` and `tls` are merged within. Every profile has some, if only the defaults. */
  merge(suite = {}, profile = {}) {
    const headers = { ...suite.headers, ...profile.headers };
    return { ...suite, ...profile, headers, tls: { ...suite.tls, ...profile.tls } };
  },
  plan,
  recorded,
  async readSecrets(settings, { file, env }) {
    const proxies = proxiesOf(settings, env);
    const tls = await readTlsSecrets(settings.tls ?? {}, file, 'http.tls');
    return { ...given('proxies', proxies), ...given('tls', tls) };
  },
  async check(plan, secrets, { baseUrl, guard }) {
    if (baseUrl === undefined) return {};
    const { assertReachable } = await import('./reachable.ts');
    await assertReachable(baseUrl, plan, secrets, guard);
    return {};
  },
};

function plan(http: HttpDefinition): HttpPlan {
  const timeouts = parseTimeouts(http.timeout ?? 60_000);
  return {
    timeoutMs: timeouts.totalMs ?? 60_000,
    maxRedirects: typeof http.redirects === 'number' ? http.redirects : 10,
    headers: http.headers ?? {},
    connectionsPerHost: http.connectionsPerHost ?? 6,
    ...given('redirectsTo', http.redirects === 'same-origin' ? http.redirects : undefined),
    ...given('redirectHeaders', http.redirectHeaders),
    ...given('version', http.version),
    ...given('connectTimeoutMs', timeouts.connectMs),
    ...given('responseTimeoutMs', timeouts.responseMs),
    ...given('nameFromPath', http.nameFromPath),
    ...given('retries', http.retries && planRetries(http.retries)),
    ...given('maxResponseBytes', parseByteSize(http.maxResponseSize)),
    ...given('socketPath', http.socketPath),
    ...given('hosts', http.hosts),
    ...given('localAddresses', http.localAddresses),
    ...given('dns', http.dns && planDns(http.dns)),
    ...given('proxy', proxyOf(http)),
    ...given('tls', planTls(http.tls ?? {})),
  };
}

function recorded(words: RecordWords): ShapeOf<HttpPlan> {
  const { count, ms, text, z } = words;
  const tls = z.strictObject({
    ...recordedClientTls(words),
    sessionReuse: z.enum(['vu', 'worker', 'none']),
  });
  return {
    timeoutMs: ms,
    maxRedirects: count,
    redirectsTo: z.literal('same-origin').exactOptional(),
    redirectHeaders: z
      .strictObject({ keep: z.array(text).exactOptional(), drop: z.array(text).exactOptional() })
      .exactOptional(),
    headers: z.record(z.string(), z.string()),
    connectionsPerHost: count,
    version: z.enum(['auto', '1.1', '2']).exactOptional(),
    connectTimeoutMs: ms.exactOptional(),
    responseTimeoutMs: ms.exactOptional(),
    nameFromPath: z.enum(['template', 'path']).exactOptional(),
    retries: z
      .strictObject({ count, backoffMs: ms, on: z.array(z.union([z.number(), text])) })
      .exactOptional(),
    maxResponseBytes: count.exactOptional(),
    socketPath: text.exactOptional(),
    hosts: z.record(z.string(), text).exactOptional(),
    localAddresses: z.array(text).exactOptional(),
    dns: z
      .strictObject({
        ttlMs: ms,
        select: z.enum(['first', 'random', 'round-robin']),
        policy: z.enum(['preferIPv4', 'preferIPv6', 'onlyIPv4', 'onlyIPv6', 'any']),
      })
      .exactOptional(),
    proxy: text.exactOptional(),
    tls: tls.describe('Without certificates and keys, which no record contains.').exactOptional(),
  };
}

/** The key with its value, or nothing: the plan has no key whose value is `undefined`. */
function given<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]: Value });
}

function planDns({
  ttl,
  select = 'random',
  policy = 'preferIPv4',
}: NonNullable<HttpDefinition['dns']>): DnsPlan {
  return { ttlMs: msOf(ttl ?? '5m'), select, policy };
}

function proxyOf({ proxy, proxyFromEnvironment }: HttpDefinition): string | undefined {
  if (proxy !== undefined) {
    const address = parseProxy(proxy);
    return 'expected' in address ? undefined : `http://${authorityOf(address.host, address.port)}`;
  }
  return proxyFromEnvironment === true ? 'environment' : undefined;
}

/** The proxies of the suite, or those of the environment when the suite wants them. */
function proxiesOf(http: HttpDefinition, env: NodeJS.ProcessEnv): HttpSecrets['proxies'] {
  if (http.proxy !== undefined) return { http: http.proxy, https: http.proxy };
  if (http.proxyFromEnvironment !== true) return undefined;
  const plain = proxyIn(env, 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY');
  const secure = proxyIn(env, 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY');
  return {
    ...given('http', plain),
    ...given('https', secure),
    except: splitNoProxy(env.no_proxy || env.NO_PROXY || ''),
  };
}

/** The first of these variables that is set. Throws a `UsageError` when it holds no proxy that can be used. */
function proxyIn(env: NodeJS.ProcessEnv, ...names: readonly string[]): string | undefined {
  const name = names.find((one) => (env[one] ?? '').trim() !== '');
  if (name === undefined) return undefined;
  const proxy = parseProxy(env[name]!);
  if (!('expected' in proxy)) return env[name];
  throw new UsageError(`the environment variable ${name} must be ${proxy.expected}`, {
    hint: 'the suite asks for it by http.proxyFromEnvironment; http.proxy names one in the suite',
  });
}
