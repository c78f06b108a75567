// Every route of the PratikoAI system. Called by target.ts.

import { burnCpu } from '../../src/target-kit/burdens.ts';
import type { Database, Statement } from '../../src/target-kit/database.ts';
import { type Rules, readFields, readInteger } from '../../src/target-kit/http-error.ts';
import type { Route } from '../../src/target-kit/http-routing.ts';
import { monotonicMs } from '../../src/time/clock.ts';
import { accountRoutes } from './account-routes.ts';
import { countUsage } from './accounts.ts';
import type { Cache } from './cache.ts';
import type { Faq } from './faq.ts';
import type { Knobs } from './knobs.ts';
import type { Logins } from './login.ts';
import { createRouteMaker, ok, type RouteMaker } from './routes.ts';
import { taxCalculations } from './tax/calculations.ts';

export interface ApiParts {
  readonly database: Database;
  readonly postgresVersion: string;
  readonly cache: Cache;
  readonly logins: Logins;
  readonly faq: Faq;
  readonly metrics: () => string;
  readonly knobs: Knobs;
}

export function makeRoutes(parts: ApiParts): Route[] {
  const { database, logins, knobs } = parts;
  const make = createRouteMaker(logins);
  return [
    ...accountRoutes({ make, database, logins, blocksOnPasswords: knobs.blocksOnPasswords }),
    ...faqRoutes(make, parts),
    ...taxRoutes(make, parts),
    ...ownRoutes(make, parts),
  ];
}

const questionRule = { kind: 'text', least: 3, most: 2000 } as const;
const faqRules = { question: questionRule } as const satisfies Rules;
const answerRules = { answer: { kind: 'text', most: 4000 } } as const satisfies Rules;

function faqRoutes(make: RouteMaker, { database, faq, cache }: ApiParts): Route[] {
  return [
    make.forUser('POST', '/api/chat/faq', async (userId, { body }) => {
      const { question } = readFields(body, faqRules);
      const [answer] = await Promise.all([faq.answer(question), countUsage(database, userId, 'question')]);
      return { status: 200, headers: { 'x-cache': answer.cached ? 'hit' : 'miss' }, body: answer };
    }),
    make.forAdmin('PUT', '/api/admin/faq/:id', async ({ params, body }) => {
      const id = readInteger('id', params[0]!, 1, 999_999_999);
      return ok(await faq.change(id, readFields(body, answerRules).answer));
    }),
    make.forAdmin('DELETE', '/api/admin/cache', async () => ok({ removed: await cache.clear() })),
  ];
}

function taxRoutes(make: RouteMaker, { database, knobs }: ApiParts): Route[] {
  return Object.entries(taxCalculations).map(([name, calculate]) =>
    make.forUser('POST', `/api/tax/${name}`, async (userId, { body }) => {
      const answer = calculate(body);
      if (knobs.cpuMs > 0) burnCpu(knobs.cpuMs);
      await countUsage(database, userId, 'calculation');
      return ok(answer);
    }),
  );
}

const ping: Statement = { name: 'ping', text: 'SELECT 1' };

function ownRoutes(make: RouteMaker, { database, postgresVersion, cache, metrics }: ApiParts): Route[] {
  return [
    make.forAll(
      'GET',
      '/health',
      async () => {
        const startedAtMs = monotonicMs();
        await database.query(ping);
        return ok({
          status: 'ok',
          uptimeSec: Math.round(process.uptime()),
          postgres: postgresVersion,
          databaseMs: Number((monotonicMs() - startedAtMs).toFixed(2)),
          cache: { kind: cache.kind },
        });
      },
      { limited: false },
    ),
    make.forAll(
      'GET',
      '/metrics',
      () => ({ status: 200, text: metrics(), contentType: 'text/plain; version=0.0.4; charset=utf-8' }),
      { limited: false },
    ),
  ];
}
