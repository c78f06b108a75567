// Routes of the PratikoAI system about data protection. Called by api.ts.

import type { Database } from '../../src/target-kit/database.ts';
import { invalidInput, type Rules, readFields, readInteger } from '../../src/target-kit/http-error.ts';
import type { Route } from '../../src/target-kit/http-routing.ts';
import { wallClock } from '../../src/time/clock.ts';
import { eraseUser, exportUser, readAudit, reportCompliance } from './compliance.ts';
import { ok, type RouteMaker } from './routes.ts';

const mostPages = 10_000;
const firstDay = '2020-01-01';

interface Parts {
  readonly make: RouteMaker;
  readonly database: Database;
}

export function complianceRoutes({ make, database }: Parts): Route[] {
  return [
    make.forUser('POST', '/api/gdpr/export', async (userId) => ok(await exportUser(database, userId)), {
      reads: { kind: 'json', isOptional: true },
    }),
    make.forUser('DELETE', '/api/gdpr/me', async (userId) => ok(await eraseUser(database, userId))),
    make.forUser('GET', '/api/audit', async (userId, { query }) => {
      const page = readInteger('page', query.get('page') ?? '1', 1, mostPages);
      return ok(await readAudit(database, userId, query.get('action'), page));
    }),
    make.forUser(
      'POST',
      '/api/compliance/report',
      async (_userId, { body }) => {
        const rules = {
          from: { kind: 'text', fallback: firstDay },
          to: { kind: 'text', fallback: wallClock().toISOString().slice(0, 10) },
        } as const satisfies Rules;
        const { from, to } = readFields(body ?? {}, rules);
        checkDays({ from, to });
        return ok(await reportCompliance(database, from, to));
      },
      { reads: { kind: 'json', isOptional: true } },
    ),
  ];
}

function checkDays(days: Readonly<Record<string, string>>): void {
  const wrong = Object.entries(days).filter(([, day]) => {
    const isDay = /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(day));
    return !isDay || new Date(day).toISOString().slice(0, 10) !== day;
  });
  if (wrong.length === 0) return;
  throw invalidInput(
    wrong.map(([field, day]) => ({
      field,
      expected: 'a day such as 2026-01-31',
      found: JSON.stringify(day.slice(0, 60)),
    })),
  );
}
