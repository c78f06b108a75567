// Every route of the PratikoAI system. Called by target.ts.

import { burnCpu } from '../../src/target-kit/burdens.ts';
import type { Database, Statement } from '../../src/target-kit/database.ts';
import type { Route } from '../../src/target-kit/http-routing.ts';
import { monotonicMs } from '../../src/time/clock.ts';
import { accountRoutes } from './account-routes.ts';
import { countUsage } from './accounts.ts';
import type { Cache } from './cache.ts';
import { complianceRoutes } from './compliance-routes.ts';
import { documentRoutes } from './document-routes.ts';
import type { Documents } from './documents/documents.ts';
import type { Faq } from './faq.ts';
import type { Knobs } from './knobs.ts';
import type { Knowledge } from './knowledge.ts';
import { knowledgeRoutes } from './knowledge-routes.ts';
import type { Llm } from './llm/client.ts';
import type { RunningModel } from './llm/start.ts';
import type { Logins } from './login.ts';
import { questionRoutes } from './question-routes.ts';
import type { Questions } from './questions.ts';
import { createRouteMaker, ok, type RouteMaker } from './routes.ts';
import { taxCalculations } from './tax/calculations.ts';

export interface ApiParts {
  readonly database: Database;
  readonly postgresVersion: string;
  readonly cache: Cache;
  readonly logins: Logins;
  readonly faq: Faq;
  readonly questions: Questions;
  readonly knowledge: Knowledge;
  readonly documents: Documents;
  readonly llm: Llm;
  /** Absent when another server was given. */
  readonly model: RunningModel | undefined;
  readonly metrics: () => string;
  readonly knobs: Knobs;
}

export function makeRoutes(parts: ApiParts): Route[] {
  const { database, logins, knobs } = parts;
  const make = createRouteMaker(logins);
  return [
    ...accountRoutes({ make, database, logins, blocksOnPasswords: knobs.blocksOnPasswords }),
    ...questionRoutes({ make, ...parts }),
    ...documentRoutes({ make, ...parts }),
    ...knowledgeRoutes({ make, ...parts }),
    ...complianceRoutes({ make, database }),
    ...taxRoutes(make, parts),
    ...ownRoutes(make, parts),
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

function ownRoutes(make: RouteMaker, parts: ApiParts): Route[] {
  const { database, postgresVersion, cache, metrics, llm, model, documents, knobs } = parts;
  return [
    make.forAll(
      'GET',
      '/health',
      async () => {
        const startedAtMs = monotonicMs();
        await database.query(ping);
        return ok({
          status: llm.circuit() === 'open' ? 'degraded' : 'ok',
          uptimeSec: Math.round(process.uptime()),
          postgres: postgresVersion,
          databaseMs: Number((monotonicMs() - startedAtMs).toFixed(2)),
          cache: { kind: cache.kind },
          llm: { url: model?.url ?? knobs.llm.url, circuit: llm.circuit() },
          documents: documents.queue(),
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
