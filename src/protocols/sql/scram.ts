// Passwords: SCRAM-SHA-256 (RFC 5802, RFC 7677) without channel binding, and PostgreSQL's older MD5. Called by
// authentication.ts.

import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);
const keyBytes = 32;
/** What a server may ask for at the most: each connection costs so many rounds. */
const mostIterations = 1_000_000;

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** The keys of one password and salt cost milliseconds; all connections of a worker use the same. */
const derived = new Map<string, Promise<Buffer>>();

function saltedPassword(password: string, salt: string, iterations: number): Promise<Buffer> {
  const key = `${salt}:${iterations}:${password}`;
  let known = derived.get(key);
  if (known === undefined) {
    if (derived.size >= 16) derived.clear();
    known = derive(password.normalize('NFKC'), Buffer.from(salt, 'base64'), iterations, keyBytes, 'sha256');
    derived.set(key, known);
  }
  return known;
}

export const scramMechanism = 'SCRAM-SHA-256';

/** One exchange, from the client's side. */
export class Scram {
  readonly first: string;
  readonly #bare: string;
  readonly #nonce: string;
  #serverSignature: Buffer | null = null;

  constructor(nonce = randomBytes(18).toString('base64')) {
    this.#nonce = nonce;
    // PostgreSQL takes the user from the startup message and ignores this one.
    this.#bare = `n=,r=${nonce}`;
    this.first = `n,,${this.#bare}`;
  }

  /** Answers the server's challenge. Throws an `Error` for one that is not to be trusted. */
  async answer(challenge: string, password: string): Promise<string> {
    const { r: nonce = '', s: salt = '', i = '' } = attributes(challenge);
    const iterations = Number(i);
    if (!nonce.startsWith(this.#nonce) || nonce === this.#nonce || salt === '') {
      throw new Error('the challenge of the server does not belong to this exchange');
    }
    if (!Number.isInteger(iterations) || iterations < 1 || iterations > mostIterations) {
      throw new Error(`the server asks for ${i} rounds of hashing`);
    }
    const salted = await saltedPassword(password, salt, iterations);
    const clientKey = hmac(salted, 'Client Key');
    const storedKey = createHash('sha256').update(clientKey).digest();
    const withoutProof = `c=biws,r=${nonce}`;
    const message = `${this.#bare},${challenge},${withoutProof}`;
    const signature = hmac(storedKey, message);
    const proof = Buffer.from(clientKey.map((byte, i) => byte ^ signature[i]!));
    this.#serverSignature = hmac(hmac(salted, 'Server Key'), message);
    return `${withoutProof},p=${proof.toString('base64')}`;
  }

  /** Throws an `Error` when the server does not know the password, and so is not the one we mean. */
  verify(final: string): void {
    const signature = Buffer.from(attributes(final).v ?? '', 'base64');
    const expected = this.#serverSignature;
    if (expected === null || signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
      throw new Error('the server could not prove that it knows the password');
    }
  }
}

function attributes(text: string): Record<string, string | undefined> {
  return Object.fromEntries(text.split(',').map((part) => [part[0], part.slice(2)]));
}

/** `md5` and the hash of the hash of password and user with the salt (PostgreSQL 18, section 54.2). */
export function md5Password(user: string, password: string, salt: Buffer): string {
  const md5 = (...parts: (string | Buffer)[]): string => {
    const hash = createHash('md5');
    for (const part of parts) hash.update(part);
    return hash.digest('hex');
  };
  return `md5${md5(md5(password, user), salt)}`;
}
