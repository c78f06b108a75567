// The audit log of the PratikoAI system: who did what, when. Called by the routes.

import type { Database, Statement } from '../../src/target-kit/database.ts';

type AuditAction = 'login' | 'profile' | 'settings' | 'document' | 'export' | 'erasure';

const insertEntry: Statement = {
  name: 'audit-entry',
  text: 'INSERT INTO audit (user_id, action, detail) VALUES ($1, $2, $3)',
};

/** `userId` is null for what must not be kept under a name. */
export async function writeAudit(
  database: Pick<Database, 'query'>,
  userId: number | null,
  action: AuditAction,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await database.query(insertEntry, [userId, action, JSON.stringify(detail)]);
}
