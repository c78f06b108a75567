// What the PratikoAI system does for the GDPR: it gives and removes what is kept about a user, shows the audit log, and
// reports on it. Called by the routes.

import type { Database, Statement } from '../../src/target-kit/database.ts';
import { monotonicMs, wallClock } from '../../src/time/clock.ts';
import { readSettings, readUser } from './accounts.ts';
import { writeAudit } from './audit.ts';
import { unauthorized } from './login.ts';

type Queries = Pick<Database, 'query'>;

const auditPageSize = 50;

const exportUsage: Statement = {
  name: 'export-usage',
  text: `SELECT day::text, kind, calls, tokens FROM usage WHERE user_id = $1 ORDER BY day, kind`,
};
const exportDocuments: Statement = {
  name: 'export-documents',
  text: `SELECT id::int, state, format, bytes, received_at AS "receivedAt", result, error
    FROM documents WHERE user_id = $1 ORDER BY id`,
};
const exportAudit: Statement = {
  name: 'export-audit',
  text: 'SELECT id::int, at, action, detail FROM audit WHERE user_id = $1 ORDER BY id',
};

/** All that is kept about the user; noted in the audit log. Throws a 401 for a user that is gone. */
export async function exportUser(database: Queries, userId: number) {
  const startedAtMs = monotonicMs();
  const user = await readUser(database, userId);
  const [settings, usage, documents, audit] = await Promise.all([
    readSettings(database, userId),
    database.query(exportUsage, [userId]),
    database.query(exportDocuments, [userId]),
    database.query(exportAudit, [userId]),
  ]);
  await writeAudit(database, userId, 'export', { ms: Math.round(monotonicMs() - startedAtMs) });
  return { exportedAt: wallClock().toISOString(), user, settings, usage, documents, audit };
}

const countKept: Statement = {
  name: 'count-kept',
  text: `SELECT (SELECT count(*)::int FROM documents WHERE user_id = $1) AS documents,
      (SELECT count(*)::int FROM usage WHERE user_id = $1) AS usage`,
};
const deleteUser: Statement = { name: 'erase', text: 'DELETE FROM users WHERE id = $1 RETURNING 1 AS gone' };

/** Removes the user with all rows of theirs; the audit log keeps that it happened, and no name. Throws a 401 as above. */
export async function eraseUser(database: Database, userId: number) {
  const startedAtMs = monotonicMs();
  const removed = await database.transaction(async (query) => {
    const [kept] = await query<{ documents: number; usage: number }>(countKept, [userId]);
    const gone = await query(deleteUser, [userId]);
    if (gone.length === 0) throw unauthorized('this user does not exist any more');
    return { ...kept!, settings: 1, user: 1 };
  });
  await writeAudit(database, null, 'erasure', { ms: Math.round(monotonicMs() - startedAtMs) });
  return { deletedAt: wallClock().toISOString(), removed };
}

const selectAudit: Statement = {
  name: 'audit',
  text: `SELECT id::int, at, action, detail FROM audit WHERE user_id = $1 AND ($2::text IS NULL OR action = $2)
    ORDER BY id DESC LIMIT ${auditPageSize} OFFSET $3`,
};
const countAudit: Statement = {
  name: 'count-audit',
  text: 'SELECT count(*)::int AS total FROM audit WHERE user_id = $1 AND ($2::text IS NULL OR action = $2)',
};

/** The user's own entries, newest first, 50 a page, pages from 1. */
export async function readAudit(database: Queries, userId: number, action: string | null, page: number) {
  const [[counted], entries] = await Promise.all([
    database.query<{ total: number }>(countAudit, [userId, action]),
    database.query(selectAudit, [userId, action, (page - 1) * auditPageSize]),
  ]);
  return { total: counted!.total, page, entries };
}

const selectReport: Statement = {
  name: 'compliance-report',
  text: `WITH entries AS MATERIALIZED (
      SELECT action, at, detail FROM audit WHERE at >= $1::date AND at < $2::date + 1)
    SELECT $1::date::text AS from, $2::date::text AS to, (SELECT count(*)::int FROM entries) AS entries,
      (SELECT count(*)::int FROM users) AS users,
      (SELECT coalesce(json_object_agg(action, n), '{}') FROM (
        SELECT action, count(*) AS n FROM entries GROUP BY action) AS actions) AS "byAction",
      (SELECT coalesce(json_agg(json_build_object('month', month, 'entries', n) ORDER BY month), '[]') FROM (
        SELECT to_char(at, 'YYYY-MM') AS month, count(*) AS n FROM entries GROUP BY 1) AS months) AS "byMonth",
      (SELECT count(*)::int FROM entries WHERE action = 'erasure') AS erasures,
      (SELECT count(*)::int FROM entries WHERE action = 'export') AS exports,
      (SELECT coalesce(max((detail->>'ms')::float8), 0) FROM entries WHERE action = 'erasure') AS "longestErasureMs"`,
};

/** Over the entries of all users. `from` and `to` are days as `2026-01-31`, both included. */
export async function reportCompliance(database: Queries, from: string, to: string) {
  return (await database.query(selectReport, [from, to]))[0];
}
