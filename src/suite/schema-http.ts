// The schema of `http`: how requests are sent, in a suite or in one of its profiles.

import { isIP } from 'node:net';
import { z } from 'zod';
import { headerNameFault } from '../model/header-fields.ts';
import type { HttpDefinition, HttpRetries, TlsDefinition } from '../model/http-settings.ts';
import { aProxy, parseProxy } from '../network/proxy-url.ts';
import { parseByteSize } from './http-values.ts';
import {
  chosenBy,
  duration,
  flag,
  list,
  record,
  type ShapeOf,
  strictObject,
  text,
  unless,
  where,
  whole,
} from './schema-fields.ts';

/** What the client keeps of one response at the most. */
const mostResponseBytes = 256 * 1024 * 1024;

/** One of a few texts. */
function oneOf(...values: readonly string[]): z.ZodType {
  return z.enum(values, { error: values.map((value) => `"${value}"`).join(' or ') });
}

const pem = text('PEM text, or the path of a PEM file relative to the suite');
const tlsVersion = oneOf('tls1.0', 'tls1.1', 'tls1.2', 'tls1.3');

const tlsShape = {
  ca: chosenBy((value) => (Array.isArray(value) ? list(pem, 'certificates', 1) : pem)).optional(),
  cert: pem.optional(),
  key: pem.optional(),
  passphrase: text('the passphrase of the key').optional(),
  servername: text('a host name such as "shop.example.com"').optional(),
  insecureSkipVerify: flag.optional(),
  minVersion: tlsVersion.optional(),
  maxVersion: tlsVersion.optional(),
  ciphers: text('ciphers in OpenSSL\'s notation, such as "ECDHE-RSA-AES128-GCM-SHA256"').optional(),
  legacyRenegotiation: flag.optional(),
  sessionReuse: oneOf('vu', 'worker', 'none').optional(),
} satisfies ShapeOf<TlsDefinition>;

const { sessionReuse: _, ...clientTlsShape } = tlsShape;
/** TLS of connections that resume no sessions. */
export const clientTls = strictObject(clientTlsShape, 'TLS settings such as { ca: "ca.pem" }');

const aTimeout = 'a timeout such as "5s", or one per phase such as { connect: "1s", response: "5s" }';

export const timeout = chosenBy((value) =>
  typeof value === 'object' && value !== null
    ? strictObject(
        {
          connect: duration(1).optional(),
          response: duration(1).optional(),
          total: duration(1).optional(),
        },
        aTimeout,
      )
    : duration(1),
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

export const retries = strictObject(retriesShape, 'retries such as { count: 2, backoff: "200ms" }');

export const maxResponseSize = where((value) => {
  const size = parseByteSize(value);
  return size !== undefined && size >= 1 && size <= mostResponseBytes;
}, 'a size of at most 256 MB, such as "10MB" or 65536');

export const redirects = where(
  (value) =>
    value === 'all' ||
    value === 'same-origin' ||
    (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 100),
  'a number from 0 to 100, "all" or "same-origin"',
);

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

const httpShape = {
  version: oneOf('auto', '1.1', '2').optional(),
  timeout: timeout.optional(),
  redirects: redirects.optional(),
  redirectHeaders: strictObject(
    { keep: headerNames.optional(), drop: headerNames.optional() },
    'header names to keep or drop, such as { keep: ["x-trace-token"], drop: ["x-tenant"] }',
  ).optional(),
  headers: record(z.string({ error: 'a text' }), 'headers such as { accept: "application/json" }').optional(),
  connectionsPerHost: whole(1, 1000).optional(),
  nameFromPath: oneOf('template', 'path').optional(),
  retries: retries.optional(),
  maxResponseSize: maxResponseSize.optional(),
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
    const read = typeof value === 'string' && value.trim() !== '' ? parseProxy(value) : { expected: aProxy };
    return 'expected' in read ? read.expected : undefined;
  }).optional(),
  proxyFromEnvironment: flag.optional(),
  tls: strictObject(tlsShape, 'TLS settings such as { ca: "ca.pem" }').optional(),
} satisfies ShapeOf<HttpDefinition>;

export const httpSchema = strictObject(httpShape, 'HTTP settings such as { timeout: "5s" }');
