// Logins of the Jorge system: passwords stored by scrypt, tokens signed and kept nowhere.

import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { Database, Statement } from '../../src/target-kit/database.ts';
import { HttpError } from '../../src/target-kit/http-error.ts';

// Far below what real passwords need (2^17): a login should cost some ms here, not a tenth of a second.
const scryptCost = 1024;
const tokenLifeMs = 12 * 3_600_000;

const selectSecret: Statement = { name: 'login', text: 'SELECT secret FROM users WHERE name = $1' };

/** `salt:key`, both in hexadecimal. */
export async function hashPassword(password: string, salt = randomBytes(16)): Promise<string> {
  return `${salt.toString('hex')}:${(await derive(password, salt)).toString('hex')}`;
}

function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, 32, { N: scryptCost }, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

export interface Logins {
  /** A token, valid for 12 hours in this process. Throws a 401 without saying which of the two was wrong. */
  login(user: string, password: string): Promise<{ token: string; expiresAt: string }>;
  /** Takes the `authorization` header. Throws a 401. */
  authorize(header: string | undefined): void;
}

export function createLogins(database: Database): Logins {
  const key = randomBytes(32);
  const sign = (text: string) => createHmac('sha256', key).update(text).digest();
  return {
    async login(user, password) {
      const [row] = await database.query<{ secret: string | null }>(selectSecret, [user]);
      const [salt, stored] = (row?.secret ?? '').split(':');
      const derived = await derive(password, Buffer.from(salt || '00', 'hex'));
      const wanted = Buffer.from(stored ?? '', 'hex');
      if (wanted.length !== derived.length || !timingSafeEqual(wanted, derived)) {
        throw new HttpError(401, 'wrong_login', 'user or password is wrong');
      }
      const expiresAtEpochMs = Date.now() + tokenLifeMs;
      const claim = Buffer.from(JSON.stringify({ user, expiresAtEpochMs })).toString('base64url');
      return {
        token: `${claim}.${sign(claim).toString('base64url')}`,
        expiresAt: new Date(expiresAtEpochMs).toISOString(),
      };
    },
    authorize(header) {
      const [, claim, signature] = /^Bearer ([\w-]+)\.([\w-]+)$/i.exec(header ?? '') ?? [];
      if (claim !== undefined && signature !== undefined) {
        const given = Buffer.from(signature, 'base64url');
        const wanted = sign(claim);
        if (given.length === wanted.length && timingSafeEqual(given, wanted)) {
          const { expiresAtEpochMs } = JSON.parse(Buffer.from(claim, 'base64url').toString()) as {
            expiresAtEpochMs: number;
          };
          if (expiresAtEpochMs > Date.now()) return;
        }
      }
      throw new HttpError(401, 'unauthorized', 'send authorization: Bearer <token of /api/login>', {
        headers: { 'www-authenticate': 'Bearer' },
      });
    },
  };
}
