// Routes of the PratikoAI system about its knowledge base. Called by api.ts.

import type { Database } from '../../src/target-kit/database.ts';
import { invalidInput, readInteger } from '../../src/target-kit/http-error.ts';
import type { Route } from '../../src/target-kit/http-routing.ts';
import { countUsage } from './accounts.ts';
import { type Knowledge, knowledgeKinds } from './knowledge.ts';
import { ok, type RouteMaker } from './routes.ts';

const mostPages = 1000;
const longestQuery = 300;

interface Parts {
  readonly make: RouteMaker;
  readonly database: Database;
  readonly knowledge: Knowledge;
}

export function knowledgeRoutes({ make, database, knowledge }: Parts): Route[] {
  return [
    make.forUser('GET', '/api/knowledge/search', async (userId, { query }) => {
      const year = query.get('year');
      const found = await knowledge.search({
        query: readQuery(query.get('q')),
        kind: readKind(query.get('kind')),
        year: year === null ? null : readInteger('year', year, 1900, 2100),
        page: readInteger('page', query.get('page') ?? '1', 1, mostPages),
      });
      await countUsage(database, userId, 'search');
      return ok(found);
    }),
    make.forAdmin('GET', '/api/knowledge/reindex', () => ok(knowledge.indexState())),
    make.forAdmin('POST', '/api/knowledge/reindex', () => ({ status: 202, body: knowledge.reindex() }), {
      reads: { kind: 'json', isOptional: true },
    }),
    make.forUser('GET', '/api/knowledge/:id', async (_userId, { params }) =>
      ok(await knowledge.read(readInteger('id', params[0]!, 1, 999_999_999))),
    ),
  ];
}

function readQuery(text: string | null): string {
  if (text !== null && text.trim() !== '' && text.length <= longestQuery) return text;
  const found = JSON.stringify(text?.slice(0, 60)) ?? 'nothing';
  throw invalidInput([{ field: 'q', expected: `text of 1 to ${longestQuery} characters`, found }]);
}

function readKind(text: string | null): string | null {
  if (text === null || (knowledgeKinds as readonly string[]).includes(text)) return text;
  const expected = `one of ${knowledgeKinds.join(', ')}`;
  throw invalidInput([{ field: 'kind', expected, found: JSON.stringify(text.slice(0, 60)) }]);
}
