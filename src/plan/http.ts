// The HTTP settings of a profile become the HTTP part of its plan: numbers in place of texts, defaults filled in.

import type { HttpDefinition, HttpPlan, TlsDefinition, TlsPlan } from '../model/http-settings.ts';
import { msOf } from './scenario.ts';

export function planHttp(http: HttpDefinition): HttpPlan {
  const tls = planTls(http.tls ?? {});
  return {
    timeoutMs: msOf(http.timeout ?? 60_000),
    maxRedirects: http.redirects ?? 10,
    headers: http.headers ?? {},
    connectionsPerHost: http.connectionsPerHost ?? 6,
    ...(tls === undefined ? {} : { tls }),
  };
}

function planTls(given: TlsDefinition): TlsPlan | undefined {
  if (Object.keys(given).length === 0) return undefined;
  const {
    servername,
    insecureSkipVerify = false,
    minVersion,
    maxVersion,
    ciphers,
    sessionReuse = 'vu',
  } = given;
  return {
    ...(servername === undefined ? {} : { servername }),
    insecureSkipVerify,
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
    ...(ciphers === undefined ? {} : { ciphers }),
    sessionReuse,
  };
}
