// Tenants of the adapter's service: their keys, and transactions in which only their own rows are there. Called by
// api.ts.

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Database, Query } from '../../src/target-kit/database.ts';
import { HttpError } from '../../src/target-kit/http-error.ts';
import { roles } from './tables.ts';

export interface Tenants {
  /** Numbered from 1. */
  readonly count: number;
  /** The tenant whose key the headers carry. Throws a 401 without both headers, a 403 for a key that is another's. */
  of(headers: IncomingHttpHeaders): number;
  /** Runs `work` in one transaction that sees and writes the rows of this tenant alone. */
  transaction<Result>(tenant: number, work: (query: Query) => Promise<Result>): Promise<Result>;
}

/** The key of a tenant, which nobody can make up who does not know the secret. */
export function keyOf(tenant: number, secret: string): string {
  return createHmac('sha256', secret).update(`tenant:${tenant}`).digest('hex').slice(0, 16);
}

/** `keepsApart` false: no policy applies to the service, and nothing else keeps tenants apart. */
export function createTenants(
  database: Database,
  options: { readonly count: number; readonly secret: string; readonly keepsApart: boolean },
): Tenants {
  const { count, secret, keepsApart } = options;
  const keys = Array.from({ length: count }, (_, i) => Buffer.from(keyOf(i + 1, secret)));
  const role = keepsApart ? roles.app : roles.service;
  return {
    count,
    of(headers) {
      const [id, key] = [headers['x-tenant-id'], headers['x-api-key']];
      if (typeof id !== 'string' || typeof key !== 'string') {
        throw new HttpError(401, 'tenant_missing', 'send x-tenant-id and x-api-key: the tenant and its key');
      }
      const tenant = /^\d{1,9}$/.test(id) ? Number(id) : 0;
      const wanted = keys[tenant - 1];
      const given = Buffer.from(key);
      if (wanted?.length === given.length && timingSafeEqual(wanted, given)) return tenant;
      throw new HttpError(
        403,
        'tenant_refused',
        `the key in x-api-key is not that of tenant ${id.slice(0, 20)}`,
      );
    },
    transaction: (tenant, work) =>
      // The number comes from `of`, so that it can stand in the text: SET takes no parameters.
      database.transaction(work, `SET LOCAL ROLE ${role}; SET LOCAL app.tenant = '${tenant}'`),
  };
}
