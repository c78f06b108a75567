// The schema of `http`: how requests are sent, in a suite or in one of its profiles.

import { z } from 'zod';
import type { HttpDefinition, TlsDefinition } from '../model/http-settings.ts';
import {
  chosenBy,
  duration,
  flag,
  list,
  record,
  type ShapeOf,
  strictObject,
  text,
  whole,
} from './schema-fields.ts';

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
  sessionReuse: oneOf('vu', 'worker', 'none').optional(),
} satisfies ShapeOf<TlsDefinition>;

const httpShape = {
  timeout: duration(1).optional(),
  redirects: whole(0, 100).optional(),
  headers: record(z.string({ error: 'a text' }), 'headers such as { accept: "application/json" }').optional(),
  connectionsPerHost: whole(1, 1000).optional(),
  tls: strictObject(tlsShape, 'TLS settings such as { ca: "ca.pem" }').optional(),
} satisfies ShapeOf<HttpDefinition>;

export const httpSchema = strictObject(httpShape, 'HTTP settings such as { timeout: "5s" }');
