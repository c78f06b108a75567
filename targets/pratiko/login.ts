// Logins of the PratikoAI system: passwords stored by scrypt, and JSON Web Tokens. Called by target.ts and the routes.

import {
  createHmac,
  randomBytes,
  type ScryptOptions,
  scrypt,
  scryptSync,
  timingSafeEqual,
} from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Database, Statement } from '../../src/target-kit/database.ts';
import { HttpError } from '../../src/target-kit/http-error.ts';
import { wallClock } from '../../src/time/clock.ts';

// Far below what real passwords need (2^17): a login should cost some ms here, not a tenth of a second.
const scryptOptions: ScryptOptions = { N: 1024 };
const keyBytes = 32;
const tokenLifeSec = 12 * 3600;

const selectSecret: Statement = {
  name: 'login',
  text: 'SELECT id::int, secret FROM users WHERE email = $1',
};

/** `salt:key`, both in hexadecimal. */
export async function hashPassword(password: string, isBlocking = false): Promise<string> {
  const salt = randomBytes(16);
  return `${salt.toString('hex')}:${(await derive(password, salt, isBlocking)).toString('hex')}`;
}

function derive(password: string, salt: Buffer, isBlocking: boolean): Buffer | Promise<Buffer> {
  if (isBlocking) return scryptSync(password, salt, keyBytes, scryptOptions);
  return new Promise((resolve, reject) => {
    scrypt(password, salt, keyBytes, scryptOptions, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

interface Token {
  readonly userId: number;
  readonly token: string;
  readonly expiresAt: string;
}

export interface Logins {
  /** A token, valid for 12 hours. Throws a 401 without saying which of the two was wrong. */
  login(email: string, password: string): Promise<Token>;
  /** The user whose token the header `authorization` carries. Throws a 401. */
  userOf(headers: IncomingHttpHeaders): number;
  /** Throws a 401 without a key, and a 403 for one that is none. */
  checkAdmin(headers: IncomingHttpHeaders): void;
}

interface LoginOptions {
  /** One is made up when it is not given: tokens are then worth nothing to another process. */
  readonly jwtSecret: string | undefined;
  readonly adminKey: string;
  readonly blocksOnPasswords: boolean;
}

interface Claims {
  readonly sub: string;
  readonly iat: number;
  readonly exp: number;
}

const jsonPart = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** The only header that is accepted: a token cannot choose how it is checked. */
const jwtHeader = jsonPart({ alg: 'HS256', typ: 'JWT' });
const nowSec = () => Math.floor(wallClock().getTime() / 1000);

/** **Source:** RFC 7519 (JSON Web Token), RFC 7515 section A.1 (HS256). */
export function createLogins(database: Pick<Database, 'query'>, options: LoginOptions): Logins {
  const key = options.jwtSecret ?? randomBytes(32);
  const sign = (text: string) => createHmac('sha256', key).update(text).digest();
  return {
    async login(email, password) {
      const [row] = await database.query<{ id: number; secret: string }>(selectSecret, [email]);
      const [salt, stored] = (row?.secret ?? '').split(':');
      const derived = await derive(password, Buffer.from(salt || '00', 'hex'), options.blocksOnPasswords);
      const wanted = Buffer.from(stored ?? '', 'hex');
      if (row === undefined || wanted.length !== derived.length || !timingSafeEqual(wanted, derived)) {
        throw new HttpError(401, 'wrong_login', 'email or password is wrong');
      }
      const iat = nowSec();
      const claims: Claims = { sub: String(row.id), iat, exp: iat + tokenLifeSec };
      const signed = `${jwtHeader}.${jsonPart(claims)}`;
      return {
        userId: row.id,
        token: `${signed}.${sign(signed).toString('base64url')}`,
        expiresAt: new Date(claims.exp * 1000).toISOString(),
      };
    },
    userOf(headers) {
      const [header, claims, signature] = bearerOf(headers)?.split('.') ?? [];
      if (header === jwtHeader && claims !== undefined && signature !== undefined) {
        if (isSame(Buffer.from(signature, 'base64url'), sign(`${header}.${claims}`))) {
          const { sub, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Claims;
          if (exp > nowSec()) return Number(sub);
          throw unauthorized('the token is too old; log in again');
        }
      }
      throw unauthorized('send authorization: Bearer <token of /api/auth/login>');
    },
    checkAdmin(headers) {
      const given = bearerOf(headers);
      if (given === undefined) throw unauthorized('send authorization: Bearer <PRATIKO_ADMIN_KEY>');
      if (isSame(Buffer.from(given), Buffer.from(options.adminKey))) return;
      throw new HttpError(403, 'forbidden', 'this is not the key in PRATIKO_ADMIN_KEY');
    },
  };
}

/** Of a user that is gone, or whose token does not fit. */
export function unauthorized(message: string): HttpError {
  return new HttpError(401, 'unauthorized', message, { headers: { 'www-authenticate': 'Bearer' } });
}

function bearerOf(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

function isSame(given: Buffer, wanted: Buffer): boolean {
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
