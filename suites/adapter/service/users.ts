// Who uses the service and what they do: MIX-10 of the README. Used by ../suite.ts.

import type { HttpOptions, HttpResponse, TaskContext, UserDefinition } from 'plimsoll';
import { headersOf, type ServiceData, type TenantData } from './data.ts';

type Context = TaskContext<ServiceData>;

const initials = 'ABCDEFGHIJKLMNOPQRSTUVWYZ';
const statuses = ['open', 'pending', 'solved'] as const;
const priorities = ['low', 'normal', 'high', 'urgent'] as const;
const crms = ['hubspot', 'salesforce', 'pipedrive'] as const;

/** A row as the service shows it, with the tenant that the database has for it. */
interface Row {
  readonly id: number;
  readonly tenant: number;
}

/** Users are dealt out evenly: each works for one tenant all the time. */
function tenantOf({ data, vu }: Context): TenantData {
  return data.tenants[(vu.id - 1) % data.tenants.length]!;
}

function headers(context: Context): HttpOptions {
  return { headers: { ...headersOf(tenantOf(context)), 'x-test-run': context.data.runId } };
}

function oneOf<Item>({ vu }: Context, items: readonly Item[]): Item {
  return items[Math.floor(vu.random() * items.length)]!;
}

function wordOf(context: Context): string {
  return Array.from({ length: 8 }, () => oneOf(context, [...initials]))
    .join('')
    .toLowerCase();
}

/**
 * Counts the rows that were looked at, and those that belong to another tenant: none may. Failed answers have no rows.
 */
function countRows(context: Context, response: HttpResponse, rowsIn: (body: never) => readonly Row[]): void {
  if (!response.ok) return;
  const { metrics } = context;
  const rows = rowsIn(response.json() as never);
  const { id } = tenantOf(context);
  metrics.counter('rows_seen').add(rows.length);
  metrics.counter('foreign_rows').add(rows.filter(({ tenant }) => tenant !== id).length);
}

async function checkHealth({ http, check }: Context): Promise<void> {
  const response = await http.get('/health');
  check(response, {
    'health: is ok': (r) => r.status === 200 && r.json<{ status: string }>().status === 'ok',
  });
}

async function createContact(context: Context): Promise<void> {
  const { http, check } = context;
  const name = wordOf(context);
  const response = await http.post('/v1/crm/contacts', {
    ...headers(context),
    json: {
      firstName: 'Load',
      lastName: `${name[0]!.toUpperCase()}${name.slice(1)}`,
      email: `${name}@example.com`,
      company: 'Acme',
      provider: oneOf(context, crms),
    },
  });
  check(response, {
    'contact: is created': (r) => r.status === 201,
    'contact: is the one sent': (r) => r.json<{ email: string }>().email === `${name}@example.com`,
  });
  countRows(context, response, (row: Row) => [row]);
}

async function searchContacts(context: Context): Promise<void> {
  const { http, check, metrics } = context;
  const initial = oneOf(context, [...initials]);
  const response = await http.get('/v1/crm/contacts', { ...headers(context), params: { initial } });
  const isGood = check(response, {
    'contacts: status is 200': (r) => r.status === 200,
    'contacts: all begin with the letter': (r) =>
      r
        .json<{ contacts: { lastName: string }[] }>()
        .contacts.every(({ lastName }) => lastName[0] === initial),
  });
  if (isGood) metrics.rate('degraded').add(response.json<{ degraded: boolean }>().degraded);
  countRows(context, response, (body: { contacts: Row[] }) => body.contacts);
}

async function createTicket(context: Context): Promise<void> {
  const { http, check } = context;
  const contact = oneOf(context, tenantOf(context).contacts);
  const response = await http.post('/v1/tickets', {
    ...headers(context),
    json: {
      contact,
      subject: `Sync problem ${wordOf(context)}`,
      body: 'Made by a load test.',
      priority: oneOf(context, priorities),
    },
  });
  check(response, {
    'ticket: is created': (r) => r.status === 201,
    'ticket: is of the contact': (r) => r.json<{ contact: number }>().contact === contact,
  });
  countRows(context, response, (row: Row) => [row]);
}

async function searchTickets(context: Context): Promise<void> {
  const { http, check, metrics } = context;
  const status = oneOf(context, statuses);
  const response = await http.get('/v1/tickets', { ...headers(context), params: { status } });
  const isGood = check(response, {
    'tickets: status is 200': (r) => r.status === 200,
    'tickets: all have the status': (r) =>
      r.json<{ tickets: { status: string }[] }>().tickets.every((ticket) => ticket.status === status),
  });
  if (isGood) metrics.rate('degraded').add(response.json<{ degraded: boolean }>().degraded);
  countRows(context, response, (body: { tickets: Row[] }) => body.tickets);
}

async function executeWorkflow(context: Context): Promise<void> {
  const { http, check } = context;
  const workflow = oneOf(context, tenantOf(context).workflows);
  const response = await http.post(`/v1/workflows/${workflow}/execute`, {
    ...headers(context),
    name: '/v1/workflows/:id/execute',
    json: {},
  });
  check(response, {
    'workflow: status is 200': (r) => r.status === 200,
    'workflow: all five steps are done': (r) => {
      const run = r.json<{ status: string; steps: unknown[] }>();
      return run.status === 'succeeded' && run.steps.length === 5;
    },
  });
  countRows(context, response, (row: { run: number; tenant: number }) => [
    { id: row.run, tenant: row.tenant },
  ]);
}

/** The weights are the requests per second of each endpoint in the baselines of the source. */
const client: UserDefinition = {
  description: 'An AI agent of one tenant at work: contacts, tickets and workflows',
  thinkTime: ['50ms', '150ms'],
  tasks: {
    health_check: { weight: 50, run: checkHealth },
    crm_create: { weight: 30, run: createContact },
    crm_search: { weight: 50, run: searchContacts },
    ticket_create: { weight: 35, run: createTicket },
    ticket_search: { weight: 45, run: searchTickets },
    workflow_execute: { weight: 10, run: executeWorkflow },
  },
};

export const serviceUsers = { client };
