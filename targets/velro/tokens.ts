// Who is who in the Velro system: the service key of whoever signs users in, and the signed tokens of the users. Called by
// api.ts.

import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { HttpError } from '../../src/target-kit/http-error.ts';
import { wallClock } from '../../src/time/clock.ts';

export interface Identity {
  readonly userId: number;
  readonly teamId: number;
}

const tokenLifeSec = 3600;

export interface Tokens {
  /** Throws a 401 unless the header `apikey` has the service key. */
  requireServiceKey(headers: IncomingHttpHeaders): void;
  sign(identity: Identity): { readonly token: string; readonly expiresInSec: number };
  /** Of the header `authorization`. Throws a 401. */
  identify(headers: IncomingHttpHeaders): Identity;
}

export function createTokens(serviceKey: string): Tokens {
  const secret = randomBytes(32);
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const serviceDigest = digest(serviceKey);
  const signatureOf = (claim: string) => createHmac('sha256', secret).update(claim).digest('base64url');
  const nowSec = () => Math.floor(wallClock().getTime() / 1000);

  function read(token: string): Identity | undefined {
    const dotAt = token.lastIndexOf('.');
    const claim = token.slice(0, dotAt);
    const wanted = Buffer.from(signatureOf(claim));
    const given = Buffer.from(token.slice(dotAt + 1));
    if (dotAt < 0 || wanted.length !== given.length || !timingSafeEqual(wanted, given)) return undefined;
    const [userId, teamId, untilSec] = claim.split('-').map(Number);
    if (userId === undefined || teamId === undefined || untilSec === undefined) return undefined;
    return untilSec > nowSec() ? { userId, teamId } : undefined;
  }

  return {
    requireServiceKey({ apikey }) {
      const given = typeof apikey === 'string' ? apikey : '';
      if (timingSafeEqual(digest(given), serviceDigest)) return;
      throw new HttpError(401, 'wrong_service_key', 'send apikey: <SUPABASE_SERVICE_KEY of this system>');
    },
    sign({ userId, teamId }) {
      const claim = `${userId}-${teamId}-${nowSec() + tokenLifeSec}`;
      return { token: `${claim}.${signatureOf(claim)}`, expiresInSec: tokenLifeSec };
    },
    identify({ authorization = '' }) {
      const identity = authorization.startsWith('Bearer ') ? read(authorization.slice(7)) : undefined;
      if (identity !== undefined) return identity;
      throw new HttpError(
        401,
        'unauthorized',
        'send authorization: Bearer <token of POST /api/v1/auth/session>',
        { headers: { 'www-authenticate': 'Bearer' } },
      );
    },
  };
}
