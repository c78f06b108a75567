// Contacts, tickets and workflows of one tenant in the database. No statement names the tenant: the policies alone keep the
// rows of the others away. Called by api.ts and workflow.ts.

import type { Query, Statement } from '../../src/target-kit/database.ts';
import { writtenTables } from './tables.ts';

const mostRows = 20;
/** `NULL` where no tenant is set, so that an insert fails. */
const ownTenant = `current_setting('app.tenant')::int`;

const contactFields = `id, tenant_id AS tenant, first_name AS "firstName", last_name AS "lastName", email, company, provider,
  external_id AS "externalId"`;
const ticketFields = `id, tenant_id AS tenant, contact_id AS contact, subject, status, priority, created_at AS "createdAt"`;

export interface Contact {
  readonly id: number;
  readonly tenant: number;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly company: string;
  readonly provider: string;
  readonly externalId: string;
}

export interface Ticket {
  readonly id: number;
  readonly tenant: number;
  readonly contact: number;
  readonly subject: string;
  readonly status: string;
  readonly priority: string;
}

export interface Workflow {
  readonly id: number;
  readonly tenant: number;
  readonly name: string;
  readonly event: string;
}

const searchContacts: Statement = {
  name: 'search-contacts',
  text: `SELECT ${contactFields} FROM crm_contacts WHERE last_name >= $1 AND last_name < $2
    ORDER BY last_name, id LIMIT ${mostRows}`,
};
const insertContact: Statement = {
  name: 'insert-contact',
  text: `INSERT INTO crm_contacts (tenant_id, first_name, last_name, email, company, provider, external_id, run_id)
    VALUES (${ownTenant}, $1, $2, $3, $4, $5, $6, $7) RETURNING ${contactFields}`,
};
const findContact: Statement = {
  name: 'find-contact',
  text: `SELECT ${contactFields} FROM crm_contacts WHERE id = $1`,
};
const searchTickets: Statement = {
  name: 'search-tickets',
  text: `SELECT ${ticketFields} FROM tickets WHERE status = $1 ORDER BY created_at DESC LIMIT ${mostRows}`,
};
const insertTicket: Statement = {
  name: 'insert-ticket',
  text: `INSERT INTO tickets (tenant_id, contact_id, subject, body, status, priority, run_id)
    VALUES (${ownTenant}, $1, $2, $3, 'open', $4, $5) RETURNING ${ticketFields}`,
};
const listWorkflows: Statement = {
  name: 'list-workflows',
  text: `SELECT id, tenant_id AS tenant, name, event FROM workflows WHERE is_active ORDER BY id`,
};
const findWorkflow: Statement = {
  name: 'find-workflow',
  text: `SELECT id, tenant_id AS tenant, name, event FROM workflows WHERE id = $1 AND is_active`,
};
const beginRun: Statement = {
  name: 'begin-run',
  text: `INSERT INTO workflow_runs (tenant_id, workflow_id, status, duration_ms, run_id)
    VALUES (${ownTenant}, $1, 'running', 0, $2) RETURNING id`,
};
const endRun: Statement = {
  name: 'end-run',
  text: `UPDATE workflow_runs SET status = $2, duration_ms = $3 WHERE id = $1`,
};

/** Those whose last name begins with this letter, A to Z: 20 at most. */
export function readContacts(query: Query, initial: string): Promise<Contact[]> {
  return query<Contact & object>(searchContacts, [initial, String.fromCharCode(initial.charCodeAt(0) + 1)]);
}

export type NewContact = Omit<Contact, 'id' | 'tenant'>;

/** `run` is the id of the load test that writes it, `null` for none. */
export async function writeContact(query: Query, contact: NewContact, run: string | null): Promise<Contact> {
  const { firstName, lastName, email, company, provider, externalId } = contact;
  const given = [firstName, lastName, email, company, provider, externalId, run];
  const [row] = await query<Contact & object>(insertContact, given);
  return row!;
}

export async function readContact(query: Query, id: number): Promise<Contact | undefined> {
  return (await query<Contact & object>(findContact, [id]))[0];
}

/** The newest of this status: 20 at most. */
export function readTickets(query: Query, status: string): Promise<Ticket[]> {
  return query<Ticket & object>(searchTickets, [status]);
}

export interface NewTicket {
  readonly contact: number;
  readonly subject: string;
  readonly body: string;
  readonly priority: string;
}

export async function writeTicket(query: Query, ticket: NewTicket, run: string | null): Promise<Ticket> {
  const { contact, subject, body, priority } = ticket;
  const [row] = await query<Ticket & object>(insertTicket, [contact, subject, body, priority, run]);
  return row!;
}

export function readWorkflows(query: Query): Promise<Workflow[]> {
  return query<Workflow & object>(listWorkflows);
}

export async function readWorkflow(query: Query, id: number): Promise<Workflow | undefined> {
  return (await query<Workflow & object>(findWorkflow, [id]))[0];
}

export async function writeRunBegin(query: Query, workflow: number, run: string | null): Promise<number> {
  const [row] = await query<{ id: number }>(beginRun, [workflow, run]);
  return row!.id;
}

export async function writeRunEnd(
  query: Query,
  id: number,
  status: 'succeeded' | 'failed',
  durationMs: number,
): Promise<void> {
  await query(endRun, [id, status, Math.round(durationMs)]);
}

/** Deletes what a load test wrote for this tenant, in an order in which no row refers to one that is gone. */
export async function deleteRun(query: Query, run: string): Promise<Readonly<Record<string, number>>> {
  const deleted: Record<string, number> = {};
  for (const table of [...writtenTables].reverse()) {
    const rows = await query<{ id: number }>(
      { name: `delete-${table}`, text: `DELETE FROM ${table} WHERE run_id = $1 RETURNING id` },
      [run],
    );
    deleted[table] = rows.length;
  }
  return deleted;
}
