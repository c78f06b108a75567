// Digest access authentication (RFC 7616): answers a challenge with a hash in place of the password.

import { createHash, randomBytes } from 'node:crypto';
import { headerValues } from './response-headers.ts';

export interface DigestCredentials {
  readonly username: string;
  readonly password: string;
  /** A fresh challenge was answered: another refusal is final. */
  readonly challenged: boolean;
}

/** What a server asked for; `useCount` goes up with each answer, as the server checks. */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly algorithm: string;
  readonly hash: string;
  readonly session: boolean;
  readonly hasQop: boolean;
  useCount: number;
}

/** By the names of RFC 7616 section 6.1, in lower case. */
const hashes: ReadonlyMap<string, string> = new Map([
  ['md5', 'md5'],
  ['sha-256', 'sha256'],
  ['sha-512-256', 'sha512-256'],
]);
const digestChallenge =
  /(?:^|[\s,])digest\s+((?:[\w-]+\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s,"]+)\s*(?:,\s*|$))+)/gi;
const parameter = /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;

/** The first challenge of a 401 that can be answered: the server's order is its preference. */
export function readDigestChallenge(rawHeaders: string): DigestChallenge | undefined {
  for (const value of headerValues(rawHeaders, 'www-authenticate')) {
    for (const [, text] of value.matchAll(digestChallenge)) {
      const challenge = toChallenge(text!);
      if (challenge !== undefined) return challenge;
    }
  }
  return undefined;
}

function toChallenge(text: string): DigestChallenge | undefined {
  const given = new Map<string, string>();
  for (const [, name, quoted, token] of text.matchAll(parameter)) {
    given.set(name!.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? token!);
  }
  const nonce = given.get('nonce');
  const algorithm = given.get('algorithm') ?? 'MD5';
  const session = /-sess$/i.test(algorithm);
  const hash = hashes.get(algorithm.toLowerCase().replace(/-sess$/, ''));
  const qop = given
    .get('qop')
    ?.split(',')
    .map((one) => one.trim().toLowerCase());
  if (nonce === undefined || hash === undefined || (qop !== undefined && !qop.includes('auth')))
    return undefined;
  const realm = given.get('realm') ?? '';
  const opaque = given.get('opaque');
  return { realm, nonce, opaque, algorithm, hash, session, hasQop: qop !== undefined, useCount: 0 };
}

/** The value of the `authorization` header for one request. */
export function answerDigest(
  challenge: DigestChallenge,
  credentials: DigestCredentials,
  method: string,
  uri: string,
): string {
  const { realm, nonce, opaque, algorithm, hasQop } = challenge;
  // Texts are octets here: those of the challenge as they came, our own in UTF-8.
  const hash = (text: string): string => createHash(challenge.hash).update(text, 'latin1').digest('hex');
  const username = utf8Octets(credentials.username);
  const password = utf8Octets(credentials.password);
  challenge.useCount++;
  const count = challenge.useCount.toString(16).padStart(8, '0');
  const clientNonce = randomBytes(12).toString('hex');
  const account = hash(`${username}:${realm}:${password}`);
  const secret = challenge.session ? hash(`${account}:${nonce}:${clientNonce}`) : account;
  const request = hash(`${method}:${uri}`);
  const response = hasQop
    ? hash(`${secret}:${nonce}:${count}:${clientNonce}:auth:${request}`)
    : hash(`${secret}:${nonce}:${request}`);
  const parts = [
    `username=${quote(username)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(uri)}`,
    `algorithm=${algorithm}`,
    `response="${response}"`,
  ];
  if (opaque !== undefined) parts.push(`opaque=${quote(opaque)}`);
  if (hasQop) parts.push('qop=auth', `nc=${count}`, `cnonce="${clientNonce}"`);
  else if (challenge.session) parts.push(`cnonce="${clientNonce}"`);
  return `Digest ${parts.join(', ')}`;
}

function utf8Octets(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}
