// The HTTP settings of a profile become the HTTP part of its plan: numbers in place of texts, defaults filled in.

import type { DnsPlan, HttpDefinition, HttpPlan, TlsDefinition, TlsPlan } from '../model/http-settings.ts';
import { authorityOf } from '../network/destination.ts';
import { parseProxy } from '../network/proxy-url.ts';
import { parseByteSize, parseTimeouts, planRetries } from '../suite/http-values.ts';
import { msOf } from '../time/duration.ts';

export function planHttp(http: HttpDefinition): HttpPlan {
  const tls = planTls(http.tls ?? {});
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
    ...given('tls', tls),
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

export function planTls(tls: TlsDefinition): TlsPlan | undefined {
  if (Object.keys(tls).length === 0) return undefined;
  const {
    servername,
    insecureSkipVerify = false,
    minVersion,
    maxVersion,
    ciphers,
    legacyRenegotiation,
    sessionReuse = 'vu',
  } = tls;
  return {
    ...given('servername', servername),
    insecureSkipVerify,
    ...given('minVersion', minVersion),
    ...given('maxVersion', maxVersion),
    ...given('ciphers', ciphers),
    ...(legacyRenegotiation === true ? { legacyRenegotiation } : {}),
    sessionReuse,
  };
}
