// What data protection and audits ask of the platform: export, deletion, audit log, compliance report. Called by users.ts.

import type { TaskContext } from 'plimsoll';
import { type Account, accountPrefix, administration } from '../accounts.ts';
import { ask, asked, tokenOf } from './platform.ts';

export async function exportData(context: TaskContext): Promise<void> {
  const response = await ask(context, 'POST', '/api/gdpr/export', { json: {}, operation: 'gdpr_export' });
  context.check(response, {
    'export: status is 200': (r) => r.status === 200,
    'export: has the user and the audit log': (r) => {
      const { user, audit } = r.json<{ user?: object; audit?: object }>();
      return user !== undefined && audit !== undefined;
    },
  });
}

/** Deletes an account that was made for it: the user goes on with its own. */
export async function deleteData(context: TaskContext): Promise<void> {
  const { http, check, env, vu, iteration } = context;
  const account: Account = {
    email: `${accountPrefix}erasure_${vu.id}_${iteration}@pratikoai.it`,
    password: 'TestPassword123!',
    company: 'Test Company',
    vatNumber: 'IT00000000201',
  };
  const users = [account];
  const made = await http.post('/api/admin/users', {
    headers: administration(env),
    json: { users },
    expect: [201],
  });
  if (!made.ok) return;
  const token = await tokenOf(context, account);
  const auth = { bearer: token };
  const tags = { ...asked, operation: 'gdpr_deletion' };
  const response = await http.del('/api/gdpr/me', { auth, tags });
  check(response, { 'deletion: status is 200': (r) => r.status === 200 });
  const after = await http.get('/api/users/me', { auth, expect: [401] });
  check(after, { 'deletion: the token is worth nothing': (r) => r.status === 401 });
}

export async function readAuditLog(context: TaskContext): Promise<void> {
  const response = await ask(context, 'GET', '/api/audit', { operation: 'audit_log' });
  context.check(response, {
    'audit log: status is 200': (r) => r.status === 200,
    'audit log: has entries': (r) => r.json<{ total: number }>().total > 0,
  });
}

export async function makeComplianceReport(context: TaskContext): Promise<void> {
  const response = await ask(context, 'POST', '/api/compliance/report', {
    json: {},
    operation: 'compliance_report',
  });
  context.check(response, {
    'compliance report: status is 200': (r) => r.status === 200,
    'compliance report: counts entries': (r) => r.json<{ entries: number }>().entries > 0,
  });
}
